// Programs of docs/getting-started.md and docs/migrating, each as it stands but for the names of its world, against a real KDC
// and remctld.

import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { freePort, PASSWORDS, startMitBed, startRemctld } from "../../tools/beds/index.mjs";
import { runtimePath } from "../../tools/runtimes/index.mjs";
import { describeLive, useBed, wholeTable } from "../support/live.ts";
import { type Names, renamed, usePageProject } from "../support/page-project.ts";
import { programOf } from "../support/pages.ts";
import { describeRuntimes } from "../support/runtimes.ts";

const run = promisify(execFile);

const project = usePageProject("pages");

describeLive("mit", "programs of the pages", () => {
  const world = useBed(async () => {
    const bed = await startMitBed();
    const commands: [string, string, string][] = [
      ["account", "show", 'echo "account: $2"'],
      ["log", "show", "echo a line; echo another >&2; exit 3"],
    ];
    const remctld = await startRemctld({ bed, commands });
    return { bed, remctld, close: async () => void (await Promise.all([remctld.close(), bed.close()])) };
  });

  /** The program in a file, with the names of this world. */
  const write = (page: string, marker: string, changes: Names = []): string => {
    const { bed, remctld } = world();
    const code = renamed(programOf(page, marker), [
      ...changes,
      ["EXAMPLE.ORG", bed.realm],
      ["tcp://kdc.example.org:88", bed.kdc[0] as string],
      ['remctl("server.example.org", [', 'remctl("localhost", ['],
      ['["account", "show", "alice"])', `["account", "show", "alice"], { port: ${remctld.port} })`],
      ['connect("server.example.org")', `connect("localhost", { port: ${remctld.port} })`],
      ["server.example.org", "localhost"],
    ]);
    return project().write(code);
  };
  const env = () => ({ ...process.env, ALICE_PASSWORD: PASSWORDS.alice, KRB5_CONFIG: world().bed.krb5Conf });
  /** The environment of somebody who ran kinit. */
  const login = async (): Promise<NodeJS.ProcessEnv> => {
    const { env: own } = await world().bed.kinit("alice", { password: PASSWORDS.alice as string });
    const { LD_LIBRARY_PATH: _, ...rest } = own;
    return { ...process.env, ...rest };
  };

  it("getting started: Node", async () => {
    const file = write("docs/getting-started.md", "process.env.ALICE_PASSWORD");
    expect((await run(process.execPath, [file], { env: env() })).stdout).toBe("account: alice\n\n");
  });

  describeRuntimes("with the same program", () => {
    it.runIf(wholeTable)("getting started: Bun", async () => {
      const file = write("docs/getting-started.md", "process.env.ALICE_PASSWORD");
      expect((await run(runtimePath("bun"), [file], { env: env() })).stdout).toBe("account: alice\n\n");
    });

    it.runIf(wholeTable)("getting started: Deno, with the permissions that the page names", async () => {
      const { bed, remctld } = world();
      const file = write("docs/getting-started.md", "process.env.ALICE_PASSWORD");
      const net = `--allow-net=${new URL(bed.kdc[0] as string).host},localhost:${remctld.port}`;
      const flags = ["run", "--no-prompt", "--allow-env=ALICE_PASSWORD", net, file];
      expect((await run(runtimePath("deno"), flags, { env: { ...env(), NO_COLOR: "1" } })).stdout).toBe(
        "account: alice\n\n",
      );
    });
  });

  it.runIf(wholeTable)("getting started: Lambda", async () => {
    const { bed } = world();
    const port = `["account", "show", user], { port: ${world().remctld.port} })`;
    const file = write("docs/getting-started.md", "export async function handler", [
      ['["account", "show", user])', port],
    ]);
    const call = `import(${JSON.stringify(file)}).then(({ handler }) => handler({ user: "bob" })).then((a) => console.log(JSON.stringify(a)))`;
    const keytab = readFileSync(bed.keytab.robot).toString("base64");
    const { stdout } = await run(process.execPath, ["-e", call], { env: { ...env(), KEYTAB: keytab } });
    expect(JSON.parse(stdout)).toEqual({ statusCode: 200, body: "account: bob\n" });
  });

  it("from the C remctl: one command, and several on a connection", async () => {
    const options = { env: await login() };
    const one = write("docs/migrating/c-remctl.md", "import { remctl }");
    expect((await run(process.execPath, [one], options)).stdout).toBe("account: alice\n\n");
    const more = await run(process.execPath, [write("docs/migrating/c-remctl.md", "session.noop()")], options);
    expect([more.stdout, more.stderr]).toEqual(["0 account: alice\na line\nstatus 3\n", "another\n"]);
  });

  it("from libkrb5: logs in, keeps the tickets, gets one for a service", async () => {
    const cache = path.join(project().folder, "krb5cc_alice");
    const file = write("docs/migrating/mit-tools.md", "contentsOfLogin(login)", [["/tmp/krb5cc_alice", cache]]);
    expect((await run(process.execPath, [file], { env: env() })).stdout).toBe("host/localhost true\n");
    expect(existsSync(cache)).toBe(true);
  });

  it("from gokrb5: a server and its client", async () => {
    const { bed } = world();
    const port = await freePort();
    const file = write("docs/migrating/gokrb5.md", "negotiateFetch", [
      ["/etc/http.keytab", bed.keytab.service],
      ["/etc/robot.keytab", bed.keytab.robot],
      ["www.example.org", "localhost"],
      ["8080", String(port)],
    ]);
    expect((await run(process.execPath, [file], { env: env() })).stdout).toBe(`hello robot@${bed.realm}\n\n`);
  });

  it("from Kerberos.NET: a token for a header, and its check", async () => {
    const file = write("docs/migrating/kerberos-net.md", "createSpnegoAcceptor", [
      ["/etc/http.keytab", world().bed.keytab.service],
      ["www.example.org", "localhost"],
    ]);
    expect((await run(process.execPath, [file], { env: await login() })).stdout).toBe("alice true\n");
  });
});
