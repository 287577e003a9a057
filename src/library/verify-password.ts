import {
  type Checks,
  checkList,
  checkOptions,
  checkRequired,
  checkSignal,
  checkText,
  refuse,
} from "../checks/index.ts";
import { password as passwordSource } from "../client/index.ts";
import {
  checkKeytabOrFile,
  decodeKeytab,
  isKeytabText,
  type Keytab,
  type KeytabText,
  keytabOctets,
  readKeytabFile,
} from "../credentials/index.ts";
import { CredentialError, isKerberosError, PreauthError, ProtocolError } from "../errors.ts";
import { keytabKeys } from "../gssapi/index.ts";
import {
  ApReqError,
  checkServiceName,
  createApReq,
  createAuthenticatorClock,
  formatPrincipal,
  type Principal,
  personOf,
  type ServiceTicket,
  serviceNameOf,
  verifyApReq,
} from "../krb5/index.ts";
import { noteTo } from "../trace.ts";
import { kerberosChecks } from "./kerberos-checks.ts";
import { KerberosLibrary } from "./kerberos-library.ts";
import type { KerberosOptions, LibraryOptions } from "./kerberos-options.ts";

/** Options for {@link verifyPassword}: those of `createKerberos`, and what proves the KDC. */
export interface VerifyPasswordOptions extends KerberosOptions {
  /**
   * The keys of a service of yours, as octets or their base64, a parsed keytab or the name of a file: a KDC that is not
   * the realm's does not know them.
   */
  readonly keytab: Uint8Array | KeytabText | Keytab | string;
  /** The realms whose people are accepted; a name without a realm is in the first. */
  readonly realms: readonly string[];
  /** The service whose keys are in the keytab. Default: the first principal there. */
  readonly service?: string | Principal | undefined;
  /** Ends the call when it aborts. */
  readonly signal?: AbortSignal | undefined;
}

/** Whose password {@link verifyPassword} found to be right. */
export interface VerifiedPassword {
  /** The person, by the name that the KDC has: that is the one to look up rights by. */
  readonly principal: Principal;
  /** When the password or the account ends, if the KDC says (RFC 4120 section 5.4.2). */
  readonly keyExpires?: Date;
}

/** Nobody has a longer one, and it makes work. */
const MAX_PASSWORD_BYTES = 1_024;
/** Nor a longer name, which would go to the KDC. */
const MAX_NAME = 1_024;
const TICKET = { canonicalize: true, lifetimeSeconds: 300, forwardable: false, proxiable: false } as const;

/** See `verifyPassword` of `on-host.ts`. */
export async function verifyPasswordOn(
  name: string | Principal,
  secret: string | Uint8Array,
  options: VerifyPasswordOptions & LibraryOptions,
): Promise<VerifiedPassword> {
  const { keytab, realms, service, signal, ...settings } = options;
  const octets = passwordOctets(secret);
  const client = clientOf(name, realms);
  const library = new KerberosLibrary(settings);
  const keys = await keytabOf(keytab, library);
  const search = signal === undefined ? {} : { signal };
  // A new login each time: neither a cache nor what an earlier one proved tells anything about this password.
  const { ticket, keyExpires } = await library.login(passwordSource(client, octets), { ...TICKET, ...search });
  checkRealm(ticket.client, realms);
  const wanted = service === undefined ? firstOf(keys) : serviceNameOf("service", service);
  const proof = await library.getServiceTicket(ticket, wanted, search);
  await checkKdc(library, proof.ticket, keys);
  return { principal: ticket.client, ...(keyExpires === undefined ? {} : { keyExpires }) };
}

/**
 * Rule VP1: who asks and answers may be one and the same, and know the password. Only the realm's KDC can make a ticket
 * that opens with our own key, for this person and with the session key that we were given.
 */
async function checkKdc(library: KerberosLibrary, ticket: ServiceTicket, keys: Keytab): Promise<void> {
  const encTypes = await library.loadEncTypes();
  const { now } = library.exchanges;
  const { octets } = createApReq({ ticket, encTypes, clock: createAuthenticatorClock(now) });
  try {
    await verifyApReq(octets, {
      keys: keytabKeys(keys, encTypes),
      encTypes,
      service: ticket.service,
      now: () => now() + ticket.clockOffsetMs,
    });
  } catch (cause) {
    if (!(cause instanceof ApReqError) && !isKerberosError(cause)) throw cause;
    const service = formatPrincipal(ticket.service);
    throw new ProtocolError(
      "REPLY_MODIFIED",
      `the KDC did not prove that it is the realm's: its ticket for ${service} does not fit the keytab; the password ` +
        "is not accepted; write a new keytab if the key was changed, else somebody may pose as the KDC",
      { realm: ticket.service.realm, service, cause },
    );
  }
  library.trace({ type: "check", what: "password: the KDC has the key of our service" });
}

const verifyChecks: Checks<VerifyPasswordOptions> = {
  ...kerberosChecks,
  keytab: checkKeytabOrFile,
  realms: checkRealms,
  service: checkServiceName,
  signal: checkSignal,
};

/** Throws TypeError and RangeError: the caller's mistakes. Without a keytab any KDC could say yes. */
export function checkVerifyOptions(options: VerifyPasswordOptions): void {
  checkOptions("verifyPassword", options, verifyChecks);
  checkRequired(options, verifyChecks, "keytab", "realms");
}

function checkRealms(name: string, value: unknown): void {
  checkList(name, value, checkText);
  if ((value as readonly unknown[]).length === 0) throw new RangeError(`${name} is empty: name at least one realm`);
}

/** Refuses before any work what nobody has for a password: some KDCs take an empty one for no password at all. */
function passwordOctets(secret: string | Uint8Array): Uint8Array {
  if (typeof secret !== "string" && !(secret instanceof Uint8Array)) {
    refuse("password", secret, "a string or a Uint8Array");
  }
  // Text has at least one octet for each of its units.
  const isLong = secret.length > MAX_PASSWORD_BYTES;
  const octets = typeof secret === "string" && !isLong ? new TextEncoder().encode(secret) : (secret as Uint8Array);
  if (octets.length === 0) throw new PreauthError("WRONG_PASSWORD", "the password is empty: type one");
  if (isLong || octets.length > MAX_PASSWORD_BYTES) {
    throw new PreauthError(
      "WRONG_PASSWORD",
      `the password has more than ${MAX_PASSWORD_BYTES} octets: type a shorter one`,
    );
  }
  // PBKDF2 takes a NUL at the end for nothing (RFC 2104 section 2 pads keys with zeros), and programs in C for the end.
  if (octets.includes(0)) throw new PreauthError("WRONG_PASSWORD", "the password has a NUL in it: type one without");
  return octets;
}

/** The principal that a person typed, which may be anything. */
function clientOf(name: string | Principal, realms: readonly string[]): Principal {
  if (typeof name === "string" && name.length > MAX_NAME) {
    throw new CredentialError(
      "NO_CREDENTIAL",
      `principal: the name has more than ${MAX_NAME} characters: write it as alice`,
    );
  }
  const person = personOf("principal", name);
  const client = person.realm === "" ? { ...person, realm: realms[0] as string } : person;
  checkRealm(client, realms);
  return client;
}

function checkRealm({ realm }: Principal, realms: readonly string[]): void {
  if (realms.includes(realm)) return;
  throw new CredentialError(
    "NO_CREDENTIAL",
    `people of that realm are not accepted here: the option realms has ${realms.join(", ")}`,
  );
}

async function keytabOf(keytab: VerifyPasswordOptions["keytab"], library: KerberosLibrary): Promise<Keytab> {
  if (keytab instanceof Uint8Array) return decodeKeytab(keytab);
  if (isKeytabText(keytab)) return decodeKeytab(keytabOctets(keytab));
  if (typeof keytab !== "string") return keytab;
  const { files, onTrace } = await library.host();
  const onWarning = (text: string): void => noteTo(onTrace, `the option keytab: ${text}`);
  if (files === undefined) throw new CredentialError("KEYTAB", "this host has no files: give the keytab's octets");
  return await readKeytabFile(keytab, files, { onWarning });
}

function firstOf({ principals }: Keytab): Principal {
  const [first] = principals;
  if (first !== undefined) return first;
  throw new CredentialError("KEYTAB_NO_KEY", "the keytab is empty: write a key of a service into it with ktadd");
}
