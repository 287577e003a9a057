// The ticket of a service straight from the login (`directTicket`): when it is asked for so, which errors lead to the usual
// way, and that a KDC which says one of them does not get a second proof that tells more than the first.

import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { memoryStore } from "../../../src/entry/credentials.ts";
import type { ClientOptions, ServiceTicketOptions } from "../../../src/entry/index.ts";
import { createKrbError, formatPrincipal, parsePrincipal } from "../../../src/krb5/index.ts";
import { HOST, OTHER, REALM, type Setting, setting, TGS } from "./cold-harness.ts";
import { refusal } from "./harness.ts";

const USUAL = ["AS tgt", "AS tgt timestamp", "TGS server"];
const DIRECT = ["AS server", "AS server timestamp"];
const CONF = `[libdefaults]\n dns_lookup_realm = true\n[realms]\n ${REALM} = {\n  kdc = udp://kdc.test.example\n }\n[domain_realm]\n .test.example = ${REALM}\n .else.example = ELSE.EXAMPLE\n`;

const direct = { directTicket: true } as const;

/** A KRB-ERROR that anybody can make. */
function forged(errorCode: number): Uint8Array {
  return createKrbError(errorCode, parsePrincipal(TGS), Date.now());
}

/** The realm answers but for the request of one number, counted from the last look. */
function forgeAt(self: Setting, at: number, errorCode: number): void {
  self.answer = (_, index) => (index === at ? forged(errorCode) : undefined);
}

describe("the ticket in the login", () => {
  it("is had in one exchange, kept, and for another service there is a ticket-granting ticket", async () => {
    const self = await setting();
    const client = self.client(direct);
    const ticket = await client.getTicket(HOST);
    expect(formatPrincipal(ticket.service)).toBe(HOST);
    expect(self.take()).toEqual(DIRECT);
    expect(await client.getTicket(HOST)).toBe(ticket);
    expect(self.take()).toEqual([]);
    await client.getTicket(OTHER);
    expect(self.take()).toEqual(["AS tgt timestamp", "TGS other"]);
    await client.forget(ticket);
    await client.getTicket(HOST);
    expect(self.take()).toEqual(["TGS server"]);
  });

  it("is had again when it has ended", async () => {
    const self = await setting();
    const client = self.client(direct);
    await client.getTicket(HOST);
    self.nowMs += 30 * 3_600_000;
    self.take();
    await client.getTicket(HOST);
    expect(self.take()).toEqual(["AS server timestamp"]);
    self.nowMs += 30 * 3_600_000;
    await client.getTicket(OTHER);
    expect(self.take()).toEqual(["AS other timestamp"]);
  });

  it("many services at once are two logins, one after the other", async () => {
    const self = await setting();
    const client = self.client(direct);
    await Promise.all([client.getTicket(HOST), client.getTicket(HOST), client.getTicket(OTHER)]);
    expect(self.take()).toEqual([...DIRECT, "AS tgt timestamp", "TGS other"]);
  });

  it.each<[string, readonly (readonly [string, ServiceTicketOptions])[], readonly string[]]>([
    [
      "two services",
      [
        [HOST, {}],
        [OTHER, {}],
      ],
      DIRECT,
    ],
    [
      "a service, and the ticket-granting ticket",
      [
        [HOST, {}],
        [TGS, {}],
      ],
      USUAL.slice(0, 2),
    ],
    [
      "the ticket-granting ticket, and a service",
      [
        [TGS, {}],
        [HOST, {}],
      ],
      USUAL.slice(0, 2),
    ],
    [
      "a service, and one of chosen enctypes",
      [
        [HOST, {}],
        [OTHER, { enctypes: ["aes128-sha1"] }],
      ],
      DIRECT,
    ],
  ])("P11: wanted at once, %s: a wrong password is proven once", async (_, wanted, asked) => {
    for (const hasRequestBoundPromises of [false, true]) {
      const self = await setting();
      self.host = { hasRequestBoundPromises };
      const credentials = { principal: `alice@${REALM}`, password: "wrong" };
      const client = self.client({ ...direct, credentials });
      const results = await Promise.allSettled(wanted.map(([name, options]) => client.getTicket(name, options)));
      expect(results.map((result) => result.status === "rejected" && result.reason.code)).toEqual(
        wanted.map(() => "WRONG_PASSWORD"),
      );
      expect(self.take()).toEqual(asked);
    }
  });

  it("P11: who waits for the login of another service keeps it alive: begun anew, it would prove twice", async () => {
    const self = await setting();
    const credentials = { principal: `alice@${REALM}`, password: "wrong" };
    const client = self.client({ ...direct, credentials });
    const end = new AbortController();
    self.answer = (_, index) => {
      if (index === 1) queueMicrotask(() => end.abort());
      return undefined;
    };
    const first = client.getTicket(HOST, { signal: end.signal });
    const second = client.getTicket(OTHER);
    await expect(first).rejects.toMatchObject({ code: "ABORTED" });
    await expect(second).rejects.toMatchObject({ code: "WRONG_PASSWORD" });
    expect(self.take()).toEqual(DIRECT);
  });

  it("a service that is wanted as the login for another one ends gets a ticket of its own", async () => {
    // The login of the first is over for a moment before the client has its ticket.
    for (let turns = 0; turns < 8; turns++) {
      const self = await setting();
      let other: Promise<string> | undefined;
      const getOther = async (): Promise<string> => {
        for (let i = 0; i < turns; i++) await undefined;
        return formatPrincipal((await client.getTicket(OTHER)).service);
      };
      const client = self.client({
        ...direct,
        onTrace: ({ type }) => {
          if (type === "ticket") other ??= getOther();
        },
      });
      expect(formatPrincipal((await client.getTicket(HOST)).service)).toBe(HOST);
      expect(await other).toBe(OTHER);
    }
  });

  it("one that is wanted while the ticket-granting ticket comes is asked for with it", async () => {
    const self = await setting();
    const client = self.client(direct);
    await Promise.all([client.getTicket(TGS), client.getTicket(HOST)]);
    expect(self.take()).toEqual(USUAL);
  });

  it("is not asked for where there is a ticket-granting ticket, or one of chosen enctypes is wanted", async () => {
    const self = await setting();
    const client = self.client(direct);
    await client.getTicket(TGS);
    self.take();
    await client.getTicket(HOST);
    expect(self.take()).toEqual(["TGS server"]);
    await self.client(direct).getTicket(HOST, { enctypes: ["aes128-sha1"] });
    expect(self.take()).toEqual(USUAL);
    await self.client().getTicket(HOST);
    expect(self.take()).toEqual(USUAL);
  });

  it.each<[string, Partial<ClientOptions>, string, readonly string[]]>([
    ["the configuration gives it, and it is the client's", { config: CONF }, "host/server.test.example@", DIRECT],
    ["the configuration gives another", { config: CONF }, "host/server.else.example@", ["AS tgt", "AS tgt timestamp"]],
    ["nothing gives it", {}, "host/server.test.example@", USUAL],
    ["the KDC may know the client by another name", { canonicalize: true }, HOST, USUAL],
  ])("DT1: by the realm of the service: %s", async (_, options, service, asked) => {
    const self = await setting();
    await self
      .client({ ...direct, ...options })
      .getTicket(service)
      .catch(() => {});
    expect(self.take().slice(0, asked.length)).toEqual(asked);
  });

  it("is shared through a store, and kept in a file", async () => {
    const self = await setting();
    const cache = { store: memoryStore(), key: new Uint8Array(32).fill(7) };
    await Promise.all([1, 2].map(() => self.client({ ...direct, cache }).getTicket(HOST)));
    expect(self.take()).toEqual(DIRECT);
    await self.client({ ...direct, cache }).getTicket(HOST);
    expect(self.take()).toEqual([]);
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "direct-"));
    const file = `FILE:${path.join(folder, "cc")}`;
    await self.client({ ...direct, cache: file }).getTicket(HOST);
    expect(self.take()).toEqual(DIRECT);
    await self.client({ ...direct, cache: file }).getTicket(HOST);
    expect(self.take()).toEqual([]);
    await self.client({ ...direct, cache: file }).getTicket(OTHER);
    expect(self.take()).toEqual(["AS other", "AS other timestamp"]);
    await self.client({ cache: file }).getTicket(HOST);
    expect(self.take()).toEqual([]);
    fs.rmSync(folder, { recursive: true });
  });
});

describe("errors", () => {
  it.each([7, 12, 13, 14, 26, 27])("DT2: %i leads to the usual way, remembered for that service", async (code) => {
    const self = await setting();
    const client = self.client(direct);
    forgeAt(self, 0, code);
    await client.getTicket(HOST);
    expect(self.take()).toEqual(["AS server", ...USUAL]);
    expect(self.notes.join("\n")).toMatch(/gives no ticket for host\/server.*the usual way/);
    self.answer = () => undefined;
    self.nowMs += 30 * 3_600_000;
    await client.getTicket(HOST);
    expect(self.take()).toEqual(["AS tgt timestamp", "TGS server"]);
    self.nowMs += 30 * 3_600_000;
    await client.getTicket(OTHER);
    expect(self.take()).toEqual(["AS other timestamp"]);
  });

  it.each([6, 18, 23, 60, 68])("DT2: %i ends the login, before any proof", async (code) => {
    const self = await setting();
    forgeAt(self, 0, code);
    await refusal(self.client(direct).getTicket(HOST));
    expect(self.take()).toEqual(["AS server"]);
  });

  it.each([6, 18, 23, 24, 25, 31, 60])("DT2: %i after a proof ends the login", async (code) => {
    const self = await setting();
    forgeAt(self, 1, code);
    await refusal(self.client(direct).getTicket(HOST));
    expect(self.take()).toEqual(DIRECT);
  });

  it.each([7, 12, 14])("DT3: %i after a proof gets the same proof once more, and no other", async (code) => {
    const self = await setting();
    forgeAt(self, 1, code);
    await self.client(direct).getTicket(HOST);
    expect(self.take()).toEqual([...DIRECT, ...USUAL]);
    // Who says so wants a proof under a salt of its own now.
    self.answer = (_, index) => {
      if (index === 1) self.realm.fault({ on: "as-rep", name: "other-salt" });
      return index === 1 ? forged(code) : undefined;
    };
    expect(await refusal(self.client(direct).getTicket(HOST))).toMatch(/^PREAUTH: .*another salt/);
    expect(self.take()).toEqual([...DIRECT, "AS tgt"]);
  });

  it("DT3: after a proof by SPAKE it ends, and the next login takes the usual way", async () => {
    const self = await setting({ preauth: ["spake", "encrypted-timestamp"] });
    const client = self.client(direct);
    self.answer = (_, index) => (self.asked[index]?.endsWith("spake") && index === 2 ? forged(7) : undefined);
    await refusal(client.getTicket(HOST));
    expect(self.take()).toEqual(["AS server", "AS server spake", "AS server spake"]);
    self.answer = () => undefined;
    await client.getTicket(HOST);
    expect(self.take()).toEqual(["AS tgt", "AS tgt spake", "AS tgt spake", "TGS server"]);
  });

  it("DT3: in the middle of SPAKE nothing weaker is proven after it", async () => {
    const strong = await setting({ preauth: ["spake", "encrypted-timestamp"] });
    const weak = await setting();
    strong.answer = (request, index) => {
      if (index === 1) return forged(7);
      return index > 1 ? weak.realm.handle(request, { transport: "udp" }) : undefined;
    };
    await refusal(strong.client(direct).getTicket(HOST));
    expect(strong.take().filter((one) => one.endsWith("timestamp"))).toEqual([]);
  });
});

describe("a KDC that lies", () => {
  it.each([
    "other-server-name",
    "other-server-realm",
    "ticket-name-mismatch",
    "ticket-realm-mismatch",
    "enc-part-name-mismatch",
    "other-client-name",
    "wrong-nonce",
    "wrong-key",
    "unasked-session-etype",
    "endtime-too-late",
    "enc-pa-rep-wrong",
  ] as const)("A7, DT4: gives no ticket: %s", async (name) => {
    const self = await setting();
    self.realm.fault({ on: "as-rep", name });
    const client = self.client(direct);
    expect(await refusal(client.getTicket(HOST))).toMatch(/^(REPLY_MODIFIED|OTHER_REALM|CRYPTO|DECRYPT|INTEGRITY)/);
    // No second login, and nothing was kept.
    expect(self.take()).toEqual(DIRECT);
    self.realm.clearFaults();
    await client.getTicket(HOST);
    expect(self.take()).toEqual(DIRECT);
  });

  it("DT4: gives a ticket-granting ticket instead, and it is not taken for the service's", async () => {
    const self = await setting();
    self.realm.fault({ on: "as-rep", name: "referral", realm: "OTHER.EXAMPLE" });
    expect(await refusal(self.client(direct).getTicket(HOST))).toMatch(/./);
    expect(self.take()).toEqual(DIRECT);
  });
});
