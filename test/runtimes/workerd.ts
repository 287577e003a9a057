// workerd as the tests start it: one module, a network of its own, bindings of text.

import fs from "node:fs";
import path from "node:path";
import { acceptsTcp, freePort, makeFolder, removeFolder, startDaemon, waitUntil } from "../../tools/beds/process.mjs";
import { runtimePath } from "../../tools/runtimes/index.mjs";

export interface WorkerdOptions {
  /** A file of one module, bundled. */
  readonly module: string;
  /** `nodejs_compat`, which is the default from 2026-08-04 on. */
  readonly isNodeCompatible: boolean;
  /** Trusted beside the public ones. */
  readonly caPem?: string;
  /** Whether it may open connections. Default true. */
  readonly hasNetwork?: boolean;
  /** Bindings, as text. */
  readonly bindings?: Readonly<Record<string, string>>;
  /** Bindings to HTTP servers at loopback ports, which a Worker reaches whether or not it has a network. */
  readonly services?: Readonly<Record<string, number>>;
}

export interface Workerd {
  readonly url: string;
  readonly pid: number;
  logs(): string;
  close(): Promise<void>;
}

/** Each string of Cap'n Proto's text is one of JSON. */
const text = (value: string): string => JSON.stringify(value);

export async function startWorkerd(options: WorkerdOptions): Promise<Workerd> {
  const { module, isNodeCompatible, caPem, hasNetwork = true, bindings = {}, services = {} } = options;
  const dir = makeFolder("workerd");
  const port = await freePort();
  const certificates = caPem === undefined ? "" : `, tlsOptions = (trustedCertificates = [${text(caPem)}])`;
  const internet = `(name = "internet", network = (allow = [${hasNetwork ? '"private", "public"' : ""}]${certificates}))`;
  const servers = Object.entries(services);
  const external = servers.map(([name, to]) => `, (name = ${text(name)}, external = (address = "127.0.0.1:${to}"))`);
  fs.copyFileSync(module, path.join(dir, "worker.js"));
  fs.writeFileSync(
    path.join(dir, "config.capnp"),
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .worker), ${internet}${external.join("")}],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
const worker :Workerd.Worker = (
  modules = [(name = "worker", esModule = embed "worker.js")],
  compatibilityDate = "2026-10-01",
  compatibilityFlags = [${isNodeCompatible ? "" : '"no_nodejs_compat", "no_nodejs_compat_v2"'}],
  bindings = [${Object.entries(bindings)
    .map(([name, value]) => `(name = ${text(name)}, text = ${text(value)})`)
    .concat(servers.map(([name]) => `(name = ${text(name)}, service = ${text(name)})`))
    .join(", ")}],
);
`,
  );
  const daemon = startDaemon(runtimePath("workerd"), ["serve", "config.capnp"], { env: {}, cwd: dir });
  try {
    await waitUntil(daemon, "workerd", () => acceptsTcp(port));
  } catch (error) {
    await daemon.stop();
    removeFolder(dir);
    throw error;
  }
  return {
    url: `http://127.0.0.1:${port}`,
    pid: daemon.pid,
    logs: daemon.output,
    async close() {
      await daemon.stop();
      removeFolder(dir);
    },
  };
}
