import { decodeText } from "../../bytes/index.ts";
import type { Runtime } from "../../host/index.ts";
import { type DnsServer, parseAddress } from "./server.ts";

/** What resolv.conf(5) says, as far as it matters here: the names asked for are never relative. */
export interface ResolvConf {
  readonly servers: readonly DnsServer[];
  /** Milliseconds for one answer of one resolver. */
  readonly timeoutMs: number;
  /** How often each is asked. */
  readonly attempts: number;
}

const path = "/etc/resolv.conf";
const maxBytes = 65_536;
/** As the system's own resolver has it. */
const maxServers = 3;
/** Two seconds rather than the five of resolv.conf(5): a lost datagram must not cost that much. */
const defaults: ResolvConf = {
  servers: [{ kind: "plain", host: "127.0.0.1", port: 53 }],
  timeoutMs: 2000,
  attempts: 2,
};

/** The host's resolvers, by its file or its own word; undefined if it says nothing, or nothing that may be read. */
export async function readResolvConf(runtime: Runtime): Promise<ResolvConf | undefined> {
  try {
    const octets = await runtime.files?.().read(path, { maxBytes });
    if (octets !== undefined) return parseResolvConf(decodeText(octets));
    const servers = (runtime.nameServers?.() ?? []).flatMap((text) => parseAddress(text) ?? []);
    return servers.length === 0 ? undefined : { ...defaults, servers: servers.slice(0, maxServers) };
  } catch {
    // A permission that is denied counts as a file that is absent.
    return undefined;
  }
}

/** Reads the text of a resolv.conf. An unknown line, or one without an address, is ignored. */
export function parseResolvConf(text: string): ResolvConf {
  const servers: DnsServer[] = [];
  let { timeoutMs, attempts } = defaults;
  for (const line of text.split("\n")) {
    const [setting = ""] = line.split(/[#;]/, 1);
    const [keyword, ...words] = setting.trim().split(/\s+/);
    if (keyword === "nameserver" && words[0] !== undefined && servers.length < maxServers) {
      const server = parseAddress(words[0]);
      if (server !== undefined) servers.push(server);
    }
    if (keyword !== "options") continue;
    for (const word of words) {
      const [, name, value] = /^(timeout|attempts):(\d{1,3})$/.exec(word) ?? [];
      // The bounds of resolv.conf(5).
      if (name === "timeout") timeoutMs = Math.min(Math.max(Number(value), 1), 30) * 1000;
      if (name === "attempts") attempts = Math.min(Math.max(Number(value), 1), 5);
    }
  }
  return { servers: servers.length === 0 ? defaults.servers : servers, timeoutMs, attempts };
}
