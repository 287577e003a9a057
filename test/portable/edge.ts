// For @edge-runtime/vm, which evaluates a script: the report is a global promise.

import { runSuite } from "./suite.ts";

(globalThis as { report?: unknown }).report = runSuite("web");
