// What a login by certificate is made of: the files that a caller gives, and the request that comes of them.

import { beforeAll, describe, expect, it } from "vitest";
import figures from "../../../krb5-vectors/preauth/private-keys.json" with { type: "json" };
import { decodeHex } from "../../../src/bytes/index.ts";
import { KRB_ERROR, PADATA } from "../../../src/iana/index.ts";
import type { PaData } from "../../../src/krb5/index.ts";
import { type PkinitIdentity, pkinit } from "../../../src/preauth/index.ts";
import { p256, p384 } from "../../../src/preauth/pkinit/ecdh.ts";
import { PkinitExchange } from "../../../src/preauth/pkinit/exchange.ts";
import type { Group } from "../../../src/preauth/pkinit/group.ts";
import { decodePkinit, encodePkinit } from "../../../src/preauth/pkinit/messages.ts";
import { modp14, modp16 } from "../../../src/preauth/pkinit/modp.ts";
import { readyIdentity } from "../../../src/preauth/pkinit/ready-identity.ts";
import { type CmsSigner, decodeSignedData, isSignedBy } from "../../../src/x509/index.ts";
import { authority, type Issued, makeCertificate, signBy } from "../../support/make-certificate.ts";
import { pa } from "../../support/preauth-mechanisms.ts";
import { refusal } from "../client/harness.ts";
import { ALICE, encTypes, loginContext, roundOf } from "./login-context.ts";

const files = new Map(figures.vectors.map(({ name, octets }) => [name, decodeHex(octets)]));
const file = (name: string): Uint8Array => files.get(name) as Uint8Array;
const PASSPHRASE = "pki-passphrase";
const data = Uint8Array.of(1, 2, 3);

let root: Issued;
let ec: Issued;
let rsa: Issued;
beforeAll(async () => {
  root = await makeCertificate("root", { extensions: authority });
  ec = await makeCertificate("ec", { issuer: root });
  rsa = await makeCertificate("rsa", { issuer: root, kind: "rsa" });
});

const pem = (octets: Uint8Array, label = "CERTIFICATE"): string =>
  `-----BEGIN ${label}-----\n${Buffer.from(octets).toString("base64")}\n-----END ${label}-----\n`;
const pkcs8 = async ({ keys }: Issued): Promise<Uint8Array> =>
  new Uint8Array(await crypto.subtle.exportKey("pkcs8", keys.privateKey));

/** Reads an identity; counts what is asked. */
function reader(passphrase = PASSPHRASE) {
  const asked: string[] = [];
  const ask = async ({ text }: { text: string }): Promise<string> => {
    asked.push(text);
    return passphrase;
  };
  const read = (identity: Partial<PkinitIdentity>) => readyIdentity({ anchors: [], ...identity }, loginContext(), ask);
  return { asked, ask, read };
}

const { read } = reader();
const problem = (identity: Partial<PkinitIdentity>): Promise<string> => refusal(read(identity));
/** Whether a signer signs as its certificate says. */
const signs = async (signer: CmsSigner | undefined): Promise<boolean> =>
  signer !== undefined && (await isSignedBy(signer.certificate, data, "SHA-256", await signer.sign(data, "SHA-256")));

describe("the identity of a login by certificate", () => {
  it("without a certificate is nobody's", async () => {
    expect((await read({ key: await pkcs8(ec) })).signer).toBeUndefined();
  });

  it.each(["PKCS8", "SEC1"])("has a key in %s, in DER or PEM", async (name) => {
    const { signer } = await read({ pkcs12: file("PKCS12 sealed") });
    const certificate = signer?.certificate.octets as Uint8Array;
    for (const key of [file(name), pem(file(name), name === "SEC1" ? "EC PRIVATE KEY" : "PRIVATE KEY")]) {
      expect(await signs((await read({ certificate, key })).signer)).toBe(true);
    }
  });

  it("has certificates after its own, as it is sent: those of the file, and then the chain", async () => {
    const [own, middle, last] = [ec.certificate.octets, rsa.certificate.octets, root.certificate.octets];
    const key = await pkcs8(ec);
    const { signer } = await read({ certificate: pem(own) + pem(middle), key, chain: last });
    expect(signer?.certificate.octets).toEqual(own);
    expect(signer?.chain.map(({ octets }) => octets)).toEqual([middle, last]);
    const alone = await read({ certificate: own, key });
    expect(alone.signer?.chain).toEqual([]);
  });

  it("knows anchors and a pool in DER, in PEM, one or a list", async () => {
    const octets = root.certificate.octets;
    for (const given of [octets, pem(octets), [octets], [pem(octets)]]) {
      const { anchors, pool } = await read({ anchors: given, pool: given });
      expect([anchors, pool].map((list) => list.map((one) => one.octets))).toEqual([[octets], [octets]]);
    }
    const both = await read({ anchors: [pem(octets) + pem(octets), octets] });
    expect(both.anchors).toHaveLength(3);
    expect((await read({ anchors: octets })).pool).toEqual([]);
  });

  it.each(["anchors", "pool", "chain", "certificate"] as const)(
    "with %s that cannot be read is refused",
    async (name) => {
      const text = await problem({
        certificate: ec.certificate.octets,
        key: await pkcs8(ec),
        [name]: Uint8Array.of(0x30, 1),
      });
      expect(text).toBe(`CERTIFICATE: the ${name} cannot be read: give certificates in PEM or DER`);
    },
  );

  it("with a certificate and no key is refused", async () => {
    expect(await problem({ certificate: ec.certificate.octets })).toMatch(
      /^CERTIFICATE: the certificate comes without its key: give `key` or `sign`/,
    );
  });

  it("is read once: a passphrase is asked for once, and not where it is given or not needed", async () => {
    const asking = reader();
    const identity: PkinitIdentity = { anchors: [], pkcs12: file("PKCS12 sealed") };
    const first = await readyIdentity(identity, loginContext(), asking.ask);
    expect(await readyIdentity(identity, loginContext(), asking.ask)).toBe(first);
    expect(asking.asked).toEqual(["Passphrase of the private key of alice@TEST.EXAMPLE"]);
    await asking.read({ pkcs12: file("PKCS12 sealed"), passphrase: PASSPHRASE });
    await asking.read({ certificate: ec.certificate.octets, key: await pkcs8(ec) });
    expect(asking.asked).toHaveLength(1);
    const certificate = first.signer?.certificate.octets as Uint8Array;
    const sealed = await asking.read({ certificate, key: file("PKCS8 sealed") });
    expect(await signs(sealed.signer)).toBe(true);
    expect(asking.asked).toHaveLength(2);
  });

  it("is that of a PKCS#12 file: the certificate of its key, and then the chain", async () => {
    const { signer } = await read({ pkcs12: file("PKCS12 sealed"), chain: root.certificate.octets });
    expect(await signs(signer)).toBe(true);
    expect(signer?.chain.map(({ octets }) => octets)).toEqual([root.certificate.octets]);
    const { signer: open } = await read({ pkcs12: file("PKCS12 open"), passphrase: "" });
    expect(await signs(open)).toBe(true);
    expect(open?.chain).toEqual([]);
  });

  it("is that of a PKCS#12 file with an empty passphrase, and nobody is asked for it", async () => {
    const asking = reader("wrong");
    expect(await signs((await asking.read({ pkcs12: file("PKCS12 open") })).signer)).toBe(true);
    expect(asking.asked).toEqual([]);
    // What is given counts.
    expect(await problem({ pkcs12: file("PKCS12 open"), passphrase: "wrong" })).toMatch(/the passphrase is wrong/);
  });

  it.each([
    ["key", /^CERTIFICATE: the PKCS#12 file has no private key/],
    ["certificate", /^CERTIFICATE: the PKCS#12 file has no certificate of its private key/],
  ])("that is a PKCS#12 file without a %s is refused", async (what, words) => {
    expect(await problem({ pkcs12: file(`PKCS12 without a ${what}`) })).toMatch(words);
  });

  it("whose key is another certificate's is refused when it signs, and nothing goes out", async () => {
    const strangers = [await makeCertificate("ec", { issuer: root }), rsa];
    for (const one of strangers) {
      const { signer } = await read({ certificate: ec.certificate.octets, key: await pkcs8(one) });
      expect(await refusal(signer?.sign(data, "SHA-256") as Promise<Uint8Array>)).toMatch(
        /^CERTIFICATE: the private key does not fit the certificate/,
      );
    }
  });

  it("signs by a function: of ECDSA both forms are taken, and the function hears what is wanted", async () => {
    const raw = async (octets: Uint8Array) =>
      await crypto.subtle.sign(
        { name: "ECDSA", hash: "SHA-256" },
        ec.keys.privateKey,
        octets as Uint8Array<ArrayBuffer>,
      );
    const wanted: unknown[] = [];
    for (const [one, sign] of [
      [ec, raw],
      [ec, async (octets: Uint8Array) => new Uint8Array(await raw(octets))],
      [ec, (octets: Uint8Array) => signBy(ec, octets, "SHA-256")],
      [rsa, (octets: Uint8Array) => signBy(rsa, octets, "SHA-256")],
    ] as const) {
      const { signer } = await read({
        certificate: one.certificate.octets,
        sign: (octets, algorithm) => {
          wanted.push(algorithm);
          return sign(octets);
        },
      });
      expect(await signs(signer)).toBe(true);
    }
    const ecdsa = { name: "ECDSA", hash: "SHA-256" };
    expect(wanted).toEqual([ecdsa, ecdsa, ecdsa, { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" }]);
  });

  it("signs by a function: two numbers that begin as DER does are still two numbers", async () => {
    const { privateKey } = ec.keys;
    const raw = async (octets: Uint8Array) =>
      new Uint8Array(
        await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, privateKey, octets as Uint8Array<ArrayBuffer>),
      );
    for (const isWanted of [
      (made: Uint8Array) => made[0] === 0x30,
      (made: Uint8Array) => made[1] === 62 && made[0] !== 0x30,
    ]) {
      // One in 256 signatures is so.
      const sign = async (octets: Uint8Array): Promise<Uint8Array> => {
        for (;;) {
          const made = await raw(octets);
          if (isWanted(made) && !(made[0] === 0x30 && made[1] === 62)) return made;
        }
      };
      const { signer } = await read({ certificate: ec.certificate.octets, sign });
      expect(await signs(signer)).toBe(true);
    }
  });

  it("whose function gives something else than a signature is refused", async () => {
    for (const made of [new Uint8Array(64), Uint8Array.of(0x30), new Uint8Array(256)]) {
      for (const { certificate } of [ec, rsa]) {
        const { signer } = await read({ certificate: certificate.octets, sign: async () => made });
        expect(await refusal(signer?.sign(data, "SHA-256") as Promise<Uint8Array>)).toMatch(/^CERTIFICATE: /);
      }
    }
  });
});

describe("a request for PKINIT", () => {
  const identity = async (change: Partial<PkinitIdentity> = {}): Promise<PkinitIdentity> => ({
    anchors: root.certificate.octets,
    certificate: ec.certificate.octets,
    key: await pkcs8(ec),
    ...change,
  });
  const notes: string[] = [];
  const now = Date.now();
  const login = loginContext({
    now: () => now,
    trace: (event) => {
      if (event.type === "note") notes.push(event.text);
    },
  });
  const exchangeOf = async (change?: Partial<PkinitIdentity>) => new PkinitExchange(login, await identity(change));
  const round = (offer: readonly PaData[] = [], error = 25) => ({ ...roundOf(offer, error), kdcTimeMs: () => now });
  const packOf = ([{ padataType, padataValue }]: readonly PaData[] & { 0: PaData }) => {
    expect(padataType).toBe(PADATA.pkAsReq);
    const { content } = decodeSignedData(decodePkinit("PA-PK-AS-REQ", padataValue).signedAuthPack);
    return decodePkinit("AuthPack", content);
  };
  const answer = async (exchange: PkinitExchange, ...given: Parameters<typeof round>) =>
    packOf((await exchange.answer(round(...given))) as never);
  const algorithmOf = async (group: Group) => (await group.begin(encTypes.provider)).publicKey.algorithm as never;
  const groupIn = (pack: Awaited<ReturnType<typeof answer>>) =>
    [modp14, modp16, p256, p384].find((group) => group.isSame(pack.clientPublicValue?.algorithm as never))?.name;
  const offered = async (...groups: (Group | { algorithm: Uint8Array; parameters?: Uint8Array })[]) =>
    pa(
      PADATA.tdDhParameters,
      encodePkinit(
        "TD-DH-PARAMETERS",
        await Promise.all(groups.map(async (one) => ("begin" in one ? await algorithmOf(one) : one))),
      ),
    );
  const { KDC_ERR_KEY_TOO_WEAK, KDC_ERR_PA_CHECKSUM_MUST_BE_INCLUDED } = KRB_ERROR;

  it("has the KDC's time, the nonce and the body's checksum; a token and a second checksum only where they are wanted", async () => {
    const exchange = await exchangeOf();
    const pack = await answer(exchange);
    expect(pack.pkAuthenticator).toMatchObject({
      nonce: 7,
      ctime: new Date(Math.floor(now / 1000) * 1000),
      cusec: (now % 1000) * 1000,
      paChecksum: encTypes.provider.hash("sha1", Uint8Array.of(1)),
    });
    expect(pack.pkAuthenticator).not.toHaveProperty("freshnessToken");
    expect(pack.pkAuthenticator).not.toHaveProperty("paChecksum2");
    expect(notes.at(-1)).toBe("PKINIT: a key is agreed on in modp 14");
    const empty = await answer(exchange, [pa(PADATA.asFreshness)]);
    expect(empty.pkAuthenticator).not.toHaveProperty("freshnessToken");
    expect(notes.at(-1)).toBe("PKINIT: a key is agreed on in modp 14");
    const fresh = await answer(exchange, [pa(PADATA.asFreshness, Uint8Array.of(5))]);
    expect(fresh.pkAuthenticator.freshnessToken).toEqual(Uint8Array.of(5));
    expect(notes.at(-1)).toBe("PKINIT: a key is agreed on in modp 14, with the KDC's fresh token");
    // The token of the last round stays where the KDC gives no other.
    const both = await answer(exchange, [], KDC_ERR_PA_CHECKSUM_MUST_BE_INCLUDED);
    expect(both.pkAuthenticator).toMatchObject({
      freshnessToken: Uint8Array.of(5),
      paChecksum2: { checksum: encTypes.provider.hash("sha256", Uint8Array.of(1)) },
    });
    expect(notes.at(-1)).toMatch(/modp 14, with the KDC's fresh token, with paChecksum2$/);
  });

  it.each([[false, undefined] as const, [true, Uint8Array.of(5)] as const])(
    "signs the fresh token where that is wanted (freshness: %s)",
    async (freshness, token) => {
      const pack = await answer(await exchangeOf({ freshness }), [pa(PADATA.asFreshness, Uint8Array.of(5))]);
      expect(pack.pkAuthenticator.freshnessToken).toEqual(token);
    },
  );

  it("of nobody is not signed, and signs no token", async () => {
    const exchange = new PkinitExchange(login, { anchors: root.certificate.octets });
    const pack = await answer(exchange, [pa(PADATA.asFreshness, Uint8Array.of(5))]);
    expect(pack.pkAuthenticator).not.toHaveProperty("freshnessToken");
  });

  it("is in another group of ours where the KDC finds one too weak: the first of the KDC's that we have", async () => {
    const exchange = await exchangeOf();
    expect(groupIn(await answer(exchange))).toBe("modp 14");
    const strange = { algorithm: decodeHex("2b0601"), parameters: Uint8Array.of(5, 0) };
    const broken = { algorithm: decodeHex("2a8648ce3e0201"), parameters: Uint8Array.of(5, 0) };
    const bare = { algorithm: decodeHex("2a8648ce3e0201") };
    const list = await offered(strange, broken, bare, p384, modp16);
    expect(groupIn(await answer(exchange, [list], KDC_ERR_KEY_TOO_WEAK))).toBe("P-384");
    // A list beside another error changes nothing.
    const same = await exchangeOf();
    expect(groupIn(await answer(same, [list]))).toBe("modp 14");
  });

  it.each<[string, () => Promise<PaData[]>]>([
    ["no list", async () => []],
    ["a list that does not decode", async () => [pa(PADATA.tdDhParameters, Uint8Array.of(0x30, 1))]],
    ["an empty list", async () => [await offered()]],
    ["the group that it refused", async () => [await offered(modp14)]],
    ["a group that we do not have", async () => [await offered({ algorithm: decodeHex("2b0601") })]],
  ])("is not made where the KDC finds the group too weak and gives %s", async (_, list) => {
    const exchange = await exchangeOf();
    await exchange.answer(round());
    const offer = await list();
    expect(await refusal(exchange.answer(round(offer, KDC_ERR_KEY_TOO_WEAK)))).toMatch(
      /^PREAUTH_UNSUPPORTED: the KDC of TEST\.EXAMPLE refuses modp 14 .* we have modp 14, modp 16, P-256, P-384$/,
    );
  });

  it("is in no group below the least size that was asked for, though the KDC names one", async () => {
    const exchange = await exchangeOf({ dhMinBits: 4096 });
    expect(groupIn(await answer(exchange))).toBe("modp 16");
    const weaker = await offered(modp14, p256);
    expect(await refusal(exchange.answer(round([weaker], KDC_ERR_KEY_TOO_WEAK)))).toMatch(
      /^PREAUTH_UNSUPPORTED: .*we have modp 16, P-384$/,
    );
    expect(groupIn(await answer(await exchangeOf({ dhMinBits: 2049 })))).toBe("modp 16");
    expect(groupIn(await answer(await exchangeOf({ dhMinBits: 2048 })))).toBe("modp 14");
  });

  it("is not made with a certificate that has ended or that will begin; to the second it is", async () => {
    const { notBefore, notAfter } = ec.certificate;
    const at = async (timeMs: number) => (await exchangeOf()).answer({ ...round(), kdcTimeMs: () => timeMs });
    await at(notBefore.getTime());
    await at(notAfter.getTime());
    expect(await refusal(at(notAfter.getTime() + 1))).toMatch(
      /^CERTIFICATE: the certificate expired at .*: get a new one/,
    );
    expect(await refusal(at(notBefore.getTime() - 1))).toMatch(
      /^CERTIFICATE: the certificate is not valid before .*clock/,
    );
    // Nobody's certificate does not end.
    const nobody = new PkinitExchange(login, { anchors: root.certificate.octets });
    await nobody.answer({ ...round(), kdcTimeMs: () => notAfter.getTime() + 1 });
  });

  it("PK1: a reply without PA-PK-AS-REP, or to nothing that was sent, proves no KDC", async () => {
    const reply = (padata: readonly PaData[]) => ({ padata, etype: 18, requestOctets: new Uint8Array(1) });
    const exchange = await exchangeOf();
    const words = /^REPLY_MODIFIED: the KDC's reply to PKINIT has no PA-PK-AS-REP: the KDC is not proven/;
    expect(await refusal(exchange.replyKey(reply([pa(PADATA.pkAsRep, Uint8Array.of(1))])))).toMatch(words);
    await exchange.answer(round());
    expect(await refusal(exchange.replyKey(reply([])))).toMatch(words);
  });

  it("PK11: a reply to nobody needs PA-PKINIT-KX, and one to a name does not", async () => {
    const opened = {
      padata: [],
      etype: 18,
      requestOctets: new Uint8Array(1),
      replyKey: encTypes.generateKey(18),
      sessionKey: encTypes.generateKey(18),
      client: ALICE,
    };
    const named = await exchangeOf();
    await named.answer(round());
    await named.check(opened);
    const nobody = new PkinitExchange(login, { anchors: root.certificate.octets });
    await nobody.answer(round());
    expect(await refusal(nobody.check(opened))).toMatch(/^KDC_NOT_TRUSTED: .*no PA-PKINIT-KX/);
  });
});

describe("the mechanism PKINIT", () => {
  it("wants a certificate, proves with it, and goes on after two errors alone", async () => {
    const bare = pkinit().begin(loginContext());
    expect(await refusal(bare.answer(roundOf()))).toMatch(/^PREAUTH: PA-PK-AS-REQ needs a certificate: log in with/);
    expect(bare.isFinal).toBe(false);
    const run = pkinit().begin(loginContext({ identity: { anchors: root.certificate.octets } }));
    expect(run.isFinal).toBe(false);
    expect(await run.answer(roundOf())).toHaveLength(1);
    expect([run.isFinal, run.isRepeatable]).toEqual([true, true]);
    const after = Object.values(KRB_ERROR).filter((code) => run.goesOn(code));
    expect(after.sort()).toEqual(
      [KRB_ERROR.KDC_ERR_KEY_TOO_WEAK, KRB_ERROR.KDC_ERR_PA_CHECKSUM_MUST_BE_INCLUDED].sort(),
    );
  });
});
