import { UnsupportedError } from "../errors.ts";
import { type Endpoint, formatEndpoint, type TransportName } from "./endpoint.ts";
import type { Transport, TransportHost } from "./transport.ts";
import { transports } from "./transports.ts";

/** One endpoint and the one transport that it will be asked by. */
export interface PlannedAttempt {
  readonly endpoint: Endpoint & { readonly transport: TransportName };
  readonly transport: Transport;
  /** As `tcp://host:port`. */
  readonly name: string;
}

/**
 * Which attempts to make, in which order: the endpoints as they come; of each that names no transport, the other one
 * after all endpoints had their turn, as libkrb5 does. UDP is the first of the two unless the request is longer than
 * `udpPreferenceBytes`, or the host has none or never hears of a refusal, or a `dial` leads the traffic another way.
 *
 * Throws {@link TransportError} `UNSUPPORTED_BY_RUNTIME` if an endpoint asks for what the host cannot do.
 */
export function planAttempts(
  endpoints: readonly Endpoint[],
  requestBytes: number,
  host: TransportHost,
  udpPreferenceBytes: number,
): readonly PlannedAttempt[] {
  const first: PlannedAttempt[] = [];
  const later: PlannedAttempt[] = [];
  for (const endpoint of endpoints) {
    const { transport } = endpoint;
    if (transport !== undefined) {
      first.push(planAttempt(endpoint, transport, host));
    } else if (host.dial !== undefined || transports.udp.missing(host) !== undefined) {
      first.push(planAttempt(endpoint, "tcp", host));
    } else if (transports.tcp.missing(host) !== undefined) {
      first.push(planAttempt(endpoint, "udp", host));
    } else {
      const isTcpFirst = requestBytes > udpPreferenceBytes || host.runtime.isUdpSilent === true;
      first.push(planAttempt(endpoint, isTcpFirst ? "tcp" : "udp", host));
      later.push(planAttempt(endpoint, isTcpFirst ? "udp" : "tcp", host));
    }
  }
  return [...first, ...later];
}

/** One attempt; throws as {@link planAttempts} does. */
export function planAttempt(endpoint: Endpoint, name: TransportName, host: TransportHost): PlannedAttempt {
  const transport = transports[name];
  const chosen = { ...endpoint, transport: name };
  const text = formatEndpoint(chosen);
  const missing = transport.missing(host);
  if (missing !== undefined) {
    throw new UnsupportedError(`a KDC cannot be asked from here: ${text}: ${missing}`);
  }
  return { endpoint: chosen, transport, name: text };
}
