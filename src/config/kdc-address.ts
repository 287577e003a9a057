import { parsePort, splitHostPort } from "../host/index.ts";

/** Where a realm block says that a server is. */
export interface ServerAddress {
  /** `any`: UDP and TCP, as `udp_preference_limit` says. */
  readonly scheme: "any" | "udp" | "tcp" | "https" | "unix";
  /** A name or an address, without brackets; for `unix` a path. */
  readonly host: string;
  /** The port, as written or the default one. */
  readonly port: number;
  /** Of an `https` address: from its slash on, else empty. */
  readonly path: string;
}

const HTTPS_PORT = 443;

/**
 * Reads a value of `kdc`, `kpasswd_server` or `admin_server`: `host`, `host:port`, `[v6]:port`, `https://host/path`,
 * and Heimdal's `tcp/host` and `udp/host`. Undefined for any other text.
 */
export function parseServerAddress(text: string, defaultPort: number): ServerAddress | undefined {
  const trimmed = text.trim();
  if (trimmed.startsWith("/")) return { scheme: "unix", host: trimmed, port: 0, path: "" };
  const https = /^https:\/\/([^/]*)(\/.*)?$/i.exec(trimmed);
  if (https !== null) return place("https", https[1] as string, HTTPS_PORT, https[2] ?? "");
  const prefixed = /^(tcp|udp)(?::\/\/|[/:])([^/]+)$/i.exec(trimmed);
  // A host may be called "tcp": `tcp:88` has a port after its colon.
  if (prefixed !== null && !/^\w+:\d+$/.test(trimmed)) {
    return place((prefixed[1] as string).toLowerCase() as "tcp" | "udp", prefixed[2] as string, defaultPort, "");
  }
  return place("any", trimmed, defaultPort, "");
}

function place(
  scheme: ServerAddress["scheme"],
  authority: string,
  defaultPort: number,
  path: string,
): ServerAddress | undefined {
  const { host, port: written } = splitHostPort(authority) ?? {};
  // A bare IPv6 address is not a host here: libkrb5 reads its last group as the port.
  if (host === undefined || (host.includes(":") && !authority.startsWith("["))) return undefined;
  const port = written === undefined ? defaultPort : parsePort(written);
  return port === undefined ? undefined : { scheme, host, port, path };
}
