import { classifyPasswordReply } from "../client/index.ts";
import { hasName, isKerberosError } from "../errors.ts";
import { type Runtime, readBody } from "../host/index.ts";
import { createTrace } from "../trace.ts";
import {
  createKdcTransport,
  decodeProxyMessage,
  type Endpoint,
  encodeProxyMessage,
  exchangeWithKdc,
  formatEndpoint,
} from "../transport/index.ts";
import { foreignOrigin } from "./cross-origin.ts";
import { type KdcMessage, readKdcMessage } from "./kdc-message.ts";
import { endpointsOf, type KdcProxyOptions } from "./kdc-proxy-options.ts";
import { originOf } from "./origins.ts";

/** Answers a request. */
export type RequestHandler = (request: Request) => Promise<Response>;

/** A request with a large PAC has some 64 KiB; more is not read. */
const MAX_REQUEST_BYTES = 131_072;
const TYPE = "application/kerberos";

/** The proxy, on a host. */
export function makeKdcProxy(options: KdcProxyOptions, runtime: Runtime): RequestHandler {
  const { timeoutMs = 10_000, dial, limit } = options;
  const realms = new Map(
    Object.entries(options.realms).map(([realm, { kdc, kpasswd }]) => [
      realm,
      {
        kdc: endpointsOf("kdc", kdc, 88).map(formatEndpoint),
        kpasswd: kpasswd === undefined ? [] : endpointsOf("kpasswd", kpasswd, 464),
      },
    ]),
  );
  const allowed = new Set(options.allowedOrigins?.map((one) => originOf("allowedOrigins", one)));
  const trace = createTrace(options.onTrace);
  // TCP first: a forged datagram would be answered to somebody else.
  const asking = { runtime, dial, timeoutMs, udpPreferenceBytes: 0, trace };
  const transport = createKdcTransport({ ...asking, kdcs: (realm) => realms.get(realm)?.kdc ?? [] });

  const forward = async (message: KdcMessage, octets: Uint8Array, request: Request): Promise<Uint8Array | number> => {
    const { realm, kind } = message;
    const places = realms.get(realm);
    // Rule KP1 in SECURITY.md.
    if (places === undefined) return 403;
    if (kind === "password" && places.kpasswd.length === 0) return 403;
    if (limit !== undefined && (await limit(message, request)) !== true) return 429;
    const { signal } = request;
    if (kind !== "password") return await transport.exchange(realm, octets, { signal });
    return await changePassword(asking, realm, places.kpasswd, octets, signal);
  };

  return async (request) => {
    const cors = corsFields(request, allowed);
    const answer = (status: number, body: Uint8Array | null = null): Response =>
      new Response(body as Uint8Array<ArrayBuffer> | null, {
        status,
        headers: { ...cors, "cache-control": "no-store", ...(body === null ? {} : { "content-type": TYPE }) },
      });
    if (request.method === "OPTIONS") return answer(cors["access-control-allow-origin"] === undefined ? 403 : 204);
    if (request.method !== "POST") return answer(405);
    if (foreignOrigin(request, allowed) !== undefined) return answer(403);
    const body = await readBody(request, MAX_REQUEST_BYTES);
    if (body === undefined) return answer(413);
    let octets: Uint8Array;
    let message: KdcMessage;
    try {
      const envelope = decodeProxyMessage(body);
      octets = envelope.message;
      message = readKdcMessage(octets);
      // Rule KP2 in SECURITY.md: what is limited by its realm is what is sent there.
      if (envelope.realm !== message.realm) return answer(400);
    } catch (error) {
      if (!hasName(error, "DecodeError")) throw error;
      return answer(400);
    }
    try {
      const reply = await forward(message, octets, request);
      return typeof reply === "number" ? answer(reply) : answer(200, encodeProxyMessage(reply));
    } catch (error) {
      if (!isKerberosError(error)) throw error;
      return answer(503);
    }
  };
}

/** One server at a time: a password that is changed twice is changed once and refused once. */
async function changePassword(
  asking: Omit<Parameters<typeof exchangeWithKdc>[0], "realm" | "endpoints" | "request">,
  realm: string,
  endpoints: readonly Endpoint[],
  request: Uint8Array,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const hedgeDelayMs = Number.POSITIVE_INFINITY;
  const all = { ...asking, realm, endpoints, request, signal, hedgeDelayMs, classify: classifyPasswordReply };
  return (await exchangeWithKdc(all)).reply;
}

/** Rule KP4 in SECURITY.md: the page's own origin, or one that is listed, by its name and without credentials. */
function corsFields(request: Request, allowed: ReadonlySet<string>): Record<string, string> {
  const origin = request.headers.get("origin");
  if (origin === null || !allowed.has(origin)) return { vary: "Origin" };
  return {
    vary: "Origin",
    "access-control-allow-origin": origin,
    ...(request.method === "OPTIONS"
      ? {
          "access-control-allow-methods": "POST",
          "access-control-allow-headers": "accept, cache-control, content-type",
          "access-control-max-age": "600",
        }
      : {}),
  };
}
