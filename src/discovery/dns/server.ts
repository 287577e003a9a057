import { shownPlace } from "../../bytes/index.ts";
import { type Dial, type Fetch, parsePort, type Runtime, splitHostPort } from "../../host/index.ts";
import type { DnsOption } from "../types.ts";

/** A resolver to ask. */
export type DnsServer =
  | { readonly kind: "plain"; readonly host: string; readonly port: number }
  | { readonly kind: "https"; readonly url: string };

/** What a resolver is reached with. */
export interface DnsHost {
  readonly runtime: Runtime;
  readonly dial?: Dial | undefined;
  readonly fetch?: Fetch | undefined;
}

const dnsPort = 53;

/** The resolver as reports and traces show it. */
export function formatServer(server: DnsServer): string {
  if (server.kind === "https") return server.url.split(/[?#]/, 1)[0] as string;
  return server.host.includes(":") ? `dns://[${server.host}]:${server.port}` : `dns://${server.host}:${server.port}`;
}

/**
 * The resolvers that the user names: none for `false`, undefined for the system's. Throws `TypeError`: the caller's
 * mistake.
 */
export function parseDnsOption(option: DnsOption | undefined): readonly DnsServer[] | undefined {
  if (option === undefined || option === "system") return undefined;
  if (option === false) return [];
  const texts = typeof option === "string" ? [option] : option;
  if (texts.length === 0) throw new TypeError('the list of resolvers in "dns" is empty: write false for no DNS at all');
  return texts.map(parseServer);
}

function parseServer(text: string): DnsServer {
  if (/^https:\/\//i.test(text)) {
    try {
      // A template of RFC 8484 ends in {?dns}, which is for GET.
      const url = new URL(text.endsWith("}") ? text.slice(0, text.lastIndexOf("{")) : text);
      if (url.username === "" && url.password === "") return { kind: "https", url: url.href };
    } catch {
      // Told below.
    }
    throw new TypeError(`the resolver in "dns" is not a URL without a user name: write https://host/dns-query`);
  }
  const server = parseAddress(text);
  if (server !== undefined) return server;
  throw new TypeError(
    `the resolver ${JSON.stringify(shownPlace(text))} in "dns" is neither an address, for example 192.0.2.53, 192.0.2.53:5353 or [2001:db8::53]:53, nor an https:// URL`,
  );
}

/** Parses an address with or without a port, here and in resolv.conf. */
export function parseAddress(text: string): DnsServer | undefined {
  const { host = "", port } = splitHostPort(text) ?? {};
  // A bare word is a name, which would need a resolver itself.
  if (!host.includes(":") && !/^(?:\d{1,3}(?:\.\d{1,3}){3}|localhost)$/.test(host)) return undefined;
  const number = port === undefined ? dnsPort : parsePort(port);
  return number === undefined ? undefined : { kind: "plain", host, port: number };
}
