import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openCache } from "../../src/credentials/index.ts";
import { parsePrincipal } from "../../src/krb5/index.ts";
import { nodeFiles } from "../../src/runtime/node-files.ts";
import { bundle } from "../support/bundle.ts";
import { randomBytes } from "../support/credentials.ts";
import { wholeTable } from "../support/live.ts";

const alice = parsePrincipal("alice@EXAMPLE.ORG");
const KILLS = Number(process.env.KRB5_REMCTL_KILLS ?? (wholeTable ? 1000 : 150));
let dir: string;
let child: string;

beforeAll(async () => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), "cache-crash-"));
  child = await bundle("cache-child.ts", dir);
});
afterAll(() => fs.rmSync(dir, { recursive: true }));

describe("a FILE cache whose writer is killed", () => {
  it(`has no torn file after ${KILLS} kills in the middle of its writes`, { timeout: 900_000 }, async () => {
    const streams = 4;
    let kills = 0;
    const stream = async (index: number): Promise<void> => {
      const own = path.join(dir, `cc${index}`);
      const cache = openCache(`FILE:${own}`, { files: nodeFiles(), randomBytes });
      while (kills < KILLS) {
        kills++;
        const process_: ChildProcess = spawn(process.execPath, [child, "churn", `FILE:${own}`], {
          stdio: ["ignore", "pipe", "inherit"],
        });
        if (process_.stdout) await once(process_.stdout, "data");
        // Later rounds find a file: on a busy machine each could be killed before its first write was done.
        while (!fs.existsSync(own)) await new Promise((resolve) => setTimeout(resolve, 5));
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 12));
        process_.kill("SIGKILL");
        await once(process_, "exit");
        // Killed before its first write was done, the file of the round before is there, or none.
        const contents = await cache.read();
        if (contents !== undefined) expect(contents.principal).toEqual(alice);
      }
    };
    await Promise.all(Array.from({ length: streams }, (_, index) => stream(index)));
    expect(kills).toBeGreaterThanOrEqual(KILLS);
    expect(fs.readdirSync(dir).filter((name) => name.startsWith("cc"))).toHaveLength(streams);
  });
});
