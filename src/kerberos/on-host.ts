import { checkOptions } from "../checks/index.ts";
import { detectRuntime } from "../runtime/index.ts";
import type { Callback } from "./callback.ts";
import type { KerberosClient } from "./client.ts";
import type { InitializeClientOptions } from "./client-options.ts";
import {
  definedNapiVersion,
  GSS_C_ANON_FLAG,
  GSS_C_CONF_FLAG,
  GSS_C_DELEG_FLAG,
  GSS_C_INTEG_FLAG,
  GSS_C_MUTUAL_FLAG,
  GSS_C_NO_OID,
  GSS_C_PROT_READY_FLAG,
  GSS_C_REPLAY_FLAG,
  GSS_C_SEQUENCE_FLAG,
  GSS_C_TRANS_FLAG,
  GSS_MECH_OID_KRB5,
  GSS_MECH_OID_SPNEGO,
  version,
} from "./constants.ts";
import { DropIn } from "./drop-in.ts";
import { LegacyKerberos } from "./legacy.ts";
import { AuthProcess } from "./mongo-auth-process.ts";
import type { KerberosServer } from "./server.ts";
import { type ConfigureOptions, configureChecks } from "./settings.ts";

type Rest<T extends readonly unknown[]> = T extends [unknown, ...infer R] ? R : never;

/** One for the program, as the native module is: drivers load it by name, and nothing can be handed to them. */
const dropIn: DropIn = new DropIn(detectRuntime);

/**
 * Says where the drop-in has its tickets and keys from, for the whole program; each call begins anew. Without one it is
 * what libkrb5 would use: `KRB5CCNAME`, the client keytab, `KRB5_KTNAME`, krb5.conf.
 *
 * @param options credentials, KDCs, keytab, whether passwords are taken, and what takes the trace
 * @throws TypeError and RangeError for options that cannot work: the caller's mistakes
 * @example
 * ```ts
 * import { configure } from "krb5-remctl/kerberos";
 *
 * configure({
 *   credentials: { principal: "app@EXAMPLE.ORG", password: async () => secret },
 *   kdc: ["tcp://kdc.example.org:88"],
 * });
 * ```
 */
export function configure(options: ConfigureOptions): void {
  checkOptions("configure", options, configureChecks);
  dropIn.configure(options);
}

/**
 * Begins a client's context, like npm `kerberos`.
 *
 * @param service `service@host`, `service/host`, `service/host@REALM` or `service@host@REALM`
 * @param options principal, flags and mechanism; or the callback
 * @param callback takes the outcome instead of a promise, as in versions 1 and 2
 * @returns the client's side, before its first step
 * @throws NativeError if a principal is named and has no tickets; TypeError for parameters that are wrong
 * @example
 * ```ts
 * import { initializeClient } from "krb5-remctl/kerberos";
 *
 * const client = await initializeClient("HTTP@www.example.org");
 * const token = await client.step("");
 * ```
 */
export function initializeClient(
  service: string,
  options?: InitializeClientOptions | null | Callback<KerberosClient>,
  callback?: Callback<KerberosClient>,
): Promise<KerberosClient> {
  return dropIn.initializeClient(service, options, callback);
}

/**
 * Begins a server's context, like npm `kerberos`, and on every system.
 *
 * @param service `HTTP@www.example.org`, `HTTP` for every host, or an empty text for every service of the keytab
 * @param callback takes the outcome instead of a promise, as in versions 1 and 2
 * @returns the server's side, before its first step
 * @throws NativeError if the keytab has no key of the service, or cannot be read; TypeError for parameters that are
 *   wrong
 * @example
 * ```ts
 * import { initializeServer } from "krb5-remctl/kerberos";
 *
 * const server = await initializeServer("HTTP");
 * const answer = await server.step(Buffer.from(octets).toString("base64"));
 * console.log(server.username, answer);
 * ```
 */
export function initializeServer(service: string, callback?: Callback<KerberosServer>): Promise<KerberosServer> {
  return dropIn.initializeServer(service, callback);
}

/**
 * Finds the principal of a service in the keytab.
 *
 * @param service for example `HTTP`
 * @param hostname the host's name
 * @param callback takes the outcome instead of a promise
 * @returns the principal, for example `HTTP/www.example.org@EXAMPLE.ORG`
 * @throws NativeError if the keytab has none; TypeError for parameters that are wrong
 * @example
 * ```ts
 * import { principalDetails } from "krb5-remctl/kerberos";
 *
 * console.log(await principalDetails("HTTP", "www.example.org"));
 * ```
 */
export function principalDetails(service: string, hostname: string, callback?: Callback<string>): Promise<string> {
  return dropIn.principalDetails(service, hostname, callback);
}

/**
 * Checks a password, and that what answered is the realm's KDC: it must know the key of a service of the keytab, which
 * the native module does not look at. Only after `configure({ passwords: true })`.
 *
 * @param username who logs in
 * @param password the password
 * @param service the service whose key proves the KDC, as `HTTP/www.example.org`; empty: the first of the keytab
 * @param defaultRealm the realm of a user without one. Default: that of the service
 * @param callback takes the outcome instead of a promise
 * @returns null, if the password is right
 * @throws NativeError if it is wrong, or the KDC did not prove itself; ConfigError without `passwords`; TypeError for
 *   parameters that are wrong
 * @example
 * ```ts
 * import { checkPassword, configure } from "krb5-remctl/kerberos";
 *
 * configure({ passwords: true, keytab: "/etc/http.keytab" });
 * await checkPassword("alice", secret, "HTTP/www.example.org", "EXAMPLE.ORG");
 * ```
 */
export function checkPassword(
  username: string,
  password: string,
  service: string,
  defaultRealm?: string | Callback<null>,
  callback?: Callback<null>,
): Promise<null> {
  return dropIn.checkPassword(username, password, service, defaultRealm, callback);
}

/**
 * The class of npm `kerberos` 0.x, for passport-negotiate and simple-kerberos.
 *
 * @example
 * ```ts
 * import { Kerberos } from "krb5-remctl/kerberos";
 *
 * const kerberos = new Kerberos();
 * kerberos.authGSSServerInit("HTTP", false, (error: Error | null) => console.log(error));
 * ```
 */
export class Kerberos extends LegacyKerberos {
  /** Makes it. */
  constructor() {
    super(dropIn);
  }
}

/** `processes.MongoAuthProcess` of npm `kerberos` before 7, by which mongodb before 3.6 logs in. */
class MongoAuthProcess extends AuthProcess {
  constructor(...given: Rest<ConstructorParameters<typeof AuthProcess>>) {
    super(dropIn, ...given);
  }
}

/**
 * What `require("kerberos")` gives: the names of npm `kerberos` 7, each writable, so that a test may put its own there;
 * `Kerberos` and `processes` of older versions and {@link configure} are there too, and are not listed.
 */
export const nativeModule: Readonly<Record<string, unknown>> = createNativeModule();

function createNativeModule(): Readonly<Record<string, unknown>> {
  const listed = {
    initializeClient,
    initializeServer,
    principalDetails,
    checkPassword,
    GSS_C_DELEG_FLAG,
    GSS_C_MUTUAL_FLAG,
    GSS_C_REPLAY_FLAG,
    GSS_C_SEQUENCE_FLAG,
    GSS_C_CONF_FLAG,
    GSS_C_INTEG_FLAG,
    GSS_C_ANON_FLAG,
    GSS_C_PROT_READY_FLAG,
    GSS_C_TRANS_FLAG,
    GSS_C_NO_OID,
    GSS_MECH_OID_KRB5,
    GSS_MECH_OID_SPNEGO,
    version,
    definedNapiVersion,
  };
  // In versions 1 and 2 `Kerberos` is the module itself.
  Object.assign(Kerberos, listed);
  const hidden = (value: unknown): PropertyDescriptor => ({ value, writable: true, configurable: true });
  return Object.defineProperties(listed, {
    Kerberos: hidden(Kerberos),
    processes: hidden({ MongoAuthProcess }),
    configure: hidden(configure),
  });
}
