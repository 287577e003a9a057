// A thousand hosts in one call: servers in one process, the client measured in another.

import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { bundle } from "../support/bundle.ts";
import { useBed } from "../support/live.ts";
import type { ManyHostsReport } from "../support/many-hosts-client.ts";

const HOSTS = 1_000;
const AT_ONCE = 50;
/** One host of so many is broken. */
const EVERY = 20;

async function start(): Promise<{ world: string; client: string; close(): Promise<void> }> {
  const directory = mkdtempSync(path.join(tmpdir(), "krb5-remctl-many-"));
  const [servers, client] = [
    await bundle("many-hosts-servers.ts", directory),
    await bundle("many-hosts-client.ts", directory),
  ];
  const child = spawn(process.execPath, [servers, `${HOSTS}`, `${EVERY}`], { stdio: ["pipe", "pipe", "inherit"] });
  const world = await firstLine(child);
  return {
    world,
    client,
    close: async () => {
      child.stdin?.end();
      await new Promise((resolve) => child.once("exit", resolve));
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    child.stdout?.on("data", (chunk) => {
      text += chunk;
      if (text.includes("\n")) resolve(text);
    });
    child.once("exit", (code) => reject(new Error(`it ended with ${code}`)));
  });
}

function measure(client: string, world: string): Promise<ManyHostsReport> {
  return new Promise((resolve, reject) => {
    const child = execFile(process.execPath, ["--expose-gc", client, `${AT_ONCE}`], (error, stdout) => {
      if (error) reject(error);
      else resolve(JSON.parse(stdout));
    });
    child.stdin?.end(world);
  });
}

describe("runOnHosts over sockets", () => {
  const bed = useBed(start);

  it("1,000 hosts, 50 at once, 50 of them broken in five ways", async () => {
    const report = await measure(bed().client, bed().world);
    const broken = HOSTS / EVERY;
    console.log(
      `1,000 hosts: ${report.seconds.toFixed(2)} s (${report.cpuSeconds.toFixed(2)} s of CPU), ` +
        `${report.growthMB.toFixed(1)} MB more than the ${report.baseMB.toFixed(1)} MB before, ` +
        `${report.coldGrowthMB.toFixed(1)} MB more than a process that has run nothing`,
    );
    const wrong = (code: string, state: string) => ({ [`${code} ${state}`]: broken / 5 });
    expect(report.failures).toEqual({
      refused: wrong("CONNECT", "not-sent"),
      closes: wrong("CONNECTION_CLOSED", "not-sent"),
      silent: wrong("TIMEOUT", "not-sent"),
      "wrong-key": wrong("SERVER_KEY_CHANGED", "not-sent"),
      denied: wrong("REMCTL_ACCESS_DENIED", "completed"),
    });
    const { succeeded, nonZero, ...rest } = report.summary;
    expect([report.right, succeeded + nonZero]).toEqual([HOSTS - broken, HOSTS - broken]);
    expect(rest).toEqual({ done: HOSTS, failed: broken });
    expect(report.mostAtOnce).toBe(AT_ONCE);
    // One login, and one ticket for each host; one that cannot be reached may need none.
    expect(report.logins).toBe(1);
    expect(report.serviceTickets).toBeLessThanOrEqual(HOSTS);
    expect(report.serviceTickets).toBeGreaterThanOrEqual(HOSTS - broken);
    expect(report.growthMB).toBeLessThan(64);
  }, 120_000);
});
