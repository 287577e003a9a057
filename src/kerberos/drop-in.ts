import { Keytab } from "../credentials/index.ts";
import { chooseProvider } from "../crypto/index.ts";
import { isKerberosError } from "../errors.ts";
import { createInitiator, requireSharedReplays } from "../gssapi/index.ts";
import type { Runtime } from "../host/index.ts";
import { formatPrincipal } from "../krb5/index.ts";
import { createSpnegoAcceptor, createSpnegoInitiator } from "../spnego/index.ts";
import { checkParameter, settle } from "./callback.ts";
import { checkPasswordOn } from "./check-password.ts";
import { KerberosClient } from "./client.ts";
import { flagsOf, type InitializeClientOptions, optionsOf, wantedOf } from "./client-options.ts";
import { GSS_MECH_OID_SPNEGO } from "./constants.ts";
import { keytabError, NativeError, nativeError, noPrincipalError, serverError } from "./native-error.ts";
import { KerberosServer } from "./server.ts";
import { ownKeys, serverKeys } from "./server-keys.ts";
import { asName, parseClientService, parseServerService } from "./service-name.ts";
import type { ConfigureOptions } from "./settings.ts";
import { TicketSources } from "./ticket-sources.ts";

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
    const operation = async (): Promise<KerberosClient> => {
      checkParameter("service", service);
      return await this.clientOf(service, optionsOf(options));
    };
    return settle(operation, service, options, callback);
  }

  /** `cache`: the credential cache to use, in place of what would be used. */
  async clientOf(service: string, options: InitializeClientOptions, cache?: string): Promise<KerberosClient> {
    const target = parseClientService(service);
    const wanted = cache === undefined ? wantedOf(options, this.#settings.passwords === true) : { cache };
    this.#sources ??= new TicketSources(this.#settings, this.#host());
    try {
      const credential = await this.#sources.sourceFor(wanted);
      const { now, onTrace } = this.#settings;
      const context = { target, credential, now, onTrace, flags: flagsOf(options) };
      const isSpnego = options.mechOID === GSS_MECH_OID_SPNEGO;
      return new KerberosClient(isSpnego ? createSpnegoInitiator(context) : createInitiator(context));
    } catch (error) {
      if (wanted.principal !== undefined && isKerberosError(error) && error.code === "NO_CREDENTIAL") {
        throw noPrincipalError(wanted.principal, error);
      }
      throw nativeError(error);
    }
  }

  initializeServer(service: string, callback: unknown): Promise<KerberosServer> {
    return settle(
      async () => {
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
      },
      service,
      callback,
    );
  }

  principalDetails(service: string, hostname: string, callback: unknown): Promise<string> {
    return settle(
      async () => {
        checkParameter("service", service);
        checkParameter("hostname", hostname);
        const keys = await serverKeys(this.#settings, this.#host()).catch((error: unknown) => {
          throw keytabError(error);
        });
        const fits = asName(() => parseServerService(`${service}/${hostname}`));
        const found = fits !== undefined && keys instanceof Keytab ? keys.principals.find(fits) : undefined;
        if (found === undefined) throw new NativeError("Principal not found in keytab (-1)");
        return formatPrincipal(found);
      },
      service,
      hostname,
      callback,
    );
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
        const realm = isCallback ? undefined : (defaultRealm as string | undefined);
        await checkPasswordOn(this.#settings, this.#host(), { username, password, service, defaultRealm: realm });
        return null;
      },
      username,
      password,
      service,
      defaultRealm,
      callback,
    );
  }

  #host(): Runtime {
    return this.#settings.runtime ?? this.#runtime();
  }
}
