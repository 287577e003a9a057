import { type Attempt, hasName, UnsupportedError } from "../errors.ts";
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
 * after all endpoints had their turn, as libkrb5 does. UDP is the first of the two unless the request is longer than
 * `udpPreferenceBytes`, or the host has none or never hears of a refusal, or a `dial` leads the traffic another way.
 *
 * An endpoint that asks for what the host cannot do is passed over, and reported by
 * `onUnusable`. Throws UnsupportedError if all do.
 */
export function planAttempts(
  endpoints: readonly Endpoint[],
  requestBytes: number,
  host: PlanningHost,
  udpPreferenceBytes: number,
  onUnusable: (attempt: Attempt) => void = () => {},
): readonly PlannedAttempt[] {
  const first: PlannedAttempt[] = [];
  const later: PlannedAttempt[] = [];
  let unusable: UnsupportedError | undefined;
  for (const endpoint of endpoints) {
    const [name, other] = transportsFor(endpoint, requestBytes > udpPreferenceBytes, host);
    try {
      first.push(planAttempt(endpoint, name, host));
      if (other !== undefined) later.push(planAttempt(endpoint, other, host));
    } catch (error) {
      if (!hasName(error, "UnsupportedError")) throw error;
      unusable ??= error;
      onUnusable({ endpoint: formatEndpoint({ ...endpoint, transport: name }), reason: error.message });
    }
  }
  if (first.length === 0 && unusable !== undefined) throw unusable;
  return [...first, ...later];
}

/** The transport that an endpoint is asked by, and the one that comes after all endpoints had their turn. */
function transportsFor(
  { transport }: Endpoint,
  isLong: boolean,
  host: PlanningHost,
): readonly [TransportName, TransportName?] {
  if (transport !== undefined) return [transport];
  if (host.dial !== undefined || typeof find("udp", host) === "string") return ["tcp"];
  if (typeof find("tcp", host) === "string") return ["udp"];
  return isLong || host.runtime.isUdpSilent === true ? ["tcp", "udp"] : ["udp", "tcp"];
}

/** One attempt; throws as {@link planAttempts} does. */
export function planAttempt(endpoint: Endpoint, name: TransportName, host: PlanningHost): PlannedAttempt {
  const chosen = { ...endpoint, transport: name };
  const text = formatEndpoint(chosen);
  const transport = find(name, host);
  if (typeof transport !== "string") return { endpoint: chosen, transport, name: text };
  throw new UnsupportedError(`a KDC cannot be asked from here: ${text}: ${transport}`);
}

/** A transport, or why there is none. */
export function find(name: TransportName, host: PlanningHost): Transport | string {
  const transport = host.transports[name];
  if (transport !== undefined) return transport.missing(host) ?? transport;
  const option = name === "kkdcp" ? "give the option `transports: [httpsProxy()]`" : "write tcp://host:port";
  return `this client was made without it: ${option}`;
}
