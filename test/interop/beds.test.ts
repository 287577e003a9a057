// The beds themselves, with the native programs of each peer. A test of the library against a bed that grants
// everything would prove nothing, so each bed must also refuse a wrong password.

import { createHash } from "node:crypto";
import net from "node:net";
import { expect, it } from "vitest";
import {
  ALL_ENCTYPES,
  acceptorData,
  largeOutput,
  runProgram,
  startGssAcceptor,
  startHeimdalBed,
  startMitBed,
  startRemctld,
} from "../../tools/beds/index.mjs";
import { describeLive, peers, rowsOf, useBed, wholeTable } from "../support/live.ts";

const FULL_NAMES = {
  "aes256-sha2": "aes256-cts-hmac-sha384-192",
  "aes128-sha2": "aes128-cts-hmac-sha256-128",
  "aes256-sha1": "aes256-cts-hmac-sha1-96",
  "aes128-sha1": "aes128-cts-hmac-sha1-96",
};
const ALICE = { password: "alice-password" };

async function sessionEnctypes(env: Record<string, string>): Promise<string[]> {
  const { text } = await runProgram(peers.mit.bin("klist"), ["-e"], { env });
  return [...text.matchAll(/Etype \(skey, tkt\): ([^,]+),/g)].map((match) => match[1] ?? "");
}

describeLive("mit", "MIT bed", () => {
  const bed = useBed(() => startMitBed({ services: ["host/extra"] }));

  it.each(
    rowsOf(
      "alice",
      "bob",
      "bob-aes128sha1",
      "bob-aes256sha1",
      "bob-aes128sha2",
      "bob-aes256sha2",
      "nopreauth",
      "jürgen",
    ),
  )("lets %s in by password", async (name) => {
    const login = await bed().kinit(name, { password: bed().passwords[name] ?? "" });
    expect(login.status, login.text).toBe(0);
  });

  it.each(
    rowsOf<[string, string, RegExp]>(
      ["alice", "wrong", /Password incorrect/],
      ["nobody", "any", /not found in Kerberos database/],
      ["expired", "expired-password", /entry in database has expired/],
      ["pwexpired", "pwexpired-password", /Password expired/],
      ["locked", "locked-password", /revoked/],
    ),
  )("refuses %s with %s", async (name, password, message) => {
    const login = await bed().kinit(name, { password });
    expect(login.status).not.toBe(0);
    expect(login.text).toMatch(message);
  });

  it("lets alice and robot in by keytab", async () => {
    for (const name of ["alice", "robot"] as const) {
      const login = await bed().kinit(name, { keytab: bed().keytab[name] });
      expect(login.status, login.text).toBe(0);
    }
  });

  it.each(rowsOf(...ALL_ENCTYPES))("pins the session key to %s", async (enctype) => {
    const kdc = await bed().startKdc({ permittedEnctypes: [enctype] });
    const remctld = await startRemctld({ bed: bed() });
    const login = await bed().kinit("alice", ALICE, { krb5Conf: kdc.krb5Conf });
    const run = await remctld.run(login.env, ["test", "test"]);
    expect(run.text).toBe("hello world\n");
    expect(await sessionEnctypes(login.env)).toEqual([FULL_NAMES[enctype], FULL_NAMES[enctype]]);
    await remctld.close();
    await kdc.close();
  });

  it.runIf(wholeTable)("serves UDP only, TCP only, and says when a reply is too big for UDP", async () => {
    const trace = async (options: Parameters<ReturnType<typeof bed>["startKdc"]>[0]) => {
      const kdc = await bed().startKdc(options);
      const file = `${bed().dir}/trace-${kdc.port}`;
      const login = await runProgram(peers.mit.bin("kinit"), ["alice"], {
        env: { ...kdc.env, KRB5_TRACE: file, KRB5CCNAME: `FILE:${file}.cc` },
        input: "alice-password\n",
      });
      const { text } = await runProgram("cat", [file]);
      await kdc.close();
      return { login, text, kdc: kdc.kdc };
    };
    const udp = await trace({ tcp: false });
    expect(udp.kdc).toEqual([expect.stringMatching(/^udp:/)]);
    expect(udp.login.status, udp.login.text).toBe(0);
    expect(udp.text).toMatch(/Received answer .* from dgram/);
    const tcp = await trace({ udp: false });
    expect(tcp.kdc).toEqual([expect.stringMatching(/^tcp:/)]);
    expect(tcp.login.status, tcp.login.text).toBe(0);
    expect(tcp.text).toMatch(/Received answer .* from stream/);
    const big = await trace({ maxDgramReplySize: 200 });
    expect(big.login.status, big.login.text).toBe(0);
    expect(big.text).toMatch(/Response too big/i);
  });
});

describeLive("mit", "MIT bed with SPAKE", () => {
  const bed = useBed(() => startMitBed({ spake: true }));

  it("offers SPAKE, and a wrong password still fails", async () => {
    const trace = `${bed().dir}/trace`;
    const env = { ...bed().env, KRB5_TRACE: trace, KRB5CCNAME: `FILE:${trace}.cc` };
    const right = await runProgram(peers.mit.bin("kinit"), ["alice"], { env, input: "alice-password\n" });
    expect(right.status, right.text).toBe(0);
    expect((await runProgram("cat", [trace])).text).toMatch(/SPAKE/);
    expect((await bed().kinit("alice", { password: "wrong" })).text).toMatch(/Password incorrect/);
  });
});

describeLive(["mit", "faketime"], "MIT bed with a clock 10 minutes off", () => {
  const bed = useBed(() => startMitBed());

  it("moves a KDC's clock", async () => {
    const kdc = await bed().startKdc({ clockOffsetSeconds: 600 });
    const login = await bed().kinit("alice", ALICE, { krb5Conf: kdc.krb5Conf });
    expect(login.status, login.text).toBe(0);
    const { text } = await runProgram(peers.mit.bin("klist"), [], { env: login.env });
    const start = /(\d\d)\/(\d\d)\/(\d\d) (\d\d):(\d\d):(\d\d)/.exec(text)?.slice(1).map(Number) ?? [];
    const [month = 0, day = 0, year = 0, hour = 0, minute = 0, second = 0] = start;
    // klist shows times by the KDC's clock minus the offset it remembers, or not; either is a plausible 10 minutes.
    const issued = Date.UTC(2000 + year, month - 1, day, hour, minute, second);
    expect(Math.abs(issued - Date.now() - 600_000)).toBeLessThan(60_000);
    await kdc.close();
  });

  it.each(rowsOf<[number, RegExp]>([600, /Clock skew too great/], [-600, /Ticket not yet valid/]))(
    "moves remctld's clock by %i s",
    async (clockOffsetSeconds, message) => {
      const remctld = await startRemctld({ bed: bed(), clockOffsetSeconds });
      const login = await bed().kinit("alice", ALICE);
      const run = await remctld.run(login.env, ["test", "test"]);
      expect(run.status).toBe(1);
      expect(run.text).toMatch(message);
      await remctld.close();
    },
  );
});

describeLive("mit", "two MIT realms that trust each other", () => {
  const password = "trust-password";
  const one = useBed(() => startMitBed({ realm: "ONE.TEST", trust: [{ realm: "TWO.TEST", password }] }));
  const two = useBed(() => startMitBed({ realm: "TWO.TEST", trust: [{ realm: "ONE.TEST", password }] }));

  it("lets a user of one use a service of the other", async () => {
    one().addRealm(two());
    two().addRealm(one());
    const remctld = await startRemctld({ bed: two(), service: "host/localhost@TWO.TEST" });
    const login = await one().kinit("alice", ALICE);
    const run = await remctld.run(login.env, ["test", "env", "REMOTE_USER"]);
    expect(run.text).toBe("alice@ONE.TEST\n");
    await remctld.close();
  });
});

describeLive("heimdal", "Heimdal bed", () => {
  const bed = useBed(() => startHeimdalBed());

  it.each(
    rowsOf("alice", "bob-aes128sha1", "bob-aes256sha1", "bob-aes128sha2", "bob-aes256sha2", "nopreauth", "jürgen"),
  )("lets %s in by password", async (name) => {
    const login = await bed().kinit(name, { password: bed().passwords[name] ?? "" });
    expect(login.status, login.text).toBe(0);
  });

  it.each(
    rowsOf<[string, string, RegExp]>(
      ["alice", "wrong", /Password incorrect/],
      ["nobody", "any", /not found in Kerberos database/],
      ["expired", "expired-password", /entry in database has expired/],
      ["pwexpired", "pwexpired-password", /Password expired/],
      ["locked", "locked-password", /revoked|policy/],
    ),
  )("refuses %s with %s", async (name, password, message) => {
    const login = await bed().kinit(name, { password });
    expect(login.status).not.toBe(0);
    expect(login.text).toMatch(message);
  });

  it("lets alice and robot in by keytab", async () => {
    for (const name of ["alice", "robot"] as const) {
      const login = await bed().kinit(name, { keytab: bed().keytab[name] });
      expect(login.status, login.text).toBe(0);
    }
  });

  it.each(rowsOf(...ALL_ENCTYPES))("gives a %s session key to a client that offers only that", async (enctype) => {
    const remctld = await startRemctld({ bed: bed() });
    const login = await bed().kinit("alice", ALICE, { krb5Conf: bed().krb5ConfFor([enctype]) });
    const run = await remctld.run(login.env, ["test", "test"]);
    expect(run.text).toBe("hello world\n");
    expect(await sessionEnctypes(login.env)).toEqual([FULL_NAMES[enctype], FULL_NAMES[enctype]]);
    await remctld.close();
  });
});

describeLive("mit", "remctld bed", () => {
  const bed = useBed(() => startMitBed());
  const remctld = useBed(() => startRemctld({ bed: bed() }));
  let env: Record<string, string> | undefined;
  const run = async (...command: string[]) => {
    env ??= (await bed().kinit("alice", ALICE)).env;
    const result = await remctld().run(env, command);
    return {
      status: result.status,
      stdout: String(result.stdout),
      stderr: String(result.stderr),
      octets: result.stdout,
    };
  };
  const ok = (stdout: string, stderr = "") => ({ status: 0, stdout, stderr });

  /** Those of a plain `npm test`: one that is good, and one that is refused. */
  const plain = ["test test", "test noacl"];
  const commands: readonly (readonly [string, object])[] = [
    ["test test", ok("hello world\n")],
    ["test status 0", ok("")],
    ["test status 1", { status: 1, stdout: "", stderr: "" }],
    ["test status 200", { status: 200, stdout: "", stderr: "" }],
    ["test status 255", { status: 255, stdout: "", stderr: "" }],
    ["test mixed", { status: 7, stdout: "out1\nout2\n", stderr: "err1\n" }],
    ["test stderr a b", ok("", "a b\n")],
    ["test streaming", ok("This is the first line\nThis is the third line\n", "This is the second line\n")],
    ["test env REMOTE_USER", ok("alice@EXAMPLE.TEST\n")],
    ["test env REMUSER", ok("alice@EXAMPLE.TEST\n")],
    ["test env REMOTE_ADDR", ok("127.0.0.1\n")],
    ["test env REMCTL_COMMAND", ok("test\n")],
    ["test argv a b c", ok("3\n")],
    ["test closed", ok("Okay\n")],
    ["test background", ok("Parent\n")],
    ["test stdin read abc", ok("abc")],
    ["test stdin write abc", ok("Okay\n")],
    ["test stdin exit abc", ok("Okay\n")],
    ["test stdin close abc", ok("Okay\n")],
    ["test stdin slow abc", ok("3\n")],
    ["test cat abc", ok("abc")],
    ["test count-stdin abc", ok(`3\n${createHash("sha256").update("abc").digest("hex")}\n`)],
    ["test no-newline", ok("no newline")],
    ["test sigpipe", { status: 255, stdout: "", stderr: "" }],
    ["test killed", { status: 255, stdout: "before\n", stderr: "" }],
    [
      "test nonexistent",
      { status: 255, stdout: "", stderr: "remctld: cannot execute command: No such file or directory\n" },
    ],
    ["test noauth", { status: 255, stdout: "", stderr: "Access denied\n" }],
    ["test noacl", { status: 255, stdout: "", stderr: "Access denied\n" }],
    ["test alice-only", ok("hello world\n")],
    ["nothing here", { status: 255, stdout: "", stderr: "Unknown command\n" }],
    ["help", ok("summary text\nsubcommand summary\n")],
    ["help helpme", ok("help text\n")],
    ["help helpme subhelp", ok("subhelp text\n")],
    ["help test test", { status: 255, stdout: "", stderr: "No help defined for command\n" }],
    ["empty", ok("0\n")],
    ["all x", ok("0\n")],
    ["foo bar", ok("0\n")],
    ["foo baz", { status: 255, stdout: "", stderr: "Unknown command\n" }],
  ];
  it.each(commands.filter(([command]) => wholeTable || plain.includes(command)))("%s", async (command, expected) => {
    expect(await run(...command.split(" "))).toMatchObject(expected);
  });

  it("passes arguments byte exact", async () => {
    expect(await run("test", "echo-args", "a", "", "ü", "tab\there")).toMatchObject(
      ok("61\n\nc3bc\n7461620968657265\n"),
    );
  });

  it("passes output byte exact", async () => {
    expect([...(await run("test", "binary")).octets]).toEqual([...Array(256).keys()]);
    expect((await run("test", "large-output", "1728361")).octets.equals(largeOutput(1_728_361))).toBe(true);
  });

  it.each(
    rowsOf<[string, RegExp]>(
      ["host/changed", /Key version is not available/],
      ["host/replaced", /Decrypt integrity check failed/],
    ),
  )("refuses a ticket for %s, whose key is newer than the keytab", async (service, message) => {
    await run("test", "test");
    const stale = await startRemctld({ bed: bed(), keytab: bed().keytab.oldService, service });
    const result = await stale.run(env ?? {}, ["test", "test"]);
    expect(result.status).toBe(1);
    expect(result.text).toMatch(message);
    await stale.close();
  });
});

describeLive("python-gssapi", "GSS acceptor bed", () => {
  const bed = useBed(() => startMitBed());
  const acceptor = useBed(() => startGssAcceptor({ bed: bed() }));

  it("survives garbage and keeps listening", async () => {
    for (let round = 0; round < 2; round++) {
      const socket = net.connect(acceptor().port, "127.0.0.1");
      socket.write(Uint8Array.of(0, 0, 0, 3, 1, 2, 3));
      await new Promise((resolve) => socket.once("close", resolve).resume());
    }
    expect(acceptor().logs()).toMatch(/context failed/);
  });

  it("talks to libgssapi's initiator", async () => {
    const login = await bed().kinit("alice", ALICE);
    const python = peers["python-gssapi"];
    const script = `
import gssapi, json, socket, struct, sys
def frame(op, payload):
    s.sendall(struct.pack(">cI", op, len(payload)) + payload)
    kind, n = struct.unpack(">cI", f.read(5))
    return kind, f.read(n)
s = socket.create_connection(("127.0.0.1", ${acceptor().port})); f = s.makefile("rb")
c = gssapi.SecurityContext(name=gssapi.Name("host@localhost", gssapi.NameType.hostbased_service), usage="initiate")
t = c.step()
while True:
    s.sendall(struct.pack(">I", len(t)) + t)
    t = c.step(f.read(struct.unpack(">I", f.read(4))[0]))
    if c.complete: break
out = [json.loads(frame(b"I", b"")[1]), json.loads(frame(b"W", c.wrap(b"abc", True).message)[1])]
out.append(c.unwrap(frame(b"S", struct.pack(">I", 1000))[1]).message.hex())
m = frame(b"M", struct.pack(">I", 5))[1]; c.verify_signature(m[4:9], m[9:])
out.append(json.loads(frame(b"V", struct.pack(">I", 2) + b"hi" + c.get_signature(b"hi"))[1]))
out.append(frame(b"W", b"junk")[0].decode())
print(json.dumps(out))
`;
    const result = await runProgram(python.bin("python3"), ["-c", script], { env: { ...login.env, ...python.env } });
    expect(result.status, result.text).toBe(0);
    const [info, wrapped, sealed, verified, error] = JSON.parse(String(result.stdout));
    expect(info).toMatchObject({ initiator: "alice@EXAMPLE.TEST", mech: "1.2.840.113554.1.2.2" });
    expect(info.flags).toContain("mutual_authentication");
    expect(wrapped).toEqual({
      length: 3,
      sha256: createHash("sha256").update("abc").digest("hex"),
      confidential: true,
    });
    expect(sealed).toBe(Buffer.from(acceptorData(1000)).toString("hex"));
    expect(verified).toEqual({ verified: true });
    expect(error).toBe("E");
  });
});
