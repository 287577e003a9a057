import { createModule } from "../asn1/index.ts";
import { printableText } from "../bytes/index.ts";
import { hasCode, isKerberosError, TransportError } from "../errors.ts";
import { type Fetch, readBody } from "../host/index.ts";
import { frame, maxReplyBytes, unframe } from "./framing.ts";
import type { Transport, TransportHost } from "./transport.ts";

export const PROXY_TYPES = {
  // MS-KKDCP section 2.2.2
  "KDC-PROXY-MESSAGE": {
    kerbMessage: "[0] OCTET STRING",
    targetDomain: "[1] KerberosString OPTIONAL",
    dclocatorHint: "[2] UInt32 OPTIONAL",
  },
} as const;

const proxyModule = createModule(PROXY_TYPES);
const contentType = "application/kerberos";

/** What a proxy is asked with. Throws DecodeError. */
export function decodeProxyMessage(octets: Uint8Array): {
  readonly message: Uint8Array;
  /** The realm of the envelope. */
  readonly realm: string | undefined;
} {
  const { kerbMessage, targetDomain } = proxyModule.decode("KDC-PROXY-MESSAGE", octets);
  return { message: unframe(kerbMessage), realm: targetDomain };
}

/** What a proxy answers with. */
export function encodeProxyMessage(message: Uint8Array): Uint8Array {
  return proxyModule.encode("KDC-PROXY-MESSAGE", { kerbMessage: frame(message) });
}

/** A KDC behind an HTTPS proxy (MS-KKDCP): the message as on TCP, with the realm beside it, in the body of a POST. */
export const kkdcp: Transport = {
  name: "kkdcp",

  missing(host) {
    if (fetchOf(host) !== undefined) return undefined;
    return `the "${host.runtime.name}" runtime has no fetch: write tcp://host:port, or give "fetch"`;
  },

  async ask({ endpoint, realm, request, host, signal }) {
    const fetch = fetchOf(host);
    const { url } = endpoint;
    if (fetch === undefined || url === undefined) throw new TypeError("no fetch or URL: `missing` was not asked");
    const body = proxyModule.encode("KDC-PROXY-MESSAGE", { kerbMessage: frame(request), targetDomain: realm });
    const response = await askProxy(fetch, url, {
      method: "POST",
      headers: { "content-type": contentType, accept: contentType, "cache-control": "no-store" },
      body: body as Uint8Array<ArrayBuffer>,
      signal,
      // Not "error", which Workers refuse. A redirect is an answer like any other that is not 200.
      redirect: "manual",
    });
    const type = response.headers.get("content-type") ?? "";
    if (response.status !== 200 || /^\s*text\//i.test(type)) {
      await response.body?.cancel().catch(() => {});
      throw proxyError(explain(response.status, type));
    }
    const octets = await readBody(response, maxReplyBytes);
    if (octets === undefined) throw proxyError(`its answer is longer than ${maxReplyBytes} octets`);
    try {
      return unframe(proxyModule.decode("KDC-PROXY-MESSAGE", octets).kerbMessage);
    } catch (cause) {
      throw proxyError(`${hasCode(cause, "DECODE") ? cause.message : "its answer is not one"}${nameType(type)}`, cause);
    }
  },
};

async function askProxy(fetch: Fetch, ...request: Parameters<Fetch>): ReturnType<Fetch> {
  try {
    return await fetch(...request);
  } catch (cause) {
    forgetAnswer(cause);
    throw isCertificateFault(cause) ? proxyError(certificateWords(cause), cause) : cause;
  }
}

/** Node's `fetch` keeps an answer that is not HTTP in its error: octets of a stranger, or a reply with a ticket. */
function forgetAnswer(error: unknown): void {
  for (const one of chainOf(error)) if (one.name === "HTTPParserError") Reflect.deleteProperty(one, "data");
}

/** What hosts say of a certificate that they do not accept: OpenSSL's codes and words, rustls's, BoringSSL's. */
const certificateFault =
  /certificate|self[- ]signed|unknown ?issuer|^CERT_|_CERT|UNABLE_TO_(GET_ISSUER|VERIFY)|ERR_TLS_CERT|not trusted/i;

/** The error itself, and what `fetch` hides behind "fetch failed": it may go round. */
function chainOf(error: unknown): readonly Error[] {
  const chain: Error[] = [];
  for (let at = error; at instanceof Error && chain.length < 4; at = at.cause) chain.push(at);
  return chain;
}

function textsOf(error: unknown): readonly string[] {
  return chainOf(error).flatMap((one) => {
    const { code } = one as { readonly code?: unknown };
    return typeof code === "string" ? [code, one.message] : [one.message];
  });
}

function isCertificateFault(error: unknown): boolean {
  return !isKerberosError(error) && textsOf(error).some((text) => certificateFault.test(text));
}

function certificateWords(error: unknown): string {
  const said = textsOf(error).find((text) => certificateFault.test(text) && text.includes(" "));
  const words = said === undefined ? "" : ` (${printableText(said, 200)})`;
  return `its certificate is not accepted${words}: check its name and dates; for an authority of your own see the option \`trustAnchors\``;
}

function fetchOf({ fetch, runtime }: TransportHost): Fetch | undefined {
  return fetch ?? runtime.fetch;
}

function explain(status: number, type: string): string {
  if (status === 200) return `HTTP 200 with a web page instead of a reply${nameType(type)}: is this the proxy's URL?`;
  // In browsers a redirect that is not followed has status 0.
  if (status === 0 || (status >= 300 && status < 400)) {
    return `${status === 0 ? "" : `HTTP ${status}: `}it redirects, which is not followed: write the URL that it leads to`;
  }
  switch (status) {
    case 401:
    case 403:
      return `HTTP ${status}: it does not let this client in`;
    case 404:
      return "HTTP 404: there is no proxy at this path (it is /KdcProxy by custom)";
    case 502:
    case 503:
    case 504:
      return `HTTP ${status}: it cannot reach a KDC of this realm`;
    default:
      return `HTTP ${status}`;
  }
}

function nameType(type: string): string {
  return type === "" ? "" : ` (content type ${printableText(type, 80)})`;
}

/** A fault of the proxy, in words that cannot be taken for the KDC's. */
function proxyError(reason: string, cause?: unknown): TransportError {
  return new TransportError("CONNECT", `the proxy failed: ${reason}`, [], { cause });
}
