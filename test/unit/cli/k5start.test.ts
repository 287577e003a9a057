// What k5start and krenew promise of caches and commands, at an embedded realm.

import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decodeCcacheFile } from "../../../src/credentials/index.ts";
import { createTestRealm, type TestRealm } from "../../../src/entry/testing.ts";
import { formatPrincipal } from "../../../src/krb5/index.ts";
import { type CliResult, runCli } from "../../support/cli.ts";

const root = fs.mkdtempSync(path.join(os.tmpdir(), "krb5-remctl-k5start-"));
const file = (name: string): string => path.join(root, name);
const env = { KRB5_CONFIG: file("krb5.conf"), KRB5CCNAME: `FILE:${file("own")}` };
let realm: TestRealm;

beforeAll(async () => {
  realm = await createTestRealm({
    realm: "EXAMPLE.TEST",
    principals: { robot: { password: "robot-password" }, alice: { password: "alice-password" } },
    renewLifetimeSeconds: 36_000,
  });
  await realm.listen();
  fs.writeFileSync(file("krb5.conf"), realm.krb5Conf());
  for (const name of ["robot", "alice"]) fs.writeFileSync(file(name), realm.keytab(name));
});
afterAll(async () => {
  await realm.close();
  fs.rmSync(root, { recursive: true, force: true });
});

/** Runs a command line: `$W` is the folder; what stands in one pair of quotes is one word. */
function runLine(line: string): Promise<CliResult> {
  const words = line.replaceAll("$W", root).match(/'[^']*'|\S+/g) ?? [];
  return runCli(
    words.map((word) => word.replace(/^'(.*)'$/, "$1")),
    { env },
  );
}
async function done(line: string, status = 0): Promise<void> {
  expect(await runLine(line)).toMatchObject({ status, stderr: "" });
}
const read = (name: string): string => fs.readFileSync(file(name), "utf8");
const clientOf = (name: string): string =>
  formatPrincipal(decodeCcacheFile(new Uint8Array(fs.readFileSync(file(name)))).principal);
const endOf = (name: string): number => {
  const { credentials } = decodeCcacheFile(new Uint8Array(fs.readFileSync(file(name))));
  return credentials.find(({ server }) => server.components[0] === "krbtgt")?.endTime.getTime() ?? 0;
};

describe("a command's cache", () => {
  const SHOW = `sh -c 'C=\${KRB5CCNAME#FILE:}; echo $C > $W/name; stat -c %a $C > $W/mode; cp $C $W/copy; exit 7'`;

  it.each([
    ["k5start -f $W/robot robot", "robot"],
    ["krenew", "alice"],
  ])("CL11: %s: is the command's alone, and ends with it; the user's own stays as it is", async (program, client) => {
    await done("kinit -k -t $W/alice -l 10m -r 5h alice");
    const before = fs.readFileSync(file("own"));
    const names = [];
    for (const _ of [1, 2]) {
      await done(`${program} -- ${SHOW}`, 7);
      const name = read("name").trim();
      expect([path.basename(name), read("mode").trim()]).toEqual([
        expect.stringMatching(/^krb5cc_\d+_[0-9a-f]{24}$/),
        "600",
      ]);
      expect([clientOf("copy"), fs.existsSync(name)]).toEqual([`${client}@EXAMPLE.TEST`, false]);
      names.push(name);
    }
    expect(names[0]).not.toBe(names[1]);
    expect(fs.readFileSync(file("own")).equals(before)).toBe(true);
  });

  it("CL11: ends with a command that cannot be started", async () => {
    const left = () => fs.readdirSync(os.tmpdir()).filter((name) => /^krb5cc_\d+_[0-9a-f]{24}$/.test(name));
    const before = left();
    const { status, stderr } = await runLine("k5start -f $W/robot robot -- $W/nosuch");
    expect([status, stderr]).toEqual([1, expect.stringContaining("unable to run command")]);
    expect(left().filter((name) => !before.includes(name))).toEqual([]);
  });

  it("CL12: the command's words reach it as they are, and no shell", async () => {
    await done("k5start -f $W/robot robot -- touch '$W/$(touch shell);a b'");
    expect(fs.existsSync(file("$(touch shell);a b"))).toBe(true);
  });

  it("CL13: names the cache to the command, whatever KRB5CCNAME was", async () => {
    await done(`k5start -k $W/other -f $W/robot robot -- sh -c 'echo $KRB5CCNAME > $W/name'`);
    expect(read("name").trim()).toBe(`FILE:${file("other")}`);
    expect(clientOf("other")).toBe("robot@EXAMPLE.TEST");
  });
});

describe("a cache of another owner or mode", () => {
  it("CL14: is never seen with another mode than its own", async () => {
    const seen = new Set<number>();
    let isOver = false;
    const watched = (async () => {
      while (!isOver) {
        const stat = fs.statSync(file("shared"), { throwIfNoEntry: false });
        if (stat !== undefined) seen.add(stat.mode & 0o777);
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    for (let turn = 0; turn < 5; turn++) await done("k5start -q -k $W/shared -m 640 -f $W/robot robot");
    isOver = true;
    await watched;
    expect([...seen]).toEqual([0o640]);
  });

  it("CL14: stays when a login fails, with nothing beside it", async () => {
    await done("k5start -q -k $W/kept -m 640 -f $W/robot robot");
    const before = fs.readFileSync(file("kept"));
    const files = fs.readdirSync(root);
    const { status } = await runLine("k5start -q -k $W/kept -m 640 -f $W/robot nobody");
    expect([status, fs.readFileSync(file("kept")).equals(before)]).toEqual([1, true]);
    expect(fs.readdirSync(root)).toEqual(files);
  });
});

describe("-H", () => {
  it("CL15: another client's ticket does not count, nor one that ends sooner", async () => {
    const login = "k5start -q -H 30 -k $W/happy -f $W/robot";
    await done("kinit -c $W/happy -k -t $W/alice -l 5h alice");
    await done(`${login} robot`);
    expect(clientOf("happy")).toBe("robot@EXAMPLE.TEST");
    const before = fs.readFileSync(file("happy"));
    await done(`${login} -l 2h robot`);
    expect(fs.readFileSync(file("happy")).equals(before)).toBe(true);
    await done("kinit -c $W/happy -k -t $W/robot -l 10m robot");
    await done(`${login} robot`);
    expect(endOf("happy")).toBeGreaterThan(Date.now() + 8 * 3_600_000);
  });
});
