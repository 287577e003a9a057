// `preauth: "timestamp-first"`: a login that has asked no KDC proves its key in the first request, once.

import { describe, expect, it } from "vitest";
import { type ClientOptions, keytab, password } from "../../../src/entry/index.ts";
import { createKrbError, parsePrincipal } from "../../../src/krb5/index.ts";
import { HOST, REALM, SALT, type Setting, setting, TGS } from "./cold-harness.ts";
import { refusal } from "./harness.ts";

const first = { preauth: "timestamp-first" } as const;
const alice = `alice@${REALM}`;
const ASKED = ["AS tgt", "AS tgt timestamp"];
const UNASKED = ["AS tgt timestamp"];

const withSalt = (salt = SALT, secret = "secret"): Partial<ClientOptions> => ({
  ...first,
  credentials: password(alice, secret, { salt }),
});
const robot = (self: Setting): Partial<ClientOptions> => ({
  ...first,
  credentials: keytab(`robot@${REALM}`, self.realm.keytab("robot")),
});

describe("the first request of a login", () => {
  it("has the proof of a keytab's key, and of a password whose salt is given", async () => {
    const self = await setting();
    await self.client(robot(self)).getTicket(TGS);
    expect(self.take()).toEqual(UNASKED);
    await self.client(withSalt()).getTicket(TGS);
    expect(self.take()).toEqual(UNASKED);
    await self.client({ ...first, credentials: { principal: alice, password: "secret", salt: SALT } }).getTicket(TGS);
    expect(self.take()).toEqual(UNASKED);
  });

  it("P18: has none without the option, or without the salt", async () => {
    const self = await setting();
    const { credentials } = withSalt();
    await self.client({ credentials: credentials as NonNullable<typeof credentials> }).getTicket(TGS);
    expect(self.take()).toEqual(ASKED);
    await self.client(first).getTicket(TGS);
    expect(self.take()).toEqual(ASKED);
  });

  it("P18: has none by the salt alone after a login of this secret that was asked for it", async () => {
    const self = await setting();
    const client = self.client(withSalt());
    self.answer = (_, index) => (index === 0 ? createKrbError(24, parsePrincipal(TGS), self.nowMs) : undefined);
    await refusal(client.getTicket(TGS));
    self.answer = () => undefined;
    self.take();
    self.nowMs += 120_000;
    await client.getTicket(TGS);
    expect(self.take()).toEqual(ASKED);
  });
});

describe("after a refusal", () => {
  it("P18: a wrong salt is proven once, named, and corrected by the next login", async () => {
    const self = await setting();
    const client = self.client(withSalt("another"));
    expect(await refusal(client.getTicket(TGS))).toMatch(/^WRONG_PASSWORD: .*names another salt.*correct the salt/);
    expect(self.take()).toEqual(["AS tgt timestamp", "AS tgt"]);
    await client.getTicket(TGS);
    expect(self.take()).toEqual(ASKED);
  });

  it("P18: a wrong password is proven once, and rests", async () => {
    const self = await setting();
    const client = self.client(withSalt(SALT, "wrong"));
    expect(await refusal(client.getTicket(TGS))).toMatch(/^WRONG_PASSWORD: /);
    expect(self.take()).toEqual(["AS tgt timestamp", "AS tgt"]);
    expect(await refusal(client.getTicket(TGS))).toMatch(/^WRONG_PASSWORD: .*not tried again before/);
    expect(self.take()).toEqual([]);
  });

  it("P18: a stale key of a keytab is proven once, and rests", async () => {
    const self = await setting();
    const options = robot(self);
    await self.realm.setPassword("robot", "another");
    const client = self.client(options);
    expect(await refusal(client.getTicket(TGS))).toMatch(/^KEYTAB: .*write a new keytab/);
    expect(self.take()).toEqual(["AS tgt timestamp", "AS tgt"]);
    expect(await refusal(client.getTicket(TGS))).toMatch(/^KEYTAB: .*not tried again before/);
    expect(self.take()).toEqual([]);
  });

  it("P18: a KDC that has a proof and asks for one gets none; the next login asks first", async () => {
    const self = await setting({ requireCookie: true });
    const client = self.client(withSalt());
    expect(await refusal(client.getTicket(TGS))).toMatch(/^PREAUTH: the KDC wants to be asked/);
    expect(self.take()).toEqual(UNASKED);
    await client.getTicket(TGS);
    expect(self.take()).toEqual(ASKED);
  });

  it("P18, DT3: with directTicket a refusal of the service gets the same proof once more, and no request without one", async () => {
    const self = await setting();
    self.answer = (_, index) => (index === 0 ? createKrbError(12, parsePrincipal(TGS), self.nowMs) : undefined);
    await self.client({ ...withSalt(), directTicket: true }).getTicket(HOST);
    expect(self.take()).toEqual(["AS server timestamp", "AS tgt timestamp", "TGS server"]);
    self.answer = () => undefined;
    await self
      .client({ ...withSalt("another"), directTicket: true })
      .getTicket(HOST)
      .catch(() => {});
    expect(self.take()).toEqual(["AS server timestamp", "AS server"]);
  });
});

describe("what hides a password goes before", () => {
  it("P17: after SPAKE no timestamp is sent unasked", async () => {
    const self = await setting({ preauth: ["spake", "encrypted-timestamp"] });
    const client = self.client({ credentials: withSalt().credentials as never });
    await client.getTicket(TGS);
    expect(self.take()).toEqual(["AS tgt", "AS tgt spake", "AS tgt spake"]);
  });

  it.each([
    ["spake", ["spake", "encrypted-timestamp"]],
    ["fast", ["fast", "encrypted-timestamp"]],
  ] as const)(
    "P18: where the KDC offers %s, a second login of a password asks first, a keytab's does not",
    async (_, preauth) => {
      const self = await setting({ preauth });
      const { encTimestamp } = await import("../../../src/preauth/index.ts");
      const password = self.client({ preauth: [encTimestamp] });
      const keys = self.client({ ...robot(self), preauth: [encTimestamp] });
      for (const client of [password, keys]) await client.getTicket(TGS);
      self.nowMs += 30 * 3_600_000;
      self.take();
      await password.getTicket(TGS);
      expect(self.take()).toEqual(ASKED);
      await keys.getTicket(TGS);
      expect(self.take()).toEqual(UNASKED);
    },
  );
});
