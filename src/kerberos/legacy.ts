import { type Callback, checkParameter, settle } from "./callback.ts";
import type { KerberosClient } from "./client.ts";
import type { DropIn } from "./drop-in.ts";
import type { NativeError } from "./native-error.ts";
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
  /** A step gives it where the other side has to answer. */
  static readonly AUTH_GSS_CONTINUE: number = CONTINUE;
  /** A step gives it where the context is complete. */
  static readonly AUTH_GSS_COMPLETE: number = COMPLETE;
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
   * @param cache the name of a credential cache in place of the usual one, or the callback
   * @param callback takes the context
   */
  authGSSClientInit(
    service: string,
    flags: number | Callback<AuthGssClientContext>,
    cache?: string | Callback<AuthGssClientContext>,
    callback?: Callback<AuthGssClientContext>,
  ): void {
    const options = typeof flags === "number" ? { flags } : {};
    const begin = async (): Promise<AuthGssClientContext> => {
      checkParameter("service", service);
      const name = typeof cache === "string" && cache !== "" ? cache : undefined;
      const client = await this.#dropIn.clientOf(service, options, name);
      const context: AuthGssClientContext = { username: null, response: null };
      clients.set(context, client);
      return context;
    };
    void settle(begin, flags, cache, callback);
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
    const step = async (): Promise<number> => {
      const client = sideOf(clients, context);
      context.response = await client.step(typeof challenge === "string" ? challenge : "");
      context.username = client.username;
      return client.contextComplete ? COMPLETE : CONTINUE;
    };
    void settle(step, challenge, callback);
  }

  /**
   * Opens a message of the server into `context.response`.
   *
   * @param context the client's context
   * @param challenge the token in base64, or the callback
   * @param callback takes 1
   */
  authGSSClientUnwrap(
    context: AuthGssClientContext,
    challenge: string | Callback<number>,
    callback?: Callback<number>,
  ): void {
    const unwrap = async (): Promise<number> => {
      context.response = await sideOf(clients, context).unwrap(typeof challenge === "string" ? challenge : "");
      return COMPLETE;
    };
    void settle(unwrap, challenge, callback);
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
    const wrap = async (): Promise<number> => {
      const options = typeof user === "string" ? { user } : {};
      context.response = await sideOf(clients, context).wrap(challenge, options);
      return COMPLETE;
    };
    void settle(wrap, user, callback);
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
   * @param rest whether delegation is wanted, which has no effect, and for whom without a ticket, which is refused;
   *   then the callback, which takes the context
   */
  authGSSServerInit(service: string, ...rest: readonly unknown[]): void {
    const begin = async (): Promise<AuthGssServerContext> => {
      // 0.x takes every token then: the program has authenticated the user itself.
      if (rest.some((one) => typeof one === "string")) {
        throw new TypeError(
          "authGSSServerInit is given a user, and lets nobody in without a ticket: use impersonate() of a client",
        );
      }
      const server = await this.#dropIn.initializeServer(service, undefined);
      const context: AuthGssServerContext = {
        username: null,
        response: null,
        targetname: null,
        delegatedCredentialsCache: null,
      };
      servers.set(context, server);
      return context;
    };
    void settle(begin, ...rest);
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
   * Checks a password, and the KDC with a key of the service, after `configure({ passwords: true })`.
   *
   * @param username who logs in
   * @param password the password
   * @param service the service whose key proves the KDC, as `HTTP/www.example.org`; empty: the first of the keytab
   * @param callback takes whether the password is that of the user
   */
  authUserKrb5Password(username: string, password: string, service: string, callback: Callback<boolean>): void {
    const check = async (): Promise<boolean> => {
      try {
        await this.#dropIn.checkPassword(username, password, service, undefined, undefined);
        return true;
      } catch (error) {
        const { code } = error as NativeError;
        if (code === "WRONG_PASSWORD" || code === "CLIENT_UNKNOWN") return false;
        throw error;
      }
    };
    void settle(check, callback);
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
