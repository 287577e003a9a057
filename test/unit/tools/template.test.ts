import { execFile } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, describe, expect, it } from "vitest";

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "krb5-remctl-template-"));
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

const template = fileURLToPath(new URL("../../../tools/beds/template.mjs", import.meta.url));

/** A process that fills a folder, and says in `made` when it makes what goes into it. */
async function fill(name: string, recipe: string, work: string): Promise<string> {
  const dir = path.join(folder, name);
  fs.mkdirSync(dir);
  const program = `
    import fs from "node:fs";
    import { setTimeout as sleep } from "node:timers/promises";
    import { fromTemplate } from ${JSON.stringify(template)};
    const [dir, made, cache] = ${JSON.stringify([dir, path.join(folder, `made-${recipe}`), path.join(folder, "cache")])};
    await fromTemplate(dir, ${JSON.stringify(recipe)}, [], async () => {
      fs.appendFileSync(made, "once\\n");
      ${work}
      fs.writeFileSync(dir + "/database", "the realm");
      fs.writeFileSync(dir + "/log", "not kept");
    }, /^database$/, cache);`;
  await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", program]);
  return dir;
}

const timesMade = (recipe: string) =>
  fs.readFileSync(path.join(folder, `made-${recipe}`), "utf8").split("\n").length - 1;
const files = (dir: string) => fs.readdirSync(dir).sort();

describe("fromTemplate", () => {
  it("has one of several processes make what all of them want", async () => {
    const dirs = await Promise.all(["a", "b", "c", "d"].map((name) => fill(name, "slow", "await sleep(2000);")));
    expect(timesMade("slow")).toBe(1);
    expect(dirs.map(files).sort()).toEqual([["database"], ["database"], ["database"], ["database", "log"]]);
  });

  it("lets the next process make it where the first one failed, or was killed", async () => {
    await expect(fill("failed", "broken", 'throw new Error("no room");')).rejects.toThrow("no room");
    await expect(fill("killed", "broken", "process.kill(process.pid, 'SIGKILL');")).rejects.toThrow(
      /killed|Command failed/,
    );
    expect(files(await fill("later", "broken", ""))).toEqual(["database", "log"]);
    expect(timesMade("broken")).toBe(3);
  });

  it("makes another one for another recipe", async () => {
    await fill("other", "other", "");
    expect(timesMade("other")).toBe(1);
  });
});
