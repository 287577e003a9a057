// The database of ./kdb-delegation.c, compiled.

import path from "node:path";
import { fileURLToPath } from "node:url";
import { ensurePeers } from "../peers/index.mjs";
import { makeFolder, mustRun, removeFolder } from "./process.mjs";

const SOURCE = fileURLToPath(new URL("kdb-delegation.c", import.meta.url));

/**
 * Compiles it. `databaseFor` is the option `database` of a bed.
 * @returns {Promise<{
 *   databaseFor: (policy?: { actors?: string[], via?: string }) => { module: string, env: Record<string, string> },
 *   close: () => Promise<void>,
 * }>} `actors` are lines: a service, and one at which it may act for users
 */
export async function makeDelegationDatabase() {
  const { "c-headers": headers } = await ensurePeers(["c-headers"]);
  if (!headers.available) throw new Error(`a database for MIT's KDC needs its headers: ${headers.reason}`);
  const dir = makeFolder("kdb-delegation");
  const module = path.join(dir, "delegation.so");
  const include = path.join(headers.root, "usr/include");
  const flags = ["-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-Werror"];
  await mustRun("cc", [...flags, "-I", path.join(include, "mit-krb5"), "-I", include, "-o", module, SOURCE], {});
  return {
    databaseFor: ({ actors = [], via } = {}) => ({
      module,
      env: { KDB_ACTORS: `\n${actors.join("\n")}\n`, ...(via === undefined ? {} : { KDB_VIA: via }) },
    }),
    close: async () => removeFolder(dir),
  };
}
