// The computer of a user vouches in a TGS-REQ (explicit armor, RFC 6113 section 5.4.2): what is on the wire, what the
// embedded KDC makes of it, and what is refused.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { explicitArmor } from "../../../src/client/index.ts";
import {
  createClient,
  createKerberos,
  type KerberosError,
  keytab,
  password,
  type ServiceTicket,
} from "../../../src/entry/index.ts";
import { createClient as createLeanClient } from "../../../src/entry/lean.ts";
import { createTestRealm, type FastFaultName, type TestRealm } from "../../../src/entry/testing.ts";
import { hasCode, kdcErrorOf } from "../../../src/errors.ts";
import { PADATA } from "../../../src/iana/index.ts";
import { decodeTgsReq, tgsPrincipal } from "../../../src/krb5/index.ts";
import { fastMessages } from "../../../src/preauth/index.ts";
import { allEncTypes, refusal, tgsOptions, walk } from "./harness.ts";

const REALM = "TEST.EXAMPLE";
const SERVICE = "host/server@TEST.EXAMPLE";
const TGS = tgsPrincipal(REALM);

let realm: TestRealm;
beforeAll(async () => {
  realm = await createTestRealm({
    realm: REALM,
    preauth: ["encrypted-timestamp", "fast"],
    principals: { alice: { password: "secret" }, "host/laptop": {}, "host/server": {} },
  });
});
afterAll(() => realm.close());

const machine = () => {
  const credentials = keytab("host/laptop@TEST.EXAMPLE", async () => realm.keytab("host/laptop"));
  return createClient({ credentials, kdc: realm.kdc, dial: realm.dial });
};
const alice = (more: object = {}) =>
  createClient({ credentials: password("alice@TEST.EXAMPLE", "secret"), kdc: realm.kdc, dial: realm.dial, ...more });
const explicit = (ticket: ServiceTicket) => ({
  explicit: explicitArmor(ticket, { ...tgsOptions, encTypes: allEncTypes }),
  encTypes: allEncTypes,
});

it("gets a ticket in the armor of the computer's ticket, which is new each time and kept nowhere", async () => {
  const armor = await machine().getTicket(TGS);
  const client = alice();
  const ticket = await client.getTicket(SERVICE, { armor });
  expect(ticket.client.components).toEqual(["alice"]);
  expect((await client.getTicket(SERVICE, { armor })).ticket).not.toEqual(ticket.ticket);
  expect((await client.getTicket(SERVICE)).ticket).not.toEqual(ticket.ticket);
  await expect(client.getTicket(SERVICE, { armor, cachedOnly: true })).rejects.toMatchObject({ code: "NO_CREDENTIAL" });
  const kerberos = createKerberos({ kdc: { [REALM]: realm.kdc }, dial: realm.dial });
  const tgt = await client.getTicket(TGS);
  expect((await kerberos.getServiceTicket(tgt, SERVICE, { armor })).ticket.client.components).toEqual(["alice"]);
});

it("has the computer's AP-REQ in FAST, and nothing beside FAST but the client's own", async () => {
  const sent: Uint8Array[] = [];
  const armor = await machine().getTicket(TGS);
  await walk(realm, await alice().getTicket(TGS), SERVICE, explicit(armor), { sent });
  expect(sent).toHaveLength(1);
  const { padata = [] } = decodeTgsReq(sent[0] as Uint8Array);
  expect(padata.map(({ padataType }) => padataType)).toEqual([PADATA.tgsReq, PADATA.fxFast]);
  const request = fastMessages.decode("PA-FX-FAST-REQUEST", padata[1]?.padataValue as Uint8Array);
  expect(request.armor?.armorType).toBe(1);
  // The armor's ticket is in it as it is.
  expect(Buffer.from(request.armor?.armorValue ?? []).includes(Buffer.from(armor.ticket))).toBe(true);
});

it("in a client whose logins are armored too", async () => {
  const credentials = keytab("host/laptop@TEST.EXAMPLE", async () => realm.keytab("host/laptop"));
  const client = alice({ armor: credentials });
  const ticket = await client.getTicket(SERVICE, { armor: await machine().getTicket(TGS) });
  expect(ticket.client.components).toEqual(["alice"]);
});

describe("FA7: an answer that did not come through both keys is refused", () => {
  it.each<[FastFaultName, RegExp, ("error" | "tgs-rep")?]>([
    ["fast-stripped", /^FAST_STRIPPED: .*armored request for a ticket with a ticket that is not armored/],
    ["fast-stripped", /^FAST_STRIPPED: .*armored request for a ticket with an error that is not armored/, "error"],
    ["fast-nonce", /^REPLY_MODIFIED: .*another request/],
    ["fast-finished-missing", /^REPLY_MODIFIED: .*not finished/],
    ["fast-finished-name", /^REPLY_MODIFIED: .*mallory/],
    ["fast-finished-ticket", /^REPLY_MODIFIED: .*the ticket is not the one/],
    ["fast-strengthen-hidden", /^INTEGRITY: /],
    ["fast-key", /^REPLY_MODIFIED: .*does not open with the armor/],
  ])("%s", async (name, words, on = "tgs-rep") => {
    const armor = await machine().getTicket(TGS);
    const client = alice();
    await client.getTicket(TGS);
    const fault = realm.fault({ name, on });
    try {
      const service = on === "error" ? "host/unknown@TEST.EXAMPLE" : SERVICE;
      expect(await refusal(client.getTicket(service, { armor }))).toMatch(words);
      expect(fault.hits).toBe(1);
    } finally {
      fault.clear();
    }
  });

  it("by a KDC without FAST, and the ticket is not asked for without armor", async () => {
    await using plain = await createTestRealm({
      realm: REALM,
      principals: { alice: { password: "secret" }, "host/laptop": { password: "laptop" }, "host/server": {} },
    });
    const at = { kdc: plain.kdc, dial: plain.dial };
    const computer = createClient({ credentials: password("host/laptop@TEST.EXAMPLE", "laptop"), ...at });
    const armor = await computer.getTicket(TGS);
    const user = createClient({ credentials: password("alice@TEST.EXAMPLE", "secret"), ...at });
    expect(await refusal(user.getTicket(SERVICE, { armor }))).toMatch(/^FAST_STRIPPED: /);
  });

  it("an armor that the KDC does not open: its error is the cause", async () => {
    // The ticket of a realm that only has the same name.
    await using other = await createTestRealm({ realm: REALM, principals: { laptop: { password: "laptop" } } });
    const armor = await createClient({
      credentials: password("laptop@TEST.EXAMPLE", "laptop"),
      kdc: other.kdc,
      dial: other.dial,
    }).getTicket(TGS);
    const error = await alice()
      .getTicket(SERVICE, { armor })
      .catch((reason: unknown) => reason as KerberosError);
    expect(error).toMatchObject({ code: "FAST_STRIPPED" });
    expect(hasCode(error, "FAST_STRIPPED") && kdcErrorOf(error)?.errorCode).toBeGreaterThan(0);
  });
});

describe("an armor that cannot serve is refused before anything is sent", () => {
  const fails = async (armor: ServiceTicket, more: object = {}): Promise<string> => {
    const client = alice(more);
    await client.getTicket(TGS);
    const fault = realm.fault({ name: "krb-error", on: "tgs-req", code: 60 });
    try {
      return await client.getTicket(SERVICE, { armor }).then(
        () => "it was taken",
        (error: Error & { code?: string }) => `${error.code ?? error.name}: ${error.message}`,
      );
    } finally {
      expect(fault.hits).toBe(0);
      fault.clear();
    }
  };

  it("the ticket of a service", async () => {
    const armor = await machine().getTicket(SERVICE);
    expect(await fails(armor)).toMatch(/^RangeError: armor is a ticket for host\/server@TEST\.EXAMPLE: give a ticket-/);
  });

  it("a ticket that has ended", async () => {
    const kerberos = createKerberos({ kdc: realm.kdc, dial: realm.dial });
    const computer = keytab("host/laptop@TEST.EXAMPLE", async () => realm.keytab("host/laptop"));
    const { ticket: armor } = await kerberos.login(computer, { lifetimeSeconds: 5 });
    const later = () => Date.now() + 10_000;
    expect(await fails(armor, { now: later })).toMatch(
      /^TICKET_EXPIRED: the armor, .*host\/laptop@TEST\.EXAMPLE.*get a new one/,
    );
  });

  it("to the small client without FAST", async () => {
    const credentials = { principal: "alice@TEST.EXAMPLE", password: "secret" };
    const small = createLeanClient({ credentials, kdc: realm.kdc, dial: realm.dial });
    const armor = await machine().getTicket(TGS);
    await expect(small.getTicket(SERVICE, { armor })).rejects.toThrow(/^the option armor of a ticket needs FAST: /);
  });
});

it("FA7: a ticket of another realm, where the armor does not reach, is not given out as one of both", async () => {
  await using other = await createTestRealm({ realm: "OTHER.EXAMPLE", principals: { laptop: { password: "laptop" } } });
  const computer = createClient({
    credentials: password("laptop@OTHER.EXAMPLE", "laptop"),
    kdc: other.kdc,
    dial: other.dial,
  });
  const elsewhere = explicit(await computer.getTicket(tgsPrincipal("OTHER.EXAMPLE")));
  const sent: Uint8Array[] = [];
  const tgt = await alice().getTicket(TGS);
  expect(await refusal(walk(realm, tgt, SERVICE, elsewhere, { sent }))).toMatch(
    /^NO_CREDENTIAL: .*host\/server@TEST\.EXAMPLE is in realm TEST\.EXAMPLE, and the armor .* for OTHER\.EXAMPLE: give one/,
  );
  const { padata = [] } = decodeTgsReq(sent[0] as Uint8Array);
  expect(padata.map(({ padataType }) => padataType)).not.toContain(PADATA.fxFast);
});
