import { type Checks, checkNumber } from "../checks/index.ts";

/**
 * The part of the platform's `WebSocket` that is used here: a browser's, a Worker's, Node's, Deno's, Bun's, and that of
 * the npm package `ws`, fit it as they are. Members that not every one has are optional.
 */
export interface WebSocketLike {
  /** 0 connecting, 1 open, 2 closing, 3 closed. */
  readonly readyState: number;
  /** Octets that `send` took and the network has not: back-pressure for writers, where the host counts them. */
  readonly bufferedAmount?: number | undefined;
  /** Set here to `arraybuffer`. */
  binaryType?: string | undefined;
  /** Sends one binary message. */
  send(octets: Uint8Array<ArrayBuffer>): void;
  /** Begins the closing handshake. */
  close(code?: number, reason?: string): void;
  /** For `open`, `message`, `close` and `error`. */
  // biome-ignore lint/suspicious/noExplicitAny: the events of a browser, of `ws` and of a Worker have no type in common
  addEventListener(type: string, listener: (event: any) => void): void;
  /** Workers: a socket from `response.webSocket` gives nothing before this. Called here. */
  accept?(): void;
  /** `ws`: stops reading from the network, and goes on; back-pressure for the peer. */
  pause?(): void;
  /** `ws`: reads from the network again. */
  resume?(): void;
  /** `ws`: ends without a closing handshake. */
  terminate?(): void;
}

/** Makes a {@link WebSocketLike}: the global `WebSocket`, or the one of the npm package `ws`. */
export type WebSocketConstructor = new (url: string, protocols?: string | string[]) => WebSocketLike;

/** Limits of a stream over a WebSocket. */
export interface WebSocketStreamOptions {
  /**
   * Octets that may have arrived and not been read; more end the connection with an error, since a plain WebSocket has
   * no way to make its peer wait. Where the host has one (`pause` of `ws`, `WebSocketStream`) it is used long before.
   * Default 16 MiB.
   */
  readonly maxUnreadBytes?: number | undefined;
  /**
   * Octets that may wait to be sent; a write resolves when none waits, where the host counts them. Default 256
   * KiB.
   */
  readonly maxUnsentBytes?: number | undefined;
}

export const streamChecks: Checks<WebSocketStreamOptions> = {
  maxUnreadBytes: [checkNumber, 1],
  maxUnsentBytes: [checkNumber, 1],
};

/** The limits of options, which have been checked. */
export function limitsOf(options: WebSocketStreamOptions): { maxUnreadBytes: number; maxUnsentBytes: number } {
  const { maxUnreadBytes = 16 * 2 ** 20, maxUnsentBytes = 256 * 1024 } = options;
  return { maxUnreadBytes, maxUnsentBytes };
}

/** The longest message that is sent: proxies take memory for each as a whole. */
export const maxSentMessageBytes: number = 64 * 1024;

/** The octets of a binary message; undefined for text, and for a Blob, which cannot be read in order. */
export function octetsOf(data: unknown): Uint8Array | undefined {
  if (data instanceof Uint8Array) return data;
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  // An ArrayBuffer of any realm (a page's frame, a test's environment).
  return Object.prototype.toString.call(data) === "[object ArrayBuffer]"
    ? new Uint8Array(data as ArrayBuffer)
    : undefined;
}
