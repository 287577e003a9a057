// MIT Kerberos 1.22 or newer, of the next Debian: PKINIT with curves, with paChecksum2 and without SHA-1 in what is signed;
// and its kinit at the embedded realm.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  anonymous,
  type CertificateOptions,
  certificate,
  createKerberos,
  keytab,
  password,
  type TraceEvent,
} from "../../src/entry/index.ts";
import { createTestRealm, type TestRealm } from "../../src/entry/testing.ts";
import { PADATA } from "../../src/iana/index.ts";
import { decodeAsReq, encodeKrbError } from "../../src/krb5/index.ts";
import { startMitLoginsBed } from "../../tools/beds/index.mjs";
import { describeLater, useBed } from "../support/live.ts";
import { Desk } from "../support/realm-desk.ts";

/** The identifier of SHA-1 as CMS has it. */
const SHA1 = Buffer.from("06052b0e03021a", "hex");

describeLater("mit-later", "logins at a later MIT KDC", () => {
  const bed = useBed(() => startMitLoginsBed({ peer: "mit-later" }), 60_000);
  type Policy = Parameters<ReturnType<typeof bed>["kdcOf"]>[0];

  const file = (name: string): string => readFileSync(bed().pki.file(name), "utf8");
  const anchors = (): string[] => [file("ca-rsa.pem"), file("ca-ec.pem")];
  const of = (name: string, more: Partial<CertificateOptions> = {}): CertificateOptions =>
    ({ certificate: file(`${name}.pem`), key: file(`${name}.key`), anchors: anchors(), ...more }) as CertificateOptions;

  async function logIn(policy: Policy, options: CertificateOptions, user = "alice") {
    const { kdc } = await bed().kdcOf(policy);
    const groups: string[] = [];
    const onTrace = (event: TraceEvent): void => {
      const found = event.type === "note" ? /^PKINIT: a key is agreed on in (.*)/.exec(event.text) : null;
      if (found !== null) groups.push(String(found[1]));
    };
    const kerberos = createKerberos({ kdc, onTrace });
    const result = await kerberos
      .login(certificate(`${user}@${bed().realm}`, options))
      .then((login) => login.preauthType)
      .catch((error: Error & { readonly code: string }) => `${error.code}: ${error.message}`);
    return { result, groups: groups.map((name) => name.replace(/, with the KDC's fresh token/, "")) };
  }

  it.each([
    ["ecdh-256", "client-rsa", {}, ["modp 14", "P-256"]],
    ["ecdh-256", "client-ec", {}, ["modp 14", "P-256"]],
    ["ecdh-384", "client-ec", {}, ["modp 14", "P-384"]],
    ["ecdh-384", "client-rsa", { dhMinBits: 4096 }, ["modp 16", "P-384"]],
    ["dh4096", "client-rsa", {}, ["modp 14", "P-384"]],
    ["all", "client-ec", {}, ["modp 14"]],
    ["fresh", "client-rsa", {}, ["modp 14"]],
  ] as const)("PKINIT (KDC %s, %s, %j): the KDC's curve is taken up", async (policy, name, more, groups) => {
    expect(await logIn(policy, of(name, more))).toEqual({ result: 16, groups });
  });

  it("what is wrong is refused there too", async () => {
    const wrong = [
      ["all", of("client-rsa", { anchors: file("ca-other.pem") }), "alice", /^KDC_NOT_TRUSTED: .*no anchor/],
      ["kdc-other", of("client-rsa"), "alice", /^KDC_NOT_TRUSTED: .*not one of krbtgt/],
      ["all", of("client-nosan-rsa"), "alice", /^CERTIFICATE: /],
      ["ecdh-384", of("client-rsa"), "bob", /^CERTIFICATE: .*CLIENT_NAME_MISMATCH/],
    ] as const;
    for (const [policy, options, user, words] of wrong) {
      expect((await logIn(policy, options, user)).result).toMatch(words);
    }
  });

  it("a ticket of nobody in a curve, and a password inside FAST and by SPAKE with that armor", async () => {
    const { kdc: strong } = await bed().kdcOf("ecdh-256");
    const nobody = await createKerberos({ kdc: strong }).login(anonymous(bed().realm, { anchors: anchors() }));
    expect(nobody.ticket.client.components).toEqual(["WELLKNOWN", "ANONYMOUS"]);
    const { kdc } = bed();
    const alice = (secret: string) => password(`alice@${bed().realm}`, secret);
    const armor = anonymous(bed().realm, { anchors: anchors() });
    expect((await createKerberos({ kdc, armor }).login(alice("alice-password"))).preauthType).toBe(151);
    const wrong = createKerberos({ kdc, armor: keytab(`robot@${bed().realm}`, bed().keytab.robot) });
    await expect(wrong.login(alice("wrong"))).rejects.toMatchObject({ code: "WRONG_PASSWORD" });
  });

  it("paChecksum2, where a KDC asks for it (error 79), and no SHA-1 in what this KDC signs", async () => {
    const relay = await startChecksumAsker(bed().port);
    try {
      const notes: string[] = [];
      const onTrace = (event: TraceEvent): void => void (event.type === "note" && notes.push(event.text));
      const kerberos = createKerberos({ kdc: [`tcp://127.0.0.1:${relay.port}`], onTrace });
      const login = await kerberos.login(certificate(`alice@${bed().realm}`, of("client-rsa")));
      expect(login.preauthType).toBe(16);
      expect(notes).toContainEqual(expect.stringMatching(/^PKINIT: .*with paChecksum2/));
      const reply = relay.replies.at(-1) as Buffer;
      expect(reply[4]).toBe(0x6b);
      expect(reply.includes(SHA1)).toBe(false);
    } finally {
      await relay.close();
    }
  });
});

/** A KDC's neighbour that answers the first request with PKINIT by error 79, and hands all others on. */
async function startChecksumAsker(port: number) {
  const replies: Buffer[] = [];
  const sockets = new Set<Socket>();
  let asked = 0;
  const server = createServer((down) => {
    sockets.add(down);
    down.on("error", () => {});
    let request = Buffer.alloc(0);
    down.on("data", (octets) => {
      request = Buffer.concat([request, octets]);
      if (request.length < 4 || request.length < 4 + request.readUInt32BE(0)) return;
      const whole = request;
      request = Buffer.alloc(0);
      const { padata = [], reqBody } = decodeAsReq(whole.subarray(4));
      if (padata.some(({ padataType }) => padataType === PADATA.pkAsReq) && asked++ === 0) {
        const { realm, sname = { nameType: 2, nameString: ["krbtgt", realm] } } = reqBody;
        const error = encodeKrbError({
          pvno: 5,
          msgType: 30,
          stime: new Date(Math.floor(Date.now() / 1000) * 1000),
          susec: 0,
          errorCode: 79,
          realm,
          sname,
        });
        const length = Buffer.alloc(4);
        length.writeUInt32BE(error.length);
        down.write(Buffer.concat([length, error]));
        return;
      }
      const up = connect({ port, host: "127.0.0.1" });
      sockets.add(up);
      let reply = Buffer.alloc(0);
      up.on("error", () => down.destroy());
      up.on("data", (more) => {
        reply = Buffer.concat([reply, more]);
        if (reply.length < 4 || reply.length < 4 + reply.readUInt32BE(0)) return;
        replies.push(reply);
        down.write(reply);
        up.destroy();
      });
      up.write(whole);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    replies,
    close: async (): Promise<void> => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describeLater("mit-later", "the embedded realm and a later MIT kinit", () => {
  let realm: TestRealm;
  let desk: Desk;
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), "krb5-realm-later-"));
    realm = await createTestRealm({
      realm: "TEST.EXAMPLE",
      preauth: ["encrypted-timestamp", "fast", "encrypted-challenge", "spake", "pkinit"],
      principals: {
        alice: { requires: ["pkinit"] },
        bob: { password: "secret", requires: ["spake"] },
        hidden: { password: "secret", requires: ["fast", "encrypted-challenge"] },
        "host/localhost": {},
      },
    });
    await realm.listen();
    const file = path.join(folder, "ca.pem");
    writeFileSync(file, realm.anchors);
    desk = new Desk(realm, "mit-later", undefined, [`pkinit_anchors = FILE:${file}`]);
  });
  afterAll(async () => {
    await desk.close();
    rmSync(folder, { recursive: true });
  });

  async function identity(client: string): Promise<string> {
    const { certificate: pem, key } = await realm.certificate(client);
    writeFileSync(path.join(folder, "client.pem"), pem);
    writeFileSync(path.join(folder, "client.key"), key);
    return `X509_user_identity=FILE:${folder}/client.pem,${folder}/client.key`;
  }

  it("logs in with a certificate, with paChecksum2, a fresh token and a larger group; kvno takes the ticket", async () => {
    const own = await identity("alice");
    const log = () => desk.newCache().run("kinit", ["-X", own, "alice"]);
    for (const policy of [{}, { requireChecksum2: true }, { requireFreshness: true }, { pkinitDhMinBits: 4096 }]) {
      realm.setPolicy(policy);
      const { status, text } = await log();
      expect(status, `${JSON.stringify(policy)}: ${text}`).toBe(0);
    }
    realm.setPolicy({ requireChecksum2: false, requireFreshness: false, pkinitDhMinBits: 2048 });
    expect(await desk.must("kvno", ["host/localhost"])).toContain("kvno = 1");
    expect((await desk.newCache().run("kinit", ["-X", await identity("hidden"), "alice"])).status).toBe(1);
  });

  it("logs in without a name, with that armor by a password, and by SPAKE; a wrong password is refused", async () => {
    await desk.newCache().must("kinit", ["-n", "@TEST.EXAMPLE"]);
    const armor = desk.cacheFile();
    const login = await desk.newCache().kinit("secret", ["-T", armor], "hidden");
    expect(login.status, login.text).toBe(0);
    expect((await desk.newCache().kinit("wrong", ["-T", armor], "hidden")).status).toBe(1);
    const spake = await desk.newCache().kinit("secret", [], "bob");
    expect(spake.status, spake.text).toBe(0);
  });
});
