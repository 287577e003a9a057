// A second login with the same secret proves at once what the first one was asked for: one round trip instead of two.

import { describe, expect, it } from "vitest";
import { createTestRealm, type TestRealm } from "../../../src/entry/testing.ts";
import { decodeAsReq } from "../../../src/krb5/index.ts";
import type { RemctlClient } from "../../../src/remctl-client/index.ts";
import { createClient } from "../../../src/remctl-client/on-host.ts";
import { udpRuntime } from "../../support/udp-to-realm.ts";

const TGS = "krbtgt/TEST.EXAMPLE@TEST.EXAMPLE";
const ENC_TIMESTAMP = 2;

interface Setting {
  readonly realm: TestRealm;
  readonly client: RemctlClient;
  /** What is given to the KDC: the password. */
  secret: string;
  /** The time of both. */
  nowMs: number;
  /** Answers in the place of the realm. */
  other?: TestRealm;
  /** For each AS-REQ, whether it had a proof in it. */
  readonly proofs: boolean[];
}

async function setting(options: { requireCookie?: boolean } = {}): Promise<Setting> {
  const self = { secret: "secret", nowMs: Date.now() } as { -readonly [K in keyof Setting]: Setting[K] };
  const now = (): number => self.nowMs;
  const realm = await createTestRealm({
    now,
    realm: "TEST.EXAMPLE",
    principals: { alice: { password: "secret" } },
    ...options,
  });
  const proofs: boolean[] = [];
  Object.assign(self, { realm, proofs });
  self.client = createClient({
    credentials: { principal: "alice@TEST.EXAMPLE", password: () => self.secret },
    kdc: ["udp://kdc.test.example"],
    now,
    runtime: udpRuntime((request) => {
      proofs.push((decodeAsReq(request).padata ?? []).some(({ padataType }) => padataType === ENC_TIMESTAMP));
      return (self.other ?? realm).handle(request, { transport: "udp" });
    }),
  });
  return self;
}

/** A login after the tickets have ended. */
async function logIn(self: Setting, laterMs: number = 24 * 3_600_000): Promise<boolean[]> {
  self.proofs.length = 0;
  self.nowMs += laterMs;
  await self.client.getTicket(TGS);
  return [...self.proofs];
}

describe("a second login", () => {
  it("has the proof in its first request, with the salt of the first login", async () => {
    const self = await setting();
    expect(await logIn(self)).toEqual([false, true]);
    expect(await logIn(self)).toEqual([true]);
    expect(await logIn(self)).toEqual([true]);
  });

  it("P11: with another password asks first: nothing is guessed", async () => {
    const self = await setting();
    await logIn(self);
    await self.realm.setPassword("alice", "new secret");
    self.secret = "new secret";
    expect(await logIn(self)).toEqual([false, true]);
    expect(await logIn(self)).toEqual([true]);
  });

  it("P11: proves nothing a second time where the salt is another by now: it says so, and the next login uses it", async () => {
    const self = await setting();
    await logIn(self);
    await self.realm.setPassword("alice", "secret");
    const error = await logIn(self).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "WRONG_PASSWORD", message: expect.stringContaining("names another salt") });
    expect(self.proofs).toEqual([true, false]);
    // Nothing rests.
    expect(await logIn(self, 0)).toEqual([false, true]);
    expect(await logIn(self)).toEqual([true]);
  });

  it("P11: sends no second proof of the same key when the KDC refuses the first", async () => {
    const self = await setting();
    await logIn(self);
    // KDC_ERR_PREAUTH_FAILED, and after that the same hint as ever.
    self.realm.fault({ on: "as-req", name: "krb-error", code: 24, count: 1 });
    const error = await logIn(self).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "WRONG_PASSWORD", message: expect.not.stringContaining("another salt") });
    expect(self.proofs).toEqual([true, false]);
    expect(await logIn(self, 0)).toEqual([false, true]);
  });

  it("P15: proves no weaker key than the one that the KDC proved to have", async () => {
    const self = await setting();
    await logIn(self);
    self.realm.fault({ on: "as-req", name: "krb-error", code: 24, count: 1 });
    await expect(logIn(self)).rejects.toMatchObject({ code: "WRONG_PASSWORD" });
    // What answers now is another, that has keys of the weaker enctype only.
    self.other = await createTestRealm({
      now: () => self.nowMs,
      realm: "TEST.EXAMPLE",
      enctypes: [17],
      principals: { alice: { password: "secret" } },
    });
    await expect(logIn(self, 0)).rejects.toMatchObject({ code: "PREAUTH", message: expect.stringContaining("aes128") });
    expect(self.proofs).toEqual([false]);
    // Another password is another secret, of which nothing is known.
    self.secret = "another";
    await expect(logIn(self, 0)).rejects.toMatchObject({ code: "WRONG_PASSWORD" });
    expect(self.proofs).toEqual([false, true]);
  });

  it("asks first where the KDC wants its cookie back", async () => {
    const self = await setting({ requireCookie: true });
    expect(await logIn(self)).toEqual([false, true]);
    // P5, P11: who wants a proof once more may be after another one; the next login asks first, and so do all after it.
    await expect(logIn(self)).rejects.toMatchObject({
      code: "PREAUTH",
      message: expect.stringContaining("log in again"),
    });
    expect(self.proofs).toEqual([true]);
    expect(await logIn(self, 0)).toEqual([false, true]);
    expect(await logIn(self)).toEqual([false, true]);
  });
});
