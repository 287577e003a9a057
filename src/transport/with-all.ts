import { parseEndpoint } from "./endpoint.ts";
import { type ExchangeOptions, exchangeWith, type KdcReply } from "./kdc-exchange.ts";
import { createKdcTransportWith, endpointsOf, type KdcTransport, type KdcTransportOptions } from "./kdc-transport.ts";
import { isAmong } from "./same-kdc.ts";
import { transports } from "./transports.ts";

/**
 * Asks the KDCs of a realm, in order; when one is silent, the next is asked beside it, when one fails, at once. The
 * first answer wins and the others are given up. A KDC that answers RESPONSE_TOO_BIG by UDP is asked again over TCP;
 * one that answers SVC_UNAVAILABLE counts as failed unless no other answers.
 *
 * Throws {@link TransportError} with every attempt: `KDC_UNREACHABLE`, or `NOT_A_KDC` if one of them answered and what
 * it sent is not a whole reply; `UNSUPPORTED_BY_RUNTIME` before any traffic, or `ABORTED`. `RangeError` for
 * a time that is not above 0: the caller's mistake.
 */
export async function exchangeWithKdc(options: Omit<ExchangeOptions, "transports">): Promise<KdcReply> {
  return await exchangeWith({ ...options, transports });
}

/**
 * Makes a {@link KdcTransport} over a host's sockets, or over the caller's own `dial` and `fetch`. It keeps no
 * connection between exchanges, and of each KDC only whether it failed lately, so that one may serve many requests at
 * once.
 *
 * ```ts
 * const transport = createKdcTransport({ runtime, kdcs: () => ["tcp://kdc.example.org"] });
 * const reply = await transport.exchange("EXAMPLE.ORG", octets, { signal });
 * ```
 */
export function createKdcTransport(options: Omit<KdcTransportOptions, "transports">): KdcTransport {
  const { primaryKdcs = () => [], runtime, trace } = options;
  return {
    ...createKdcTransportWith({ ...options, transports }),
    async hasOtherPrimary(realm, answered, search = {}) {
      const primaries = await endpointsOf(primaryKdcs, realm, { trace, ...search });
      return primaries.length > 0 && !(await isAmong(parseEndpoint(answered), primaries, runtime));
    },
  };
}
