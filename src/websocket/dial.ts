import { type Checks, checkFunction, checkList, checkOptions, checkText } from "../checks/index.ts";
import { UnsupportedError } from "../errors.ts";
import { type ByteStream, type Dial, onAbort, signalOf } from "../host/index.ts";
import { cannotOpen } from "./failure.ts";
import { openNativeStream, type WebSocketStreamConstructor } from "./native-stream.ts";
import { streamChecks, type WebSocketConstructor, type WebSocketLike, type WebSocketStreamOptions } from "./socket.ts";
import { closeQuietly, SocketStream } from "./socket-stream.ts";

/** Options for {@link webSocketDial}. */
export interface WebSocketDialOptions extends WebSocketStreamOptions {
  /** Subprotocols offered; `[]` for a proxy that takes no subprotocol. Default `["binary"]`, that of websockify. */
  readonly protocols?: readonly string[] | undefined;
  /** Makes the sockets. Default: the host's `WebSocketStream` (it has back-pressure), else its `WebSocket`. */
  readonly WebSocket?: WebSocketConstructor | undefined;
}

const dialChecks: Checks<WebSocketDialOptions> = {
  ...streamChecks,
  protocols: [checkList, checkText],
  WebSocket: checkFunction,
};

/** Where a connection goes: a URL, or a socket that the caller made, with other headers. */
export type WebSocketPlace = string | URL | WebSocketLike;

/** A URL for every connection, or what gives a {@link WebSocketPlace} for each. */
export type WebSocketTarget =
  | string
  | URL
  | ((
      host: string,
      port: number,
      options: { readonly signal?: AbortSignal },
    ) => WebSocketPlace | Promise<WebSocketPlace>);

/**
 * Makes a function for the option `dial` that reaches TCP servers through a proxy of TCP over WebSocket (RFC 6455), for
 * example websockify. The proxy sees sealed octets only: GSS-API encrypts commands and their output.
 *
 * @param target the proxy: a `ws`, `wss`, `http` or `https` URL that leads every connection to the same server,
 *   whatever its name; or a function that gives the URL, or an open socket, for a host and port. A client that reaches
 *   KDCs by `dial` too needs a function
 * @param options subprotocols, limits, and the class that makes the sockets
 * @returns the dial. It rejects with TransportError `CONNECT`, or `UNSUPPORTED_BY_RUNTIME` where the host has no
 *   WebSocket and none is given, before anything of the protocol is sent
 * @throws TypeError for a target that is not such a URL and for an option that is not one, RangeError for a limit below
 *   1: the caller's mistakes
 * @example
 * ```ts
 * import { remctl } from "krb5-remctl";
 * import { webSocketDial } from "krb5-remctl/websocket";
 *
 * const dial = webSocketDial((host, port) => `wss://gateway.example.org/tcp?token=${host}:${port}`);
 * const result = await remctl("server.example.org", ["account", "show", "alice"], {
 *   credentials: { principal: "alice@EXAMPLE.ORG", password },
 *   kdc: ["https://gateway.example.org/KdcProxy"],
 *   dial,
 * });
 * ```
 */
export function webSocketDial(target: WebSocketTarget, options: WebSocketDialOptions = {}): Dial {
  checkOptions("webSocketDial", options, dialChecks);
  const fixed = typeof target === "function" ? undefined : proxyUrl(target);
  return async (host, port, given) => {
    const signal = signalOf(given);
    signal?.throwIfAborted();
    if (fixed !== undefined) return openUrl(fixed, options, signal);
    const asked = ask(target as Exclude<WebSocketTarget, string | URL>, host, port, signal);
    const place = await untilAborted(asked, signal, (late) => isSocket(late) && closeQuietly(late));
    return isSocket(place)
      ? openSocket(place, "that was given", options, signal)
      : openUrl(proxyUrl(place), options, signal);
  };
}

async function ask(
  target: Exclude<WebSocketTarget, string | URL>,
  host: string,
  port: number,
  signal: AbortSignal | undefined,
): Promise<WebSocketPlace> {
  return target(host, port, signal === undefined ? {} : { signal });
}

async function openUrl(url: URL, options: WebSocketDialOptions, signal: AbortSignal | undefined): Promise<ByteStream> {
  const { protocols = ["binary"] } = options;
  const host = globalThis as {
    readonly WebSocket?: WebSocketConstructor;
    readonly WebSocketStream?: WebSocketStreamConstructor;
  };
  const name = `${url.protocol}//${url.host}${url.pathname}`;
  if (options.WebSocket === undefined && host.WebSocketStream !== undefined) {
    return openNativeStream(host.WebSocketStream, url.href, name, protocols, signal);
  }
  const WebSocket = options.WebSocket ?? host.WebSocket;
  if (WebSocket === undefined) {
    throw new UnsupportedError(
      "this host has no WebSocket (Node has it from version 22 on): give the option `WebSocket`, for example that of the package ws",
    );
  }
  let socket: WebSocketLike;
  try {
    socket = new WebSocket(url.href, [...protocols]);
  } catch (cause) {
    throw cannotOpen(name, cause instanceof Error ? `: ${cause.message}` : "", cause);
  }
  return openSocket(socket, name, options, signal);
}

async function openSocket(
  socket: WebSocketLike,
  name: string,
  options: WebSocketDialOptions,
  signal: AbortSignal | undefined,
): Promise<ByteStream> {
  const stream = new SocketStream(socket, options, name);
  const forget = onAbort(signal, () => stream.close());
  try {
    await stream.opened;
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    forget();
  }
  return stream;
}

/** The promise, unless the signal aborts first: then its reason, and what comes too late is taken back. */
function untilAborted<T>(
  promise: Promise<T>,
  signal: AbortSignal | undefined,
  takeBack: (late: T) => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const forget = onAbort(signal, () => {
      reject(signal?.reason);
      promise.then(takeBack, () => {});
    });
    promise.then(resolve, reject).finally(forget);
  });
}

function isSocket(place: WebSocketPlace): place is WebSocketLike {
  return typeof place === "object" && typeof (place as Partial<WebSocketLike>).send === "function";
}

function proxyUrl(text: string | URL): URL {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new TypeError("url of the WebSocket proxy is not a URL: write wss://host/path");
  }
  // Not every host's WebSocket takes http and https yet.
  if (url.protocol === "http:") url.protocol = "ws:";
  if (url.protocol === "https:") url.protocol = "wss:";
  if (url.protocol !== "ws:" && url.protocol !== "wss:") {
    // A text that has no `//` behind its colon may be anything.
    const begins = String(text).startsWith("//", url.protocol.length)
      ? `begins with ${url.protocol}`
      : "is not a place";
    throw new TypeError(`the WebSocket proxy's URL ${begins}: write wss://host/path`);
  }
  if (url.username !== "" || url.password !== "") {
    throw new TypeError(
      `the URL of the WebSocket proxy at ${url.host} has a user name or password in it: leave them out`,
    );
  }
  url.hash = "";
  return url;
}
