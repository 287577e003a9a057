import { type Checks, checkList, checkObject, checkOptions, checkText } from "../checks/index.ts";
import { chooseProvider, createEncTypeSet, type EncTypeSet } from "../crypto/index.ts";
import { UnsupportedError } from "../errors.ts";
import { checkAcceptorKeys, keytabKeys } from "../gssapi/index.ts";
import type { Runtime } from "../host/index.ts";
import { type KeySource, permittedTypes } from "../krb5/index.ts";
import { detectRuntime } from "../runtime/index.ts";
import { createSpnegoAcceptor } from "../spnego/index.ts";
import type { HttpConnections } from "./connections.ts";
import { makeKdcProxy, type RequestHandler } from "./kdc-proxy.ts";
import { checkKdcProxyOptions, type KdcProxyOptions } from "./kdc-proxy-options.ts";
import { NegotiateServer } from "./negotiate-server.ts";
import { checkServerOptions, type NegotiateServerOptions } from "./server-options.ts";

/**
 * Makes the server's side of HTTP Negotiate (RFC 4559): it says who makes a request, for any handler of `Request` and
 * `Response` and for `node:http`, Express, Fastify, Hono and Passport. It takes no connection itself.
 *
 * @param options the service's keys, and what is asked of clients
 * @returns the server
 * @throws TypeError and RangeError for options that make no server, CredentialError `KEYTAB` for octets that are not a
 *   keytab; TypeError where other workers accept with the same keys and there is no replay cache that they share: the
 *   caller's mistakes
 * @example
 * ```ts
 * import { createNegotiateServer } from "krb5-remctl/http";
 *
 * const server = createNegotiateServer({ keytab: octets });
 * export default {
 *   fetch: server.protect((request, { principal }) => new Response(`hello ${principal}\n`)),
 * };
 * ```
 */
export function createNegotiateServer(options: NegotiateServerOptions): NegotiateServer {
  checkServerOptions(options);
  const { skewSeconds, replayCache, now, onTrace, takeDelegation, authorizationData, enctypes, acceptRaw } = options;
  const { requireChannelBindings } = options;
  const runtime = options.runtime ?? detectRuntime();
  // Rule H8 in SECURITY.md.
  if (replayCache === undefined && runtime.isOneOfMany?.()) {
    throw new TypeError(
      "replayCache is undefined, and others accept with the same keys (a Worker's isolates, workers of a cluster): " +
        "each would accept once what another has accepted. Give storeReplayCache, with a store whose add() looks and " +
        "sets in one step, or fileReplayCache",
    );
  }
  const { keytab: entries, service } = checkAcceptorKeys({ ...options, service: options.service ?? "HTTP" });
  let ready: { readonly enctypes: EncTypeSet; readonly keytab: KeySource } | undefined;
  return new NegotiateServer(options, async (channelBindings) => {
    if (ready === undefined) {
      const isSet = typeof (enctypes as Partial<EncTypeSet> | undefined)?.importKey === "function";
      const encTypes = isSet
        ? (enctypes as EncTypeSet)
        : createEncTypeSet(permittedTypes(enctypes as readonly string[]), await chooseProvider(runtime));
      ready ??= { enctypes: encTypes, keytab: "keysOf" in entries ? entries : keytabKeys(entries, encTypes) };
    }
    return createSpnegoAcceptor({
      ...ready,
      service,
      channelBindings,
      requireChannelBindings,
      skewSeconds,
      replayCache,
      now,
      onTrace,
      takeDelegation,
      authorizationData,
      acceptRaw,
    });
  });
}

/**
 * Makes a proxy to KDCs (MS-KKDCP) as a handler of requests, so that browsers, Workers and clients beyond a firewall
 * log in through a server of one's own. It knows the realms and addresses that it is given, and asks nobody else,
 * whatever a message or DNS says.
 *
 * @param options the realms with the addresses of their servers, and limits
 * @returns the handler, for the path that clients know (`/KdcProxy` by custom), behind TLS
 * @throws TypeError and RangeError for options that make no proxy: the caller's mistakes
 * @example
 * ```ts
 * import { createKdcProxy } from "krb5-remctl/http";
 *
 * export default { fetch: createKdcProxy({ realms: { "EXAMPLE.ORG": { kdc: "tcp://192.0.2.88" } } }) };
 * ```
 */
export function createKdcProxy(options: KdcProxyOptions): RequestHandler {
  checkKdcProxyOptions(options);
  return makeKdcProxy(options, options.runtime ?? detectRuntime());
}

/** Options for {@link nodeConnections}. */
export interface NodeConnectionsOptions {
  /** Authorities whose certificates are trusted in place of the host's, in PEM. */
  readonly trustAnchors?: string | readonly string[] | undefined;
  /** The host. Default: the one that runs this. */
  readonly runtime?: Runtime | undefined;
}

const connectionsChecks: Checks<NodeConnectionsOptions> = {
  trustAnchors: (name, value) =>
    typeof value === "string" ? checkText(name, value) : checkList(name, value, checkText),
  runtime: checkObject,
};

/**
 * Makes connections for one `negotiateFetch`, over `node:http` and `node:https`: for servers that authenticate a
 * connection and not each request, and for those that want tokens bound to TLS (`tls-server-end-point`, RFC 5929),
 * which a `fetch` cannot do.
 *
 * @param options which authorities are trusted
 * @returns the connections, for the option `connections`
 * @throws UnsupportedError on a host without Node's sockets; TypeError for options of another kind: the caller's
 *   mistake
 * @example
 * ```ts
 * import { createClient } from "krb5-remctl";
 * import { negotiateFetch, nodeConnections } from "krb5-remctl/http";
 *
 * const origins = ["https://intranet.example.org"];
 * const fetch = negotiateFetch({ credential: createClient(), origins, connections: nodeConnections() });
 * ```
 */
export function nodeConnections(options: NodeConnectionsOptions = {}): HttpConnections {
  checkOptions("nodeConnections", options, connectionsChecks);
  const { trustAnchors, runtime = detectRuntime() } = options;
  const { openHttp } = runtime;
  if (openHttp === undefined) {
    throw new UnsupportedError(
      `the "${runtime.name}" runtime opens no connections for HTTP of one's own: leave out \`connections\``,
    );
  }
  const anchors = typeof trustAnchors === "string" ? [trustAnchors] : trustAnchors;
  return { open: (url, signal) => openHttp(url, { anchors, signal }) };
}
