// Sessions under Deno, cut by a proxy in this process: Deno's sanitizers find what a session leaves behind.

import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, it } from "vitest";
import { createRemctlServer } from "../../src/entry/server.ts";
import { createTestRealm } from "../../src/entry/testing.ts";
import { runtimePath } from "../../tools/runtimes/index.mjs";
import type { DenoCuts } from "../support/cuts-deno.ts";
import { type Cut, type ProxyPlan, startFaultProxy } from "../support/fault-proxy.ts";
import { wholeTable } from "../support/live.ts";
import { describeRuntimes } from "../support/runtimes.ts";
import { bundleProgram } from "./build.ts";

function plans(): ProxyPlan[] {
  const cuts: ProxyPlan[] = [{}, {}];
  const every = (kind: Cut["kind"], direction: Cut["direction"], most: number, step: number): void => {
    for (let at = 0; at <= most; at += step) cuts.push({ cut: { kind, direction, at } });
  };
  // A session has some 330 octets down and 900 up. A plain run cuts at a third of these places.
  const apart = wholeTable ? 1 : 3;
  every("closed", "down", 330, 5 * apart);
  every("reset", "down", 330, 11 * apart);
  every("stalled", "down", 330, 55 * apart);
  every("closed", "up", 900, 19 * apart);
  every("reset", "up", 900, 37 * apart);
  every("stalled", "up", 900, 180 * apart);
  return cuts;
}

describeRuntimes("sessions that are cut", () => {
  it("Deno's sanitizers find no operation, socket or timer of a session that was cut", async () => {
    const principals = { alice: { password: "secret" }, "host/localhost": {} };
    const realm = await createTestRealm({ realm: "TEST.EXAMPLE", principals });
    await realm.listen();
    const server = createRemctlServer({
      keytab: realm.keytab("host/localhost"),
      commands: [
        {
          command: "count",
          subcommand: "ALL",
          acl: ["ANYUSER"],
          handler: async ({ subcommand, stdout }) => {
            await stdout.write(`counted ${subcommand}`);
            return 0;
          },
        },
      ],
    });
    await server.listen({ host: "127.0.0.1", port: 0 });
    const all = plans();
    const proxy = await startFaultProxy({ port: server.port as number }, (number) => all[number] ?? {});
    const directory = mkdtempSync(path.join(tmpdir(), "krb5-remctl-deno-"));
    try {
      const { file } = await bundleProgram("support/cuts-deno.ts", directory);
      const settings = path.join(directory, "settings.json");
      const told: DenoCuts = { kdc: [realm.kdc[0] as string], port: proxy.port, plans: all };
      writeFileSync(settings, JSON.stringify(told));
      const args = [
        "test",
        "--no-prompt",
        "--no-check",
        "--cached-only",
        "--allow-all",
        "--v8-flags=--expose-gc",
        file,
        "--",
        settings,
      ];
      const env = { ...process.env, DENO_DIR: directory, DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" };
      const output = await new Promise<string>((resolve) => {
        execFile(runtimePath("deno"), args, { env, maxBuffer: 2 ** 26 }, (_, stdout, stderr) =>
          resolve(stdout + stderr),
        );
      });
      expect(output).toContain(`ok | ${all.length - 1} passed | 0 failed`);
      expect(proxy.connections.length).toBe(all.length);
    } finally {
      await proxy.close();
      await server.close();
      await realm.close();
      rmSync(directory, { recursive: true, force: true });
    }
  }, 180_000);
});
