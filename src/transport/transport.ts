import type { Dial, Fetch, Runtime } from "../host/index.ts";
import type { Endpoint, TransportName } from "./endpoint.ts";
import type { Classify } from "./reply-kind.ts";
import type { SpareConnections } from "./spare-connections.ts";

/** The ways to ask a KDC that a program has: those of the main entry are all. */
export type Transports = { readonly [name in TransportName]?: Transport | undefined };

/** What a transport works with. */
export interface TransportHost {
  readonly runtime: Runtime;
  /** Replaces the runtime's TCP. */
  readonly dial?: Dial | undefined;
  /** Replaces the runtime's `fetch`. */
  readonly fetch?: Fetch | undefined;
  /** The address to send from. */
  readonly localAddress?: string | undefined;
}

/** One question to one endpoint. */
export interface Question {
  readonly endpoint: Endpoint;
  readonly realm: string;
  readonly request: Uint8Array;
  readonly host: TransportHost;
  readonly classify: Classify;
  /** Connections for the questions that follow. */
  readonly spares?: SpareConnections | undefined;
  /** Ends the attempt when it aborts; its result is not used then. */
  readonly signal: AbortSignal;
  /** Tells of a datagram that is sent again. */
  readonly onRetransmit?: (count: number) => void;
  /** Tells that the look-up of the endpoint's name begins, and that it is over. */
  readonly onLookUp?: (isOver: boolean) => void;
}

/** A way to ask a KDC: one file each, and a line in the table of `transports.ts`. */
export interface Transport {
  readonly name: TransportName;
  /** What this host lacks for it and what to use instead; undefined if it can be used. */
  missing(host: TransportHost): string | undefined;
  /** Sends the request and gives the octets of one answer. It leaves no socket, timer or listener behind. */
  ask(question: Question): Promise<Uint8Array>;
}
