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

const HEAD_END = "\r\n\r\n";
const STATUS_LINE = /^HTTP\/1\.([01]) ([1-5]\d\d)(?: |$)/;
const FIELD = /^([!#$%&'*+\-.^_`|~\w]+):(.*)$/s;

/** Reads the answers of a proxy from one connection (RFC 9112): rule H17 in SECURITY.md. */
export class TunnelAnswerReader {
  readonly #stream: ProxyStream;
  /** What came and was not read yet: a character is an octet. */
  #text = "";

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
      if (this.#text !== "") throw notHttp("octets come before anything was asked of the server");
      return answer;
    }
    throw notHttp("it does not answer the request");
  }

  async #head(): Promise<string> {
    for (let from = 0; ; ) {
      const end = this.#text.indexOf(HEAD_END, from);
      if (end >= 0) return this.#take(end + HEAD_END.length).slice(0, end);
      if (this.#text.length > MAX_HEAD) throw notHttp(`its header is longer than ${MAX_HEAD} octets`);
      from = Math.max(0, this.#text.length - HEAD_END.length + 1);
      await this.#more();
    }
  }

  /** Whether the body ends where the header says, and is passed over. */
  async #passBody({ headers }: TunnelAnswer): Promise<boolean> {
    const length = headers.get("content-length") ?? "";
    if (headers.has("transfer-encoding") || !/^\d{1,8}$/.test(length) || Number(length) > MAX_BODY) return false;
    while (this.#text.length < Number(length)) await this.#more();
    this.#take(Number(length));
    return true;
  }

  #take(count: number): string {
    const taken = this.#text.slice(0, count);
    this.#text = this.#text.slice(count);
    return taken;
  }

  async #more(): Promise<void> {
    const chunk = await this.#stream.read();
    if (chunk === undefined) {
      throw new TransportError("CONNECTION_CLOSED", "the proxy ended the connection before it led anywhere: try again");
    }
    let text = "";
    for (const octet of chunk) text += String.fromCharCode(octet);
    this.#text += text;
  }
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
