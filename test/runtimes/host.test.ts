// Files, environment, sockets and listeners of the hosts that have them; and Deno without permission for any.

import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { freePort, runProgram } from "../../tools/beds/index.mjs";
import { runtimePath } from "../../tools/runtimes/index.mjs";
import type { Report } from "../portable/harness.ts";
import type { HostConfig } from "../portable/host.ts";
import { wholeTable } from "../support/live.ts";
import { describeRuntimes } from "../support/runtimes.ts";
import { bundleProgram } from "./build.ts";

const main = path.join(import.meta.dirname, "../portable/host-main.ts");

describeRuntimes("files, environment and sockets", () => {
  let directory: string;
  let program: string;
  let common: Omit<HostConfig, "folder">;
  let reference: Report;
  const servers: net.Server[] = [];
  const held = new Set<net.Socket>();

  beforeAll(async () => {
    directory = fs.mkdtempSync(path.join(os.tmpdir(), "krb5-remctl-host-"));
    fs.writeFileSync(path.join(directory, "package.json"), '{"type":"module"}');
    program = (await bundleProgram("portable/host-main.ts", directory)).file;
    const listen = async (where: number | string, onSocket: (socket: net.Socket) => void, host?: string) => {
      const server = net.createServer((socket) => {
        held.add(socket);
        socket.on("error", () => {});
        onSocket(socket);
      });
      servers.push(server);
      await new Promise<void>((resolve) =>
        typeof where === "string" ? server.listen(where, resolve) : server.listen(where, host, resolve),
      );
      return typeof where === "string" ? 0 : (server.address() as net.AddressInfo).port;
    };
    const unixSocket = path.join(directory, "socket");
    await listen(unixSocket, (socket) => socket.pipe(socket));
    common = {
      unixSocket,
      closedPort: await freePort(),
      silentPort: await listen(0, (socket) => socket.pause(), "127.0.0.1"),
      onePort: await listen(0, (socket) => socket.resume(), "127.0.0.1"),
    };
    reference = await run("node", process.execPath, [program]);
  }, 60_000);

  afterAll(() => {
    for (const server of servers) server.close();
    for (const socket of held) socket.destroy();
    fs.rmSync(directory, { recursive: true, force: true });
  });

  const run = async (name: string, command: string, args: string[], more: string[] = []): Promise<Report> => {
    const folder = path.join(directory, `files-${name}`);
    fs.mkdirSync(folder);
    const config: HostConfig = { ...common, folder };
    const env = { KRB5_REMCTL_TEST: "set", DENO_DIR: directory, DENO_NO_UPDATE_CHECK: "1" };
    const all = [...args.map((arg) => arg.replaceAll("FOLDER", folder)), JSON.stringify(config), ...more];
    const { status, stdout, text } = await runProgram(command, all, { env, timeoutMs: 60_000 });
    if (status !== 0) throw new Error(`it ended with ${status}: ${text.slice(0, 4_000)}`);
    return JSON.parse(stdout.toString());
  };

  const complete = (report: Report, adapter: string): void => {
    expect(report.failures).toEqual([]);
    expect(report.adapter).toBe(adapter);
    expect(report.passed).toEqual(reference.passed);
    expect(report.passed.length).toBeGreaterThan(10);
  };

  it("on the Node that runs the tests", () => complete(reference, "node"));

  it.each(wholeTable ? ([22, 24] as const) : ([24] as const))(
    "on Node %d",
    async (version) => {
      const command = runtimePath(`node${version}`);
      complete(await run(`node${version}`, command, ["--no-warnings", main]), "node");
    },
    60_000,
  );

  it("on Bun", async () => {
    complete(await run("bun", runtimePath("bun"), [main]), "bun");
  }, 60_000);

  const deno = ["run", "--no-prompt", "--no-check", "--cached-only"];

  it("on Deno, with the flags that each needs", async () => {
    const { unixSocket } = common;
    const flags = [
      `--allow-net=localhost,127.0.0.1,0.0.0.0:0,unix:${unixSocket}`,
      `--allow-read=FOLDER,${unixSocket}`,
      `--allow-write=FOLDER,${unixSocket}`,
      "--allow-env=KRB5_REMCTL_TEST,KRB5_REMCTL_UNSET",
      "--allow-sys=uid",
    ];
    complete(await run("deno", runtimePath("deno"), [...deno, ...flags, main]), "deno");
  }, 60_000);

  it("on Deno with no permission: what is denied is absent, and its flag is named", async () => {
    const report = await run("denied", runtimePath("deno"), [...deno, main], ["denied"]);
    expect([report.failures, report.passed.length]).toEqual([[], 5]);
  }, 60_000);
});
