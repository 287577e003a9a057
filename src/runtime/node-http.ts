import { TransportError } from "../errors.ts";
import { type HttpConnection, onAbort, type Runtime } from "../host/index.ts";
import { needBuiltin } from "./node-builtins.ts";

// Types by name, as all of this folder has them: a package on JSR imports nothing of a host.
type ClientRequest = import("node:http").ClientRequest;
type IncomingMessage = import("node:http").IncomingMessage;
type Socket = import("node:net").Socket;
type TLSSocket = import("node:tls").TLSSocket;
type OpenHttpOptions = Parameters<NonNullable<Runtime["openHttp"]>>[1];

/** A connection over `node:http` with a socket that was opened, and whose certificate was checked, before. */
export const openHttp: NonNullable<Runtime["openHttp"]> = async (url, options) => {
  const http = needBuiltin<typeof import("node:http")>("node:http");
  const socket = await openHttpSocket(url, options);
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  // The one socket, and never another: a request after its end fails.
  let isTaken = false;
  agent.createConnection = (_options, done) => {
    if (isTaken || socket.destroyed) {
      // Not thrown: Node asks for another socket when the one has closed, where nobody would catch it.
      const error = new TransportError(
        "CONNECTION_CLOSED",
        "the server has ended the connection: send the request again",
      );
      (done as (error: Error) => void)(error);
      return undefined;
    }
    isTaken = true;
    return socket;
  };
  let isBusy = false;
  const peerCertificate = "getPeerCertificate" in socket ? (socket as TLSSocket).getPeerCertificate().raw : undefined;
  const connection: HttpConnection & { lost: HttpConnection["lost"] } = {
    get isFree() {
      return !isBusy && !socket.destroyed && socket.writable;
    },
    lost: undefined,
    peerCertificate,
    async send(request, onFree) {
      isBusy = true;
      const body = request.body === null ? undefined : new Uint8Array(await request.arrayBuffer());
      const headers: Record<string, string> = { host: url.host, ...Object.fromEntries(request.headers) };
      if (body !== undefined) headers["content-length"] = String(body.length);
      const to = new URL(request.url);
      const options = { agent, method: request.method, path: `${to.pathname}${to.search}`, headers, setHost: false };
      const { signal } = request;
      const answer = await new Promise<IncomingMessage>((resolve, reject) => {
        connection.lost = "unsent";
        let ended: { destroy(reason: Error): void } = socket;
        const sent: ClientRequest = http.request(options, (answer) => {
          ended = answer;
          resolve(answer);
        });
        sent.once("socket", () => {
          connection.lost = "unanswered";
        });
        sent.on("error", (error) => reject(signal.aborted ? signal.reason : error));
        const forget = onAbort(signal, () => ended.destroy(signal.reason));
        sent.once("close", () => {
          forget();
          // Node closes what became another protocol (101), and reports neither an answer nor an error.
          reject(noAnswer("the server went over to another protocol, or closed the connection"));
        });
        sent.end(body);
      });
      answer.once("end", () => {
        isBusy = false;
        // The socket goes back to its agent in the same turn.
        setImmediate(() => connection.isFree && onFree());
      });
      return responseOf(request, answer);
    },
    close: () => void socket.destroy(),
  };
  socket.on("data", () => {
    connection.lost = undefined;
    // An answer that nobody asked for must not be taken for that of the next request.
    if (!isBusy) socket.destroy();
  });
  return connection;
};

/** A socket to a URL's host, with TLS whose certificate was checked where the URL has `https:`. */
export function openHttpSocket(url: URL, options: OpenHttpOptions): Promise<Socket> {
  const { anchors, signal, socket: lower } = options;
  const isTls = url.protocol === "https:";
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const port = url.port === "" ? (isTls ? 443 : 80) : Number(url.port);
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const net = needBuiltin<typeof import("node:net")>("node:net");
    const tls = needBuiltin<typeof import("node:tls")>("node:tls");
    const servername = net.isIP(host) === 0 ? host : "";
    if (lower !== undefined && !isTls) return resolve(lower as Socket);
    const to = lower === undefined ? { host, port } : { host, socket: lower as Socket };
    const socket = isTls
      ? tls.connect({ ...to, servername, ...(anchors === undefined ? {} : { ca: [...anchors] }) })
      : net.connect({ host, port });
    const release = onAbort(signal, () => void socket.destroy(signal?.reason as Error));
    socket.once("error", (error) => {
      release();
      reject(error);
    });
    socket.once(isTls ? "secureConnect" : "connect", () => {
      release();
      // Later errors are those of the request that is under way: the promise is settled.
      socket.on("error", () => {});
      resolve(socket);
    });
  });
}

const BODILESS: ReadonlySet<number> = new Set([101, 204, 205, 304]);

function noAnswer(what: string, cause?: unknown): TransportError {
  const message = `the request has no answer that HTTP knows: ${what}; check what listens at this address`;
  return new TransportError("CONNECTION_CLOSED", message, [], cause === undefined ? {} : { cause });
}

function responseOf(request: Request, answer: IncomingMessage): Response {
  try {
    return readAnswer(request, answer);
  } catch (cause) {
    // A status above 599, a reason phrase or a header with octets that HTTP does not have (RFC 9110 section 15).
    answer.destroy();
    throw noAnswer("its status line or a header is not well-formed", cause);
  }
}

function readAnswer({ method, url }: Request, answer: IncomingMessage): Response {
  const { Readable } = needBuiltin<typeof import("node:stream")>("node:stream");
  const headers = new Headers();
  for (let at = 0; at + 1 < answer.rawHeaders.length; at += 2) {
    headers.append(answer.rawHeaders[at] as string, answer.rawHeaders[at + 1] as string);
  }
  const status = answer.statusCode ?? 0;
  const isEmpty = BODILESS.has(status) || method === "HEAD";
  if (isEmpty) answer.resume();
  const body = isEmpty ? null : (Readable.toWeb(answer) as ReadableStream);
  const response = new Response(body, { status, statusText: answer.statusMessage ?? "", headers });
  Object.defineProperty(response, "url", { value: url });
  return response;
}
