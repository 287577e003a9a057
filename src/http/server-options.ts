import {
  type Check,
  type Checks,
  checkBoolean,
  checkFunction,
  checkList,
  checkOptions,
  checkText,
  checkWhole,
} from "../checks/index.ts";
import {
  type AcceptorOptions,
  type AcceptorService,
  acceptorChecks,
  type ChannelBindingsOption,
  checkBindings,
} from "../gssapi/index.ts";
import { checkRuntime, type Runtime } from "../host/index.ts";
import type { NotAuthenticated } from "./authentication.ts";
import type { IncomingRequest } from "./incoming.ts";
import { originOf } from "./origins.ts";

/** Options for `createNegotiateServer`. */
export interface NegotiateServerOptions
  extends Pick<
    AcceptorOptions,
    | "keytab"
    | "replayCache"
    | "skewSeconds"
    | "takeDelegation"
    | "authorizationData"
    | "legacyTokens"
    | "enctypes"
    | "now"
    | "onTrace"
    | "requireChannelBindings"
  > {
  /**
   * Which services of the keytab this is, for example `"HTTP@www.example.org"`, a list of names, or a function. Default
   * `"HTTP"`: of any host that the keytab has a key of.
   */
  readonly service?: AcceptorService | undefined;
  /**
   * What ties a token to the TLS connection it comes over: those of this server's certificate (`tlsServerEndPoint`), or
   * a function of the request. A client that is bound to another channel is refused; one that is bound to none too,
   * unless `requireChannelBindings` is false.
   */
  readonly channelBindings?:
    | ChannelBindingsOption
    | ((request: IncomingRequest) => ChannelBindingsOption | undefined)
    | undefined;
  /** Take tokens of krb5 itself, which some clients send where negotiated ones are expected. Default true. */
  readonly acceptRaw?: boolean | undefined;
  /** The longest token that is read. Default 65,536. */
  readonly maxTokenBytes?: number | undefined;
  /**
   * Challenges beside Negotiate, for example `["Bearer"]`, for the application to answer to. One of `Basic` is sent
   * over TLS only: see `isSecure`.
   */
  readonly fallback?: readonly string[] | undefined;
  /**
   * Other origins whose pages may make requests that change something. A browser sends tickets with what any page asks
   * for: what is not GET, HEAD or OPTIONS, or opens a WebSocket, and was made by a page of another origin, is refused;
   * so is that of a page without TLS at a server with TLS. Default: none.
   */
  readonly allowedOrigins?: readonly string[] | undefined;
  /** Let in clients without a name: anonymous tickets (RFC 8062). Default false. */
  readonly allowAnonymous?: boolean | undefined;
  /**
   * Take what follows on a connection for the client's that has authenticated on it. Default false: each request needs
   * a token. Never behind a proxy, whose connections carry the requests of many.
   */
  readonly bindConnections?: boolean | undefined;
  /** Whether a request came over TLS, for a server behind a proxy. Default: what its URL or socket says. */
  readonly isSecure?: ((request: IncomingRequest) => boolean) | undefined;
  /**
   * Hears of each client that is refused and why, for a log, whatever framework answers it. Not of the requests that
   * begin an exchange. What it throws is ignored.
   */
  readonly onRefused?: ((refusal: NotAuthenticated, request: IncomingRequest) => unknown) | undefined;
  /** The host. Default: the one that runs this. */
  readonly runtime?: Runtime | undefined;
}

const { keytab, service, replayCache, skewSeconds, takeDelegation, authorizationData, enctypes, now, onTrace } =
  acceptorChecks;
const { requireChannelBindings, legacyTokens } = acceptorChecks;

const serverChecks: Checks<NegotiateServerOptions> = {
  keytab,
  service,
  replayCache,
  skewSeconds,
  takeDelegation,
  authorizationData,
  legacyTokens,
  enctypes,
  now,
  onTrace,
  requireChannelBindings,
  channelBindings: (name, value) => {
    if (typeof value !== "function") (acceptorChecks.channelBindings as Check)(name, value);
  },
  acceptRaw: checkBoolean,
  maxTokenBytes: [checkWhole, 1, 1_048_576],
  fallback: (name, value) => checkList(name, value, checkChallenge),
  allowedOrigins: (name, value) =>
    checkList(name, value, (at, one) => {
      checkText(at, one);
      originOf(at, one as string);
    }),
  allowAnonymous: checkBoolean,
  bindConnections: checkBoolean,
  isSecure: checkFunction,
  onRefused: checkFunction,
  runtime: checkRuntime,
};

/** Checks the options of `createNegotiateServer`. Throws TypeError and RangeError: the caller's mistakes. */
export function checkServerOptions(options: NegotiateServerOptions): void {
  checkOptions("createNegotiateServer", options, serverChecks);
  checkBindings(options);
}

function checkChallenge(name: string, value: unknown): void {
  checkText(name, value);
  if (/^[!#$%&'*+\-.^_`|~\w]+(?: [\x20-\x7e]+)?$/.test(value as string)) return;
  throw new TypeError(
    `${name} is not a challenge: it must be a scheme and its parameters, for example Basic realm="files"`,
  );
}
