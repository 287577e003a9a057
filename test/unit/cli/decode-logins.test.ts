// decode on the recorded logins of MIT's and Heimdal's KDCs: FAST, SPAKE, OTP and PKINIT as trees.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import fastExchanges from "../../../krb5-vectors/preauth/fast-exchanges.json" with { type: "json" };
import pkinitExchanges from "../../../krb5-vectors/preauth/pkinit-exchanges.json" with { type: "json" };
import { encodeCcacheFile } from "../../../src/credentials/index.ts";
import { runCli } from "../../support/cli.ts";

const folder = mkdtempSync(path.join(tmpdir(), "krb5-remctl-decode-logins-"));
afterAll(() => rmSync(folder, { recursive: true }));
const framed = (messages: readonly string[]) =>
  Buffer.concat(messages.map((hex) => Buffer.from((hex.length / 2).toString(16).padStart(8, "0") + hex, "hex")));
const env = { KRB5_CONFIG: "/nonexistent" };

const fastOf = (name: string) =>
  fastExchanges.vectors.find((one) => one.name === name) as (typeof fastExchanges.vectors)[0];
const pkinitOf = (name: string) =>
  pkinitExchanges.vectors.find((one) => one.name === name) as (typeof pkinitExchanges.vectors)[0];
const session = (messages: readonly string[]): string => {
  const file = path.join(folder, "session");
  writeFileSync(file, framed(messages));
  return file;
};
const decode = (messages: readonly string[], options: readonly string[], input = "") =>
  runCli(["decode", ...options, session(messages)], { env, input });

describe("decode: FAST", () => {
  it.each(fastExchanges.vectors.map(({ name }) => name))("opens %s with the armor key, as a tree", async (name) => {
    const { messages, armor } = fastOf(name);
    const { status, stdout } = await decode(messages, ["-k", `${armor.etype}:${armor.armorKey}`]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/armorType: 1 \(FX_FAST_ARMOR_AP_REQUEST\)/);
    expect(stdout).toMatch(/armorValue: \d+ octets\n\s+AP-REQ\n/);
    for (const part of ["KrbFastReq", "KrbFastResponse"]) expect(stdout).toMatch(new RegExp(`^ +${part}$`, "m"));
    // The inner error, and the proof of the client's name.
    expect(stdout).toMatch(/PA-FX-ERROR\)\n\s+padataValue: \d+ octets\n\s+KRB-ERROR\n/);
    expect(stdout).toMatch(/finished\n\s+timestamp: /);
  });

  it("opens it with the session key of the armor's ticket, and shows what the armor key is made of", async () => {
    const { messages, armor } = fastOf("mit-fast-encrypted-challenge");
    const { stdout, everything } = await decode(messages, ["-k", `${armor.etype}:${armor.sessionKey}`]);
    expect(stdout).toContain("opened with: the armor key");
    for (const key of [armor.armorKey, armor.subkey, armor.sessionKey]) expect(everything).not.toContain(key);
    const shown = await decode(messages, ["-S", "-k", `${armor.etype}:${armor.sessionKey}`]);
    expect(shown.stdout).toContain(armor.subkey);
  });

  it("opens it with the cache that held the armor", async () => {
    const { messages, armor } = fastOf("mit-fast-encrypted-challenge");
    const name = { realm: "F.TEST", nameType: 1, components: ["armor"] };
    const cache = path.join(folder, "krb5cc_armor");
    const credential = {
      client: name,
      server: { realm: "F.TEST", nameType: 2, components: ["krbtgt", "F.TEST"] },
      key: { etype: armor.etype, octets: new Uint8Array(Buffer.from(armor.sessionKey, "hex")) },
      authTime: new Date(0),
      endTime: new Date(1000),
      flags: 0,
      isSkey: false,
      addresses: [],
      authData: [],
      secondTicket: new Uint8Array(0),
      ticket: new Uint8Array(Buffer.from(armor.ticket, "hex")),
    };
    writeFileSync(cache, encodeCcacheFile({ principal: name, credentials: [credential] }), { mode: 0o600 });
    const { stdout, stderr } = await decode(messages, ["-c", cache]);
    expect(stderr).toBe("");
    expect(stdout).toContain("opened with: the session key of krbtgt/F.TEST@F.TEST");
    expect(stdout).toContain("KrbFastResponse");
  });

  it.each(["mit-fast-encrypted-challenge", "heimdal-fast-encrypted-challenge"])(
    "with the password too, both challenges and the reply open (%s)",
    async (name) => {
      const { messages, armor, client, password } = fastOf(name);
      const args = ["-p", client, "-k", `${armor.etype}:${armor.sessionKey}`];
      const { stdout, everything } = await decode(messages, args, `${password}\n`);
      expect(stdout).toContain(`opened with: the password of ${client}, for the client's challenge`);
      expect(stdout.match(/PA-ENC-TS-ENC/g)).toHaveLength(2);
      expect(stdout).toMatch(new RegExp(`opened with: the password of ${client}(?:, strengthened)?\n\\s+EncASRepPart`));
      expect(everything).not.toContain(password);
    },
  );

  it("shows one-time passwords' messages, and hides code and PIN", async () => {
    const { messages, armor } = fastOf("mit-otp");
    const args = ["-k", `${armor.etype}:${armor.armorKey}`];
    const { stdout, everything } = await decode(messages, args);
    expect(stdout).toMatch(/PA-OTP-CHALLENGE\n\s+nonce: 36 octets/);
    expect(stdout).toMatch(/PA-OTP-REQUEST\n\s+otpFlags: 0x0/);
    expect(stdout).toMatch(/opened with: the given key\n\s+PA-OTP-ENC-REQUEST\n\s+nonce: 36 octets/);
    expect(stdout).toMatch(/otpValue: 6 octets, a secret: not shown without -S/);
    expect(everything).not.toMatch(/"123456"|313233343536/);
    // RFC 6560 section 3.6: the armor key is the reply key.
    expect(stdout).toContain("opened with: the given key, strengthened");
  });

  it("shows SPAKE inside the armor", async () => {
    const { messages, armor } = fastOf("mit-fast-spake");
    const { stdout } = await decode(messages, ["-k", `${armor.etype}:${armor.armorKey}`]);
    expect(stdout).toMatch(/support\n\s+groups: 1 \(edwards25519\)/);
    expect(stdout).toMatch(/challenge\n\s+group: 1 \(edwards25519\)/);
    expect(stdout).toMatch(/response\n\s+pubkey: /);
  });

  it("says that another armor key does not fit", async () => {
    const { messages, armor } = fastOf("mit-otp");
    const { status, stdout } = await decode(messages, ["-k", `${armor.etype}:${"00".repeat(32)}`]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/encFastReq\n(?:.*\n){2,3}\s+not opened: none of the 1 known key/);
    expect(stdout).not.toContain("KrbFastReq");
  });
});

describe("decode: PKINIT", () => {
  const anchors = (name: string): string => {
    const file = path.join(folder, "anchors.pem");
    writeFileSync(
      file,
      pkinitOf(name)
        .anchors.map((one) =>
          one.startsWith("-----")
            ? one
            : `-----BEGIN CERTIFICATE-----\n${Buffer.from(one, "hex").toString("base64")}\n-----END CERTIFICATE-----\n`,
        )
        .join("\n"),
    );
    return file;
  };

  it("shows what is signed, by whom, and that the signatures are right", async () => {
    const name = "mit pkinit rsa, modp 14";
    const { status, stdout } = await decode(pkinitOf(name).messages, ["-A", anchors(name)]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/signedAuthPack\n\s+contentType: 1\.3\.6\.1\.5\.2\.3\.1 \(id-pkinit-authData\)/);
    expect(stdout).toMatch(/parameters: \d+ octets\n\s+SEQUENCE\n\s+INTEGER: 0x00ff/);
    expect(stdout).toMatch(/pkAuthenticator\n\s+cusec: \d+\n\s+ctime: 20/);
    expect(stdout).toMatch(/algorithm: 1\.2\.840\.10046\.2\.1 \(dhpublicnumber\)/);
    expect(stdout).toMatch(/kdfId: 1\.3\.6\.1\.5\.2\.3\.6\.2 \(id-pkinit-kdf-ah-sha256\)/);
    expect(stdout).toMatch(/subject: O="F.TEST", CN="alice"/);
    expect(stdout).toMatch(/subjectAltName: id-pkinit-san "krbtgt" \/ "F.TEST" of "F.TEST"/);
    expect(stdout).toMatch(/dhSignedData\n\s+contentType: 1\.3\.6\.1\.5\.2\.3\.2 \(id-pkinit-DHKeyData\)/);
    expect(
      stdout.match(/signature: right, by the key of .*whose path leads to an authority that was given/g),
    ).toHaveLength(2);
  });

  it("says that the path of a signature leads to none of the authorities that are given", async () => {
    const name = "mit pkinit rsa, modp 14";
    const others = pkinitExchanges.vectors
      .map((one) => one.name)
      .filter((one) => pkinitOf(one).anchors[0] !== pkinitOf(name).anchors[0]);
    const { stdout } = await decode(pkinitOf(name).messages, ["-A", anchors(others[0] as string)]);
    expect(stdout).toMatch(/signature: right, by the key of .*; its path: /);
    const alone = await decode(pkinitOf(name).messages, []);
    expect(alone.stdout).toMatch(/signature: right, by the key of [^;\n]*\n/);
    expect(alone.stdout).not.toMatch(/whose path|its path/);
  });

  it("sees a signature that is not right", async () => {
    const name = "mit pkinit rsa, modp 14";
    const messages = [...pkinitOf(name).messages];
    // An octet of the group in the request: what was signed is another thing now.
    messages[2] = (messages[2] as string).replace("ffffffffc90fdaa2", "ffffffffc90fdaa3");
    const { stdout } = await decode(messages, []);
    expect(stdout).toContain("signature: refused: its signature is over other contents (messageDigest)");
  });

  it("shows an anonymous login, and opens PA-PKINIT-KX and the reply with the reply key", async () => {
    const vector = pkinitOf("mit anonymous pkinit");
    const { stdout } = await decode(vector.messages, ["-k", `${vector.etype}:${vector.replyKey}`]);
    expect(stdout).toContain("signature: not signed: an anonymous login");
    expect(stdout).toMatch(/PA-PKINIT-KX\n(?:.*\n){2,3}\s+opened with: the given key\n\s+EncryptionKey/);
    expect(stdout).toContain("EncASRepPart");
  });

  it("shows the groups that a KDC wants", async () => {
    const { stdout } = await decode(pkinitOf("mit pkinit 4096 bits required").messages, []);
    expect(stdout).toMatch(/dataType: 109 \(TD-DH-PARAMETERS\)|padataType: 109 \(TD-DH-PARAMETERS\)/);
  });

  it.each(pkinitExchanges.vectors.map(({ name }) => name))("reads all of %s", async (name) => {
    const { status, stdout } = await decode(pkinitOf(name).messages, []);
    expect(status).toBe(0);
    if (!name.includes("fast")) expect(stdout).toContain("AuthPack");
  });
});
