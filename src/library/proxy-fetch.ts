import { UnsupportedError } from "../errors.ts";
import type { Fetch, Runtime } from "../host/index.ts";

/**
 * The `fetch` that requests to KDC proxies go through: the one given, or the runtime's with the authorities given;
 * undefined leaves the runtime's own. Throws UnsupportedError where authorities cannot be chosen, and TypeError.
 */
export function proxyFetch(
  options: { readonly fetch?: Fetch | undefined; readonly trustAnchors?: string | readonly string[] | undefined },
  runtime: Runtime,
): Fetch | undefined {
  const { fetch, trustAnchors } = options;
  if (fetch !== undefined || trustAnchors === undefined) return fetch;
  if (runtime.fetchTrusting === undefined) {
    throw new UnsupportedError(
      `the "${runtime.name}" runtime cannot choose which authorities it trusts (trustAnchors): give \`fetch\`, for example that of a binding`,
    );
  }
  return runtime.fetchTrusting(typeof trustAnchors === "string" ? [trustAnchors] : trustAnchors);
}
