import { type Callback, settle } from "./callback.ts";
import type { KerberosClient } from "./client.ts";
import type { DropIn } from "./drop-in.ts";
import type { KerberosServer } from "./server.ts";

/** A server's context of the 0.x versions: plain properties that a step fills in. */
export interface AuthGssServerContext {
  /** Who the client is, after a step. */
  username: string | null;
  /** What to send back, in base64. */
  response: string | null;
  /** Which service was asked for, of a server of any. */
  targetname: string | null;
  /** Always null: what a client delegates is not written to a cache. */
  delegatedCredentialsCache: string | null;
}

/** A client's context of the 0.x versions. */
export interface AuthGssClientContext {
  /** Who the client is, when the context is complete. */
  username: string | null;
  /** What to send, in base64. */
  response: string | null;
}

/** The sides behind the contexts; one that was cleaned is not there. */
const clients: WeakMap<object, KerberosClient> = new WeakMap();
const servers: WeakMap<object, KerberosServer> = new WeakMap();

const COMPLETE = 1;
const CONTINUE = 0;

/** The class of npm `kerberos` 0.x over the functions of 7: passport-negotiate and simple-kerberos know no other. */
export class LegacyKerberos {
  readonly #dropIn: DropIn;

  /**
   * `new Kerberos()` makes one.
   *
   * @param dropIn the functions of 7
   */
  constructor(dropIn: DropIn) {
    this.#dropIn = dropIn;
  }

  /**
   * Begins a client's context.
   *
   * @param service `service@host`
   * @param flags GSS_C flags, or the callback
   * @param callback takes the context
   */
  authGSSClientInit(
    service: string,
    flags: number | Callback<AuthGssClientContext>,
    callback?: Callback<AuthGssClientContext>,
  ): void {
    const options = typeof flags === "number" ? { flags } : {};
    void settle(
      async () => {
        const client = await this.#dropIn.initializeClient(service, options, undefined);
        const context: AuthGssClientContext = { username: null, response: null };
        clients.set(context, client);
        return context;
      },
      typeof flags === "function" ? flags : callback,
    );
  }

  /**
   * Takes the server's token; `context.response` is the one to send.
   *
   * @param context the client's context
   * @param challenge the token in base64, or the callback in the first step
   * @param callback takes 1 if the context is complete, else 0
   */
  authGSSClientStep(
    context: AuthGssClientContext,
    challenge: string | Callback<number>,
    callback?: Callback<number>,
  ): void {
    void settle(
      async () => {
        const client = sideOf(clients, context);
        context.response = await client.step(typeof challenge === "string" ? challenge : "");
        context.username = client.username;
        return client.contextComplete ? COMPLETE : CONTINUE;
      },
      typeof challenge === "function" ? challenge : callback,
    );
  }

  /**
   * Opens a message of the server into `context.response`.
   *
   * @param context the client's context
   * @param challenge the token in base64
   * @param callback takes 1
   */
  authGSSClientUnwrap(context: AuthGssClientContext, challenge: string, callback: Callback<number>): void {
    void settle(async () => {
      context.response = await sideOf(clients, context).unwrap(challenge);
      return COMPLETE;
    }, callback);
  }

  /**
   * Wraps the last message of a SASL login into `context.response`.
   *
   * @param context the client's context
   * @param challenge the server's message
   * @param user the authorization identity, or the callback
   * @param callback takes 1
   */
  authGSSClientWrap(
    context: AuthGssClientContext,
    challenge: string,
    user: string | null | Callback<number>,
    callback?: Callback<number>,
  ): void {
    void settle(
      async () => {
        const options = typeof user === "string" ? { user } : {};
        context.response = await sideOf(clients, context).wrap(challenge, options);
        return COMPLETE;
      },
      typeof user === "function" ? user : callback,
    );
  }

  /**
   * Ends a client's context.
   *
   * @param context the client's context
   * @param callback takes 1
   */
  authGSSClientClean(context: AuthGssClientContext, callback: Callback<number>): void {
    void settle(async () => {
      clients.delete(context);
      context.response = context.username = null;
      return COMPLETE;
    }, callback);
  }

  /**
   * Begins a server's context.
   *
   * @param service `service@host`, a service alone for any host, or nothing for any service
   * @param rest whether delegation is wanted and for whom, which have no effect; then the callback, which takes the
   *   context
   */
  authGSSServerInit(service: string, ...rest: readonly unknown[]): void {
    void settle(async () => {
      const server = await this.#dropIn.initializeServer(service, undefined);
      const context: AuthGssServerContext = {
        username: null,
        response: null,
        targetname: null,
        delegatedCredentialsCache: null,
      };
      servers.set(context, server);
      return context;
    }, rest.at(-1));
  }

  /**
   * Takes the client's token; `context.response` is the one to send back, `context.username` who it is.
   *
   * @param context the server's context
   * @param challenge the token in base64
   * @param callback takes 1 if the context is complete, else 0
   */
  authGSSServerStep(context: AuthGssServerContext, challenge: string, callback: Callback<number>): void {
    void settle(async () => {
      const server = sideOf(servers, context);
      context.response = await server.step(challenge);
      context.username = server.username;
      context.targetname = server.targetName;
      return server.contextComplete ? COMPLETE : CONTINUE;
    }, callback);
  }

  /**
   * Ends a server's context.
   *
   * @param context the server's context
   * @param callback takes 1
   */
  authGSSServerClean(context: AuthGssServerContext, callback: Callback<number>): void {
    void settle(async () => {
      servers.delete(context);
      context.response = context.username = context.targetname = null;
      return COMPLETE;
    }, callback);
  }
}

function sideOf<T>(sides: WeakMap<object, T>, context: unknown): T {
  // A WeakMap has nothing for what is not an object.
  const side = sides.get(context as object);
  if (side === undefined) throw new TypeError("the context is not one that Init made, or it was cleaned: make another");
  return side;
}
