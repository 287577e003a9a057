import { Writer } from "../bytes/index.ts";
import { TransportError } from "../errors.ts";
import type { ProxyStream } from "../host/index.ts";

/** What a proxy answers to a CONNECT. */
export interface TunnelAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** Whether another request may follow on the same connection. */
  readonly isReusable: boolean;
}

/** A token with a large PAC has some 64 KiB; hosts refuse fields long before. */
const MAX_HEAD = 131_072;
/** What is passed over of the page that comes with a refusal; more costs the connection. */
const MAX_BODY = 65_536;
/** Interim answers (RFC 9110 section 15.2). */
const MAX_INTERIM = 8;

/** Two ends of lines. */
const HEAD_END_BYTES = 4;
const CR = 13;
const LF = 10;
const STATUS_LINE = /^HTTP\/1\.([01]) ([1-5]\d\d)(?: |$)/;
const FIELD = /^([!#$%&'*+\-.^_`|~\w]+):(.*)$/s;

/** Reads the answers of a proxy from one connection (RFC 9112): rule H17 in SECURITY.md. */
export class TunnelAnswerReader {
  readonly #stream: ProxyStream;
  /** What came and was not read yet, in one place that grows: a text would be copied anew for each piece. */
  #received: Writer = new Writer(1024);
  #octets: Uint8Array = new Uint8Array(0);

  constructor(stream: ProxyStream) {
    this.#stream = stream;
  }

  /** The next answer, with the body of a refusal passed over. Throws TransportError `CONNECTION_CLOSED`. */
  async read(): Promise<TunnelAnswer> {
    for (let interim = 0; interim <= MAX_INTERIM; interim++) {
      const answer = parseHead(await this.#head());
      const { status } = answer;
      if (status === 101) break;
      if (status < 200) continue;
      if (status > 299) return { ...answer, isReusable: answer.isReusable && (await this.#passBody(answer)) };
      // No body belongs to it (RFC 9110 section 9.3.6), and a server of HTTP says nothing first.
      if (this.#octets.length > 0) throw notHttp("octets come before anything was asked of the server");
      return answer;
    }
    throw notHttp("it does not answer the request");
  }

  async #head(): Promise<string> {
    for (let from = 0; ; ) {
      const octets = this.#octets;
      const end = endOfHead(octets, from);
      if (end >= 0) {
        this.#take(end + HEAD_END_BYTES);
        return textOf(octets.subarray(0, end));
      }
      if (octets.length > MAX_HEAD) throw notHttp(`its header is longer than ${MAX_HEAD} octets`);
      from = Math.max(0, octets.length - HEAD_END_BYTES + 1);
      await this.#more();
    }
  }

  /** Whether the body ends where the header says, and is passed over. */
  async #passBody({ headers }: TunnelAnswer): Promise<boolean> {
    const length = headers.get("content-length") ?? "";
    if (headers.has("transfer-encoding") || !/^\d{1,8}$/.test(length) || Number(length) > MAX_BODY) return false;
    while (this.#octets.length < Number(length)) await this.#more();
    this.#take(Number(length));
    return true;
  }

  /** Passes over octets; those behind them begin anew, in another place. */
  #take(count: number): void {
    const rest = this.#octets.subarray(count);
    this.#received = new Writer(1024);
    this.#octets = this.#received.bytes(rest).finish();
  }

  async #more(): Promise<void> {
    const chunk = await this.#stream.read();
    if (chunk === undefined) {
      throw new TransportError("CONNECTION_CLOSED", "the proxy ended the connection before it led anywhere: try again");
    }
    this.#octets = this.#received.bytes(chunk).finish();
  }
}

/** Where the empty line begins that ends a header; -1 if it has not come yet. */
function endOfHead(octets: Uint8Array, from: number): number {
  for (let at = octets.indexOf(CR, from); at >= 0; at = octets.indexOf(CR, at + 1)) {
    if (octets[at + 1] === LF && octets[at + 2] === CR && octets[at + 3] === LF) return at;
  }
  return -1;
}

/** A character is an octet. */
function textOf(octets: Uint8Array): string {
  let text = "";
  for (const octet of octets) text += String.fromCharCode(octet);
  return text;
}

function parseHead(head: string): TunnelAnswer {
  const [statusLine = "", ...lines] = head.split("\r\n");
  const [, minor, status] = STATUS_LINE.exec(statusLine) ?? [];
  if (status === undefined) throw notHttp("its answer begins with no status line");
  const headers = new Headers();
  for (const line of lines) {
    const [, name, value] = FIELD.exec(line) ?? [];
    if (name === undefined || value === undefined || /[\0\r\n]/.test(value)) throw notHttp("its header is broken");
    headers.append(name, value);
  }
  const connection = [headers.get("connection"), headers.get("proxy-connection")].join(",").toLowerCase();
  const isReusable = minor === "1" ? !/\bclose\b/.test(connection) : /\bkeep-alive\b/.test(connection);
  return { status: Number(status), headers, isReusable };
}

function notHttp(reason: string): TransportError {
  return new TransportError(
    "CONNECTION_CLOSED",
    `the proxy does not answer as a proxy of HTTP does: ${reason}; look at the proxy's URL`,
  );
}
