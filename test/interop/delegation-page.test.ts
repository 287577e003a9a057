// The programs of docs/delegation.md as they stand, only the names of their world are another's: a user's ticket in with
// curl, a command on another host as that user out. MIT's KDC on a directory always, one granted and one refused; with
// CI=true the rest of it, and Samba's.

import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort, runProgram, startLdapBed, startRemctld, startSambaBed } from "../../tools/beds/index.mjs";
import { ensureBuild } from "../../tools/bootstrap.mjs";
import { describeLive, peers, useBed, wholeTable } from "../support/live.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const page = readFileSync(path.join(root, "docs/delegation.md"), "utf8");
const programs = [...page.matchAll(/```js\n([\s\S]*?)```/g)].map(([, code]) => code as string);
const program = (marker: string): string => programs.find((code) => code.includes(marker)) as string;

const START_MS = 300_000;

interface World {
  readonly krb5Conf: string;
  readonly kinit: (user: string) => Promise<Record<string, string>>;
  readonly remctldPort: number;
  /** Replaces the names of the page. */
  readonly names: readonly (readonly [string, string])[];
}

describeLive(["mit", "slapd", "mit-ldap", "curl"], "docs/delegation.md", () => {
  let project: string;
  beforeAll(async () => {
    await ensureBuild();
    project = mkdtempSync(path.join(tmpdir(), "krb5-remctl-delegation-"));
    mkdirSync(path.join(project, "node_modules"));
    symlinkSync(root, path.join(project, "node_modules", "krb5-remctl"));
    writeFileSync(path.join(project, "package.json"), JSON.stringify({ type: "module" }));
  }, START_MS);
  afterAll(() => rmSync(project, { recursive: true, force: true }));

  const writeProgram = ({ names, remctldPort }: World, code: string): string => {
    const port = `, { port: ${remctldPort}, service: "host/localhost@$REALM" }`;
    let text = code.replace('["account", "show"]', `["test", "env", "REMOTE_USER"]${port}`);
    for (const [theirs, ours] of names) text = text.replaceAll(theirs, () => ours);
    const file = path.join(mkdtempSync(path.join(project, "run-")), "program.js");
    writeFileSync(file, text);
    return file;
  };

  /** The page's server, asked by curl as each of the users. */
  async function serve(world: World, host: string, users: readonly string[]): Promise<readonly string[]> {
    const port = await freePort();
    const file = writeProgram(world, program("createServer").replace("8080", String(port)));
    const env = { ...process.env, KRB5_CONFIG: world.krb5Conf };
    const server = spawn(process.execPath, [file], { env, stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    server.stderr.on("data", (octets) => {
      said += octets;
    });
    try {
      await Promise.race([once(server.stdout, "data"), once(server, "exit").then(() => Promise.reject(Error(said)))]);
      const answers: string[] = [];
      for (const user of users) {
        const args = ["-s", "-w", " %{http_code}", "--resolve", `${host}:${port}:127.0.0.1`];
        const { text } = await runProgram(
          peers.curl.bin("curl"),
          [...args, "--negotiate", "-u", ":", `http://${host}:${port}/`],
          { env: { ...peers.curl.env, ...(await world.kinit(user)) } },
        );
        answers.push(`${text} ${/^[A-Z_]+ /.exec(said)?.[0] ?? ""}`.replaceAll("\n", "").trim());
        said = "";
      }
      return answers;
    } finally {
      server.kill();
    }
  }

  describe("MIT", () => {
    const bed = useBed(startLdapBed, START_MS);
    const remctld = useBed(() => startRemctld({ bed: bed(), keytab: bed().keytab.service }), START_MS);
    const world = (service = "HTTP/localhost"): World => ({
      krb5Conf: bed().krb5Conf,
      remctldPort: remctld().port,
      kinit: async (user) =>
        (await bed().kinit(user, { password: (bed().passwords as Record<string, string>)[user] as string })).env,
      names: [
        ["/etc/www.keytab", bed().keytab.service],
        ["HTTP/www.example.org@EXAMPLE.ORG", `${service}@LDAP.TEST`],
        ["server.example.org", "localhost"],
        ["EXAMPLE.ORG", "LDAP.TEST"],
        ["$REALM", "LDAP.TEST"],
      ],
    });

    it("curl's user comes with a ticket, and remctld sees the user; one who may not be delegated is refused", async () => {
      expect(await serve(world(), "localhost", ["alice", "nodeleg"])).toEqual([
        "alice@LDAP.TEST 200",
        "not done 403 DELEGATION_REFUSED",
      ]);
    });

    it.runIf(wholeTable)("a user who came by other means", async () => {
      const env = { ...process.env, KRB5_CONFIG: bed().krb5Conf };
      const file = writeProgram(world(), program('actFor("alice@'));
      expect((await promisify(execFile)(process.execPath, [file], { env })).stdout).toBe("alice@LDAP.TEST\n\n");
    });

    it.runIf(wholeTable)("the page's commands", async () => {
      const [kinit, kvno] = [...page.matchAll(/^ {4}krb5-remctl (.*)$/gm)].map(([, line]) =>
        (line as string)
          .replace("/etc/www.keytab", bed().keytab.service)
          .replace("www.example.org", "localhost")
          .replace("server.example.org", "localhost")
          .split(" "),
      );
      const env = { ...process.env, KRB5_CONFIG: bed().krb5Conf, KRB5CCNAME: `FILE:${project}/cc` };
      const cli = path.join(root, "dist/cli/main.js");
      const run = (args: string[] = []) => promisify(execFile)(process.execPath, [cli, ...args], { env });
      await run(kinit);
      expect((await run(kvno)).stdout).toMatch(/^host\/localhost@LDAP\.TEST: kvno = \d+\n$/);
    });
  });

  describe.runIf(wholeTable)("Samba", () => {
    describeLive("samba", "Active Directory", () => {
      const bed = useBed(startSambaBed, START_MS);
      const remctld = useBed(() => startRemctld({ bed: bed(), keytab: bed().keytab.service }), START_MS);

      it("the account of the service acts for curl's user, and not for one who is not to be delegated", async () => {
        const TRUSTED_ACCOUNT = 0x1000 | 0x10000;
        const NOT_DELEGATED = 0x100000 | 0x10000 | 0x200;
        await bed().modify(
          `dn: CN=WEB,CN=Computers,DC=ad,DC=test
changetype: modify
replace: userAccountControl
userAccountControl: ${TRUSTED_ACCOUNT}
-
replace: msDS-AllowedToDelegateTo
msDS-AllowedToDelegateTo: host/localhost

dn: CN=changer,CN=Users,DC=ad,DC=test
changetype: modify
replace: userAccountControl
userAccountControl: ${NOT_DELEGATED}
`,
        );
        const answers = await serve(
          {
            krb5Conf: bed().krb5Conf,
            remctldPort: remctld().port,
            kinit: async (user) => {
              const secret = (bed().passwords as Record<string, string>)[user] as string;
              return (await bed().kinit(user, { password: secret }, { args: ["-f"] })).env;
            },
            names: [
              ["/etc/www.keytab", bed().keytab.service],
              ["HTTP/www.example.org@EXAMPLE.ORG", `WEB$@${bed().realm}`],
              ["server.example.org", "localhost"],
              ["$REALM", bed().realm],
            ],
          },
          "web.ad.test",
          ["alice", "changer"],
        );
        expect(answers).toEqual([`alice@${bed().realm} 200`, "not done 403 DELEGATION_REFUSED"]);
      });
    });
  });
});
