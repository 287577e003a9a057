// kinit beside MIT's with inputs that are rare: groups in another order, armor of two keys or near its end, odd names and
// secrets, services in place of a TGT. The same status of both; where they let in, caches with the same tickets and flags.

import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { runProgram, startMitLoginsBed } from "../../tools/beds/index.mjs";
import { runCli } from "../support/cli.ts";
import { describeLater, describeLive, peers, useBed, wholeTable } from "../support/live.ts";
import { ARMORS, type Armor, type ArmorRow, MADE_PASSWORD, NAMES, ROWS } from "./logins-odd-rows.ts";

function oddInputs(peer: "mit" | "mit-later"): void {
  const bed = useBed(async () => {
    const started = await startMitLoginsBed({ radius: true, peer });
    await started.kadmin(
      [
        ...NAMES.map((name) => `addprinc -pw ${MADE_PASSWORD} +requires_preauth "${name}"`),
        "addprinc -randkey armor",
        ...["old", "new"].map((file) => `ktadd -k ${started.dir}/${file}.keytab armor`),
      ].join("\n"),
    );
    const [older, newer] = ["old", "new"].map((file) => readFileSync(`${started.dir}/${file}.keytab`));
    // The second one without its two octets of a version.
    writeFileSync(`${started.dir}/both.keytab`, Buffer.concat([older as Buffer, (newer as Buffer).subarray(2)]));
    return started;
  }, 120_000);
  type Tool = "ours" | "mit";
  type Env = Readonly<Record<string, string>>;
  let count = 0;
  const newName = (kind: string) => `${bed().dir}/odd-${kind}-${++count}`;

  async function run(tool: Tool, env: Env, words: readonly string[], input = "") {
    if (tool === "ours") {
      const { status, stdout, stderr } = await runCli(words, { env, input });
      return { status, text: `${stdout}${stderr}` };
    }
    const [program = "", ...args] = words;
    const options = { env: { ...env }, input, cwd: bed().dir };
    return await runProgram(peers[peer].bin(program), args, options);
  }

  const written = (arg: string): string => {
    const { keytab, pki, dir } = bed();
    const identity = `X509_user_identity=FILE:${pki.file("client-rsa.pem")},${pki.file("client-rsa.key")}`;
    const words: Readonly<Record<string, string>> = {
      ID: identity,
      ROBOT: keytab.robot,
      ALICE: keytab.alice,
      BOTH: `${dir}/both.keytab`,
      OLD: `${dir}/old.keytab`,
    };
    return words[arg] ?? arg;
  };

  /** Made anew for each login: some end soon. Each tool makes every second one. */
  async function makeArmor(kind: Armor): Promise<string> {
    const cache = `FILE:${newName("armor")}`;
    const { env } = await bed().kdcOf("all");
    const { args, waitMs = 0 }: ArmorRow = ARMORS[kind];
    const made = await run(count % 2 === 0 ? "ours" : "mit", env, ["kinit", "-c", cache, ...args.map(written)]);
    expect(made.status, made.text).toBe(0);
    await new Promise((resolve) => setTimeout(resolve, waitMs));
    return cache;
  }

  async function envOf(at: (typeof ROWS)[number]["at"], groups: string | undefined): Promise<Env> {
    const { env } = await bed().kdcOf(at);
    if (groups === undefined) return env;
    const file = newName("krb5.conf");
    const text = readFileSync(String(env.KRB5_CONFIG), "utf8").replace(/ spake_preauth_groups = .*\n/, "");
    writeFileSync(file, text.replace("[libdefaults]", `[libdefaults]\n spake_preauth_groups = ${groups}`));
    return { ...env, KRB5_CONFIG: file };
  }

  /** What MIT's klist reads: names, remarks and flags, without the times. */
  const contents = async (env: Env, cache: string): Promise<string[]> => {
    const { text } = await run("mit", env, ["klist", "-f", "-C", cache]);
    const lines = text.split("\n").map((line) => line.trim().replace(/^(\S+ \S+ +){2}|renew until \S+ \S+, /g, ""));
    return lines.filter((line) => /^(Default principal|config|krbtgt|host|kadmin|.*Flags)/.test(line)).sort();
  };

  it.each(ROWS.map((row) => ({ ...row, title: `${row.at}, ${row.armor ?? "no"} armor: ${row.what}` })))(
    "$title",
    { timeout: 60_000 },
    async ({ at, args, typed, armor, groups, status }) => {
      const env = await envOf(at, groups);
      const input = typed === undefined ? "" : `${typed}\n`;
      const armored = armor === undefined ? [] : ["-T", await makeArmor(armor)];
      const caches = { ours: `FILE:${newName("cache")}`, mit: `FILE:${newName("cache")}` };
      const login = (tool: Tool) =>
        run(tool, env, ["kinit", "-c", caches[tool], ...armored, ...args.map(written)], input);
      const [ours, mit] = [await login("ours"), await login("mit")];
      expect([ours.status, mit.status], `${ours.text}\n${mit.text}`).toEqual([status, status]);
      if (status === 0) expect(await contents(env, caches.ours)).toEqual(await contents(env, caches.mit));
    },
  );
}

describe.runIf(wholeTable)("kinit beside MIT's, rare inputs", () => {
  describeLive(["mit", "mit-logins", "freeradius"], "at its KDC", () => oddInputs("mit"));
  describeLater("mit-later", "at a later one", () => oddInputs("mit-later"));
});
