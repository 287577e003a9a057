// The contents of a keytab, in base64, in the variable or the option that names its file: no command shows them.

import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { encodeBase64, encodeHex } from "../../../src/bytes/index.ts";
import { runCli } from "../../support/cli.ts";
import { piecesOf } from "../../support/secret-marks.ts";

const root = fs.mkdtempSync(path.join(os.tmpdir(), "krb5-remctl-cli-names-"));
afterAll(() => fs.rmSync(root, { recursive: true, force: true }));
const config = path.join(root, "krb5.conf");
fs.writeFileSync(config, "[libdefaults]\n default_realm = EXAMPLE.ORG\n dns_lookup_kdc = false\n");

const random = new Uint8Array(120).map((_, i) => (i * 37 + 11) % 251);
const keytab = encodeBase64(Uint8Array.of(5, 2, 0, 0, 0, 60, ...random));
const markers = {
  "a keytab in base64": keytab,
  "a keytab in base64 with a type": `FILE:${keytab}`,
  "other octets in base64": encodeBase64(Uint8Array.of(0xc3, ...random)),
  "octets in hexadecimal": encodeHex(random),
};
const variables = ["KRB5_KTNAME", "KRB5_CLIENT_KTNAME", "KRB5CCNAME", "KRB5_CONFIG"];
const commands: readonly (readonly string[])[] = [
  ["klist"],
  ["klist", "-A"],
  ["klist", "-k"],
  ["klist", "-k", "-i"],
  ["kinit", "-V", "-k", "alice"],
  ["kinit", "-V", "-k", "-i", "alice"],
  ["kdestroy"],
  ["kdestroy", "-A"],
  ["kvno", "host/a"],
  ["kswitch", "-p", "alice"],
  ["kpasswd", "alice"],
  ["remctl", "127.0.0.1", "a", "b"],
  ["krb5-remctl", "keytab", "list"],
  ["krb5-remctl", "doctor", "127.0.0.1"],
];
const named: Readonly<Record<string, (marker: string) => readonly string[]>> = {
  "klist -k": (marker) => ["klist", "-k", marker],
  "klist -c": (marker) => ["klist", "-c", marker],
  "kinit -k -t": (marker) => ["kinit", "-V", "-k", "-t", marker, "alice"],
  "kinit -c": (marker) => ["kinit", "-V", "-c", marker, "alice"],
  "kdestroy -c": (marker) => ["kdestroy", "-c", marker],
  "k5start -f": (marker) => ["k5start", "-f", marker, "alice"],
  "k5start -U": (marker) => ["k5start", "-U", "-f", marker],
  "k5start -k": (marker) => ["k5start", "-k", marker, "alice"],
  "krenew -k": (marker) => ["krenew", "-k", marker],
  "kvno -k": (marker) => ["kvno", "-k", marker, "host/a"],
  "kswitch -c": (marker) => ["kswitch", "-c", marker],
  "keytab list -t": (marker) => ["krb5-remctl", "keytab", "list", "-t", marker],
  "decode -t": (marker) => ["krb5-remctl", "decode", "-t", marker],
};

async function isNotShown(words: readonly string[], marker: string, env: Record<string, string>): Promise<void> {
  const { everything } = await runCli(words, { env, input: "secret\n" });
  for (const piece of piecesOf(marker.replace(/^FILE:/, ""))) expect(everything, words.join(" ")).not.toContain(piece);
}

describe("a secret that stands where a file is named is not shown", () => {
  for (const variable of variables) {
    it.each(Object.entries(markers))(`${variable}: %s`, async (_, marker) => {
      const env = { KRB5_CONFIG: config, KRB5CCNAME: `FILE:${path.join(root, "none")}`, [variable]: marker };
      for (const words of commands) await isNotShown(words, marker, env);
    });
  }

  for (const [name, words] of Object.entries(named)) {
    it.each(Object.entries(markers))(`${name}: %s`, async (_, marker) => {
      await isNotShown(words(marker), marker, { KRB5_CONFIG: config, KRB5CCNAME: `FILE:${path.join(root, "none")}` });
    });
  }

  it("the message says what to do, and a file that is called so is named with ./ before it", async () => {
    const { stderr, status } = await runCli(["klist", "-k", keytab], { env: { KRB5_CONFIG: config } });
    expect([status, stderr]).toEqual([1, "klist: the name of the keytab looks like octets in base64 or hexadecimal\n"]);
    const named = await runCli(["klist", "-k", `./${encodeHex(random)}`], { env: { KRB5_CONFIG: config } });
    expect(named.stderr).toContain(encodeHex(random));
  });
});
