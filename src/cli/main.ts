#!/usr/bin/env node
// The program. Under another name (a link `kinit` to this file) it is that command.

import { codeCacheFolder } from "./code-cache.ts";

// Keeps compiled code between runs where the host can (Node 22.8), of what is imported after this: so little is before.
const folder = codeCacheFolder(process.env, process.getuid?.());
if (folder !== undefined) {
  (
    process.getBuiltinModule("node:module") as { enableCompileCache?: (folder: string) => unknown }
  ).enableCompileCache?.(folder);
}

void import("./start.ts").then(({ start }) => start());
