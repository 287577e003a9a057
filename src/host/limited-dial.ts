import type { Dial, Runtime } from "./runtime.ts";

/** The caller's own `dial` within the host's limits ({@link Runtime.maxConnections}); undefined without one. */
export function limitedDial(runtime: Runtime, dial: Dial | undefined): Dial | undefined {
  return dial === undefined ? undefined : (runtime.limitDial?.(dial) ?? dial);
}
