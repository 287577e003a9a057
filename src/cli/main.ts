#!/usr/bin/env node
// The program. Under another name (a link `kinit` to this file) it is that command.

import * as module from "node:module";

// Keeps compiled code between runs where the host can (Node 22.8), of what is imported after this: so nothing is before.
(module as { enableCompileCache?: () => unknown }).enableCompileCache?.();

const { start } = await import("./start.ts");
await start();
