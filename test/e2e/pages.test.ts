// Programs of docs/getting-started.md and docs/migrating, each as it stands but for the names of its world, against a real KDC
// and remctld.

import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { freePort, PASSWORDS, startMitBed, startRemctld } from "../../tools/beds/index.mjs";
import { ensureBuild } from "../../tools/bootstrap.mjs";
import { runtimePath } from "../../tools/runtimes/index.mjs";
import { describeLive, useBed } from "../support/live.ts";
import { programOf } from "../support/pages.ts";
import { describeRuntimes } from "../support/runtimes.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const run = promisify(execFile);

let project: string;
beforeAll(async () => {
  await ensureBuild();
  project = mkdtempSync(path.join(tmpdir(), "krb5-remctl-pages-"));
  mkdirSync(path.join(project, "node_modules"));
  symlinkSync(root, path.join(project, "node_modules", "krb5-remctl"));
  // What npm install leaves, and Deno asks for.
  writeFileSync(path.join(project, "package.json"), JSON.stringify({ dependencies: { "krb5-remctl": "*" } }));
}, 180_000);
afterAll(() => rmSync(project, { recursive: true, force: true }));

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
  const write = (page: string, marker: string, changes: readonly (readonly [string, string])[] = []): string => {
    const { bed, remctld } = world();
    let code = programOf(page, marker);
    for (const [theirs, ours] of [
      ...changes,
      ["EXAMPLE.ORG", bed.realm],
      ["tcp://kdc.example.org:88", bed.kdc[0] as string],
      ['remctl("server.example.org", [', 'remctl("localhost", ['],
      ['["account", "show", "alice"])', `["account", "show", "alice"], { port: ${remctld.port} })`],
      ['connect("server.example.org")', `connect("localhost", { port: ${remctld.port} })`],
      ["server.example.org", "localhost"],
    ] as const) {
      code = code.replaceAll(theirs, ours);
    }
    const file = path.join(mkdtempSync(path.join(project, "run-")), "program.mjs");
    writeFileSync(file, code);
    return file;
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
    it("getting started: Bun", async () => {
      const file = write("docs/getting-started.md", "process.env.ALICE_PASSWORD");
      expect((await run(runtimePath("bun"), [file], { env: env() })).stdout).toBe("account: alice\n\n");
    });

    it("getting started: Deno, with the permissions that the page names", async () => {
      const { bed, remctld } = world();
      const file = write("docs/getting-started.md", "process.env.ALICE_PASSWORD");
      const net = `--allow-net=${new URL(bed.kdc[0] as string).host},localhost:${remctld.port}`;
      const flags = ["run", "--no-prompt", "--allow-env=ALICE_PASSWORD", net, file];
      expect((await run(runtimePath("deno"), flags, { env: { ...env(), NO_COLOR: "1" } })).stdout).toBe(
        "account: alice\n\n",
      );
    });
  });

  it("getting started: Lambda", async () => {
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
    expect([more.stdout, more.stderr]).toEqual(["a line\nstatus 3\n", "another\n"]);
  });

  it("from libkrb5: logs in, keeps the tickets, gets one for a service", async () => {
    const cache = path.join(project, "krb5cc_alice");
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
