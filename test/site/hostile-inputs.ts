// What a stranger may have somebody paste into the decoder: too much, too deep, and names that are no names.

import { readFileSync } from "node:fs";
import path from "node:path";

const MAX_BYTES = 4_194_304;
const recorded = path.resolve(import.meta.dirname, "../../krb5-vectors/exchanges/heimdal-password.json");
const krbError = Buffer.from(JSON.parse(readFileSync(recorded, "utf8")).kdc[0].reply, "hex");

const counted16 = (text: string): Buffer => {
  const octets = Buffer.from(text);
  return Buffer.concat([Buffer.from([octets.length >> 8, octets.length & 255]), octets]);
};

/** An entry of a keytab, version 2: an AES-128 key of a principal of one component. */
function keytabEntry(realm: string, name: string, key: Buffer): Buffer {
  const body = Buffer.concat([
    Buffer.from([0, 1]),
    counted16(realm),
    counted16(name),
    Buffer.from([0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 18, 0, key.length]),
    key,
  ]);
  const size = Buffer.alloc(4);
  size.writeInt32BE(body.length);
  return Buffer.concat([size, body]);
}

const keytabOf = (entries: readonly Buffer[]): Buffer => Buffer.concat([Buffer.from([5, 2]), ...entries]);

/** A keytab of 60,000 keys: as many of this kind as a file may have octets. */
export function manyKeys(): Buffer {
  const key = Buffer.alloc(32);
  return keytabOf(
    Array.from({ length: 60_000 }, (_, index) => {
      key.writeUInt32BE(index);
      return keytabEntry("A", "b", key);
    }),
  );
}

/** Messages as on TCP, each behind its length, as many as fit. */
function manyMessages(): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(krbError.length);
  const one = Buffer.concat([length, krbError]);
  return Buffer.concat(Array.from({ length: Math.floor(MAX_BYTES / one.length) }, () => one));
}

const HOSTILE_NAME = "\u001b[31m\u202eevil\u2066\u009b2J\u0007";

/** What it is, its octets, and what the page says. */
export const hostileInputs: readonly (readonly [what: string, octets: () => Buffer, expected: RegExp])[] = [
  ["a keytab of 60,000 entries", manyKeys, /keytab: 60000 entries[\s\S]*Only 4000 lines are shown/],
  ["four megabytes of messages", manyMessages, /Only 100 of \d{5} messages are read/],
  ["four megabytes of base64", () => Buffer.alloc(MAX_BYTES, "QUJD"), /does not read/],
  ["four megabytes of hexadecimal", () => Buffer.alloc(MAX_BYTES, "6130"), /does not read/],
  [
    "SEQUENCEs within one another, a million of them",
    () => Buffer.alloc(2_000_000, Buffer.from([0x30, 0x80])),
    /does not read/,
  ],
  ["a length of four gigabytes", () => Buffer.from("3084ffffffff00", "hex"), /does not read/],
  ["a token of 65,000 negotiations", () => Buffer.alloc(130_000, Buffer.from([0xa0, 0x82])), /does not read/],
  [
    "a krb5.conf of 40,000 realms",
    () => Buffer.from(`[realms]\n${Array.from({ length: 40_000 }, (_, index) => ` R${index} = x`).join("\n")}`),
    /Only 4000 lines are shown/,
  ],
  [
    "a krb5.conf of 100,000 braces",
    () => Buffer.from(`[realms]\n${" a = {\n".repeat(100_000)}`),
    /krb5\.conf|does not read/,
  ],
  [
    "a krb5.conf of one line",
    () => Buffer.from(`[libdefaults]\n default_realm = ${"A".repeat(60_000)}\n`),
    /default_realm: A{1000}/,
  ],
  [
    "a keytab whose names are for a terminal",
    () => keytabOf([keytabEntry(HOSTILE_NAME, "</textarea><script>alert(1)</script>", Buffer.alloc(32, 1))]),
    /script>alert\(1\)[\s\S]*evil/,
  ],
  [
    "a krb5.conf with a name for a terminal",
    () => Buffer.from(`[realms]\n ${HOSTILE_NAME} = {\n kdc = k\n }\n`),
    /evil/,
  ],
];
