import { kindOf, refuse } from "../checks/index.ts";
import { Keytab } from "../credentials/index.ts";
import { chooseProvider } from "../crypto/index.ts";
import { ConfigError, CredentialError, isKerberosError } from "../errors.ts";
import { createInitiator, requireSharedReplays } from "../gssapi/index.ts";
import type { Runtime } from "../host/index.ts";
import { formatPrincipal, type KeySource, parsePrincipal } from "../krb5/index.ts";
import { verifyPasswordOn } from "../library/index.ts";
import { createSpnegoAcceptor, createSpnegoInitiator } from "../spnego/index.ts";
import { type Callback, checkParameter, settle } from "./callback.ts";
import { KerberosClient } from "./client.ts";
import {
  GSS_C_DELEG_FLAG,
  GSS_C_MUTUAL_FLAG,
  GSS_C_REPLAY_FLAG,
  GSS_C_SEQUENCE_FLAG,
  GSS_MECH_OID_SPNEGO,
} from "./constants.ts";
import { keytabError, NativeError, nativeError, noPrincipalError, passwordError, serverError } from "./native-error.ts";
import { KerberosServer } from "./server.ts";
import { serverKeys } from "./server-keys.ts";
import { parseClientService, parseServerService } from "./service-name.ts";
import type { ConfigureOptions } from "./settings.ts";
import { TicketSources, type Wanted } from "./ticket-sources.ts";

/** Options of `initializeClient`, in every spelling that documentation, types and code of npm `kerberos` use. */
export interface InitializeClientOptions {
  /** The client's principal: its tickets of a collection of caches, and never another's. */
  readonly principal?: string;
  /** GSS_C flags. Default: mutual and sequence. Integrity and confidentiality are asked for always. */
  readonly flags?: number;
  /** As `flags`: the types of npm `kerberos` call it so. */
  readonly gssFlag?: number;
  /** As `flags`: cassandra-driver calls it so. */
  readonly gssFlags?: number;
  /** `GSS_C_NO_OID`, `GSS_MECH_OID_KRB5` or `GSS_MECH_OID_SPNEGO`. */
  readonly mechOID?: number;
  /** Who logs in, with `configure({ passwords: true })`. */
  readonly user?: string;
  /** The realm of a user without one. */
  readonly domain?: string;
  /** The user's password. */
  readonly password?: string;
  /** As `password`: documentation and types call it so. */
  readonly pass?: string;
}

/** The functions of npm `kerberos`, over one configuration and the host. */
export class DropIn {
  readonly #runtime: () => Runtime;
  #settings: ConfigureOptions = {};
  #sources: TicketSources | undefined;

  constructor(runtime: () => Runtime) {
    this.#runtime = runtime;
  }

  /** Sets where tickets and keys come from; the options have been checked. */
  configure(settings: ConfigureOptions): void {
    this.#settings = settings;
    this.#sources = undefined;
  }

  initializeClient(service: string, options: unknown, callback: unknown): Promise<KerberosClient> {
    return settle(
      async () => {
        checkParameter("service", service);
        return await this.#client(service, optionsOf(options));
      },
      typeof options === "function" ? options : callback,
    );
  }

  async #client(service: string, options: InitializeClientOptions): Promise<KerberosClient> {
    const target = parseClientService(service);
    const flags = options.flags ?? options.gssFlag ?? options.gssFlags ?? GSS_C_MUTUAL_FLAG | GSS_C_SEQUENCE_FLAG;
    const has = (flag: number): boolean => (flags & flag) !== 0;
    const wanted = this.#wanted(options);
    this.#sources ??= new TicketSources(this.#settings, this.#host());
    try {
      const credential = await this.#sources.sourceFor(wanted);
      const context = {
        target,
        credential,
        now: this.#settings.now,
        onTrace: this.#settings.onTrace,
        flags: {
          mutual: has(GSS_C_MUTUAL_FLAG),
          replay: has(GSS_C_REPLAY_FLAG),
          sequence: has(GSS_C_SEQUENCE_FLAG),
          delegation: has(GSS_C_DELEG_FLAG),
          // The native module wraps without having asked for them: MIT does not look.
          integrity: true,
          confidentiality: true,
        },
      };
      const isSpnego = options.mechOID === GSS_MECH_OID_SPNEGO;
      return new KerberosClient(isSpnego ? createSpnegoInitiator(context) : createInitiator(context));
    } catch (error) {
      if (wanted.principal !== undefined && isKerberosError(error) && error.code === "NO_CREDENTIAL") {
        throw noPrincipalError(wanted.principal, error);
      }
      throw nativeError(error);
    }
  }

  /** Who the client is to be. Without `passwords` a password is passed over, like in the native module on Unix. */
  #wanted(options: InitializeClientOptions): Wanted {
    const { principal, user, domain, password = options.pass } = options;
    if (this.#settings.passwords === true && typeof user === "string" && user !== "" && typeof password === "string") {
      const isWhole = typeof domain !== "string" || domain === "" || user.includes("@");
      return { principal: isWhole ? user : `${user}@${domain}`, password };
    }
    return typeof principal === "string" && principal !== "" ? { principal } : {};
  }

  initializeServer(service: string, callback: unknown): Promise<KerberosServer> {
    return settle(async () => {
      checkParameter("service", service);
      const { now, onTrace, enctypes, skewSeconds, replayCache } = this.#settings;
      requireSharedReplays(replayCache, this.#host(), " configure()");
      try {
        const keytab = ownKeys(await serverKeys(this.#settings, this.#host()), service);
        // As MIT's: SPNEGO, and krb5 without it.
        const context = createSpnegoAcceptor({ keytab, now, onTrace, enctypes, skewSeconds, replayCache }, () =>
          chooseProvider(this.#host()),
        );
        return new KerberosServer(context, service !== "");
      } catch (error) {
        throw serverError(service, error);
      }
    }, callback);
  }

  principalDetails(service: string, hostname: string, callback: unknown): Promise<string> {
    return settle(async () => {
      checkParameter("service", service);
      checkParameter("hostname", hostname);
      const keys = await serverKeys(this.#settings, this.#host()).catch((error: unknown) => {
        throw keytabError(error);
      });
      const fits = asName(() => parseServerService(`${service}/${hostname}`));
      const found = fits !== undefined && keys instanceof Keytab ? keys.principals.find(fits) : undefined;
      if (found === undefined) throw new NativeError("Principal not found in keytab (-1)");
      return formatPrincipal(found);
    }, callback);
  }

  checkPassword(
    username: string,
    password: string,
    service: string,
    defaultRealm: unknown,
    callback: unknown,
  ): Promise<null> {
    const isCallback = typeof defaultRealm === "function";
    return settle(
      async () => {
        checkParameter("username", username);
        checkParameter("password", password);
        checkParameter("service", service);
        if (!isCallback && defaultRealm && typeof defaultRealm !== "string") {
          throw new TypeError("if specified, parameter `defaultRealm` must be a string.");
        }
        await this.#checkPassword(username, password, service, isCallback ? undefined : (defaultRealm as string));
        return null;
      },
      isCallback ? defaultRealm : callback,
    );
  }

  /** Rule NK2: the KDC proves itself with a key of ours, or nothing that it says about a password counts. */
  async #checkPassword(username: string, password: string, service: string, defaultRealm?: string): Promise<void> {
    if (this.#settings.passwords !== true) {
      throw new ConfigError(
        "checkPassword takes no password here: call configure({ passwords: true }) of krb5-remctl/kerberos first",
      );
    }
    try {
      const keys = await serverKeys(this.#settings, this.#host());
      if (!(keys instanceof Keytab)) {
        throw new CredentialError("KEYTAB", "checkPassword needs a keytab, and configure() has another key source");
      }
      const own = ownKeys(keys, service.includes("@") || service.includes("/") ? service : "") as Keytab;
      const typed = asName(() => parsePrincipal(username));
      if (typed === undefined) throw new NativeError("Malformed representation of principal (-1765328250)");
      const realm = typed.realm || defaultRealm || own.principals[0]?.realm || "";
      const { credentials: _, passwords: __, replayCache: ___, ...options } = this.#settings;
      await verifyPasswordOn({ ...typed, realm }, password, {
        ...options,
        keytab: own,
        realms: [realm],
        runtime: this.#host(),
      });
    } catch (error) {
      throw passwordError(error);
    }
  }

  #host(): Runtime {
    return this.#settings.runtime ?? this.#runtime();
  }
}

/** The keys of the services that a server is. Throws CredentialError `KEYTAB_NO_KEY` if the keytab has none of them. */
function ownKeys(keys: Keytab | KeySource, service: string): Keytab | KeySource {
  const fits = parseServerService(service);
  if (!(keys instanceof Keytab)) return keys;
  const own = keys.entries.filter(({ principal }) => fits(principal));
  if (own.length > 0) return new Keytab(own);
  throw new CredentialError(
    "KEYTAB_NO_KEY",
    "the keytab has no key of that service: write one with ktadd, or name a service that it has",
  );
}

/** A name that a user may have typed: undefined if it is not a name, since the caller made no mistake then. */
function asName<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

function optionsOf(options: unknown): InitializeClientOptions {
  if (options === undefined || options === null || typeof options === "function") return {};
  if (kindOf(options) !== "an object") refuse("options", options, "an object");
  return options as InitializeClientOptions;
}

export type { Callback };
