// PKINIT against MIT's KDC: certificates of RSA and EC on both sides, fresh tokens, another group, nobody at all; and
// each way in which a certificate, a key or a KDC can be wrong.

import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import figures from "../../krb5-vectors/preauth/private-keys.json" with { type: "json" };
import { decodeHex } from "../../src/bytes/index.ts";
import {
  anonymous,
  type CertificateOptions,
  certificate,
  createKerberos,
  type KerberosOptions,
  type Sign,
  type TraceEvent,
} from "../../src/entry/index.ts";
import { hasCode } from "../../src/errors.ts";
import { PKI_PASSPHRASE, startMitLoginsBed } from "../../tools/beds/index.mjs";
import { describeLive, useBed } from "../support/live.ts";

const figureOf = (name: string) => decodeHex(figures.vectors.find((one) => one.name === name)?.octets ?? "");

describeLive(["mit", "mit-logins"], "PKINIT with MIT's KDC", () => {
  const bed = useBed(() => startMitLoginsBed(), 60_000);
  type Policy = Parameters<ReturnType<typeof bed>["kdcOf"]>[0];

  const file = (name: string): string => readFileSync(bed().pki.file(name), "utf8");
  const octets = (name: string): Uint8Array => new Uint8Array(readFileSync(bed().pki.file(name)));
  const anchors = (): string[] => [file("ca-rsa.pem"), file("ca-ec.pem")];
  const of = (name: string): CertificateOptions => ({
    certificate: file(`${name}.pem`),
    key: file(`${name}.key`),
    anchors: anchors(),
  });
  const kerberos = async (policy: Policy, options: KerberosOptions = {}) => {
    const { env } = await bed().kdcOf(policy);
    const config = { files: [env.KRB5_CONFIG as string] };
    return createKerberos({ config, ...options });
  };
  const alice = (options: CertificateOptions) => certificate("alice@LOGINS.TEST", options);
  const logIn = async (policy: Policy, options: CertificateOptions, more?: KerberosOptions) =>
    (await kerberos(policy, more)).login(alice(options));
  const refusal = async (login: Promise<unknown>): Promise<string> => {
    const error = await login.then(
      () => expect.fail("it was let in"),
      (reason: unknown) => reason as Error & { readonly code: string },
    );
    return `${error.code}: ${error.message}`;
  };

  it.each([
    ["all", "client-rsa"],
    ["all", "client-ec"],
    ["kdc-ec", "client-rsa"],
    ["kdc-ec", "client-ec"],
    ["fresh", "client-rsa"],
    ["dh4096", "client-rsa"],
    ["kdc-noeku", "client-ec"],
  ] as const)("logs in (KDC %s, %s), and the ticket is one of PKINIT", async (policy, name) => {
    const login = await logIn(policy, of(name));
    expect(login.preauthType).toBe(16);
    expect(login.ticket.client.components).toEqual(["alice"]);
    // The KDC gives a ticket for this service only to those who proved a certificate.
    const { ticket } = await (await kerberos(policy)).getServiceTicket(login.ticket, "svc/pkinit@LOGINS.TEST");
    expect(ticket.service.components).toEqual(["svc", "pkinit"]);
  });

  it("goes on in the group that the KDC names, once", async () => {
    const events: TraceEvent[] = [];
    await logIn("dh4096", of("client-rsa"), { onTrace: (event) => events.push(event) });
    const notes = events.flatMap((event) =>
      event.type === "note" && /^PKINIT: a key is/.test(event.text) ? [event.text] : [],
    );
    expect(notes.map((note) => /modp \d+/.exec(note)?.[0])).toEqual(["modp 14", "modp 16"]);
    await logIn("dh4096", { ...of("client-rsa"), dhMinBits: 4096 });
  });

  it.each(["all", "fresh"] as const)("gets a ticket of nobody (KDC %s)", async (policy) => {
    const login = await (await kerberos(policy)).login(anonymous("LOGINS.TEST", { anchors: anchors() }));
    expect(login.ticket.client).toMatchObject({ realm: "WELLKNOWN:ANONYMOUS", components: ["WELLKNOWN", "ANONYMOUS"] });
    expect(login.ticket.flags & 0x8000).not.toBe(0);
  });

  it.each(["rsa", "ec"] as const)("takes a key in each form (%s)", async (key) => {
    const ask = { passphrase: async () => PKI_PASSPHRASE };
    const own = of(`client-${key}`);
    await logIn("all", { ...own, key: file(`client-${key}-sealed.key`) }, { ask });
    await logIn("all", { ...own, key: async () => file(`client-${key}-sealed.key`), passphrase: PKI_PASSPHRASE });
    await logIn("all", { ...own, key: file(`client-${key}-scrypt.key`) }, { ask });
    await logIn("all", { pkcs12: octets(`client-${key}.p12`), anchors: anchors() }, { ask });
    await logIn("all", { pkcs12: octets(`client-${key}-open.p12`), passphrase: "", anchors: anchors() });
    // Triple DES, as Windows and openssl 1 write them.
    await logIn("all", { pkcs12: octets(`client-${key}-legacy.p12`), anchors: anchors() }, { ask });
  });

  it.each([
    ["rsa", { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" }],
    ["ec", { name: "ECDSA", namedCurve: "P-256" }],
  ] as const)("signs by a key that WebCrypto does not give out (%s)", async (kind, algorithm) => {
    const pem = file(`client-${kind}.key`).replace(/-----[^-]+-----|\s/g, "");
    const der = Uint8Array.from(Buffer.from(pem, "base64"));
    const key = await crypto.subtle.importKey("pkcs8", der, algorithm, false, ["sign"]);
    const sign: Sign = (data, how) => crypto.subtle.sign(how, key, data as Uint8Array<ArrayBuffer>);
    const { key: _, ...own } = of(`client-${kind}`);
    expect((await logIn("all", { ...own, sign })).preauthType).toBe(16);
  });

  it("asks for a passphrase once for one credential", async () => {
    let asked = 0;
    const ask = {
      passphrase: async () => {
        asked += 1;
        return PKI_PASSPHRASE;
      },
    };
    const credential = alice({ ...of("client-rsa"), key: file("client-rsa-sealed.key") });
    const program = await kerberos("all", { ask });
    await program.login(credential);
    await program.login(credential);
    expect(asked).toBe(1);
  });

  it.each([
    ["the wrong anchor", "all", { anchors: "ca-other" }, /^KDC_NOT_TRUSTED: .*no anchor that was given/],
    ["a KDC with the certificate of a web server", "kdc-dns", {}, /^KDC_NOT_TRUSTED: .*not one of krbtgt\/LOGINS.TEST/],
    [
      "that certificate where its name is given: it is not for KDCs",
      "kdc-dns",
      { kdcHostname: "kdc.example.test" },
      /^KDC_NOT_TRUSTED: .*not for KDCs/,
    ],
    [
      "that certificate where another name is given",
      "kdc-dns",
      { kdcHostname: ["kdc2.example.test"], kdcUsage: "kpServerAuth" },
      /^KDC_NOT_TRUSTED: .*nor of a host/,
    ],
    ["a KDC of another realm", "kdc-other", {}, /^KDC_NOT_TRUSTED: .*not one of krbtgt\/LOGINS.TEST/],
  ] as const)("refuses %s", async (_what, policy, change, words) => {
    const { anchors: other, ...more } = change as { readonly anchors?: string };
    const options = { ...of("client-rsa"), ...more, ...(other === undefined ? {} : { anchors: file(`${other}.pem`) }) };
    expect(await refusal(logIn(policy, options))).toMatch(words);
  });

  it("takes a web server's certificate where the caller says that it is the KDC's", async () => {
    await logIn("kdc-dns", { ...of("client-rsa"), kdcHostname: "KDC.example.test", kdcUsage: "kpServerAuth" });
  });

  it("an anonymous login knows its KDC too", async () => {
    const login = (policy: Policy, anchor: string) =>
      kerberos(policy).then((program) => program.login(anonymous("LOGINS.TEST", { anchors: file(anchor) })));
    expect(await refusal(login("all", "ca-other.pem"))).toMatch(/^KDC_NOT_TRUSTED: /);
    expect(await refusal(login("kdc-other", "ca-rsa.pem"))).toMatch(/^KDC_NOT_TRUSTED: /);
  });

  it.each([
    ["a certificate without a name", "client-nosan-rsa", "alice", /^CERTIFICATE: .*INCONSISTENT_KEY_PURPOSE/],
    ["another user's certificate", "client-rsa", "bob", /^CERTIFICATE: .*CLIENT_NAME_MISMATCH/],
  ] as const)("the KDC refuses %s, and the error says so", async (_what, name, user, words) => {
    const login = (await kerberos("all")).login(certificate(`${user}@LOGINS.TEST`, of(name)));
    expect(await refusal(login)).toMatch(words);
  });

  it.each([
    [
      "a key that is another's",
      () => ({ ...of("client-rsa"), key: file("kdc-rsa.key") }),
      /^CERTIFICATE: .*does not fit/,
    ],
    [
      "a key of another kind",
      () => ({ ...of("client-rsa"), key: file("client-ec.key") }),
      /^CERTIFICATE: .*does not fit/,
    ],
    [
      "a wrong passphrase",
      () => ({ ...of("client-rsa"), key: file("client-rsa-sealed.key"), passphrase: "wrong-passphrase" }),
      /^CERTIFICATE: .*passphrase is wrong/,
    ],
    [
      "a wrong passphrase of a PKCS#12 file",
      () => ({ pkcs12: octets("client-rsa.p12"), passphrase: "wrong-passphrase", anchors: anchors() }),
      /^CERTIFICATE: .*passphrase is wrong/,
    ],
    [
      "a PKCS#12 file of another time",
      () => ({ pkcs12: figureOf("PKCS12 rc2"), passphrase: PKI_PASSPHRASE, anchors: anchors() }),
      /^CERTIFICATE: .*write it with PBES2 and AES/,
    ],
    [
      "a passphrase that nobody can be asked for",
      () => ({ ...of("client-rsa"), key: file("client-rsa-sealed.key") }),
      /^PROMPT_NEEDED: .*the passphrase of a private key/,
    ],
    [
      "a certificate where a key is expected",
      () => ({ ...of("client-rsa"), key: file("client-rsa.pem") }),
      /^CERTIFICATE: .*neither DER nor text with a key/,
    ],
  ] as const)("refuses %s before anything is signed", async (_what, options, words) => {
    const text = await refusal(logIn("all", options()));
    expect(text).toMatch(words);
    expect(text).not.toMatch(/wrong-passphrase|MII|pki-passphrase/);
  });

  it("a KDC that offers no PKINIT is told apart", async () => {
    expect(await refusal(logIn("spake", of("client-rsa")))).toMatch(
      /^PREAUTH_UNSUPPORTED: .*PA-SPAKE, .*we have PA-PK-AS-REQ/,
    );
  });

  it("errors are KerberosErrors with their code", async () => {
    const error = await logIn("kdc-other", of("client-rsa")).catch((reason: unknown) => reason);
    expect(hasCode(error, "KDC_NOT_TRUSTED") && error.realm).toBe("LOGINS.TEST");
  });
});
