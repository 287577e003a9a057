import type { Fetch } from "../host/index.ts";
import { needBuiltin } from "./node-builtins.ts";

/**
 * A `fetch` over `node:https` that trusts the given authorities (PEM) instead of the host's: Node's own `fetch` takes
 * none. Connections are kept by Node's agent, apart from those that trust others. Throws TypeError for anything that is
 * not a certificate.
 */
export function fetchTrusting(anchors: readonly string[]): Fetch {
  for (const anchor of anchors) {
    if (!anchor.includes("-----BEGIN CERTIFICATE-----")) {
      throw new TypeError(
        "the option trustAnchors has text that is not a certificate in PEM: give text with the line -----BEGIN CERTIFICATE-----",
      );
    }
  }
  return (url, { method, headers, body, signal }) => {
    const https = needBuiltin<typeof import("node:https")>("node:https");
    const { Readable } = needBuiltin<typeof import("node:stream")>("node:stream");
    return new Promise((resolve, reject) => {
      const all = { ...headers, "content-length": String(body.length) };
      const options = { method, headers: all, ca: [...anchors], ...(signal === undefined ? {} : { signal }) };
      const request = https.request(url, options, (response) => {
        resolve({
          status: response.statusCode ?? 0,
          headers: {
            get(name) {
              const value = response.headers[name.toLowerCase()];
              return value === undefined ? null : Array.isArray(value) ? value.join(", ") : value;
            },
          },
          body: Readable.toWeb(response) as ReadableStream<Uint8Array>,
          async arrayBuffer() {
            throw new TypeError("read the body");
          },
        });
      });
      request.on("error", reject);
      request.end(body);
    });
  };
}
