import {
  acceptPasswordReply,
  type CredentialHost,
  classifyPasswordReply,
  createPasswordRequest,
  type Exchanges,
  type PasswordChangeOptions,
  resolvePrincipal,
} from "../client/index.ts";
import type { EncTypeSet } from "../crypto/index.ts";
import type { Locator } from "../discovery/index.ts";
import { type Attempt, ConfigError, hasCode, hasName, isKerberosError, TransportError } from "../errors.ts";
import { cureOf, type Dial, type Fetch } from "../host/index.ts";
import { createAuthenticatorClock, type ServiceTicket } from "../krb5/index.ts";
import type { Trace } from "../trace.ts";
import { type Endpoint, exchangeWithKdc, parseEndpoint } from "../transport/index.ts";
import { KPASSWD_PORT, kdcsOf } from "./kdc-lists.ts";
import type { LibraryOptions } from "./kerberos-options.ts";

/** What is asked of a ticket for a password change: it is short, and goes nowhere else. */
export const PASSWORD_TICKET = {
  service: "kadmin/changepw",
  lifetimeSeconds: 300,
  forwardable: false,
  proxiable: false,
} as const;

/** What a password change uses of the library. */
export interface PasswordWorld {
  readonly settings: LibraryOptions;
  readonly locator: Locator;
  readonly host: CredentialHost;
  readonly exchanges: Exchanges;
  readonly encTypes: EncTypeSet;
  readonly trace: Trace;
  readonly dial: Dial | undefined;
  /** The `fetch` for all proxies, if the options say one. */
  readonly fetch: Fetch | undefined;
  /** The realm that a plain list of servers is of. */
  readonly home: string | undefined;
  /** Whether configuration and DNS are asked. */
  readonly isLocated: boolean;
}

/**
 * Changes a password, or sets another's, with a ticket for `kadmin/changepw` (RFC 3244). Throws PasswordChangeError.
 */
export async function changePassword(
  world: PasswordWorld,
  ticket: ServiceTicket,
  newPassword: string | Uint8Array,
  { signal, target }: PasswordChangeOptions,
): Promise<void> {
  const { settings, locator, trace } = world;
  const { realm } = ticket.client;
  const pending = createPasswordRequest({
    ticket,
    newPassword,
    encTypes: world.encTypes,
    clock: createAuthenticatorClock(world.exchanges.now),
    target: target === undefined ? undefined : resolvePrincipal(target, world.host),
  });
  const endpoints = await passwordServers(world, realm, signal);
  const hasProxy = endpoints.some(({ transport }) => transport === "kkdcp");
  const { reply } = await exchangeWithKdc({
    realm,
    endpoints,
    request: pending.octets,
    classify: classifyPasswordReply,
    runtime: locator.runtime,
    dial: world.dial,
    fetch: world.fetch ?? (hasProxy ? await locator.fetchOf(realm) : undefined),
    signal,
    trace,
    timeoutMs: settings.kdcTimeoutMs ?? 10_000,
    // TCP first, and one server at a time: a password that is changed twice is changed once and refused once.
    udpPreferenceBytes: 0,
    hedgeDelayMs: Number.POSITIVE_INFINITY,
  }).catch((error: unknown) => {
    throw noPasswordServer(error, realm);
  });
  try {
    acceptPasswordReply(reply, pending);
  } catch (error) {
    throw isProvenRefusal(error) ? error : maybeExecuted(error);
  }
  trace({ type: "check", what: "password reply: the server's key, our request, its result" });
}

/** Those of the option, those of configuration and DNS, or the hosts of the KDCs that are named. Throws ConfigError. */
async function passwordServers(
  { settings, locator, home, isLocated }: PasswordWorld,
  realm: string,
  signal: AbortSignal | undefined,
): Promise<readonly Endpoint[]> {
  const { kpasswd, kdc } = settings;
  const named = kpasswd === undefined ? [] : kdcsOf(kpasswd, realm, home);
  if (named.length > 0) return named.map((text) => parseEndpoint(text, KPASSWD_PORT));
  const found = isLocated ? await locator.kpasswdServers(realm, { signal }) : [];
  if (found.length > 0) return found.map((text) => parseEndpoint(text, KPASSWD_PORT));
  const beside = kdc === undefined ? [] : kdcsOf(kdc, realm, home).map((text) => parseEndpoint(text));
  if (beside.length > 0) return beside.map((one) => (one.url === undefined ? { ...one, port: KPASSWD_PORT } : one));
  throw new ConfigError(
    `there is no password server for realm ${realm}: add it to the option kpasswd, or kpasswd_server to its block of krb5.conf`,
    { code: "NO_KDC_FOR_REALM", realm },
  );
}

/** What stands in the way before anything is sent. An attempt that was not made has none. */
const NOTHING_SENT: ReadonlySet<Attempt["obstacle"]> = new Set([undefined, "name", "refused", "unreachable", "here"]);

/** Silence is not a refusal: a request that arrived may have been carried out. One that was never sent was not. */
function noPasswordServer(error: unknown, realm: string): unknown {
  if (!hasCode(error, "KDC_UNREACHABLE")) return maybeExecuted(error);
  const isUnsent = error.attempts.every(({ obstacle }) => NOTHING_SENT.has(obstacle));
  const message = isUnsent
    ? `no password server of ${realm} can be reached, and the password is as it was: ${cureOf(error) ?? "check that one runs at these addresses"}`
    : `no password server of ${realm} answered; if one was reached the password may be changed all the same: log in with the new one to know`;
  const failure = new TransportError(error.code, message, error.attempts, { realm, cause: error });
  if (!isUnsent) return maybeExecuted(failure);
  failure.commandState = "not-sent";
  return failure;
}

/** Whether the server says, under its key, that it changed nothing. */
function isProvenRefusal(error: unknown): boolean {
  return hasName(error, "PasswordChangeError") && error.isProven;
}

/** Marks the error of a request that went out: another may have carried it out, as that of a replay says. */
function maybeExecuted(error: unknown): unknown {
  if (isKerberosError(error)) error.commandState ??= "maybe-executed";
  return error;
}
