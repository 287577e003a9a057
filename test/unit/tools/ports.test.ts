// Ports for the beds' daemons: suites that run at the same time are never given the same one.

import { execFile } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

const run = promisify(execFile);
const ports = pathToFileURL(path.resolve("tools/beds/ports.mjs")).href;

describe("freePort", () => {
  it("gives each port to one process alone, as long as that process runs", { timeout: 60_000 }, async () => {
    const program = `
      const { freePort } = await import(${JSON.stringify(ports)});
      const given = [];
      for (let index = 0; index < 400; index++) given.push(await freePort());
      console.log(JSON.stringify(given));
      process.stdin.once("end", () => process.exit()).resume();
    `;
    // Four times 400 of 18,000 ports: with ports chosen at random alone, about 50 would be given twice.
    const children = Array.from({ length: 4 }, () => run(process.execPath, ["--input-type=module", "-e", program]));
    const lists = children.map(
      ({ child }) =>
        new Promise<number[]>((resolve) => child.stdout?.once("data", (text) => resolve(JSON.parse(text)))),
    );
    try {
      const given = (await Promise.all(lists)).flat();
      expect(given).toHaveLength(1600);
      expect(new Set(given).size).toBe(1600);
    } finally {
      for (const { child } of children) child.stdin?.end();
      await Promise.all(children);
    }
  });

  it("gives those of a process that was killed to others, and none of one that runs", { timeout: 60_000 }, async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "krb5-remctl-claims-"));
    const env = { ...process.env, TMPDIR: folder };
    const claims = path.join(folder, `krb5-remctl-ports-${process.getuid?.() ?? "user"}`);
    const program = (more: string): string[] => [
      "--input-type=module",
      "-e",
      `const { freePort } = await import(${JSON.stringify(ports)}); ${more}`,
    ];
    await run(process.execPath, program("await freePort(); process.kill(process.pid, 'SIGKILL');"), { env }).catch(
      () => {},
    );
    const [left = ""] = fs.readdirSync(claims);
    const dead = fs.readFileSync(path.join(claims, left));
    // Every port but this one is claimed: by a process that is gone, then by this one.
    const outcome = async (claim: Buffer | string): Promise<string> => {
      for (let port = 12_000; port < 30_000; port++) fs.writeFileSync(path.join(claims, String(port)), claim);
      const { stdout } = await run(process.execPath, program("console.log(await freePort().catch((e) => e.message))"), {
        env,
      });
      return stdout;
    };
    expect(await outcome(dead)).toMatch(/^\d{5}\n$/);
    expect(await outcome(String(process.pid))).toContain("no free port found");
    fs.rmSync(folder, { recursive: true });
  });
});
