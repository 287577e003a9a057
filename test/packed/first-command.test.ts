// From the tarball to the first command with the README only, on a realm that exists; the steps and seconds are printed.

import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { PASSWORDS, startMitBed, startRemctld } from "../../tools/beds/index.mjs";
import { makeFolder, removeFolder } from "../../tools/beds/process.mjs";
import { ensurePacked, tarball } from "../../tools/pack/project.mjs";
import { describeLive, useBed } from "../support/live.ts";

const run = promisify(execFile);

describeLive("mit", "a user with the README only", () => {
  const world = useBed(async () => {
    await ensurePacked();
    const bed = await startMitBed();
    const remctld = await startRemctld({ bed, commands: [["account", "show", 'echo "account: $2"']] });
    return { bed, remctld, close: async () => void (await Promise.all([remctld.close(), bed.close()])) };
  });

  it("installs, writes the first program, runs it, and uses the command line", async () => {
    const { bed, remctld } = world();
    const folder = makeFolder("first");
    const env = { PATH: process.env.PATH, HOME: process.env.HOME };
    const started = Date.now();
    const laps: string[] = [];
    const lap = (step: string) => laps.push(`${step} ${((Date.now() - started) / 1000).toFixed(1)} s`);
    await run("npm", ["init", "-y"], { cwd: folder, env });
    await run("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline", tarball()], { cwd: folder, env });
    lap("npm install:");
    const readme = readFileSync(path.join(folder, "node_modules/krb5-remctl/README.md"), "utf8");
    const code = (/```js\n([\s\S]*?)```/.exec(readme)?.[1] ?? "")
      // What every user has to change.
      .replace('"server.example.org"', '"localhost"')
      .replace("alice@EXAMPLE.ORG", `alice@${bed.realm}`)
      .replace("tcp://kdc.example.org:88", bed.kdc[0] as string)
      .replace("kdc:", `port: ${remctld.port}, kdc:`);
    writeFileSync(path.join(folder, "first.mjs"), code);
    const first = await run(process.execPath, ["first.mjs"], {
      cwd: folder,
      env: { ...env, ALICE_PASSWORD: PASSWORDS.alice },
    });
    expect(first.stdout).toBe("0 account: alice\n\n");
    lap("first command:");
    // With the variable forgotten, and no server there either, the variable is named: it is what the newcomer can mend.
    writeFileSync(path.join(folder, "unset.mjs"), code.replace(`port: ${remctld.port}`, "port: 1"));
    const unset = await run(process.execPath, ["unset.mjs"], { cwd: folder, env }).catch((error) => error);
    expect(unset.stderr).toContain("CredentialError: credentials.password has no value: set it");
    const settings = { ...env, KRB5_CONFIG: bed.krb5Conf, KRB5CCNAME: `FILE:${folder}/cache`, PW: PASSWORDS.alice };
    const line = `echo "$PW" | npx krb5-remctl kinit alice@${bed.realm} && npx krb5-remctl remctl -p ${remctld.port} localhost account show alice`;
    const shell = await run("/bin/sh", ["-c", line], { cwd: folder, env: settings });
    expect(shell.stdout).toContain("account: alice\n");
    lap("by the command line:");
    console.log(`from the tarball: ${laps.join(", ")}`);
    removeFolder(folder);
  }, 90_000);
});
