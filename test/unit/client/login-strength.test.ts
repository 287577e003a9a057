// What a KDC took of a principal is not followed by something weaker for a day: an attacker who answers for the KDC, or a KDC
// of the realm that has less, gets no proof that can be guessed.

import { expect, it } from "vitest";
import { createKerberos, type Kerberos, type KerberosOptions, keytab, password } from "../../../src/entry/index.ts";
import { createTestRealm, type PreauthName, type TestRealm } from "../../../src/entry/testing.ts";
import { PADATA } from "../../../src/iana/index.ts";
import { decodeAsReq } from "../../../src/krb5/index.ts";
import { udpRuntime } from "../../support/udp-to-realm.ts";
import { refusal } from "./harness.ts";

const DAY_MS = 86_400_000;
const REALM = "TEST.EXAMPLE";

function realmOf(preauth: readonly PreauthName[], now: () => number): Promise<TestRealm> {
  const principals = {
    alice: { password: "secret", salt: "of alice" },
    bob: { password: "secret" },
    robot: { password: "robot" },
  };
  return createTestRealm({ realm: REALM, preauth, principals, now });
}

/** A client of two KDCs, of which `weak` may answer in the place of the other. */
async function setting(preauth: readonly PreauthName[], options: KerberosOptions = {}) {
  const self = { nowMs: Date.now(), isWeak: false, timestamps: 0 };
  const now = () => self.nowMs;
  const strong = await realmOf(preauth, now);
  const weak = await realmOf(["encrypted-timestamp"], now);
  const kerberos: Kerberos = createKerberos({
    kdc: [`udp://kdc.${REALM}`],
    now,
    ...options,
    runtime: udpRuntime((request) => {
      const types = decodeAsReq(request).padata?.map(({ padataType }) => padataType) ?? [];
      if (types.includes(PADATA.encTimestamp)) self.timestamps += 1;
      return (self.isWeak ? weak : strong).handle(request, { transport: "udp" });
    }),
  });
  const login = (name = "alice", secret = "secret") => kerberos.login(password(`${name}@${REALM}`, secret));
  return { self, kerberos, login, strong, weak };
}

it("P17: after SPAKE no timestamp is sent for a day, and the error says what to do", async () => {
  const { self, login } = await setting(["spake", "encrypted-timestamp"]);
  expect((await login()).preauthType).toBe(PADATA.spake);
  self.isWeak = true;
  const refused = await login().catch((error: unknown) => error);
  expect(refused).toMatchObject({
    code: "PREAUTH_DOWNGRADE",
    principal: `alice@${REALM}`,
    retryAfter: new Date(self.nowMs + DAY_MS),
  });
  expect(String(refused)).toMatch(/PA-ENC-TIMESTAMP.*took something stronger.*`allowPreauthDowngrade`/);
  // Also where the next login asks first.
  expect(await refusal(login())).toMatch(/^PREAUTH_DOWNGRADE: /);
  expect(self.timestamps).toBe(0);
  expect((await login("bob")).preauthType).toBe(PADATA.encTimestamp);
  self.nowMs += DAY_MS - 1;
  expect(await refusal(login())).toMatch(/^PREAUTH_DOWNGRADE: /);
  self.nowMs += 1;
  expect((await login()).preauthType).toBe(PADATA.encTimestamp);
});

it("P17: it counts for one kind of secret", async () => {
  const { self, login, kerberos, weak } = await setting(["spake", "encrypted-timestamp"]);
  await login();
  self.isWeak = true;
  const { preauthType } = await kerberos.login(keytab(`alice@${REALM}`, weak.keytab("alice")));
  expect(preauthType).toBe(PADATA.encTimestamp);
});

it("P17: a login whose reply proves nothing is not remembered", async () => {
  const { self, login, strong } = await setting(["spake", "encrypted-timestamp"]);
  await strong.setPassword("alice", "another");
  expect(await refusal(login())).toMatch(/^WRONG_PASSWORD: /);
  self.isWeak = true;
  expect((await login()).preauthType).toBe(PADATA.encTimestamp);
});

it("P17: with `allowPreauthDowngrade` the KDCs of a realm may differ", async () => {
  const { self, login } = await setting(["spake", "encrypted-timestamp"], { allowPreauthDowngrade: true });
  for (const [isWeak, type] of [
    [false, PADATA.spake],
    [true, PADATA.encTimestamp],
    [true, PADATA.encTimestamp],
    [false, PADATA.spake],
    [true, PADATA.encTimestamp],
  ] as const) {
    self.isWeak = isWeak;
    expect((await login()).preauthType).toBe(type);
    self.nowMs += 1000;
  }
});

it("P17: after FAST that was taken up as offered, nothing that can be guessed goes outside it", async () => {
  const armor = password(`robot@${REALM}`, "robot");
  const options = { armor, armorPolicy: "if-offered" } as const;
  const { self, login } = await setting(["encrypted-timestamp", "fast", "encrypted-challenge"], options);
  expect((await login()).preauthType).toBe(PADATA.encryptedChallenge);
  self.timestamps = 0;
  self.isWeak = true;
  expect(await refusal(login())).toMatch(/^PREAUTH_DOWNGRADE: /);
  expect(self.timestamps).toBe(0);
});
