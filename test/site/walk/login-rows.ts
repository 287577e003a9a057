import { writeFileSync } from "node:fs";
import path from "node:path";
import { anonymous, certificate, createKerberos, interactive, keytab, password } from "../../../src/entry/index.ts";
import { createTestRealm } from "../../../src/entry/testing.ts";
import { ALICE, PASSWORD, REALM, SERVICE, type Walk } from "./world.ts";

const HOUR_MS = 3_600_000;

/** The login is refused, or there is nothing to log in with. */
export const loginWalks: readonly Walk[] = [
  {
    what: "a password with a slip",
    code: "WRONG_PASSWORD",
    cure: "Type it again",
    attempt: ({ client }, isMended) =>
      client({ credentials: { principal: ALICE, password: isMended ? PASSWORD : "Correct horse" } }).getTicket(SERVICE),
  },
  {
    what: "a password from a variable that is not set",
    code: "NO_CREDENTIAL",
    cure: "set the one that the message names",
    attempt: ({ client }, isMended) => {
      const password = () => (isMended ? PASSWORD : undefined) as string;
      return client({ credentials: { principal: ALICE, password } }).getTicket(SERVICE);
    },
  },
  {
    what: "a name with a slip",
    code: "CLIENT_UNKNOWN",
    cure: "Look at spelling and realm",
    attempt: ({ client }, isMended) =>
      client({
        credentials: { principal: isMended ? ALICE : `alcie@${REALM}`, password: PASSWORD },
      }).getTicket(SERVICE),
  },
  {
    what: "the realm in lower case",
    code: "NO_KDC_FOR_REALM",
    cure: "Give `kdc`, a block of the realm in `[realms]`",
    attempt: ({ found, client }, isMended) =>
      client({
        credentials: { principal: `alice@${isMended ? REALM : REALM.toLowerCase()}`, password: PASSWORD },
        kdc: { [REALM]: found.kdc as string[] },
        dns: false,
      }).getTicket(SERVICE),
  },
  {
    what: "an account that is locked",
    code: "CLIENT_LOCKED",
    cure: "let an administrator unlock it",
    attempt: ({ realm, client }, isMended) => {
      realm.changePrincipal("alice", { isLocked: !isMended });
      return client().getTicket(SERVICE);
    },
  },
  {
    what: "an account that has ended",
    code: "CLIENT_EXPIRED",
    cure: "Let an administrator extend it",
    attempt: ({ realm, client }, isMended) => {
      realm.changePrincipal("alice", { expires: new Date(Date.now() + (isMended ? HOUR_MS : -HOUR_MS)) });
      return client().getTicket(SERVICE);
    },
  },
  {
    what: "a KDC that takes logins inside FAST alone, and a client without armor",
    code: "PREAUTH_UNSUPPORTED",
    cure: "`armor` for FAST",
    realm: {
      preauth: ["fast", "encrypted-challenge", "encrypted-timestamp"],
      principals: { alice: { password: PASSWORD, requires: ["fast"] } },
    },
    attempt: ({ realm, client }, isMended) =>
      client(isMended ? { armor: keytab(`robot@${REALM}`, realm.keytab("robot")) } : {}).getTicket(SERVICE),
  },
  {
    what: "a one-time password, and nobody to ask",
    code: "PROMPT_NEEDED",
    cure: "Give the prompt that the message names",
    realm: otpRealm(),
    attempt: ({ realm, client }, isMended) =>
      client({
        credentials: interactive(ALICE),
        armor: keytab(`robot@${REALM}`, realm.keytab("robot")),
        ...(isMended ? { ask: { otp: async () => "123456" } } : {}),
      }).getTicket(SERVICE),
  },
  {
    what: "a one-time password with a slip",
    code: "OTP_REFUSED",
    cure: "Wait for the next code and ask again",
    realm: otpRealm(),
    attempt: ({ realm, client }, isMended) =>
      client({
        credentials: interactive(ALICE),
        armor: keytab(`robot@${REALM}`, realm.keytab("robot")),
        ask: { otp: async () => (isMended ? "123456" : "123465") },
      }).getTicket(SERVICE),
  },
  {
    what: "a certificate that has ended",
    code: "CERTIFICATE",
    cure: "file, dates, name, usage, chain",
    realm: { preauth: ["encrypted-timestamp", "pkinit"] },
    attempt: async ({ realm, client }, isMended) => {
      const validity = isMended ? {} : { notBefore: new Date("2001-01-01"), notAfter: new Date("2002-01-01") };
      const credentials = certificate(ALICE, await realm.certificate("alice", validity));
      return client({ credentials }).getTicket(SERVICE);
    },
  },
  {
    what: "another authority than the one that vouches for the KDC",
    code: "KDC_NOT_TRUSTED",
    cure: "Look at `anchors`",
    realm: { preauth: ["encrypted-timestamp", "pkinit"] },
    attempt: async ({ realm, client }, isMended) => {
      const own = await realm.certificate("alice");
      await using other = await createTestRealm({ realm: "OTHER.EXAMPLE", preauth: ["pkinit"] });
      const anchors = isMended ? realm.anchors : other.anchors;
      return await client({ credentials: certificate(ALICE, { ...own, anchors }) }).getTicket(SERVICE);
    },
  },
  {
    what: "a KDC without SPAKE after one with it",
    code: "PREAUTH_DOWNGRADE",
    cure: "set `allowPreauthDowngrade: true`",
    realm: { preauth: ["spake", "encrypted-timestamp"] },
    attempt: async ({ realm }, isMended) => {
      const principals = { alice: { password: PASSWORD } };
      await using older = await createTestRealm({ realm: REALM, principals });
      let answering = realm;
      const kerberos = createKerberos({
        kdc: realm.kdc,
        dial: (host, port, options) => answering.dial(host, port, options),
        allowPreauthDowngrade: isMended,
      });
      await kerberos.login(password(ALICE, PASSWORD));
      answering = older;
      return await kerberos.login(password(ALICE, PASSWORD));
    },
  },
  {
    what: "a KDC that says of every certificate's proof inside FAST that it came too late",
    code: "TOO_MANY_ROUNDS",
    cure: "look at the KDC's clock and log",
    realm: { preauth: ["fast", "encrypted-timestamp", "pkinit"] },
    attempt: async ({ realm, client }, isMended) => {
      const credentials = certificate(ALICE, await realm.certificate("alice"));
      if (!isMended) realm.fault({ name: "freshness-stale" });
      const armor = keytab(`robot@${REALM}`, realm.keytab("robot"));
      return await client({ credentials, armor }).getTicket(SERVICE);
    },
  },
  {
    what: "armor, and an answer without it",
    code: "FAST_STRIPPED",
    cure: '`armorPolicy: "if-offered"`',
    realm: { principals: { alice: { password: PASSWORD } } },
    attempt: ({ realm, client }, isMended) =>
      client({
        armor: keytab(`robot@${REALM}`, realm.keytab("robot")),
        ...(isMended ? { armorPolicy: "if-offered" } : {}),
      }).getTicket(SERVICE),
  },
  {
    what: "a keytab from before `ktadd`",
    code: "KEYTAB",
    cure: "write the keytab anew",
    attempt: ({ realm, client }, isMended) => {
      const before = realm.keytab("robot");
      realm.rotateKey("robot");
      const credentials = keytab(`robot@${REALM}`, isMended ? realm.keytab("robot") : before);
      return client({ credentials }).getTicket(SERVICE);
    },
  },
  {
    what: "a keytab that is not there",
    code: "KEYTAB",
    cure: "the message names the file and what is wrong with it",
    attempt: ({ realm, client, folder }, isMended) => {
      const file = path.join(folder, "robot.keytab");
      if (isMended) writeFileSync(file, realm.keytab("robot"), { mode: 0o600 });
      return client({ credentials: keytab(`robot@${REALM}`, file) }).getTicket(SERVICE);
    },
  },
  {
    what: "a keytab that is cut short",
    code: "KEYTAB",
    cure: "klist -kte FILE",
    attempt: ({ realm, client, file }, isMended) => {
      const octets = realm.keytab("robot");
      const place = file("robot.keytab", isMended ? octets : octets.subarray(0, octets.length - 7));
      return client({ credentials: keytab(`robot@${REALM}`, place) }).getTicket(SERVICE);
    },
  },
  {
    what: "a keytab of somebody else",
    code: "KEYTAB_NO_KEY",
    cure: "The message lists what it has",
    attempt: ({ realm, client }, isMended) =>
      client({
        credentials: keytab(`robot@${REALM}`, realm.keytab(isMended ? "robot" : SERVICE)),
      }).getTicket(SERVICE),
  },
  {
    what: "an anonymous login at a KDC that forbids it",
    code: "CERTIFICATE",
    cure: "let the KDC allow anonymous logins",
    realm: { preauth: ["pkinit"], allowAnonymous: false },
    attempt: ({ realm, client }, isMended) => {
      realm.setPolicy({ allowAnonymous: isMended });
      return client({ credentials: anonymous(REALM, { anchors: realm.anchors }) }).getTicket(SERVICE);
    },
  },
];

function otpRealm(): NonNullable<Walk["realm"]> {
  const alice = { password: PASSWORD, requires: ["fast", "otp"], otp: { codes: ["123456"] } } as const;
  return { preauth: ["fast", "encrypted-challenge", "encrypted-timestamp", "otp"], principals: { alice } };
}
