// PKINIT and FAST at the embedded realm, which shares no code with the client: good logins, and each fault that a client
// has to see through.

import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  anonymous,
  type CertificateOptions,
  type CredentialSource,
  certificate,
  createKerberos,
  type KerberosOptions,
  keytab,
  type Login,
  password,
  type TraceEvent,
} from "../../../src/entry/index.ts";
import {
  createTestRealm,
  type FastFaultName,
  type PkinitFaultName,
  type TestRealm,
} from "../../../src/entry/testing.ts";

let realm: TestRealm;
let other: TestRealm;
let own: Required<Pick<CertificateOptions, "certificate" | "key" | "anchors">>;
beforeAll(async () => {
  const options = {
    realm: "TEST.EXAMPLE",
    preauth: ["encrypted-timestamp", "fast", "encrypted-challenge", "spake", "otp", "pkinit"],
    principals: {
      alice: { requires: ["pkinit"] },
      bob: { password: "secret" },
      hidden: { password: "secret", requires: ["fast", "encrypted-challenge"] },
      "host/localhost": {},
    },
  } as const;
  realm = await createTestRealm(options);
  other = await createTestRealm({ ...options, realm: "OTHER.EXAMPLE" });
  own = await realm.certificate("alice");
});
afterEach(() => realm.clearFaults());
afterAll(async () => {
  await realm.close();
  await other.close();
});

const kerberos = (options: KerberosOptions = {}) => createKerberos({ kdc: realm.kdc, dial: realm.dial, ...options });
const alice = (options: CertificateOptions = own) => certificate("alice@TEST.EXAMPLE", options);
const nobody = () => anonymous("TEST.EXAMPLE", { anchors: realm.anchors });
const refusal = (login: Promise<Login>): Promise<string> =>
  login.then(
    () => expect.fail("it was let in"),
    (error: Error & { readonly code: string }) => `${error.code}: ${error.message}`,
  );
/** The policy, for one login. */
const under = async (policy: Parameters<TestRealm["setPolicy"]>[0], run: () => Promise<void>) => {
  realm.setPolicy(policy);
  await run().finally(() =>
    realm.setPolicy({
      allowAnonymous: true,
      pkinitDhMinBits: 2048,
      requireFreshness: false,
      requireChecksum2: false,
      clockOffsetSeconds: 0,
    }),
  );
};

describe("PKINIT at the embedded realm", () => {
  it.each(["EC", "RSA"] as const)("logs in with a certificate (%s), and gets a service's ticket", async (algorithm) => {
    const program = kerberos();
    const login = await program.login(alice(await realm.certificate("alice", { algorithm })));
    expect(login.preauthType).toBe(16);
    const { ticket } = await program.getServiceTicket(login.ticket, "host/localhost@TEST.EXAMPLE");
    expect(ticket.client.components).toEqual(["alice"]);
  });

  it("gets a ticket of nobody, which armors a login inside FAST", async () => {
    const login = await kerberos().login(nobody());
    expect(login.ticket.client).toMatchObject({ realm: "WELLKNOWN:ANONYMOUS" });
    expect(login.ticket.flags & 0x8000).not.toBe(0);
    const armored = await kerberos({ armor: nobody() }).login(password("hidden@TEST.EXAMPLE", "secret"));
    expect(armored.preauthType).toBe(138);
    const certified = await kerberos({ armor: nobody() }).login(alice());
    expect(certified.preauthType).toBe(16);
  });

  it("wants a fresh token, a larger group, paChecksum2, where its policy says so", async () => {
    const events: TraceEvent[] = [];
    const onTrace = (event: TraceEvent) => void events.push(event);
    const words = () => events.flatMap((event) => (event.type === "note" ? [event.text] : [])).join("\n");
    await under({ requireFreshness: true, requireChecksum2: true, pkinitDhMinBits: 4096 }, async () => {
      expect((await kerberos({ onTrace }).login(alice())).preauthType).toBe(16);
    });
    expect(words()).toMatch(/modp 16, with the KDC's fresh token, with paChecksum2/);
  });

  it("knows nobody where its policy says so", async () => {
    await under({ allowAnonymous: false }, async () => {
      expect(await refusal(kerberos().login(nobody()))).toMatch(/^(PREAUTH|CERTIFICATE|KDC_ERROR)/);
    });
  });

  it.each<[string, () => Promise<CertificateOptions>, string, RegExp]>([
    ["a certificate of another client", () => realm.certificate("bob"), "alice", /CLIENT_NAME_MISMATCH/],
    ["one without a name", () => realm.certificate("alice", { names: [] }), "alice", /CLIENT_NAME_MISMATCH/],
    [
      "one that is for other things",
      () => realm.certificate("alice", { isForClients: false }),
      "alice",
      /INCONSISTENT_KEY_PURPOSE/,
    ],
    [
      "one of another realm's authority",
      async () => ({ ...(await other.certificate("alice")), anchors: realm.anchors }),
      "alice",
      /CANT_VERIFY_CERTIFICATE/,
    ],
  ])("refuses %s", async (_what, make, user, words) => {
    const text = await refusal(kerberos().login(certificate(`${user}@TEST.EXAMPLE`, await make())));
    expect(text).toMatch(/^CERTIFICATE: /);
    expect(text).toMatch(words);
    expect(text).not.toMatch(/BEGIN|MII/);
  });

  it.each<[string, () => Promise<Date>, RegExp]>([
    ["ended", async () => new Date(Date.now() - 1000), /^CERTIFICATE: .*expired/],
    ["will begin", async () => new Date(Date.now() + 864e5), /^CERTIFICATE: .*not valid before/],
  ])("a certificate that %s is not even sent", async (what, when, words) => {
    const time = await when();
    const options = what === "ended" ? { notAfter: time } : { notBefore: time };
    expect(await refusal(kerberos().login(alice(await realm.certificate("alice", options))))).toMatch(words);
  });

  it("a password does not do where a certificate is required", async () => {
    const text = await refusal(kerberos().login(password("alice@TEST.EXAMPLE", "secret")));
    expect(text).toMatch(/^PREAUTH_UNSUPPORTED: .*PA-PK-AS-REQ.*give a certificate/);
  });
});

const NOT_TRUSTED = /^KDC_NOT_TRUSTED: /;
describe("a KDC that is wrong about PKINIT is refused", () => {
  it.each<[PkinitFaultName, RegExp]>([
    ["pkinit-reply-missing", /^REPLY_MODIFIED: .*no PA-PK-AS-REP/],
    ["pkinit-chosen-key", /^KDC_NOT_TRUSTED: .*chose the key itself/],
    ["pkinit-nonce", /^KDC_NOT_TRUSTED: .*answer to another request/],
    ["pkinit-content-type", /^KDC_NOT_TRUSTED: .*eContentType/],
    ["pkinit-unsigned", /^KDC_NOT_TRUSTED: .*0 signatures/],
    ["pkinit-signature", NOT_TRUSTED],
    ["pkinit-key-range", /^KDC_NOT_TRUSTED: .*out of range/],
    ["pkinit-kdf", /^KDC_NOT_TRUSTED: .*not offered/],
    ["pkinit-other-kdc", /^KDC_NOT_TRUSTED: .*not one of krbtgt\/TEST\.EXAMPLE/],
    ["pkinit-nameless-kdc", /^KDC_NOT_TRUSTED: .*not one of krbtgt\/TEST\.EXAMPLE/],
    ["pkinit-expired-kdc", /^KDC_NOT_TRUSTED: .*expired/],
    ["pkinit-unknown-authority", /^KDC_NOT_TRUSTED: /],
  ])("%s", async (name, words) => {
    for (const armor of [undefined, nobody()]) {
      const program = kerberos(armor === undefined ? {} : { armor });
      // The armor is got by a KDC that is right.
      if (armor !== undefined) await program.login(alice());
      const fault = realm.fault({ name, on: "as-req" });
      expect(await refusal(program.login(alice()))).toMatch(words);
      expect(fault.hits).toBeGreaterThan(0);
      realm.clearFaults();
    }
  });

  it.each<[PkinitFaultName, RegExp]>([
    ["pkinit-kx-missing", /^KDC_NOT_TRUSTED: .*no PA-PKINIT-KX/],
    ["pkinit-kx-other", /^KDC_NOT_TRUSTED: .*not made of the KDC's PA-PKINIT-KX/],
    ["pkinit-other-kdc", /^KDC_NOT_TRUSTED: .*not one of krbtgt\/TEST\.EXAMPLE/],
  ])("%s, to nobody", async (name, words) => {
    realm.fault({ name });
    expect(await refusal(kerberos().login(nobody()))).toMatch(words);
  });

  it.each([
    ["paChecksum2", 79],
    ["a fresh token", 90],
  ])("PK15: an error that asks for %s is heeded once", async (_what, code) => {
    let signed = 0;
    const onTrace = (event: TraceEvent): void => {
      if (event.type !== "note" || !event.text.startsWith("PKINIT: a key is agreed on")) return;
      // A client that heeds it each time is let in at last, so that the test ends.
      if (++signed < 6) realm.fault({ name: "krb-error", code, count: 1 });
    };
    expect(await refusal(kerberos({ onTrace }).login(alice()))).toMatch(/^(PREAUTH|CERTIFICATE|KDC): /);
    expect(signed).toBe(2);
  });

  it("freshness-stale: a token that is stale is asked for anew, once", async () => {
    const once = realm.fault({ name: "freshness-stale", count: 1 });
    await under({ requireFreshness: true }, async () => {
      expect((await kerberos().login(alice())).preauthType).toBe(16);
      expect(once.hits).toBe(1);
      once.clear();
      const always = realm.fault({ name: "freshness-stale" });
      expect(await refusal(kerberos().login(alice()))).toMatch(/^PREAUTH: .*too old.*log in again/);
      expect(always.hits).toBeLessThan(4);
    });
  });
});

describe("a KDC that is wrong about FAST is refused", () => {
  const hidden = (): CredentialSource => password("hidden@TEST.EXAMPLE", "secret");
  const armored = () => kerberos({ armor: keytab("host/localhost@TEST.EXAMPLE", realm.keytab("host/localhost")) });

  it.each<[FastFaultName, RegExp, ("as-rep" | "error")?]>([
    ["fast-stripped", /^FAST_STRIPPED: .*an error that is not armored/, "error"],
    ["fast-stripped", /^FAST_STRIPPED: .*a ticket that is not armored/],
    ["fast-nonce", /^REPLY_MODIFIED: .*armored error is to another request/, "error"],
    ["fast-nonce", /^REPLY_MODIFIED: .*armored reply is to another request/],
    ["fast-finished-missing", /^REPLY_MODIFIED: .*not finished/],
    ["fast-finished-name", /^REPLY_MODIFIED: .*for mallory@TEST\.EXAMPLE/],
    ["fast-finished-ticket", /^REPLY_MODIFIED: .*the ticket is not the one/],
    ["fast-strengthen-hidden", /^INTEGRITY: /],
    ["fast-key", /^REPLY_MODIFIED: .*does not open with the armor/],
    ["fast-undecodable", /^REPLY_MODIFIED: /],
    ["challenge-missing", /^REPLY_MODIFIED: .*no answer to our challenge/],
    ["challenge-other", /^REPLY_MODIFIED: .*answer to our challenge does not open/],
  ])("%s", async (name, words, on = "as-rep") => {
    // The armor's own login is outside FAST, where these faults change nothing.
    const fault = realm.fault({ name, on });
    expect(await refusal(armored().login(hidden()))).toMatch(words);
    expect(fault.hits).toBe(1);
  });
});
