// The host's own resolver, glibc's, in a network where questions for IPv6 are dropped and a search list has a wildcard
// (as in Kubernetes, `ndots:5`).

import { spawn, spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { bundle } from "../support/bundle.ts";
import { describeUnless } from "../support/live.ts";

/** A network and a resolv.conf for one process. The addresses make glibc ask for both families (AI_ADDRCONFIG). */
const setUp = `ip link set lo up && ip addr add 2001:db8::1/128 dev lo && ip addr add 192.0.2.1/32 dev lo &&
mount --bind "$1" /etc/resolv.conf && shift && exec "$@"`;
const inOwnNetwork = ["-mn", "sh", "-c", setUp, "sh"];

function obstacle(): string | undefined {
  if (process.getuid?.() !== 0) return "it takes root to make a network";
  const { status } = spawnSync("unshare", [...inOwnNetwork, "/dev/null", "true"]);
  return status === 0 ? undefined : "no network of its own can be made here (unshare, ip)";
}

/** What a program says on one line; then it is killed: Node's exit waits for the look-up that glibc has not given up. */
async function firstLine(program: string, args: readonly string[]): Promise<Report> {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  for await (const chunk of child.stdout) {
    said += String(chunk);
    if (said.endsWith("\n")) break;
  }
  child.kill("SIGKILL");
  return JSON.parse(said);
}

type Report = Record<"streams" | "datagrams" | "many" | "relative" | "fromDns", { value: unknown; seconds: number }>;

describeUnless(obstacle(), "names, where a resolver never answers for IPv6", () => {
  let dir: string;
  let report: Report;

  beforeAll(async () => {
    dir = fs.mkdtempSync(path.join(os.tmpdir(), "names-"));
    const child = await bundle("names-child.ts", dir);
    const resolvConf = path.join(dir, "resolv.conf");
    fs.writeFileSync(resolvConf, "nameserver 127.0.0.1\nsearch wild.test\noptions ndots:5 timeout:5 attempts:2\n");
    const args = [...inOwnNetwork, resolvConf, process.execPath, child];
    report = await firstLine("unshare", args);
  }, 60_000);
  afterAll(() => fs.rmSync(dir, { recursive: true }));

  it("have their IPv4 addresses at once, for connections, for datagrams and for many names together", () => {
    expect(report.many.value).toEqual(Array.from({ length: 12 }, () => "127.0.0.1"));
    for (const { seconds } of [report.streams, report.datagrams, report.many]) expect(seconds).toBeLessThan(3);
  });

  it("are whole if DNS gave them: the wildcard of a search list takes others, never those", () => {
    expect(report.relative.value).toEqual(["192.0.2.1"]);
    expect(report.fromDns).toMatchObject({ value: "kdc.names.test" });
    expect(report.fromDns.seconds).toBeLessThan(3);
  });
});
