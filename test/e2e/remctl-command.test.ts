// What `krb5-remctl remctl` has and the C program has not: with an embedded realm and our own server.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CommandHost } from "../../src/cli/command.ts";
import { failureOf } from "../../src/cli/commands/remctl-failure.ts";
import { plainReport } from "../../src/cli/commands/remctl-report.ts";
import { decodeCcacheFile } from "../../src/credentials/index.ts";
import { createRemctlServer, type RemctlServer } from "../../src/entry/server.ts";
import { createTestRealm, type TestRealm } from "../../src/entry/testing.ts";
import { RemctlServerError } from "../../src/errors.ts";
import type { Runtime } from "../../src/host/index.ts";
import { detectRuntime } from "../../src/runtime/index.ts";
import { fakeDns, type Rr, srv, zone } from "../support/dns-messages.ts";
import { type CommandWorld, runCommand } from "../support/remctl-command-host.ts";

const hosts = ["localhost", "127.0.0.1", "server.example.test", "a.example.test", "b.example.test", "elsewhere.test"];

let directory = "";
let realm: TestRealm;
const servers: RemctlServer[] = [];
let env: Record<string, string> = {};
let port = "";

async function serve(options: Partial<Parameters<typeof createRemctlServer>[0]> = {}): Promise<string> {
  const server = createRemctlServer({
    keytab: realm.keytab(hosts.map((host) => `host/${host}`)),
    commands: [
      {
        command: "test",
        subcommand: "echo",
        acl: ["ANYUSER"],
        handler: async ({ args, stdout }) => {
          for (const arg of args) await stdout.write(`${args.length}:${Buffer.from(arg).toString("hex")}\n`);
          return 0;
        },
      },
      {
        command: "test",
        subcommand: "size",
        acl: ["ANYUSER"],
        handler: async ({ args, stdout }) => {
          await stdout.write(`${args.map(({ length }) => length).join(" ")}\n`);
          return 0;
        },
      },
      {
        command: "test",
        subcommand: "both",
        acl: ["ANYUSER"],
        handler: async ({ stdout, stderr }) => {
          await stdout.write("one\ntwo");
          await stderr.write("trouble\n");
          return 3;
        },
      },
      {
        command: "test",
        subcommand: "octets",
        acl: ["ANYUSER"],
        handler: async ({ stdout }) => {
          await stdout.write(Uint8Array.of(0xff, 0xfe));
          return 0;
        },
      },
      {
        command: "test",
        subcommand: "lines",
        acl: ["ANYUSER"],
        handler: async ({ stdout }) => {
          await stdout.write("x\n".repeat(300_000));
          return 0;
        },
      },
      { command: "test", subcommand: "denied", acl: ["bob@TEST.EXAMPLE"], handler: () => 0 },
    ],
    ...options,
  });
  servers.push(server);
  await server.listen({ host: "127.0.0.1", port: 0 });
  return String(server.port);
}

beforeAll(async () => {
  directory = mkdtempSync(path.join(tmpdir(), "krb5-remctl-command-"));
  const names = Object.fromEntries(hosts.map((host) => [`host/${host}`, {}]));
  realm = await createTestRealm({ realm: "TEST.EXAMPLE", principals: { alice: { password: "secret" }, ...names } });
  await realm.listen();
  const file = (name: string, octets: Uint8Array | string): string => {
    writeFileSync(path.join(directory, name), octets, { mode: 0o600 });
    return path.join(directory, name);
  };
  env = {
    KRB5_CONFIG: file("krb5.conf", realm.krb5Conf()),
    KRB5CCNAME: `FILE:${file("cache", realm.ccache("alice"))}`,
  };
  port = await serve();
});
afterAll(async () => {
  for (const server of servers) await server.close();
  await realm.close();
  rmSync(directory, { recursive: true, force: true });
});

const call = (words: readonly string[], world: CommandWorld = {}) => runCommand(words, { env, ...world });
const run = (words: readonly string[], world: CommandWorld = {}) => call(["-p", port, ...words], world);
const hex = (text: string): string => Buffer.from(text).toString("hex");
const jsonLines = (text: string): Record<string, unknown>[] =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

it("reads the cache once for a command whose ticket is there", async () => {
  const cache = path.join(directory, "with-ticket");
  writeFileSync(cache, realm.ccache("alice", { services: ["host/localhost"] }), { mode: 0o600 });
  const runtime = detectRuntime();
  const files = runtime.files?.() as NonNullable<ReturnType<NonNullable<Runtime["files"]>>>;
  const reads: string[] = [];
  const watched = Object.assign(Object.create(files) as typeof files, {
    read: (file: string, options: object) => {
      reads.push(file);
      return files.read(file, options);
    },
  });
  const world: CommandWorld = {
    env: { ...env, KRB5CCNAME: `FILE:${cache}` },
    runtime: Object.assign(Object.create(runtime) as Runtime, { files: () => watched }),
  };
  expect(await run(["localhost", "test", "echo", "x"], world)).toMatchObject({ status: 0, stderr: "" });
  expect(reads.filter((file) => file === cache)).toHaveLength(1);
});

describe("arguments from elsewhere", () => {
  const expand = (words: readonly string[], world: CommandWorld = {}) =>
    run(["--expand", "localhost", "test", ...words], world);

  it("@- is standard input, octet for octet", async () => {
    const { status, stdout } = await expand(["echo", "x", "@-"], { input: Uint8Array.of(0, 0xff, 0x0a) });
    expect([status, stdout]).toEqual([0, `2:78\n2:00ff0a\n`]);
    expect((await expand(["echo", "@-"])).stdout).toBe("1:\n");
  });

  it("@FILE is a file's octets, also of one that says nothing of its size; a large one is sent as it is read", async () => {
    const small = path.join(directory, "small");
    const large = path.join(directory, "large");
    writeFileSync(small, "in a file\n");
    writeFileSync(large, Buffer.alloc(3_000_000, "x"));
    expect((await expand(["echo", `@${small}`])).stdout).toBe(`1:${hex("in a file\n")}\n`);
    expect((await expand(["size", `@${large}`, "@/dev/null", `@${small}`])).stdout).toBe("3000000 0 10\n");
    const missing = await expand(["echo", "@/no/such/file"]);
    expect([missing.status, missing.stdout]).toEqual([1, ""]);
    expect(missing.stderr).toMatch(/^remctl: .*no such file/);
  });

  it("@? is asked for twice, with a prompt of the command line's", async () => {
    const { stdout, prompts } = await expand(["echo", "@?", "@?New password"], { secrets: ["a", "a", "b c", "b c"] });
    expect(stdout).toBe(`2:${hex("a")}\n2:${hex("b c")}\n`);
    expect(prompts).toEqual(["Argument 3: ", "Argument 3 again: ", "New password: ", "New password again: "]);
  });

  it.each([
    ["is not the same twice", ["one", "two"]],
    ["ends before it was given again", ["one"]],
    ["is not given", []],
  ])("@? that %s: nothing is sent", async (_, secrets) => {
    const { status, stdout, stderr } = await expand(["echo", "@?"], { secrets });
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/nothing was sent/);
    expect(stderr).not.toMatch(/one|two/);
  });

  it("@@ is an @, and without --expand every word is itself", async () => {
    expect((await expand(["echo", "@@-", "a@b", "@@"])).stdout).toBe(
      `3:${hex("@-")}\n3:${hex("a@b")}\n3:${hex("@")}\n`,
    );
    expect((await run(["localhost", "test", "echo", "@-", "@@", "@?"], { input: "no" })).stdout).toBe(
      `3:${hex("@-")}\n3:${hex("@@")}\n3:${hex("@?")}\n`,
    );
  });

  it("standard input is read once", async () => {
    const { status, stderr } = await expand(["echo", "@-", "@-"], { input: "x" });
    expect([status, stderr]).toEqual([
      1,
      "remctl: @- stands for standard input, which can be read once, and is read already\n",
    ]);
  });
});

describe("JSON lines", () => {
  it("output as it comes, then the status", async () => {
    const { status, stdout, stderr } = await run(["--json", "localhost", "test", "both"]);
    const [out, err, end] = jsonLines(stdout);
    expect([status, stderr, out, err]).toEqual([
      3,
      "",
      { host: "localhost", stream: "stdout", text: "one\ntwo" },
      { host: "localhost", stream: "stderr", text: "trouble\n" },
    ]);
    expect(end).toEqual({ host: "localhost", status: 3, milliseconds: expect.any(Number) });
  });

  it("octets that are not UTF-8 in base64", async () => {
    const { stdout } = await run(["--json", "localhost", "test", "octets"]);
    expect(jsonLines(stdout)[0]).toEqual({ host: "localhost", stream: "stdout", base64: "//4=" });
  });

  it("errors of the server and of this side, with codes", async () => {
    const denied = await run(["--json", "localhost", "test", "denied"]);
    expect(denied.status).toBe(255);
    expect(jsonLines(denied.stdout)).toEqual([
      {
        host: "localhost",
        error: "Access denied",
        remoteCode: 6,
        code: "REMCTL_ACCESS_DENIED",
        commandState: "completed",
        detail: expect.stringContaining("access list"),
        milliseconds: expect.any(Number),
      },
    ]);
    const refused = await call(["--json", "-p", "1", "localhost", "x"]);
    expect(refused.status).toBe(1);
    expect(jsonLines(refused.stdout)).toMatchObject([
      { error: "cannot connect to localhost (port 1): Connection refused", code: "CONNECT", commandState: "not-sent" },
    ]);
  });
});

describe("what cannot be done before there is a connection", () => {
  it("is a JSON line where those are asked for", async () => {
    for (const [words, error] of [
      [["", "x"], "cannot resolve host : Name or service not known"],
      [["--expand", "localhost", "x", "@/nonexistent"], expect.stringContaining("ENOENT")],
    ] as const) {
      const { status, stdout, stderr } = await run(["--json", ...words]);
      expect([status, stderr]).toEqual([1, ""]);
      expect(jsonLines(stdout)).toMatchObject([{ error }]);
    }
  });
});

describe("many hosts", () => {
  it("each line behind its host, one host's output in one piece, the highest status", async () => {
    const { status, stdout, stderr } = await run(["--hosts", "localhost,127.0.0.1", "test", "both"]);
    expect(status).toBe(3);
    const lines = (host: string): string => `${host}: one\n${host}: two\n`;
    expect([lines("localhost") + lines("127.0.0.1"), lines("127.0.0.1") + lines("localhost")]).toContain(stdout);
    expect(stderr.split("\n").sort()).toEqual([
      "",
      "127.0.0.1: exit status 3",
      "127.0.0.1: trouble",
      "localhost: exit status 3",
      "localhost: trouble",
    ]);
  });

  it("a failure of one is its own; hosts from a file and from standard input", async () => {
    const file = path.join(directory, "hosts");
    writeFileSync(file, "# all of them\nlocalhost\n\n  no-such-host.invalid # gone\n");
    for (const [name, input] of [
      [file, undefined],
      ["-", "localhost\nno-such-host.invalid"],
    ] as const) {
      const { status, stdout, stderr } = await run(
        ["--hosts-file", name, "--concurrency", "1", "test", "size", "abc"],
        input === undefined ? {} : { input },
      );
      expect([status, stdout]).toEqual([1, "localhost: 3\n"]);
      expect(stderr).toMatch(/^no-such-host.invalid: remctl: .*no-such-host.invalid/);
    }
  });

  it("JSON lines name their host", async () => {
    const { status, stdout } = await run(["--json", "--hosts=localhost", "--hosts=127.0.0.1", "test", "denied"]);
    expect(status).toBe(255);
    for (const { milliseconds } of jsonLines(stdout)) expect(milliseconds).toBeGreaterThan(0);
    expect(
      jsonLines(stdout)
        .map(({ host, code }) => `${host} ${code}`)
        .sort(),
    ).toEqual(["127.0.0.1 REMCTL_ACCESS_DENIED", "localhost REMCTL_ACCESS_DENIED"]);
  });

  it("takes @ arguments once for all", async () => {
    const { stdout, prompts } = await run(["--expand", "--hosts", "localhost,127.0.0.1", "test", "size", "@?", "@-"], {
      secrets: ["four", "four"],
      input: "five!",
    });
    expect([stdout.split("\n").sort(), prompts.length]).toEqual([["", "127.0.0.1: 4 5", "localhost: 4 5"], 2]);
  });

  it("a host with many lines is as good as another", async () => {
    const { status, stdout, stderr } = await run(["--hosts", "localhost", "test", "lines"]);
    expect([status, stderr, stdout.length]).toEqual([0, "", 300_000 * "localhost: x\n".length]);
  });

  it("standard input is for the hosts or for an argument", async () => {
    const line = ["--expand", "--hosts-file", "-", "test", "size", "@-"];
    const { status, stdout, stderr } = await run(line, { input: "localhost" });
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr).toContain("read already");
  });

  it("no host, and no command, are mistakes", async () => {
    for (const words of [
      ["--hosts", ",", "x"],
      ["--hosts", "a"],
      ["--concurrency", "0", "a", "b"],
    ]) {
      expect((await run(words)).status).toBe(1);
    }
  });
});

describe("SRV records", () => {
  /** A world in which DNS says this, and every name is this machine. */
  async function worldOf(records: readonly Rr[]): Promise<CommandWorld & { readonly connected: string[] }> {
    const dns = await fakeDns(zone(records));
    const dnsPort = Number(dns.address.split(":").at(-1));
    const real = detectRuntime();
    const connected: string[] = [];
    const names: string[] = [];
    const readFile = async (name: string, options?: { readonly maxBytes?: number }) =>
      name === "/etc/resolv.conf" ? Buffer.from("nameserver 127.0.0.1\n") : real.files?.().read(name, options);
    const runtime: Runtime = {
      ...real,
      files: () => Object.assign(Object.create(real.files?.() as object), { read: readFile }),
      connectUdp: (host, to, options) =>
        (real.connectUdp as NonNullable<Runtime["connectUdp"]>)(host, to === 53 ? dnsPort : to, options),
      // Every name is this machine.
      lookUp: async (host) => {
        names.push(host);
        return ["127.0.0.1"];
      },
      connectTcp: (host, to, options) => {
        connected.push(`${names.at(-1) ?? host}:${to}`);
        return (real.connectTcp as NonNullable<Runtime["connectTcp"]>)("127.0.0.1", to, options);
      },
    };
    return { runtime, connected };
  }

  it("name the server, its port and its principal; the next one is tried where the first is not there", async () => {
    const world = await worldOf([
      srv("_remctl._tcp.example.test", 10, 0, Number(port), "b.example.test"),
      srv("_remctl._tcp.example.test", 5, 0, 1, "a.example.test"),
    ]);
    const { status, stdout, stderr } = await call(["--srv", "example.test", "test", "size", "abc"], world);
    expect([status, stdout, stderr]).toEqual([0, "3\n", ""]);
    expect(world.connected.filter((one) => !one.startsWith("127."))).toEqual([
      "a.example.test.:1",
      `b.example.test.:${port}`,
    ]);
  });

  it("that name a server outside the domain need a principal from the person: DNS does not choose it", async () => {
    const records = [srv("_remctl._tcp.example.test", 0, 0, Number(port), "elsewhere.test")];
    const world = await worldOf(records);
    const refused = await call(["--srv", "example.test", "test", "size", "abc"], world);
    expect([refused.status, refused.stdout]).toEqual([1, ""]);
    expect(refused.stderr).toMatch(/elsewhere\.test, which is not in example\.test/);
    expect(world.connected.filter((one) => one.startsWith("elsewhere"))).toEqual([]);
    const named = await call(["--srv", "-s", "host/elsewhere.test", "example.test", "test", "size", "abc"], world);
    expect([named.status, named.stdout]).toEqual([0, "3\n"]);
    const lookalike = await worldOf([srv("_remctl._tcp.example.test", 0, 0, Number(port), "evilexample.test")]);
    expect((await call(["--srv", "example.test", "test", "size"], lookalike)).status).toBe(1);
  });

  it("a server that answers is the one: no other is tried", async () => {
    const only = await serve({ version1: "only" });
    const world = await worldOf([
      srv("_remctl._tcp.example.test", 1, 0, Number(only), "a.example.test"),
      srv("_remctl._tcp.example.test", 2, 0, Number(port), "b.example.test"),
    ]);
    const { status, stdout, stderr } = await call(["--srv", "example.test", "test", "size", "abc"], world);
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/downgrade/);
    expect(world.connected.filter((one) => one.startsWith("b.example.test"))).toEqual([]);
  });

  it("where there are none, the host is the server; where they say that there is no server, there is none", async () => {
    const world = await worldOf([]);
    const { status, stdout } = await call(["--srv", "-p", port, "server.example.test", "test", "size", "abc"], world);
    expect([status, stdout]).toEqual([0, "3\n"]);
    const none = await worldOf([srv("_remctl._tcp.example.test", 0, 0, 0, "")]);
    const { status: refused, stderr } = await call(["--srv", "example.test", "test", "size"], none);
    expect([refused, stderr]).toEqual([1, "remctl: example.test says in DNS that it has no remctl server\n"]);
  });
});

describe("versions of the protocol", () => {
  it("1 where it is asked for; merged output, the server's refusals as output with status 255", async () => {
    const only = await serve({ version1: "only" });
    const downgrade = await call(["-p", only, "localhost", "test", "size", "abc"]);
    expect([downgrade.status, downgrade.stdout]).toEqual([1, ""]);
    expect(downgrade.stderr).toMatch(/downgrade/);
    for (const way of [["--allow-version-1"], ["--protocol", "1"]]) {
      const both = await call([...way, "-p", only, "localhost", "test", "both"]);
      expect([both.status, both.stdout, both.stderr]).toEqual([3, "one\ntwotrouble\n", ""]);
      const denied = await call([...way, "-p", only, "localhost", "test", "denied"]);
      expect([denied.status, denied.stdout, denied.stderr]).toEqual([255, "Access denied\n", ""]);
    }
    expect((await run(["--allow-version-1", "localhost", "test", "size", "abc"])).stdout).toBe("3\n");
    expect((await run(["--protocol", "3", "localhost", "x"])).status).toBe(1);
  });

  it("with a server that has both, each client gets what it asked for; one that refuses version 1 closes", async () => {
    const both = await serve({ version1: "allow" });
    const joined = await call(["--protocol", "1", "-p", both, "localhost", "test", "both"]);
    expect([joined.status, joined.stdout, joined.stderr]).toEqual([3, "one\ntwotrouble\n", ""]);
    for (const way of [["--allow-version-1"], []]) {
      const apart = await call([...way, "-p", both, "localhost", "test", "both"]);
      expect([apart.status, apart.stdout, apart.stderr]).toEqual([3, "one\ntwo", "trouble\n"]);
    }
    const refused = await run(["--protocol", "1", "localhost", "test", "both"]);
    expect([refused.status, refused.stderr]).toEqual([1, "remctl: error receiving token: unexpected end of file\n"]);
  });
});

describe("the cache of the person", () => {
  it("keeps its login and its other tickets, whatever a server says", async () => {
    const cache = path.join(directory, "kept");
    writeFileSync(cache, realm.ccache("alice"), { mode: 0o600 });
    const world = { env: { ...env, KRB5CCNAME: `FILE:${cache}` } };
    expect((await run(["localhost", "test", "size", "abc"], world)).stdout).toBe("3\n");
    const tickets = (): string[] =>
      decodeCcacheFile(readFileSync(cache))
        // One that was removed is marked so by its times.
        .credentials.filter(({ endTime }) => endTime.getTime() > Date.now())
        .map(({ server }) => server.components.join("/"));
    const kept = ["krbtgt/TEST.EXAMPLE", "host/localhost"];
    expect(tickets()).toEqual(kept);
    // Servers that refuse the ticket-granting ticket, and one that shows no reason at all.
    for (const service of ["krbtgt/TEST.EXAMPLE", "krbtgt/TEST.EXAMPLE@TEST.EXAMPLE"]) {
      expect((await run(["-s", service, "localhost", "x"], world)).stderr).toMatch(/GSS-API error/);
      expect(tickets()).toEqual(kept);
    }
    const only = await serve({ version1: "only" });
    expect((await call(["-p", only, "localhost", "x"], world)).stderr).toMatch(/downgrade/);
    expect(tickets()).toEqual(kept);
  });
});

describe("what a person sees", () => {
  it("-d: every step on standard error, with its time", async () => {
    const { status, stdout, stderr } = await run(["-d", "localhost", "test", "size", "abc"]);
    expect([status, stdout]).toEqual([0, "3\n"]);
    const steps = stderr.trimEnd().split("\n");
    for (const step of [
      /Connecting to localhost port/,
      /creds for alice@TEST.EXAMPLE -> host\/localhost/,
      /Context established/,
      /Sent command: 3 arguments/,
      /Received 2 bytes for stdout/,
      /ended with status 0/,
    ]) {
      expect(
        steps.some((line) => step.test(line)),
        String(step),
      ).toBe(true);
    }
    for (const line of steps) expect(line).toMatch(/^remctl: +\d+ ms: /);
  });

  it("-d: the library's own words for a failure, after those of the C program", async () => {
    const { status, stderr } = await call(["-d", "-p", "1", "localhost", "x"]);
    expect(status).toBe(1);
    expect(stderr).toContain("remctl: cannot connect to localhost (port 1): Connection refused\n");
    expect(stderr).toMatch(/remctl: CONNECT, not-sent: .*tcp:\/\/localhost:1/);
  });

  it("no control character of a server's error reaches a terminal; a pipe gets it as it came", async () => {
    for (const [isTerminal, expected] of [
      [true, "gone?[2J\n"],
      [false, "gone\u001b[2J\n"],
    ] as const) {
      const written: string[] = [];
      const stderr = {
        isTerminal,
        write: async (data: Uint8Array | string) => void written.push(Buffer.from(data).toString()),
      };
      const error = new RemctlServerError("REMCTL_SERVER", "", 1, "gone?[2J", Buffer.from("gone\u001b[2J"));
      const host = { name: "remctl", stderr } as unknown as CommandHost;
      const about = { host: "h", port: 1, service: undefined, stage: "reading" } as const;
      await plainReport(host).failure(await failureOf(host, error, about));
      expect(written.join("")).toBe(expected);
    }
  });

  it.each([
    [
      "of the kernel's keyring",
      "KEYRING:persistent:1000",
      /KEYRING:persistent:1000: the kernel's keyring cannot be reached/,
    ],
    ["that is damaged", "FILE:damaged", /damaged: .*not a credential cache: its first octet is not 5/],
    ["of a type that nobody knows", "BOGUS:x", /BOGUS is not a type of cache/],
  ])("a cache %s: what is wrong with it", async (_, name, words) => {
    writeFileSync(path.join(directory, "damaged"), "no cache", { mode: 0o600 });
    const KRB5CCNAME = name.replace("FILE:", `FILE:${directory}/`);
    const { status, stderr } = await run(["localhost", "test", "echo"], { env: { ...env, KRB5CCNAME } });
    expect(status).toBe(1);
    expect(stderr).toMatch(/^remctl: GSS-API error initializing context: No credentials were supplied/);
    expect(stderr).toMatch(words);
    expect(stderr).not.toContain("No Kerberos credentials available");
  });

  it("a login from a client keytab, where there are no tickets", async () => {
    const keytab = path.join(directory, "alice.keytab");
    writeFileSync(keytab, realm.keytab("alice"), { mode: 0o600 });
    const more = { KRB5CCNAME: `FILE:${path.join(directory, "fresh")}`, KRB5_CLIENT_KTNAME: `FILE:${keytab}` };
    expect((await run(["localhost", "test", "size", "abc"], { env: { ...env, ...more } })).stdout).toBe("3\n");
  });
});
