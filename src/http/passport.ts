import { type Authenticated, groupFields } from "./authentication.ts";
import type { IncomingRequest } from "./incoming.ts";
import { checkServer, type NegotiateServer } from "./negotiate-server.ts";
import type { NodeResponse } from "./node-middleware.ts";

/** What Passport adds to a strategy while it is in use. */
interface PassportActions {
  success(user: unknown): void;
  fail(challenge: string | undefined, status: number): void;
  error(error: unknown): void;
}

/** Gives the user of an application for a client; a falsy one is refused. */
export type FindUser = (client: Authenticated) => unknown;

/**
 * A strategy of Passport, by the name `negotiate`.
 *
 * @example
 * ```ts
 * import { createNegotiateServer, NegotiateStrategy } from "krb5-remctl/http";
 *
 * const server = createNegotiateServer({ keytab: octets });
 * passport.use(new NegotiateStrategy(server, ({ principal }) => ({ name: principal })));
 * ```
 */
export class NegotiateStrategy {
  /** What `passport.authenticate` calls it. */
  readonly name: string = "negotiate";
  // Not private: Passport makes an object for each request, whose prototype this strategy is.
  /** What says who makes a request. */
  readonly server: NegotiateServer;
  /** Gives the application's user. */
  readonly findUser: FindUser;

  /**
   * Makes the strategy.
   *
   * @param server what `createNegotiateServer` made
   * @param findUser gives the application's user. Default: the client's principal as `name`
   * @throws TypeError for what is not a server: the caller's mistake
   */
  constructor(server: NegotiateServer, findUser: FindUser = ({ principal }) => ({ name: principal })) {
    checkServer("NegotiateStrategy", server);
    this.server = server;
    this.findUser = findUser;
  }

  /**
   * Says to Passport who makes a request.
   *
   * @param request the request, with its response as `res`, as Express gives it
   */
  async authenticate(request: IncomingRequest & { readonly res?: NodeResponse | undefined }): Promise<void> {
    const actions = this as unknown as PassportActions;
    try {
      const found = await this.server.authenticate(request);
      const { "www-authenticate": challenges, ...rest } = groupFields(found.headers);
      for (const [name, value] of Object.entries(rest)) request.res?.appendHeader(name, value);
      if (!found.isAuthenticated) {
        actions.fail([challenges ?? []].flat().join(", ") || undefined, found.status);
        return;
      }
      if (challenges !== undefined) request.res?.appendHeader("www-authenticate", challenges);
      const user = await this.findUser(found);
      if (user) actions.success(user);
      else actions.fail(undefined, 403);
    } catch (error) {
      actions.error(error);
    }
  }
}
