import dgram from "node:dgram";
import net from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { concat } from "../../../src/bytes/index.ts";
import { decodeCcacheFile, decodeKeytab } from "../../../src/credentials/index.ts";
import { createTestRealm, type Fault, type TestRealm } from "../../../src/entry/testing.ts";
import { TransportError } from "../../../src/errors.ts";
import { type Connection, connectionOf } from "../../../src/host/index.ts";
import { applicationTag, decodeKrbError } from "../../../src/krb5/index.ts";
import { TestRealm as RealmClass } from "../../../src/testing/realm.ts";
import { asBody, asReq, encTypes, errorOf, login, openTgsRep, tgsBody, tgsReq } from "./requests.ts";

let realm: TestRealm;

beforeEach(async () => {
  realm = await createTestRealm({
    realm: "TEST.EXAMPLE",
    enctypes: [17],
    principals: { alice: { password: "secret" }, "host/localhost": {} },
  });
});

afterEach(() => realm.close());

const request = (client = "alice") => asReq(asBody(realm, client, { etype: [17] }));

function framed(message: Uint8Array, length = message.length): Uint8Array {
  const word = new Uint8Array(4);
  new DataView(word.buffer).setUint32(0, length);
  return concat(word, message);
}

/** Everything that comes until the other side closes. */
async function readAll(connection: Connection): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for (let part = await connection.read(); part !== undefined; part = await connection.read()) parts.push(part.slice());
  return concat(...parts);
}

async function readFrames(connection: Connection, count: number): Promise<Uint8Array[]> {
  const frames: Uint8Array[] = [];
  let all = new Uint8Array(0);
  while (frames.length < count) {
    const length = all.length < 4 ? Number.POSITIVE_INFINITY : new DataView(all.buffer, all.byteOffset).getUint32(0);
    if (all.length >= 4 + length) {
      frames.push(all.subarray(4, 4 + length));
      all = all.subarray(4 + length);
      continue;
    }
    const part = await connection.read();
    if (part === undefined) throw new Error(`ended after ${all.length} octets`);
    all = concat(all, part) as Uint8Array<ArrayBuffer>;
  }
  return frames;
}

async function readFrame(connection: Connection): Promise<Uint8Array> {
  const [frame] = await readFrames(connection, 1);
  return frame ?? new Uint8Array(0);
}

function dial(): Connection {
  return connectionOf(realm.dial("kdc.test.example", 88));
}

const code = (answer: Uint8Array) => decodeKrbError(answer).errorCode;

describe("dial: the KDC over a stream without sockets (RFC 4120 section 7.2.2)", () => {
  it("answers several requests on one connection, in any pieces", async () => {
    const connection = dial();
    const all = framed(request());
    await connection.write(all.slice(0, 3));
    await connection.write(all.slice(3, 50));
    await connection.write(all.slice(50));
    expect(code(await readFrame(connection))).toBe(25);
    await connection.write(framed(request("nobody")));
    expect(code(await readFrame(connection))).toBe(6);
    await connection.close();
  });

  it("answers two requests that came at once, in their order", async () => {
    const connection = dial();
    await connection.write(concat(framed(request()), framed(request("nobody"))));
    expect((await readFrames(connection, 2)).map(code)).toEqual([25, 6]);
    await connection.close();
  });

  it("refuses what is announced too long, and closes", async () => {
    const connection = dial();
    await connection.write(framed(request(), 0x80000010));
    const answer = await readAll(connection);
    expect(code(answer.subarray(4))).toBe(61);
  });

  it("drop, half-message, dribble, length-word", async () => {
    realm.fault({ name: "drop", count: 1 });
    let connection = dial();
    await connection.write(framed(request()));
    expect(await readAll(connection)).toHaveLength(0);

    realm.fault({ name: "half-message", count: 1 });
    connection = dial();
    await connection.write(framed(request()));
    const half = await readAll(connection);
    expect(half.length).toBe((4 + new DataView(half.slice().buffer).getUint32(0)) >> 1);

    realm.fault({ name: "dribble", count: 1 });
    connection = dial();
    await connection.write(framed(request()));
    expect(await connection.read()).toHaveLength(1);
    expect(await connection.read()).toHaveLength(1);
    connection.abort();

    realm.fault({ name: "length-word", value: 0xffffffff, count: 1 });
    connection = dial();
    await connection.write(framed(request()));
    const octets = (await connection.read()) ?? new Uint8Array(0);
    expect([...octets.subarray(0, 4)]).toEqual([255, 255, 255, 255]);
    connection.abort();
  });

  it("silence keeps the connection and answers the next request", async () => {
    realm.fault({ name: "silence", count: 1 });
    const connection = dial();
    await connection.write(framed(request()));
    await connection.write(framed(request("nobody")));
    expect(code(await readFrame(connection))).toBe(6);
    await connection.close();
  });

  it("slow", async () => {
    realm.fault({ name: "slow", ms: 60 });
    const connection = dial();
    const before = Date.now();
    await connection.write(framed(request()));
    await readFrame(connection);
    expect(Date.now() - before).toBeGreaterThanOrEqual(55);
    await connection.close();
  });

  it("leads to the realm whose KDC the host is", async () => {
    const other = await createTestRealm({ realm: "OTHER.EXAMPLE", trusts: [realm], principals: { olga: {} } });
    const ask = async (host: string): Promise<string> => {
      const connection = connectionOf(realm.dial(host, 88));
      await connection.write(framed(request()));
      const { realm: name, errorCode } = decodeKrbError(await readFrame(connection));
      await connection.close();
      return `${name} ${errorCode}`;
    };
    expect(await ask("kdc.test.example")).toBe("TEST.EXAMPLE 25");
    expect(await ask("kdc.other.example")).toBe("TEST.EXAMPLE 6");
    expect(other.kdc).toEqual(["tcp://kdc.other.example:88"]);
    await other.close();
  });

  it("is refused with an aborted signal", () => {
    expect(() => realm.dial("kdc.test.example", 88, { signal: AbortSignal.abort() })).toThrow("abort");
  });
});

describe("transport: the KDC without framing", () => {
  it("answers for each realm that is known here", async () => {
    expect(code(await realm.transport.exchange("TEST.EXAMPLE", request()))).toBe(25);
    await expect(realm.transport.exchange("NOWHERE", request())).rejects.toMatchObject({ code: "KDC_UNREACHABLE" });
  });

  it("waits in silence until it is aborted", async () => {
    realm.fault({ name: "silence" });
    const abort = new AbortController();
    const waiting = realm.transport.exchange("TEST.EXAMPLE", request(), { signal: abort.signal });
    const cause = new Error("enough");
    abort.abort(cause);
    await expect(waiting).rejects.toBeInstanceOf(TransportError);
    await expect(waiting).rejects.toMatchObject({ code: "ABORTED", cause });
  });

  it("asks nothing with an aborted signal", async () => {
    const fault = realm.fault({ name: "drop" });
    const asked = realm.transport.exchange("TEST.EXAMPLE", request(), { signal: AbortSignal.abort() });
    await expect(asked).rejects.toMatchObject({ code: "ABORTED" });
    expect(fault.hits).toBe(0);
  });

  it.each([[], [{ name: "slow", ms: 100_000 }]] as Fault[][])("its silence ends with the realm", async (...also) => {
    for (const fault of [{ name: "silence" } as const, ...also]) realm.fault(fault);
    const waiting = realm.transport.exchange("TEST.EXAMPLE", request());
    waiting.catch(() => {});
    await realm.close();
    await expect(waiting).rejects.toBeInstanceOf(TransportError);
    await expect(waiting).rejects.toMatchObject({ code: "CONNECTION_CLOSED" });
  });

  it("rejects where a connection would be closed", async () => {
    realm.fault({ name: "drop" });
    await expect(realm.transport.exchange("TEST.EXAMPLE", request())).rejects.toMatchObject({
      code: "CONNECTION_CLOSED",
    });
  });

  it("slow: at once if the realm is closed meanwhile", async () => {
    realm.fault({ name: "slow", ms: 30, count: 1 });
    expect(code(await realm.transport.exchange("TEST.EXAMPLE", request()))).toBe(25);
    realm.fault({ name: "slow", ms: 100_000 });
    const waiting = realm.transport.exchange("TEST.EXAMPLE", request());
    await realm.close();
    expect(code(await waiting)).toBe(25);
  });
});

describe("listen: loopback sockets", () => {
  function tcp(octets: Uint8Array): Promise<Uint8Array> {
    const port = Number(realm.kdc[0]?.split(":")[2]);
    return new Promise((resolve, reject) => {
      const socket = net.connect(port, "127.0.0.1");
      const parts: Uint8Array[] = [];
      socket.on("data", (part) => parts.push(new Uint8Array(part)));
      socket.on("end", () => resolve(concat(...parts)));
      socket.on("error", reject);
      socket.end(octets);
    });
  }

  function udp(octets: Uint8Array, waitMs = 2000): Promise<Uint8Array | undefined> {
    const port = Number(realm.kdc[1]?.split(":")[2]);
    return new Promise((resolve) => {
      const socket = dgram.createSocket("udp4");
      const timer = setTimeout(() => done(undefined), waitMs);
      const done = (answer: Uint8Array | undefined): void => {
        clearTimeout(timer);
        socket.close();
        resolve(answer);
      };
      socket.on("message", (message) => done(new Uint8Array(message)));
      socket.send(octets, port, "127.0.0.1");
    });
  }

  it("answers over TCP, also to who has ended its side, and over UDP", async () => {
    await realm.listen();
    expect(realm.kdc[0]?.replace("tcp", "udp")).toBe(realm.kdc[1]);
    expect(code((await tcp(framed(request()))).subarray(4))).toBe(25);
    expect(code((await udp(request())) ?? new Uint8Array(0))).toBe(25);
  });

  it("says over UDP that an answer is too big, and gives it over TCP", async () => {
    await realm.listen();
    realm.setPolicy({ maxDatagramBytes: 150 });
    expect(code((await udp(request())) ?? new Uint8Array(0))).toBe(52);
    expect(code((await tcp(framed(request()))).subarray(4))).toBe(25);
  });

  it("says nothing to what is no request, and stays", async () => {
    await realm.listen();
    expect(await udp(Uint8Array.of(1, 2, 3), 100)).toBeUndefined();
    expect(code((await udp(request())) ?? new Uint8Array(0))).toBe(25);
  });

  it("drop and silence over UDP are no answer", async () => {
    await realm.listen();
    realm.fault({ name: "drop", count: 1 });
    expect(await udp(request(), 100)).toBeUndefined();
  });

  it("listens once, closes, and its port is free again", async () => {
    await realm.listen();
    const port = Number(realm.kdc[0]?.split(":")[2]);
    await expect(realm.listen()).rejects.toThrow("already");
    const idle = net.connect(port, "127.0.0.1");
    await new Promise((resolve) => idle.on("connect", resolve));
    const ended = new Promise((resolve) => idle.on("close", resolve));
    idle.on("error", () => {});
    idle.resume();
    await realm.close();
    await ended;
    await realm.close();
    realm = await createTestRealm({ realm: "TEST.EXAMPLE" });
    await realm.listen({ port });
    expect(realm.kdc[0]).toBe(`tcp://127.0.0.1:${port}`);
  });

  it("is missing on a host without sockets", async () => {
    const host = { runtime: { name: "web" }, provider: encTypes.provider } as const;
    const { createRealm } = await import("../../../src/testing/create-realm.ts");
    const bare = await createRealm({ realm: "WEB.EXAMPLE" }, host);
    expect(bare).toBeInstanceOf(RealmClass);
    await expect(bare.listen()).rejects.toMatchObject({ code: "UNSUPPORTED_BY_RUNTIME" });
    await bare.close();
  });
});

describe("what a realm gives beside answers", () => {
  it("keytabs with the keys of now, or of all times", () => {
    realm.rotateKey("host/localhost");
    const { entries } = decodeKeytab(realm.keytab(["host/localhost", "alice"]));
    expect(entries.map(({ principal, kvno }) => [principal.components.join("/"), kvno])).toEqual([
      ["host/localhost", 2],
      ["alice", 1],
    ]);
    expect(decodeKeytab(realm.keytab("host/localhost", { history: true })).entries.map(({ kvno }) => kvno)).toEqual([
      2, 1,
    ]);
    expect(() => realm.keytab("nobody")).toThrow(RangeError);
    expect(() => realm.rotateKey("alice")).toThrow("setPassword");
  });

  it("caches whose tickets the KDC takes", () => {
    const { principal, credentials } = decodeCcacheFile(
      realm.ccache("alice", { services: ["host/localhost"], forwardable: true, renewLifetimeSeconds: 86_400 }),
    );
    expect(principal).toMatchObject({ realm: "TEST.EXAMPLE", components: ["alice"] });
    expect(credentials.map(({ server }) => server.components.join("/"))).toEqual([
      "krbtgt/TEST.EXAMPLE",
      "host/localhost",
    ]);
    expect(credentials[0]?.flags).toBe(0x40e10000);
    expect(() => realm.ccache("nobody")).toThrow(RangeError);
  });

  it("new passwords, and principals that come and go", async () => {
    await login(realm, "alice", "secret", { etype: [17] });
    await realm.setPassword("alice", "changed");
    await expect(login(realm, "alice", "secret", { etype: [17] })).rejects.toThrow("KRB-ERROR 24");
    const { rep } = await login(realm, "alice", "changed", { etype: [17] });
    expect(rep.encPart.kvno).toBe(2);
    realm.removePrincipal("alice");
    expect(errorOf(realm.handle(request())).errorCode).toBe(6);
  });

  it("krb5.conf text", async () => {
    await realm.listen();
    const other = await createTestRealm({ realm: "OTHER.EXAMPLE", trusts: [realm], principals: { "host/far": {} } });
    const text = realm.krb5Conf({ transport: "tcp", libdefaults: ["forwardable = true"] });
    const address = realm.kdc[0]?.slice(6);
    expect(text).toContain("default_realm = TEST.EXAMPLE");
    expect(text).toContain(`TEST.EXAMPLE = {\n    kdc = ${address}`);
    expect(text).toContain("OTHER.EXAMPLE = {\n    kdc = kdc.other.example:88");
    expect(text).toContain("  far = OTHER.EXAMPLE");
    expect(text).toContain("  localhost = TEST.EXAMPLE");
    expect(text).toContain("udp_preference_limit = 1\n");
    expect(text).toContain("  forwardable = true");
    expect(realm.krb5Conf({ for: "heimdal", transport: "udp" })).toContain(`kdc = udp/${address}`);
    await other.close();
  });

  it("shows nothing of its keys", () => {
    expect(JSON.stringify(realm)).not.toContain("secret");
  });

  it.each([
    [{ realm: "" }, TypeError],
    [{ realm: "A/B" }, TypeError],
    [{ realm: "X", enctypes: [23] }, RangeError],
    [{ realm: "X", principals: { "host/": {} } }, TypeError],
    [{ realm: "X", principals: { a: { enctypes: [23] } } }, Error],
  ])("refuses %j", async (options, error) => {
    await expect(createTestRealm(options)).rejects.toThrow(error);
  });

  it("works on a clock that a test gives", async () => {
    const now = Date.UTC(2030, 0, 1);
    const still = await createTestRealm({ realm: "STILL.EXAMPLE", now: () => now });
    const { stime } = errorOf(still.handle(asReq(asBody(still, "nobody"))));
    expect(stime).toEqual(new Date(now));
    await still.close();
  });
});

describe("octets that are no good request", () => {
  /** It must not throw, and must say an error or nothing. */
  function check(octets: Uint8Array): void {
    const answer = realm.handle(octets, { transport: "udp" });
    if (answer !== undefined && ![11, 13, 30].includes(applicationTag(answer) ?? 0))
      throw new Error("a strange answer");
  }

  it("every cut and every changed octet of an AS-REQ and a TGS-REQ", async () => {
    const tgt = await login(realm, "alice", "secret", { etype: [17] });
    const good = tgsReq(tgt, tgsBody(realm, "host/localhost", { etype: [17] }));
    openTgsRep(realm.handle(good), tgt.sessionKey);
    for (const octets of [tgt.request, good]) {
      for (let i = 0; i < octets.length; i++) {
        check(octets.subarray(0, i));
        for (const bits of [0x01, 0x80, 0xff]) {
          const copy = octets.slice();
          copy[i] = (copy[i] ?? 0) ^ bits;
          check(copy);
        }
      }
    }
  });

  it("nothing, one octet, much, deep", () => {
    check(new Uint8Array(0));
    for (let i = 0; i < 256; i++) check(Uint8Array.of(i));
    check(new Uint8Array(2 ** 21).fill(0x6a));
    check(concat(Uint8Array.of(0x6a, 0x80), new Uint8Array(100_000).fill(0x30)));
    expect(errorOf(realm.handle(Uint8Array.of(0x6a, 0))).errorCode).toBe(60);
    expect(realm.handle(Uint8Array.of(0x6e, 0))).toBeUndefined();
  });
});
