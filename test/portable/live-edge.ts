// For @edge-runtime/vm: the configuration is a global.

import { type LiveConfig, runLive } from "./live.ts";

const host = globalThis as unknown as { readonly config: LiveConfig; report?: unknown };
host.report = runLive(host.config);
