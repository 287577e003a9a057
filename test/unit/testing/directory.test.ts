// The embedded realm as a directory: PACs with groups, delegation by policy, user-to-user, legacy enctypes, and faults.

import { describe, expect, it } from "vitest";
import { decodeKeytab } from "../../../src/entry/credentials.ts";
import { createAcceptor, createInitiator } from "../../../src/entry/gssapi.ts";
import {
  createClient,
  createKerberos,
  type KdcError,
  type KerberosError,
  keytab,
  parsePrincipal,
  password,
  type RemctlClient,
  type TicketSource,
} from "../../../src/entry/index.ts";
import { arcfourHmac } from "../../../src/entry/legacy-enctypes.ts";
import { ticketAuthorization, verifyPac } from "../../../src/entry/pac.ts";
import { createTestRealm, type TestRealm, type TestRealmOptions } from "../../../src/entry/testing.ts";
import { decodeEncTicketPart, decodeTicket, toPrincipal } from "../../../src/krb5/index.ts";
import { findPac } from "../../../src/pac/index.ts";
import { failureOf } from "../../support/remctl-harness.ts";
import { encTypes } from "../gssapi/pair.ts";

const DOMAIN = "S-1-5-21-1-2-3";
const GROUP = `${DOMAIN}-1600`;
const FOREIGN = "S-1-5-21-9-8-7-1100";

const realmOf = (more: Partial<TestRealmOptions> = {}): Promise<TestRealm> =>
  createTestRealm({
    realm: "AD.EXAMPLE",
    domainSid: DOMAIN,
    principals: {
      alice: { password: "alice-password", groups: [GROUP, FOREIGN] },
      vip: { password: "vip-password", isNotDelegated: true },
      "HTTP/www": { delegatesTo: ["host/back"], isTrustedToAuthenticate: true },
      "HTTP/plain": { delegatesTo: ["host/back"] },
      "host/back": {},
      "host/own": { takesDelegationFrom: ["HTTP/plain"] },
      "host/other": {},
    },
    ...more,
  });

const userOf = (realm: TestRealm, name = "alice", more = {}): RemctlClient =>
  createClient({
    credentials: password(`${name}@AD.EXAMPLE`, `${name}-password`),
    kdc: realm.kdc,
    dial: realm.dial,
    forwardable: true,
    ...more,
  });

const serviceOf = (realm: TestRealm, name: string): RemctlClient =>
  createClient({
    credentials: keytab(`${name}@AD.EXAMPLE`, async () => realm.keytab(name)),
    kdc: realm.kdc,
    dial: realm.dial,
    forwardable: true,
  });

/** What a service's acceptor finds of a client's ticket. */
async function accepted(realm: TestRealm, client: TicketSource, service: string) {
  const target = parsePrincipal(`${service}@AD.EXAMPLE`);
  const context = createAcceptor({
    keytab: realm.keytab(service),
    authorizationData: ticketAuthorization({ requirePac: true }),
  });
  await context.step(await createInitiator({ credential: client, target }).step());
  return context;
}

describe("PACs", () => {
  it("with the SIDs of user and groups, for the acceptor, and every checksum for the KDC", async () => {
    const realm = await realmOf();
    const context = await accepted(realm, userOf(realm), "host/back");
    expect(context.sids).toEqual([`${DOMAIN}-1003`, `${DOMAIN}-513`, GROUP, FOREIGN]);
    expect(context.pac).toMatchObject({
      clientInfo: { name: "alice" },
      upnDnsInfo: { upn: "alice@ad.example", samName: "alice", sid: `${DOMAIN}-1003`, dnsDomainName: "AD.EXAMPLE" },
      logonInfo: { effectiveName: "alice", logonDomainName: "AD", logonDomainId: DOMAIN },
    });
    const keyOf = (name: string) => {
      const { keyBlock } = decodeKeytab(realm.keytab(name)).entries[0] as {
        keyBlock: { etype: number; octets: Uint8Array };
      };
      return encTypes.importKey(keyBlock.etype, keyBlock.octets);
    };
    const { ticket } = await userOf(realm).getTicket("host/back@AD.EXAMPLE");
    const encTicketPart = keyOf("host/back").usage(2).decrypt(decodeTicket(ticket).encPart.cipher);
    const part = decodeEncTicketPart(encTicketPart);
    const pac = findPac(part.authorizationData) as Uint8Array;
    const client = toPrincipal(part.crealm, part.cname);
    const options = { serverKey: keyOf("host/back"), client, authTime: part.authtime, encTicketPart };
    const { verified, attributes } = verifyPac(pac, { ...options, kdcKey: keyOf("krbtgt/AD.EXAMPLE") });
    expect([verified, attributes]).toEqual([["server", "kdc", "ticket", "full"], undefined]);
  });

  it("an account that is made again is another, a SID of one's choice, none without a domain", async () => {
    const realm = await realmOf();
    await realm.addPrincipal("alice", { password: "alice-password" });
    expect((await accepted(realm, userOf(realm), "host/back")).sids?.[0]).toBe(`${DOMAIN}-1010`);
    await realm.addPrincipal("alice", { password: "alice-password", sid: FOREIGN });
    expect((await accepted(realm, userOf(realm), "host/back")).sids).toContain(FOREIGN);
    realm.setPolicy({ domainSid: "" });
    const refused = await failureOf(accepted(realm, userOf(realm), "host/back"));
    expect(refused.message).toContain("has no PAC, which is required here");
  });

  it.each([
    ["pac-missing", "PAC_REQUIRED"],
    ["pac-changed", "INTEGRITY"],
    ["pac-other-client", "REPLY_MODIFIED"],
  ] as const)("the fault %s is %s", async (name, code) => {
    const realm = await realmOf();
    const fault = realm.fault({ on: "tgs-rep", name });
    const error = await failureOf<KerberosError>(accepted(realm, userOf(realm), "host/back"));
    expect([fault.hits, error.code === code || (error.cause as KerberosError)?.code === code]).toEqual([1, true]);
  });

  it.each([{ domainSid: "1-2-3" }, { domainSid: "S-1-5-4294967296-1" }, { principals: { a: { groups: ["users"] } } }])(
    "refuses what is not a SID: %j",
    async (options) => {
      await expect(realmOf(options)).rejects.toThrow(/is not a SID: give one as text, for example S-1-5-21-1-2-3/);
    },
  );
});

describe("delegation", () => {
  it("with the user's own ticket, and by the service's word: the groups come along", async () => {
    const realm = await realmOf();
    const front = await accepted(realm, userOf(realm), "HTTP/plain");
    if (front.ticket === undefined) throw new Error("no ticket");
    const acting = serviceOf(realm, "HTTP/plain").actFor(front.ticket);
    const back = await accepted(realm, acting, "host/back");
    expect([back.peer?.components, back.sids?.includes(GROUP), back.pac?.delegationInfo]).toEqual([
      ["alice"],
      true,
      { s4u2ProxyTarget: "host/back", transitedServices: ["HTTP/plain@AD.EXAMPLE"] },
    ]);
    const named = await accepted(realm, serviceOf(realm, "HTTP/www").actFor("alice"), "host/back");
    expect([named.peer?.components, named.sids?.includes(GROUP)]).toEqual([["alice"], true]);
  });

  it("is refused by each policy: the list, a service whose word does not count, a user who is protected", async () => {
    const realm = await realmOf();
    for (const [service, user, target, words] of [
      ["HTTP/www", "alice", "host/other", /NOT_ALLOWED_TO_DELEGATE/],
      ["HTTP/plain", "alice", "host/back", /is not forwardable.*EVIDENCE_TKT_NOT_FORWARDABLE/],
      ["HTTP/www", "vip", "host/back", /is not forwardable/],
      ["HTTP/plain", "vip", "host/own", /must not be acted for/],
    ] as const) {
      const acting = serviceOf(realm, service).actFor(user).getTicket(`${target}@AD.EXAMPLE`);
      const { code, message } = await failureOf<KdcError>(acting);
      expect([code, message]).toEqual(["DELEGATION_REFUSED", expect.stringMatching(words)]);
    }
  });

  it("resource-based: the host decides, and the ticket of S4U2Self need not be forwardable", async () => {
    const realm = await realmOf();
    const ticket = await serviceOf(realm, "HTTP/plain").actFor("alice").getTicket("host/own@AD.EXAMPLE");
    expect(ticket.client.components).toEqual(["alice"]);
  });

  it("S4U2Self by enterprise name and alias, for a service itself alone; not for who is not there", async () => {
    const realm = await realmOf();
    realm.changePrincipal("alice", { aliases: ["alice.smith"] });
    const client = serviceOf(realm, "HTTP/www");
    for (const name of [{ realm: "AD.EXAMPLE", nameType: 10, components: ["alice@AD.EXAMPLE"] }, "alice"]) {
      expect((await client.impersonate(name)).client.components).toEqual(["alice"]);
    }
    expect(await failureOf(client.impersonate("nosuch"))).toMatchObject({ code: "CLIENT_UNKNOWN" });
  });

  it("the fault service-as-client: a ticket of the service is not taken for the user's", async () => {
    const realm = await realmOf();
    realm.fault({ on: "tgs-rep", name: "service-as-client" });
    expect(await failureOf(serviceOf(realm, "HTTP/www").impersonate("alice"))).toMatchObject({
      code: "REPLY_MODIFIED",
    });
  });
});

it("user-to-user: a context with alice, who has no key but that of her session", async () => {
  const realm = await realmOf();
  realm.changePrincipal("alice", { requiresUserToUser: true });
  const kerberos = createKerberos({ kdc: realm.kdc, dial: realm.dial });
  const { ticket: tgt } = await kerberos.login(password("alice@AD.EXAMPLE", "alice-password"));
  const client = serviceOf(realm, "HTTP/plain");
  const target = parsePrincipal("alice@AD.EXAMPLE");
  expect(await failureOf<KdcError>(client.getTicket(target))).toMatchObject({ errorCode: 27 });
  const ticket = await client.getTicket(target, { userToUser: tgt });
  const acceptor = createAcceptor({ ticket: tgt, authorizationData: ticketAuthorization() });
  await acceptor.step(await createInitiator({ credential: { getTicket: async () => ticket }, target }).step());
  expect([acceptor.peer?.components, acceptor.sids?.length]).toEqual([["HTTP", "plain"], 2]);
  const other = await failureOf<KdcError>(client.getTicket("host/back@AD.EXAMPLE", { userToUser: tgt }));
  expect(other.errorCode).toBe(26);
});

it("legacy enctypes when it is told: an account with RC4 alone, and who does not permit it", async () => {
  const enctypes = ["aes256-sha1", arcfourHmac] as const;
  const realm = await realmOf({ enctypes });
  await realm.addPrincipal("old", { password: "old-password", enctypes: [arcfourHmac] });
  await realm.addPrincipal("host/old", { enctypes: [arcfourHmac] });
  const login = (more: object) => userOf(realm, "old", more).getTicket("host/back@AD.EXAMPLE");
  expect(await failureOf(login({}))).toMatchObject({ code: "ETYPE_NOT_PERMITTED" });
  expect((await login({ enctypes, login: ["rc4"] })).client.components).toEqual(["old"]);
  const ticket = await userOf(realm, "alice", { enctypes }).getTicket("host/old@AD.EXAMPLE");
  expect([decodeTicket(ticket.ticket).encPart.etype, ticket.sessionKey.encType.etype]).toEqual([23, 23]);
});
