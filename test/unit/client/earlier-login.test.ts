// A second login with the same secret proves at once what the first one was asked for: one round trip instead of two.

import { describe, expect, it } from "vitest";
import { createTestRealm, type TestRealm } from "../../../src/entry/testing.ts";
import { decodeAsReq } from "../../../src/krb5/index.ts";
import type { RemctlClient } from "../../../src/remctl-client/index.ts";
import { createClient } from "../../../src/remctl-client/on-host.ts";

const TGS = "krbtgt/TEST.EXAMPLE@TEST.EXAMPLE";
const ENC_TIMESTAMP = 2;

interface Setting {
  readonly realm: TestRealm;
  readonly client: RemctlClient;
  /** What is given to the KDC: the password. */
  secret: string;
  /** The time of both. */
  nowMs: number;
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
    runtime: {
      name: "web",
      connectUdp: async () => {
        let reply: Uint8Array | undefined;
        return {
          send: async (request) => {
            proofs.push((decodeAsReq(request).padata ?? []).some(({ padataType }) => padataType === ENC_TIMESTAMP));
            reply = realm.handle(request, { transport: "udp" });
          },
          receive: async () => reply as Uint8Array,
          close: () => {},
        };
      },
    },
  });
  return self;
}

/** A login after the tickets have ended. */
async function logIn(self: Setting): Promise<boolean[]> {
  self.proofs.length = 0;
  self.nowMs += 24 * 3_600_000;
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

  it("learns a new salt of the same password", async () => {
    const self = await setting();
    await logIn(self);
    await self.realm.setPassword("alice", "secret");
    expect(await logIn(self)).toEqual([true, false, true]);
    expect(await logIn(self)).toEqual([true]);
  });

  it("P11: sends no second proof of the same key when the KDC refuses the first", async () => {
    const self = await setting();
    await logIn(self);
    // KDC_ERR_PREAUTH_FAILED, and after that the same hint as ever.
    self.realm.fault({ on: "as-req", name: "krb-error", code: 24, count: 1 });
    await expect(logIn(self)).rejects.toMatchObject({ code: "WRONG_PASSWORD" });
    expect(self.proofs).toEqual([true, false]);
  });

  it("asks first where the KDC wants its cookie back", async () => {
    const self = await setting({ requireCookie: true });
    expect(await logIn(self)).toEqual([false, true]);
    expect(await logIn(self)).toEqual([true, false, true]);
  });
});
