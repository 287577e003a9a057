import { type Checks, checkList, checkOptions, checkPart, checkText } from "../checks/index.ts";
import { UnsupportedError } from "../errors.ts";
import { checkAcceptorKeys, keysOnDemand, requireSharedReplays } from "../gssapi/index.ts";
import { checkRuntime, type Runtime, type Tunnel } from "../host/index.ts";
import { acceptorHost, detectRuntime, openTunnel, tunnelAgents, tunnelConnector } from "../runtime/index.ts";
import { createSpnegoAcceptor, serviceWords } from "../spnego/index.ts";
import type { HttpConnections } from "./connections.ts";
import { makeKdcProxy, type RequestHandler } from "./kdc-proxy.ts";
import { checkKdcProxyOptions, type KdcProxyOptions } from "./kdc-proxy-options.ts";
import { NegotiateServer } from "./negotiate-server.ts";
import { type ProxyOptions, proxyChecks, requireProxy } from "./proxy-options.ts";
import { checkServerOptions, type NegotiateServerOptions } from "./server-options.ts";
import { makeTunnel } from "./tunnel.ts";

/**
 * Makes the server's side of HTTP Negotiate (RFC 4559): it says who makes a request, for any handler of `Request` and
 * `Response` and for `node:http`, Express, Fastify, Hono and Passport. It takes no connection itself.
 *
 * @param options the service's keys, and what is asked of clients
 * @returns the server
 * @throws TypeError and RangeError for options that make no server, CredentialError `KEYTAB` for octets that are not a
 *   keytab; TypeError where other workers accept with the same keys and without a replay cache that they share: the
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
  const { requireChannelBindings, legacyTokens } = options;
  const runtime = options.runtime ?? acceptorHost();
  requireSharedReplays(replayCache, runtime);
  const named = options.service ?? "HTTP";
  const { keytab, service } = checkAcceptorKeys({ ...options, service: named });
  const readyKeys = keysOnDemand(keytab, enctypes, runtime);
  const shown = serviceWords(named);
  return new NegotiateServer(options, async (channelBindings) =>
    createSpnegoAcceptor(
      {
        ...(await readyKeys()),
        service,
        channelBindings,
        requireChannelBindings,
        skewSeconds,
        replayCache,
        now,
        onTrace,
        takeDelegation,
        authorizationData,
        legacyTokens,
        acceptRaw,
      },
      undefined,
      shown,
    ),
  );
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
  /** Authorities whose certificates are trusted in place of the host's, in PEM: of servers, and of the proxy. */
  readonly trustAnchors?: string | readonly string[] | undefined;
  /** The proxy that all connections go through, those to servers that get no token too. Default: none. */
  readonly proxy?: ProxyOptions | undefined;
  /** The host. Default: the one that runs this. */
  readonly runtime?: Runtime | undefined;
}

const anchorChecks: Checks<Pick<NodeConnectionsOptions, "trustAnchors" | "runtime">> = {
  trustAnchors: (name, value) =>
    typeof value === "string" ? checkText(name, value) : checkList(name, value, checkText),
  runtime: checkRuntime,
};
const connectionsChecks: Checks<NodeConnectionsOptions> = {
  ...anchorChecks,
  proxy: (name, value) => {
    checkPart(name, value, proxyChecks);
    requireProxy(value as ProxyOptions, name);
  },
};
const agentChecks: Checks<ProxyAgentOptions> = { ...anchorChecks, ...proxyChecks };

/**
 * Makes connections for one `negotiateFetch`, over `node:http` and `node:https`: for servers that authenticate a
 * connection and not each request, for those that want tokens bound to TLS (`tls-server-end-point`, RFC 5929), and for
 * a way out through a proxy that asks for Kerberos, which a `fetch` cannot do.
 *
 * @param options which authorities are trusted, and which proxy there is
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
  const { proxy, runtime = detectRuntime() } = options;
  const { openHttp } = runtime;
  if (openHttp === undefined) {
    throw new UnsupportedError(
      `the "${runtime.name}" runtime opens no connections for HTTP of one's own: leave out \`connections\``,
    );
  }
  const anchors = anchorsOf(options);
  if (proxy === undefined) return { open: (url, signal) => openHttp(url, { anchors, signal }) };
  const tunnel = makeTunnel(proxy);
  return {
    isOnlyWay: true,
    async open(url, signal) {
      return openHttp(url, { anchors, signal, socket: await openTunnel(tunnel, url, anchors, signal) });
    },
  };
}

/** Options for {@link proxyAgents} and {@link proxyConnector}. */
export interface ProxyAgentOptions extends ProxyOptions {
  /** Authorities whose certificates are trusted in place of the host's, in PEM: of servers, and of the proxy. */
  readonly trustAnchors?: string | readonly string[] | undefined;
  /** The host. Default: the one that runs this. */
  readonly runtime?: Runtime | undefined;
}

/**
 * Makes agents of `node:http` and `node:https` whose connections go through a proxy that asks for Kerberos (CONNECT,
 * RFC 9110 section 9.3.6): for axios, got, ws and all else that takes an agent.
 *
 * @param options the proxy, and the credential that it gets a ticket from
 * @returns an `http.Agent` and an `https.Agent`. A request fails with GssError `HTTP_PROXY_REFUSED` where the proxy
 *   does not take the ticket, and with TransportError `CONNECT` where it opens no way to the server
 * @throws UnsupportedError on a host without Node's sockets; TypeError for options that cannot work: the caller's
 *   mistake
 * @example
 * ```ts
 * import { createClient } from "krb5-remctl";
 * import { proxyAgents } from "krb5-remctl/http";
 *
 * const agents = proxyAgents({ url: "http://proxy.example.org:3128", credential: createClient() });
 * const settings = { httpsAgent: agents.https, proxy: false }; // of axios
 * ```
 */
export function proxyAgents<Http = unknown, Https = unknown>(
  options: ProxyAgentOptions,
): { readonly http: Http; readonly https: Https } {
  const agents = tunnelAgents(tunnelOf("proxyAgents", options), anchorsOf(options));
  return agents as { readonly http: Http; readonly https: Https };
}

/**
 * Makes the option `connect` of an `Agent`, `Pool` or `Client` of undici, for connections through a proxy that asks for
 * Kerberos. As {@link proxyAgents}.
 *
 * @param options the proxy, and the credential that it gets a ticket from
 * @returns the function
 * @throws UnsupportedError on a host without Node's sockets; TypeError for options that cannot work: the caller's
 *   mistake
 * @example
 * ```ts
 * import { createClient } from "krb5-remctl";
 * import { proxyConnector } from "krb5-remctl/http";
 *
 * const connect = proxyConnector({ url: "http://proxy.example.org:3128", credential: createClient() });
 * ```
 */
export function proxyConnector<Connect = unknown>(options: ProxyAgentOptions): Connect {
  return tunnelConnector(tunnelOf("proxyConnector", options), anchorsOf(options)) as Connect;
}

function tunnelOf(of: string, options: ProxyAgentOptions): Tunnel {
  checkOptions(of, options, agentChecks);
  requireProxy(options);
  const { trustAnchors, runtime = detectRuntime(), ...proxy } = options;
  if (runtime.openHttp === undefined) {
    throw new UnsupportedError(`the "${runtime.name}" runtime has no sockets of Node: use ${of} on Node`);
  }
  return makeTunnel(proxy);
}

function anchorsOf({ trustAnchors }: Pick<NodeConnectionsOptions, "trustAnchors">): readonly string[] | undefined {
  return typeof trustAnchors === "string" ? [trustAnchors] : trustAnchors;
}
