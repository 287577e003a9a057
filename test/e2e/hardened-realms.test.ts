// docs/hardened-realms.md against MIT's KDC and remctld: its programs and its commands run as they stand; only the names of
// their world are another's.

import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startMitLoginsBed, startRemctld } from "../../tools/beds/index.mjs";
import { ensureBuild } from "../../tools/bootstrap.mjs";
import { describeLive, useBed, wholeTable } from "../support/live.ts";
import { programOf } from "../support/pages.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const run = promisify(execFile);
const page = readFileSync(path.join(root, "docs/hardened-realms.md"), "utf8");
const blocks = [...page.matchAll(/```(?:js|sh)\n([\s\S]*?)```/g)].map(([, code]) => code as string);
const block = (marker: string): string => blocks.find((code) => code.includes(marker)) as string;

describeLive(
  ["mit", "mit-logins"],
  "the page on hardened realms, with a KDC that takes no password outside FAST",
  () => {
    let project: string;
    beforeAll(async () => {
      await ensureBuild();
      project = mkdtempSync(path.join(tmpdir(), "krb5-remctl-hardened-"));
      mkdirSync(path.join(project, "node_modules"));
      symlinkSync(root, path.join(project, "node_modules", "krb5-remctl"));
      writeFileSync(path.join(project, "package.json"), JSON.stringify({ type: "module" }));
      mkdirSync(path.join(project, "bin"));
      symlinkSync(path.join(root, "dist/cli/main.js"), path.join(project, "bin", "krb5-remctl"));
    });
    afterAll(() => rmSync(project, { recursive: true, force: true }));

    const world = useBed(async () => {
      const bed = await startMitLoginsBed();
      const kdc = await bed.kdcOf("all-fast");
      const spakeKdc = (await bed.kdcOf("spake")).kdc[0] as string;
      const commands: [string, string, string][] = [
        ["account", "show", 'echo "account: $2"'],
        ["account", "list", "echo some accounts"],
      ];
      const remctld = await startRemctld({ bed, commands });
      return {
        bed,
        kdc,
        spakeKdc,
        remctld,
        close: async () => void (await Promise.all([remctld.close(), bed.close()])),
      };
    }, 60_000);

    /** A block with the files and names of the bed. */
    const here = (code: string): string => {
      const { bed, remctld, spakeKdc } = world();
      const { file } = bed.pki;
      return code
        .replaceAll("EXAMPLE.ORG", bed.realm)
        .replaceAll("/etc/krb5/ca.pem", file("ca-rsa.pem"))
        .replaceAll("/etc/ca.pem", file("ca-rsa.pem"))
        .replaceAll("/etc/krb5.keytab", bed.keytab.service)
        .replaceAll("laptop.example.org", "localhost")
        .replaceAll("tcp://kdc.example.org", spakeKdc)
        .replaceAll("/etc/robot.pem", file("client-rsa.pem"))
        .replaceAll("/etc/robot.key", file("client-rsa.key"))
        .replaceAll("/tmp/krb5cc_armor", path.join(project, "krb5cc_armor"))
        .replaceAll("createClient({", `createClient({ port: ${remctld.port},`)
        .replaceAll("server.example.org", "localhost");
    };
    const env = () => ({
      ...process.env,
      KRB5_CONFIG: world().kdc.krb5Conf,
      KRB5CCNAME: path.join(project, "krb5cc"),
      ALICE_PASSWORD: world().bed.passwords.alice as string,
      PATH: `${path.join(project, "bin")}:${process.env.PATH}`,
    });
    const shell = (marker: string, input: string) => {
      const child = run("sh", ["-e", "-c", here(block(marker))], { cwd: project, env: env() });
      child.child.stdin?.end(input);
      return child;
    };

    it("kinit -n, then kinit -T; and -T with a certificate", async () => {
      const { bed, kdc } = world();
      await shell("kinit -n", `${bed.passwords.alice}\n`);
      const before = kdc.logs();
      await shell("X509_user_identity", "");
      const listed = await run("krb5-remctl", ["klist", "-C"], { cwd: project, env: env() });
      expect(listed.stdout).toContain("pa_config_data");
      expect(kdc.logs().slice(before.length)).toMatch(/ISSUE.*alice@LOGINS\.TEST for krbtgt/);
      // The same password outside FAST is not taken.
      const alone = run("krb5-remctl", ["kinit", `alice@${bed.realm}`], { cwd: project, env: env() });
      alone.child.stdin?.end(`${bed.passwords.alice}\n`);
      await expect(alone).rejects.toMatchObject({ code: 1 });
    });

    it.each([
      ["a certificate, inside anonymous armor", "certificate("],
      ["a password, inside anonymous armor", "password("],
    ])("runs a command with %s", async (_what, marker) => {
      const before = world().kdc.logs();
      writeFileSync(path.join(project, "program.js"), here(block(marker)));
      const { stdout } = await run(process.execPath, ["program.js"], { cwd: project, env: env() });
      expect(stdout).toBe("account: alice\n\n");
      // The armor was got first; that nothing goes without it is a promise of the option.
      expect(world().kdc.logs().slice(before.length)).toMatch(/ISSUE.*WELLKNOWN\/ANONYMOUS@LOGINS\.TEST/);
    });

    describe.runIf(wholeTable)("programs of docs/pre-authentication.md", () => {
      it.each([
        ["SPAKE at a KDC that takes no timestamp", "groups: [edwards25519, p256]", ""],
        ["a password inside armor of the host's keytab", 'password("alice@EXAMPLE.ORG"', ""],
        ["a person who is asked", "interactive(", "password"],
        ["a certificate", "certificate(", ""],
      ])("%s", { timeout: 60_000 }, async (_what, marker, typed) => {
        const code = here(programOf("docs/pre-authentication.md", marker)).replace(
          `robot@${world().bed.realm}`,
          `alice@${world().bed.realm}`,
        );
        writeFileSync(path.join(project, "login.js"), code);
        const child = run(process.execPath, ["login.js"], { cwd: project, env: env(), timeout: 60_000 });
        // Who is asked types when the question is there.
        if (typed === "") child.child.stdin?.end();
        else child.child.stderr?.once("data", () => child.child.stdin?.end(`${world().bed.passwords.alice}\n`));
        expect((await child).stdout).toBe("some accounts\n\n");
      });
    });
  },
);
