import { concat, getUint32, setUint32 } from "../bytes/index.ts";
import type { SaslClient } from "../sasl/index.ts";
import { withOwnError } from "./sasl-driver.ts";

/** What the option `authenticationProvider` of kafkajs is called with. */
export interface KafkaJsArguments {
  /** The broker's host: each broker has a principal. */
  readonly host: string;
  /** Sends a message of the exchange, and gives what came back. */
  saslAuthenticate(message: {
    readonly request: { encode(): Uint8Array };
    readonly response: { decode(octets: Uint8Array): Uint8Array; parse(octets: Uint8Array): Uint8Array };
  }): Promise<unknown>;
}

/** The option `sasl` of kafkajs. */
export interface KafkaJsMechanism {
  /** The name of the mechanism. */
  readonly mechanism: "GSSAPI";
  /** Makes what logs a connection in. */
  readonly authenticationProvider: (connection: KafkaJsArguments) => { authenticate(): Promise<void> };
}

/** The connection of `@platformatic/kafka`, as far as it is used. */
export interface PlatformaticConnection {
  /** The broker's host. */
  readonly host?: string | undefined;
}

/** Takes the outcome of a message of `@platformatic/kafka`. */
export type PlatformaticCallback = (error: Error | null, answer: { readonly authBytes: Uint8Array }) => void;

/** The option `sasl` of `@platformatic/kafka`. */
export interface PlatformaticMechanism {
  /** The name of the mechanism. */
  readonly mechanism: "GSSAPI";
  /** Logs a connection in; `send` sends a message of the exchange. */
  authenticate(
    mechanism: string,
    connection: PlatformaticConnection,
    send: (connection: never, octets: never, callback: PlatformaticCallback) => unknown,
    username: unknown,
    password: unknown,
    token: unknown,
    callback: (error: Error | null, answer?: never) => void,
  ): void;
}

const LENGTH_BYTES = 4;

/**
 * Runs the exchange over Kafka's SaslAuthenticate (RFC 4752 in `auth_bytes`): every message of ours has an answer, the
 * last one an empty one.
 */
export async function authenticateKafka(
  sasl: SaslClient,
  send: (octets: Uint8Array) => Promise<Uint8Array>,
): Promise<void> {
  try {
    let response = await withOwnError(() => sasl.step());
    for (;;) {
      const challenge = await send(response);
      if (sasl.isComplete) {
        await sasl.finish(challenge);
        return;
      }
      response = await sasl.step(challenge);
    }
  } finally {
    // Kafka has no security layers: TLS protects what follows, or nothing does.
    sasl.dispose();
  }
}

/** Octets with their length before them, as kafkajs sends and gives them. */
export function withLength(octets: Uint8Array): Uint8Array {
  const length = new Uint8Array(LENGTH_BYTES);
  setUint32(length, 0, octets.length);
  return concat(length, octets);
}

/** The octets after their length, which is -1 for a null. */
export function withoutLength(octets: Uint8Array): Uint8Array {
  if (octets.length < LENGTH_BYTES) return new Uint8Array(0);
  const length = getUint32(octets, 0);
  return length >= 2 ** 31 ? new Uint8Array(0) : octets.subarray(LENGTH_BYTES, LENGTH_BYTES + length);
}
