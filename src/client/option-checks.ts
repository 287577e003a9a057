import {
  type Checks,
  checkBoolean,
  checkDate,
  checkList,
  checkNumber,
  checkObject,
  checkSignal,
  checkValues,
  checkWhole,
  refuse,
} from "../checks/index.ts";
import { checkEnctypes, checkPrincipal, checkTicket, type ForwardedTicketOptions, personOf } from "../krb5/index.ts";
import type { LoginOptions } from "./as/login.ts";
import type { TicketOptions } from "./kdc-request.ts";
import type { PasswordChangeOptions, RefreshOptions, ServiceTicketOptions } from "./kerberos.ts";
import { checkPacWish } from "./pac-wish.ts";

// A KDC grants a ticket that has ended already, and its reply would look forged.
const lifetimeSeconds = [checkNumber, 1] as const;

export const ticketChecks: Checks<TicketOptions> = {
  lifetimeSeconds,
  renewLifetimeSeconds: lifetimeSeconds,
  forwardable: checkBoolean,
  proxiable: checkBoolean,
  canonicalize: checkBoolean,
  renewableOk: checkBoolean,
};

export const forwardedTicketChecks: Checks<ForwardedTicketOptions> = { signal: checkSignal, client: checkPrincipal };

export const serviceTicketChecks: Checks<ServiceTicketOptions> = {
  signal: checkSignal,
  enctypes: checkEnctypes,
  cachedOnly: checkBoolean,
  noStore: checkBoolean,
  userToUser: checkTicket,
  armor: checkTicket,
  pac: checkPacWish,
};

export const refreshChecks: Checks<RefreshOptions> = { signal: checkSignal, addresses: [checkList, checkObject] };

export const passwordChangeChecks: Checks<PasswordChangeOptions> = { signal: checkSignal, target: personOf };

export const loginChecks: Checks<LoginOptions> = {
  ...ticketChecks,
  service: checkPrincipal,
  startTime: checkDate,
  addresses: [checkList, checkObject],
  enctypes: checkEnctypes,
  disabledPreauth: [checkList, checkInt32],
  preferredPreauth: [checkList, checkInt32],
  kdcOptions: [checkWhole, 0, 0xffffffff],
  signal: checkSignal,
};

/** Checks lifetimes where a ticket is asked for. Throws TypeError and RangeError. */
export function checkLifetimes(options: Pick<TicketOptions, "lifetimeSeconds" | "renewLifetimeSeconds">): void {
  checkValues(options, { lifetimeSeconds, renewLifetimeSeconds: lifetimeSeconds });
}

/** Checks a password that is to be set. It is never quoted. Throws TypeError and RangeError: the caller's mistakes. */
export function checkNewPassword(value: unknown): void {
  if (typeof value !== "string" && !(value instanceof Uint8Array)) {
    refuse("newPassword", value, "a string, or the octets of one as a Uint8Array");
  }
  if (value.length === 0) throw new RangeError("newPassword is empty: give one, or the account would be open to all");
  // A message has the length of its parts in 16 bits; text has at least one octet for each of its units.
  if (value.length > 0xffff)
    throw new RangeError("newPassword is too long for the protocol (RFC 3244 section 2): shorten it");
  // MIT's kadmind, a program in C, would set what is before it.
  const hasNul = typeof value === "string" ? value.includes("\0") : value.includes(0);
  if (hasNul)
    throw new RangeError("newPassword has a NUL in it, and password servers set what is before it: leave it out");
}

/** The number of a mechanism (RFC 4120 section 5.2.7). */
function checkInt32(name: string, value: unknown): void {
  checkWhole(name, value, -(2 ** 31), 2 ** 31 - 1);
}
