import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { encodeCredential, openCache, openCollection } from "../../../src/credentials/index.ts";
import { CredentialError, DecodeError } from "../../../src/errors.ts";
import { parsePrincipal } from "../../../src/krb5/index.ts";
import { connectUnix } from "../../../src/runtime/node-unix.ts";
import { makeCredential, plainCredential, randomBytes } from "../../support/credentials.ts";
import { type FakeKcm, startFakeKcm } from "../../support/fake-kcm.ts";
import { rejectedWith } from "../../support/rejected.ts";

const alice = parsePrincipal("alice@EXAMPLE.ORG");
/** The least octets that are a credential in version 4: two names of nothing, no key, no times, no ticket. */
const TINY = Buffer.alloc(67);
const [GET_CRED_LIST, REPLACE] = [13001, 13002];
let dir: string;
let kcm: FakeKcm | undefined;

beforeEach(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), "ccache-kcm-"));
});
afterEach(async () => {
  await kcm?.close();
  kcm = undefined;
  fs.rmSync(dir, { recursive: true });
});

const socket = () => path.join(dir, "s");
const start = async (without: number[] = []) => {
  kcm = await startFakeKcm(socket(), { without });
  return kcm;
};
const host = () => ({ connectUnix, randomBytes, kcmSocket: socket() });
const open = (name = "KCM:0") => openCache(name, host());

const failureOf = rejectedWith(CredentialError);

describe("a KCM cache", () => {
  it("is written in one step by a daemon that can", async () => {
    const daemon = await start();
    await open().initialize({ principal: alice, credentials: [makeCredential("a/1@R"), makeCredential("a/2@R")] });
    expect(daemon.seen).toEqual([REPLACE]);
    expect((await open().read())?.credentials).toHaveLength(2);
    expect(daemon.seen).toContain(GET_CRED_LIST);
  });

  it("gets along with a daemon that has Heimdal's operations only", async () => {
    const daemon = await start([GET_CRED_LIST, REPLACE]);
    const credentials = [makeCredential("a/1@R"), makeCredential("a/2@R")];
    await open().initialize({ principal: alice, credentials, clockOffsetMs: 3_000 });
    await open().setConfig({ key: "x", value: Uint8Array.of(1) });
    await open().setConfig({ key: "x", value: Uint8Array.of(2) });
    expect(await open().remove(({ server }) => server.components[1] === "1")).toBe(1);
    const contents = await open().read();
    expect(contents?.credentials.map(plainCredential)).toEqual(credentials.slice(1).map(plainCredential));
    expect(contents?.config).toEqual([{ key: "x", value: Uint8Array.of(2) }]);
    expect(contents?.clockOffsetMs).toBe(3_000);
    expect(daemon.seen).toContain(10);
  });

  it("without a name is the daemon's default", async () => {
    await start();
    await open("KCM:0").initialize({ principal: alice });
    expect((await open("KCM:").read())?.principal).toEqual(alice);
    await openCollection("KCM:", host())?.setPrimary(open("KCM:7"));
    expect(await open("KCM:").read()).toBeUndefined();
  });

  it("of a daemon that has none yet is an empty list", async () => {
    await start();
    expect(await openCollection("KCM:", host())?.list()).toEqual([]);
  });

  it("says that no daemon answers, and what to do", async () => {
    const error = await failureOf(open().read());
    expect(error.message).toContain("no KCM daemon answers");
    expect(error.message).toContain("KRB5CCNAME");
    expect(error.cause).toMatchObject({ code: "ENOENT" });
  });

  it("CC12: refuses replies that are too long, cut off, too many or nonsense", async () => {
    const daemon = await start();
    const answers = [
      "ffffffff 00000000",
      "00a00001 00000000",
      "00000004 00000000 00000000 00",
      "00000002 00000000 0000",
      "00000004 00000000 00000000 00000004 00000000 00000000",
      "00000008 00000000 00000000 ffffffff",
      "0000000c 00000000 00000000 00000001 ffffffff",
    ];
    for (const answer of answers) {
      daemon.answer = Buffer.from(answer.replaceAll(" ", ""), "hex");
      const error = await failureOf(open().read());
      expect([answer, error.cause]).toEqual([answer, expect.any(DecodeError)]);
    }
  });

  it("CC12: refuses replies that together are longer than any cache, and more tickets than any has", async () => {
    const daemon = await start();
    await open().initialize({ principal: alice });
    daemon.answers.set(GET_CRED_LIST, [13, Buffer.alloc(0)]);
    // Three tickets, each of which fits; and the words of the daemon that stand between are short.
    const ticket = new Uint8Array(6 * 2 ** 20);
    daemon.answers.set(9, [0, Buffer.alloc(16 * 3)]);
    daemon.answers.set(10, [0, Buffer.from(encodeCredential(makeCredential("a/1@R", { ticket })))]);
    expect((await failureOf(open().read())).cause).toMatchObject({
      message: expect.stringContaining("replies of more than 16777216 octets"),
    });
    daemon.answers.set(9, [0, Buffer.alloc(16 * 2)]);
    expect((await open().read())?.credentials).toHaveLength(2);
    daemon.answers.clear();
    const listOf = (count: number): [number, Buffer] => {
      const one = Buffer.concat([Buffer.alloc(4), TINY]);
      one.writeUInt32BE(TINY.length);
      const head = Buffer.alloc(4);
      head.writeUInt32BE(count);
      return [0, Buffer.concat([head, ...Array<Buffer>(count).fill(one)])];
    };
    daemon.answers.set(GET_CRED_LIST, listOf(25_001));
    expect((await failureOf(open().read())).cause).toMatchObject({
      message: expect.stringContaining("more than 25000 credentials"),
    });
    daemon.answers.set(GET_CRED_LIST, listOf(25_000));
    expect((await open().read())?.credentials).toHaveLength(25_000);
  });

  it("reports the status of a daemon that refuses", async () => {
    const daemon = await start();
    for (const answer of ["00000004000000000000000d", "000000040000000d00000000"]) {
      daemon.answer = Buffer.from(answer, "hex");
      expect((await failureOf(open().read())).message).toContain("status 13");
      expect((await failureOf(open().initialize({ principal: alice }))).message).toContain("status 13");
    }
  });

  it("that ends while it is used is said to be absent, by each of the daemon's three words for that", async () => {
    const daemon = await start();
    for (const status of [-1765328189, -1765328243, -1765328242]) {
      await open().initialize({ principal: alice });
      daemon.answers.set(6, [status, Buffer.alloc(0)]);
      expect((await failureOf(open().store(makeCredential("a/1@R")))).reason).toBe("missing");
      daemon.answers.set(5, [status, Buffer.alloc(0)]);
      expect(await open().destroy()).toBe(false);
      daemon.answers.set(8, [status, Buffer.alloc(0)]);
      expect(await open().read()).toBeUndefined();
      expect(await open().destroy()).toBe(false);
      expect((await failureOf(open().store(makeCredential("a/1@R")))).reason).toBe("missing");
      daemon.answers.clear();
    }
    daemon.answers.set(6, [13, Buffer.alloc(0)]);
    expect((await failureOf(open().store(makeCredential("a/1@R")))).message).toContain("refused with status 13");
  });

  it("with a name and no octets of a principal is not there yet, alone and in a collection", async () => {
    const daemon = await start();
    await open().initialize({ principal: alice });
    const collection = openCollection("KCM:", host());
    expect((await collection?.list())?.map(({ name }) => name)).toEqual(["KCM:0"]);
    daemon.answers.set(8, [0, Buffer.alloc(0)]);
    expect(await open().read()).toBeUndefined();
    expect(await collection?.list()).toEqual([]);
    daemon.answers.set(8, [-1765328189, Buffer.alloc(0)]);
    expect(await collection?.list()).toEqual([]);
    daemon.answers.clear();
    // It went between the list and the look.
    daemon.answers.set(19, [-1765328242, Buffer.alloc(0)]);
    expect(await collection?.list()).toEqual([]);
    daemon.answers.set(19, [13, Buffer.alloc(0)]);
    expect((await failureOf(collection?.list() ?? Promise.resolve())).message).toContain("status 13");
  });

  it("refuses octets behind a reply, lists that are not whole, and the daemon's refusal of any step", async () => {
    const daemon = await start();
    daemon.answer = Buffer.from("0000000400000000000000000a", "hex");
    expect((await failureOf(open().destroy())).cause).toMatchObject({
      message: expect.stringContaining("octets after the reply"),
    });
    daemon.answer = undefined;
    await open().initialize({ principal: alice, credentials: [makeCredential("a/1@R")] });
    const collection = openCollection("KCM:", host());
    const list = async () => (await collection?.list()) ?? [];
    for (const length of [1, 15, 17, 16 * 10_001]) {
      for (const operation of [9, 18]) daemon.answers.set(operation, [0, Buffer.alloc(length)]);
      daemon.answers.set(GET_CRED_LIST, [13, Buffer.alloc(0)]);
      for (const call of [() => open().read(), list]) {
        const { reason, cause } = await failureOf(call());
        expect([length, reason, cause]).toEqual([length, "damaged", expect.any(DecodeError)]);
      }
    }
    daemon.answers.clear();
    const refused = async (operation: number, promise: () => Promise<unknown>, ...without: number[]) => {
      for (const one of [operation, ...without]) daemon.answers.set(one, [13, Buffer.alloc(0)]);
      expect([operation, (await failureOf(promise())).message]).toEqual([
        operation,
        expect.stringContaining("the KCM daemon refused with status 13"),
      ]);
      daemon.answers.clear();
    };
    const write = () => open().initialize({ principal: alice, credentials: [makeCredential("a/1@R")] });
    await refused(5, () => open().destroy());
    await refused(8, () => open().read());
    await refused(4, write, REPLACE);
    await refused(6, write, REPLACE);
    await refused(23, write, REPLACE);
    await refused(9, () => open().read(), GET_CRED_LIST);
    await refused(10, () => open().read(), GET_CRED_LIST);
    await refused(6, () => open().setConfig({ key: "x", value: Uint8Array.of(1) }));
    await refused(20, () => open("KCM:").read());
    await refused(20, list);
    await refused(18, list);
    await refused(3, async () => await collection?.create());
    await refused(20, async () => await collection?.primary());
    await refused(21, async () => await collection?.setPrimary(open()));
    await write();
  });

  it("passes over a ticket that went between the list and the look, and lists the primary first", async () => {
    const daemon = await start();
    for (const name of ["KCM:1", "KCM:0", "KCM:2"]) await open(name).initialize({ principal: alice });
    const collection = openCollection("KCM:", host());
    expect((await collection?.list())?.map(({ name }) => name)).toEqual(["KCM:0", "KCM:1", "KCM:2"]);
    await collection?.setPrimary(open("KCM:2"));
    expect((await collection?.list())?.map(({ name }) => name)[0]).toBe("KCM:2");
    await expect(collection?.setPrimary(openCache("MEMORY:a", host()))).rejects.toThrow(TypeError);
    await open().initialize({ principal: alice, credentials: [makeCredential("a/1@R")] });
    daemon.answers.set(GET_CRED_LIST, [13, Buffer.alloc(0)]);
    daemon.answers.set(10, [-1765328243, Buffer.alloc(0)]);
    expect((await open().read())?.credentials).toEqual([]);
  });

  it("gives up when the daemon is silent and the caller says so", async () => {
    const daemon = await start();
    daemon.answer = Buffer.alloc(0);
    const error = await failureOf(open().read({ signal: AbortSignal.timeout(50) }));
    expect(error.cause).toMatchObject({ code: "ABORTED" });
  });

  it("refuses a name that would end early for the daemon", async () => {
    await start();
    await expect(open("KCM:a\0b").read()).rejects.toThrow(TypeError);
  });
});
