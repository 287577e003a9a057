// Ports for the beds' daemons: suites that run at the same time are never given the same one.

import { execFile } from "node:child_process";
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
});
