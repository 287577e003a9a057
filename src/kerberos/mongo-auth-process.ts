import { type Callback, settle } from "./callback.ts";
import type { KerberosClient } from "./client.ts";
import type { DropIn } from "./drop-in.ts";

/** Options of {@link MongoAuthProcess}, as mongodb before 3.6 gives them. */
export interface MongoAuthProcessOptions {
  /** The service, where no other is named. Default `mongodb`. */
  readonly gssapiServiceName?: string | undefined;
  /** Whether DNS is to be asked for the canonical name of the host: `init` refuses. */
  readonly gssapiCanonicalizeHostName?: boolean | undefined;
}

/** `processes.MongoAuthProcess` of npm `kerberos` 0.x, 1 and 2: a SASL login in four messages. */
export class AuthProcess {
  /** The host whose principal is asked for. */
  readonly host: string;
  /** Its port, which has no effect. */
  readonly port: unknown;
  /** The service whose principal is asked for. */
  readonly serviceName: string;
  /** Whether DNS is to be asked for the host's name. */
  readonly canonicalizeHostName: boolean;
  /** The authorization identity, after `init`. */
  username: string | undefined;
  /** The context, after `init`. */
  client: KerberosClient | undefined;
  readonly #dropIn: DropIn;
  #transitions = 0;

  /**
   * `new MongoAuthProcess(host, port, serviceName, options)` makes one.
   *
   * @param dropIn the functions of 7
   * @param host the server's name
   * @param port its port
   * @param serviceName the service
   * @param options the service and what DNS is asked for
   */
  constructor(
    dropIn: DropIn,
    host: string,
    port?: unknown,
    serviceName?: string | null,
    options?: MongoAuthProcessOptions | null,
  ) {
    this.#dropIn = dropIn;
    this.host = host;
    this.port = port;
    this.serviceName = serviceName || options?.gssapiServiceName || "mongodb";
    this.canonicalizeHostName = options?.gssapiCanonicalizeHostName === true;
  }

  /**
   * Begins the login.
   *
   * @param username the authorization identity
   * @param password the password, which counts after `configure({ passwords: true })`
   * @param callback takes the client's context
   */
  init(username: string, password: string | null | undefined, callback: Callback<KerberosClient>): void {
    void settle(async () => {
      if (this.canonicalizeHostName) {
        throw new TypeError(
          "gssapiCanonicalizeHostName is true, and no name is looked up here: connect by the host's canonical name",
        );
      }
      const options = password == null ? {} : { user: username, password };
      this.client = await this.#dropIn.initializeClient(`${this.serviceName}@${this.host}`, options, undefined);
      this.username = username;
      return this.client;
    }, callback);
  }

  /**
   * Takes the server's message, and gives the next; after the last it gives true.
   *
   * @param payload the message in base64; an empty text at first
   * @param callback takes the message to send in base64, or true
   */
  transition(payload: string, callback: Callback<string | true>): void {
    void settle(async () => {
      const next = await this.#next(payload);
      this.#transitions += 1;
      return next;
    }, callback);
  }

  async #next(payload: string): Promise<string | true> {
    const { client, username } = this;
    if (this.#transitions > 3) throw new Error("Transition finished");
    if (client === undefined) throw new TypeError("transition before init: call init, and wait for its callback");
    if (this.#transitions === 3) return true;
    if (this.#transitions < 2) return (await client.step(this.#transitions === 0 ? "" : payload)) ?? "";
    return await client.wrap((await client.unwrap(payload)) ?? "", { user: username });
  }
}
