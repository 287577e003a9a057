import { encodeText, shownPlace } from "../bytes/index.ts";
import { GssError, TransportError } from "../errors.ts";
import type { AskProxy, ProxyStream, Tunnel } from "../host/index.ts";
import { PROXY_FIELDS } from "./field.ts";
import { makeNegotiator, type Negotiator } from "./negotiator.ts";
import { type ProxyOptions, proxyUrl } from "./proxy-options.ts";
import { serverEndPoint } from "./server-end-point.ts";
import { httpTarget } from "./target.ts";
import { type TunnelAnswer, TunnelAnswerReader } from "./tunnel-answer.ts";

/** The way through a proxy that asks for Kerberos, by CONNECT (RFC 9110 section 9.3.6). */
export function makeTunnel(options: ProxyOptions): Tunnel {
  const { url, target, ...own } = options;
  const proxy = proxyUrl("url", url);
  const negotiator = makeNegotiator(
    // A caller that names a proxy with its credential wants it known there, and nowhere else.
    { ...own, origins: [proxy.origin], target: () => target ?? httpTarget(proxy) },
    PROXY_FIELDS,
  );
  return {
    proxy,
    ask(to) {
      const asking = new Asking(negotiator, proxy, to);
      return (stream, signal) => asking.run(stream, signal);
    },
  };
}

/** One CONNECT, with as many tokens as it takes. */
class Asking {
  readonly #negotiator: Negotiator;
  readonly #proxy: URL;
  readonly #to: URL;
  /** Then the next connection begins with a token. */
  #isAsked = false;

  constructor(negotiator: Negotiator, proxy: URL, to: URL) {
    this.#negotiator = negotiator;
    this.#proxy = proxy;
    this.#to = to;
  }

  async run(stream: ProxyStream, signal: AbortSignal | undefined): ReturnType<AskProxy> {
    const negotiator = this.#negotiator;
    const proxy = this.#proxy;
    const { peerCertificate } = stream;
    const channelBindings = peerCertificate && (await serverEndPoint(peerCertificate));
    const begin = () => negotiator.begin(proxy, { signal, channelBindings });
    let exchange = this.#isAsked || negotiator.isExpected(proxy) ? await begin() : undefined;
    let authorization = exchange?.authorization;
    const reader = new TunnelAnswerReader(stream);
    for (;;) {
      stream.write(connectRequest(this.#to, authorization));
      const { status, headers, isReusable } = await reader.read();
      const isOpen = status >= 200 && status < 300;
      if (exchange === undefined) {
        if (isOpen) return true;
        this.#isAsked = negotiator.isAsked(proxy, headers, status);
        if (!this.#isAsked) throw refused(proxy, status, false);
        if (!isReusable) return false;
        exchange = await begin();
        authorization = exchange.authorization;
        continue;
      }
      // Rule H18 in SECURITY.md.
      const { verify } = exchange;
      const next = await verify(headers, status, { signal });
      if (next === undefined && isOpen) return true;
      if (next === undefined) throw refused(proxy, status, true);
      if (!isReusable) throw broken(status);
      ({ authorization } = next);
    }
  }
}

function connectRequest({ protocol, hostname, port }: URL, authorization: string | undefined): Uint8Array {
  const place = `${hostname}:${port || (protocol === "https:" ? 443 : 80)}`;
  const token = authorization === undefined ? "" : `Proxy-Authorization: ${authorization}\r\n`;
  return encodeText(`CONNECT ${place} HTTP/1.1\r\nHost: ${place}\r\n${token}\r\n`);
}

function refused(proxy: URL, status: TunnelAnswer["status"], hasToken: boolean): Error {
  const name = shownPlace(proxy.origin);
  if (status !== 407) {
    return new TransportError(
      "CONNECT",
      `the proxy ${name} opens no way to the server (HTTP ${status}): ask who runs it`,
    );
  }
  return new GssError(
    "HTTP_PROXY_REFUSED",
    "GSS_S_FAILURE",
    hasToken
      ? `the proxy ${name} does not take the ticket (HTTP 407): its log says why; look at its service's name (target)`
      : `the proxy ${name} does not ask for Negotiate (HTTP 407 with other schemes): use a program that has them`,
  );
}

function broken(status: number): GssError {
  return new GssError(
    "GSS_DEFECTIVE_TOKEN",
    "GSS_S_DEFECTIVE_TOKEN",
    `the proxy ends the connection in the middle of the exchange of tokens (HTTP ${status}): look at its log`,
  );
}
