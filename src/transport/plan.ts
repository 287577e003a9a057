import { type Attempt, UnsupportedError } from "../errors.ts";
import { type Endpoint, formatEndpoint, type TransportName } from "./endpoint.ts";
import type { Transport, TransportHost, Transports } from "./transport.ts";

/** A host with the transports that the program has. */
export interface PlanningHost extends TransportHost {
  readonly transports: Transports;
}

/** One endpoint and the one transport that it will be asked by. */
export interface PlannedAttempt {
  readonly endpoint: Endpoint & { readonly transport: TransportName };
  readonly transport: Transport;
  /** As `tcp://host:port`. */
  readonly name: string;
}

/**
 * Which attempts to make, in which order: the endpoints as they come; of each that names no transport, the other one
 * after all endpoints had their turn, like libkrb5. UDP is the first of the two unless the request is longer than
 * `udpPreferenceBytes`, or the host has none or never hears of a refusal, or a `dial` leads the traffic another way.
 * Endpoints that ask for what the host cannot do are added to `unusable`.
 *
 * Throws {@link TransportError} `UNSUPPORTED_BY_RUNTIME` if all endpoints ask for what the host cannot do.
 */
export function planAttempts(
  endpoints: readonly Endpoint[],
  requestBytes: number,
  host: PlanningHost,
  udpPreferenceBytes: number,
  unusable: Attempt[],
): readonly PlannedAttempt[] {
  const first: PlannedAttempt[] = [];
  const later: PlannedAttempt[] = [];
  const [udp, tcp] = [find("udp", host), find("tcp", host)];
  for (const endpoint of endpoints) {
    const { transport } = endpoint;
    if (transport !== undefined || host.dial !== undefined || typeof udp === "string") {
      const name = transport ?? "tcp";
      const found = find(name, host);
      if (typeof found !== "string") first.push(planAttempt(endpoint, found));
      else unusable.push({ endpoint: formatEndpoint({ ...endpoint, transport: name }), reason: found });
    } else if (typeof tcp === "string") {
      first.push(planAttempt(endpoint, udp));
    } else {
      const isTcpFirst = requestBytes > udpPreferenceBytes || host.runtime.isUdpSilent === true;
      first.push(planAttempt(endpoint, isTcpFirst ? tcp : udp));
      later.push(planAttempt(endpoint, isTcpFirst ? udp : tcp));
    }
  }
  const [missing] = unusable;
  if (first.length === 0 && missing !== undefined) {
    throw new UnsupportedError(`a KDC cannot be asked from here: ${missing.endpoint}: ${missing.reason}`);
  }
  return [...first, ...later];
}

/** One attempt. */
export function planAttempt(endpoint: Endpoint, transport: Transport): PlannedAttempt {
  const chosen = { ...endpoint, transport: transport.name };
  return { endpoint: chosen, transport, name: formatEndpoint(chosen) };
}

/** A transport, or why it is missing. */
export function find(name: TransportName, host: PlanningHost): Transport | string {
  const transport = host.transports[name];
  if (transport !== undefined) return transport.missing(host) ?? transport;
  const option = name === "kkdcp" ? "give the option `transports: [httpsProxy()]`" : "write tcp://host:port";
  return `this client was made without it: ${option}`;
}
