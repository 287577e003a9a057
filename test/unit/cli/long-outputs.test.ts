// What a command prints is whole, however long it is; and one server that prints much is nothing to the others.

import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { CommandHost } from "../../../src/cli/command.ts";
import { jsonReport, type Report, taggedReport } from "../../../src/cli/commands/remctl-report.ts";
import { parseArgs } from "../../../src/cli/getopt.ts";
import { withPlainText } from "../../../src/cli/text.ts";
import { createTestRealm, type TestRealm } from "../../../src/entry/testing.ts";
import { runCli } from "../../support/cli.ts";

const root = fs.mkdtempSync(path.join(os.tmpdir(), "krb5-remctl-long-"));
afterAll(() => fs.rmSync(root, { recursive: true, force: true }));
const file = (name: string, octets: Uint8Array | string): string => {
  fs.writeFileSync(path.join(root, name), octets, { mode: 0o600 });
  return path.join(root, name);
};

let realm: TestRealm;
let env: Record<string, string> = {};
beforeAll(async () => {
  realm = await createTestRealm({ realm: "TEST.EXAMPLE", principals: { alice: { password: "secret" }, "host/a": {} } });
  env = { KRB5_CONFIG: file("krb5.conf", "[libdefaults]\n default_realm = TEST.EXAMPLE\n") };
});

it("klist shows every ticket of a cache whose lines are more than a megabyte", async () => {
  const one = Buffer.from(realm.ccache("alice", { services: ["host/a"] }));
  const ticket = one.subarray(realm.ccache("alice").length);
  const cache = file("many", Buffer.concat([one, ...Array<Buffer>(19_999).fill(ticket)]));
  const { status, stdout } = await runCli(["klist", "-c", cache], { env });
  expect(status).toBe(0);
  expect(stdout.length).toBeGreaterThan(1_048_576);
  expect(stdout.match(/ host\/a@TEST\.EXAMPLE$/gm)).toHaveLength(20_000);
});

it("klist -C shows a setting of many lines, and a name of a setting adds none", async () => {
  const cache = Buffer.from(realm.ccache("alice"));
  const realmName = "X-CACHECONF:";
  const data = (text: Buffer | string): Buffer => {
    const octets = Buffer.from(text);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(octets.length);
    return Buffer.concat([length, octets]);
  };
  const u32 = (value: number): Buffer => Buffer.from(Uint32Array.of(value).buffer).swap32();
  // The entry as libkrb5 writes it: its client is the cache's, which stands behind the header.
  const header = 4 + cache.readUInt16BE(2);
  const owner = cache.subarray(header, header + principalBytes(cache, header));
  const entry = Buffer.concat([
    owner,
    ...[u32(0), u32(2), data(realmName), data("krb5_ccache_conf_data"), data("key\nTicket cache: FILE:other")],
    ...[Buffer.alloc(2), data(""), Buffer.alloc(16), Buffer.alloc(1), u32(0), u32(0), u32(0)],
    ...[data(Buffer.alloc(1_000_000, 0x01)), data("")],
  ]);
  const { status, stdout, stderr } = await runCli(
    ["klist", "-C", "-c", file("setting", Buffer.concat([cache, entry]))],
    {
      env,
    },
  );
  expect([status, stderr]).toEqual([0, ""]);
  expect(stdout.match(/^Ticket cache: /gm)).toHaveLength(1);
  expect(stdout.match(/\\001/g)).toHaveLength(1_000_000);
});

function principalBytes(cache: Buffer, start: number): number {
  let at = start + 8;
  for (let left = 1 + cache.readUInt32BE(start + 4); left > 0; left--) at += 4 + cache.readUInt32BE(at);
  return at - start;
}

it("decode -x shows the octets of any ASN.1 in full; without it their beginning", async () => {
  const der = Buffer.concat([Uint8Array.of(0x04, 0x83, 0x09, 0x27, 0xc0), Buffer.alloc(600_000, 0xa5)]);
  const name = file("octets", der);
  expect((await runCli(["decode", "-x", name])).stdout).toBe(`OCTET STRING: 600000 octets: ${"a5".repeat(600_000)}\n`);
  expect((await runCli(["decode", name])).stdout).toBe(`OCTET STRING: 600000 octets: ${"a5".repeat(64)}...\n`);
});

it("a command line of 300,000 operands reads", () => {
  const { operands } = parseArgs(["host", ...Array<string>(300_000).fill("x")], { short: "", stopAtOperand: true });
  expect(operands).toHaveLength(300_001);
});

/** What a report writes of an output, and in how many pieces. */
async function written(make: (host: CommandHost, name: string) => Report, data: Uint8Array): Promise<Buffer[]> {
  const pieces: Buffer[] = [];
  const output = {
    isTerminal: false,
    write: async (octets: Uint8Array | string) => void pieces.push(Buffer.from(octets as Uint8Array)),
  };
  const host = { name: "remctl", stdout: output, stderr: output, now: () => 0 } as unknown as CommandHost;
  await make({ ...host, ...withPlainText(host) }, "a").output({ stream: "stdout", data });
  return pieces;
}

it.each([
  ["text of four octets a character", "\u{1f600}".repeat(200_000)],
  ["text of three, after one of one", `x${"\u20ac".repeat(200_000)}`],
  ["octets that JSON shows as six", "\0".repeat(700_000)],
  ["a short text", "short\n"],
])("JSON lines of one server are of bounded length and whole: %s", async (_, text) => {
  const pieces = await written(jsonReport, Buffer.from(text));
  const lines = Buffer.concat(pieces).toString().trimEnd().split("\n");
  expect(lines.map((line) => JSON.parse(line).text).join("")).toBe(text);
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThan(500_000);
  if (text.length < 100) expect(lines).toHaveLength(1);
});

it("octets that are not UTF-8 are base64 in as many lines", async () => {
  const data = Buffer.alloc(300_000, 0xbf);
  const lines = Buffer.concat(await written(jsonReport, data))
    .toString()
    .trimEnd()
    .split("\n");
  expect(Buffer.concat(lines.map((line) => Buffer.from(JSON.parse(line).base64, "base64"))).equals(data)).toBe(true);
});

it.each([
  ["empty lines", "\n".repeat(400_000)],
  ["long lines", `${"x".repeat(700_000)}\n${"y".repeat(700_000)}`],
  ["lines that end where a piece does", `${"z".repeat(32_764)}\n`.repeat(9)],
])("each line is tagged once, in pieces: %s", async (_, text) => {
  const pieces = await written(taggedReport, Buffer.from(text));
  const lines = text.replace(/\n$/, "").split("\n");
  expect(Buffer.concat(pieces).toString() === lines.map((line) => `a: ${line}\n`).join("")).toBe(true);
  expect(pieces.length).toBeGreaterThan(1);
});
