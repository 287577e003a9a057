import type { ServerAddress } from "../config/index.ts";
import type { Trace } from "../trace.ts";

/** Servers of the configuration as `parseEndpoint` reads them. A Unix socket is ignored, with a trace line. */
export function endpointTexts(addresses: readonly ServerAddress[], trace: Trace): readonly string[] {
  return addresses.flatMap(({ scheme, host, port, path }) => {
    if (scheme === "unix") {
      trace({ type: "note", text: `${host}: passed over: a KDC behind a Unix socket cannot be asked` });
      return [];
    }
    const place = formatPlace(host, port);
    if (scheme === "any") return [place];
    return [scheme === "https" ? `https://${place}${path}` : `${scheme}://${place}`];
  });
}

/** `host:port`, or `[v6]:port`. */
export function formatPlace(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
