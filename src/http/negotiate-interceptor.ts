import { type Checks, checkBoolean } from "../checks/index.ts";
import { checkNegotiateOptions, type NegotiateOptions, negotiateChecks } from "./client-options.ts";
import { type Dispatch, dispatchedUrl, hasField } from "./dispatch.ts";
import { DispatchedExchange, type DispatchRules } from "./dispatched-exchange.ts";
import { SERVER_FIELDS } from "./field.ts";
import { learnedOver } from "./learned.ts";
import { makeNegotiator } from "./negotiator.ts";

/** Options for {@link negotiateInterceptor}. */
export interface NegotiateInterceptorOptions extends NegotiateOptions {
  /**
   * Says that the dispatcher's connections are this credential's alone: nobody else uses it. Then a server may
   * authenticate a connection for all that follows on it. Default false: such a server is refused.
   */
  readonly ownsConnections?: boolean | undefined;
}

const interceptorChecks: Checks<NegotiateInterceptorOptions> = { ...negotiateChecks, ownsConnections: checkBoolean };

/**
 * Makes an interceptor for `compose` of undici's dispatchers, from version 7 on: a request to a listed server has a
 * token where the server asks for it (RFC 4559), for `request`, `stream`, `fetch` and all else that goes through the
 * dispatcher. The server's proof is checked before the answer is given. Where `redirect` is composed too, it stands
 * behind this one, so that each place has its token.
 *
 * @param options the credential, and the origins that may get a token
 * @returns the interceptor. A request fails with what the credential throws, with GssError for a proof that is wrong or
 *   missing, and with TypeError for a body that cannot be sent again. A server that does not let the client in is an
 *   answer with status 401
 * @throws TypeError for options that cannot work: the caller's mistake
 * @example
 * ```ts
 * import { createClient } from "krb5-remctl";
 * import { negotiateInterceptor } from "krb5-remctl/http";
 *
 * const origins = ["https://intranet.example.org"];
 * const interceptor = negotiateInterceptor({ credential: createClient(), origins });
 * ```
 */
export function negotiateInterceptor<Interceptor = unknown>(options: NegotiateInterceptorOptions): Interceptor {
  checkNegotiateOptions("negotiateInterceptor", options, interceptorChecks);
  const { ownsConnections = false, preemptive } = options;
  // Which dispatcher it is composed over, undici does not say.
  const learned = ownsConnections ? undefined : learnedOver(negotiateInterceptor);
  const negotiator = makeNegotiator(options, SERVER_FIELDS, learned);
  const rules: DispatchRules = {
    negotiator,
    mayForesee: preemptive !== false,
    connections: {
      areOwn: ownsConnections,
      advice: "compose over a dispatcher that nobody else uses, and say so (ownsConnections)",
    },
  };
  const interceptor = (dispatch: Dispatch): Dispatch => {
    return (request, handler) => {
      const url = dispatchedUrl(request);
      if (url === undefined) {
        throw new TypeError("the request names no origin, and so no service: give `origin` beside `path`");
      }
      // Rule H1 in SECURITY.md.
      const isOurs = request.method !== "CONNECT" && negotiator.isListed(url) && !hasField(request, "authorization");
      if (!isOurs) return dispatch(request, handler);
      return new DispatchedExchange(rules, url, request, dispatch, handler).start();
    };
  };
  return interceptor as Interceptor;
}
