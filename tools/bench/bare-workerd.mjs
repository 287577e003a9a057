// workerd without `nodejs_compat`, with one module as its Worker.

import fs from "node:fs";
import path from "node:path";
import { acceptsTcp, freePort, startDaemon, waitUntil } from "../beds/process.mjs";
import { runtimePath } from "../runtimes/index.mjs";

/**
 * Starts it; the caller stops `daemon`.
 * @param {string} dir where its configuration is written @param {string} file the module, in that folder
 */
export async function startBareWorkerd(dir, file) {
  const port = await freePort();
  fs.writeFileSync(
    path.join(dir, "config.capnp"),
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .worker)],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
const worker :Workerd.Worker = (
  modules = [(name = "worker", esModule = embed "${path.basename(file)}")],
  compatibilityDate = "2026-10-01",
  compatibilityFlags = ["no_nodejs_compat", "no_nodejs_compat_v2"],
);
`,
  );
  const daemon = startDaemon(runtimePath("workerd"), ["serve", "config.capnp"], { env: {}, cwd: dir });
  try {
    await waitUntil(daemon, "workerd", () => acceptsTcp(port));
  } catch (error) {
    await daemon.stop();
    throw error;
  }
  return { url: `http://127.0.0.1:${port}/`, daemon };
}
