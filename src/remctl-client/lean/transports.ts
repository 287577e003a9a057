import { refuse } from "../../checks/index.ts";
import type { ServerLists } from "../../library/index.ts";
import { kkdcp, parseEndpoint, type Transport, type Transports, tcp } from "../../transport/index.ts";

/** A way to ask KDCs beside TCP: `httpsProxy()` makes one. */
export interface KdcTransportPart {
  /** How the KDCs are spoken to. */
  readonly name: "kkdcp";
}

/**
 * Makes the part that asks KDCs through an HTTPS proxy (MS-KKDCP), for the option `transports`: an `https:` URL in
 * `kdc` needs it.
 *
 * @returns a value for `transports`
 * @example
 * ```ts
 * import { createClient, httpsProxy } from "krb5-remctl/lean";
 *
 * const client = createClient({
 *   credentials: { principal: "robot@EXAMPLE.ORG", keytab: async () => octets },
 *   kdc: ["https://proxy.example.org/KdcProxy"],
 *   transports: [httpsProxy()],
 * });
 * ```
 */
export function httpsProxy(): KdcTransportPart {
  return kkdcp as Transport & KdcTransportPart;
}

/** Throws TypeError for a value that is not a list of transports: the caller's mistake. */
export function checkTransports(name: string, value: unknown): void {
  if (!Array.isArray(value) || !value.every(isTransport)) refuse(name, value, "a list of what httpsProxy() gives");
}

/** TCP and the parts given. Throws TypeError for a KDC that none of them reaches: the caller's mistake. */
export function transportsOf(parts: readonly KdcTransportPart[] = [], kdc: ServerLists): Transports {
  const transports = { tcp, ...Object.fromEntries(parts.map((part) => [part.name, part])) };
  // A text, a list, or either for each realm.
  for (const text of Object.values(typeof kdc === "string" ? [kdc] : kdc).flat()) {
    const { transport = "tcp" } = parseEndpoint(text);
    if (Object.hasOwn(transports, transport)) continue;
    throw new TypeError(
      transport === "kkdcp"
        ? "kdc names an https: proxy: give the option `transports: [httpsProxy()]`"
        : "kdc names udp://, and this client asks KDCs over TCP: write tcp://host:port",
    );
  }
  return transports;
}

function isTransport(part: unknown): boolean {
  return typeof (part as Partial<Transport> | null)?.ask === "function";
}
