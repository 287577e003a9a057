/** The globals by which hosts are recognised. */
export interface Globals {
  readonly navigator?: { readonly userAgent?: string };
  readonly WebSocketPair?: unknown;
  readonly Deno?: unknown;
  readonly Bun?: unknown;
  readonly process?: { readonly versions?: { readonly node?: string }; readonly getBuiltinModule?: unknown };
}

/** The hosts that have an adapter each. */
export type HostKind = "workerd" | "deno" | "bun" | "node" | "web";

/** Which host has these globals. The order counts: a host before "node" may look like Node too. */
export function kindOf({ navigator, WebSocketPair, Deno, Bun, process }: Globals): HostKind {
  // By a class that only Workers have, too: with an old compatibility date `navigator` is missing.
  if (navigator?.userAgent === "Cloudflare-Workers" || isFunction(WebSocketPair)) return "workerd";
  if (Deno !== undefined) return "deno";
  if (Bun !== undefined) return "bun";
  return process?.versions?.node !== undefined && isFunction(process.getBuiltinModule) ? "node" : "web";
}

/** Which host runs this. */
export function hostKind(): HostKind {
  return kindOf(globalThis as Globals);
}

function isFunction(value: unknown): boolean {
  return typeof value === "function";
}
