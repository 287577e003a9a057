import { openCache } from "../../../src/entry/credentials.ts";
import { ccache, createKerberos, fromEnvironment, keytab, parseKrb5Conf, password } from "../../../src/entry/index.ts";
import { createClient as createLeanClient } from "../../../src/entry/lean.ts";
import { createTestRealm } from "../../../src/entry/testing.ts";
import { ALICE, HOST, PASSWORD, REALM, SERVICE, type Walk } from "./world.ts";

/** Tickets, caches, configuration, clocks, other realms. */
export const ticketWalks: readonly Walk[] = [
  {
    what: "no kinit, and no credentials",
    code: "NO_CREDENTIAL",
    cure: "Run `kinit`, or give `credentials`",
    attempt: async ({ client, env, cli }, isMended) => {
      const variables = await env();
      if (isMended) await cli(["kinit", ALICE], { input: `${PASSWORD}\n` });
      return client({ credentials: fromEnvironment(), environment: { env: variables } }).getTicket(SERVICE);
    },
  },
  {
    what: "a cache that is damaged",
    code: "CCACHE",
    cure: "a damaged file",
    attempt: ({ realm, client, file }, isMended) => {
      const octets = realm.ccache("alice");
      const place = file("cc", isMended ? octets : octets.subarray(0, octets.length - 9));
      return client({ credentials: ccache(`FILE:${place}`) }).getTicket(SERVICE);
    },
  },
  {
    what: "a ticket that has ended",
    code: "TICKET_EXPIRED",
    cure: "Log in again (`kinit`)",
    attempt: ({ realm, client, file }, isMended) => {
      const place = file("cc", realm.ccache("alice", { lifetimeSeconds: isMended ? 36_000 : 1 }));
      return client({ credentials: ccache(`FILE:${place}`), now: () => Date.now() + 60_000 }).getTicket(SERVICE);
    },
  },
  {
    what: "a ticket that is to be renewed, and is not renewable",
    code: "TICKET_FLAGS",
    cure: "Log in with `forwardable: true` or `renewLifetimeSeconds`",
    attempt: async ({ found }, isMended) => {
      const kerberos = createKerberos(found);
      const options = isMended ? { renewLifetimeSeconds: 7200 } : {};
      const { ticket } = await kerberos.login(password(ALICE, PASSWORD), options);
      return await kerberos.renew(ticket);
    },
  },
  {
    what: "a krb5.conf with a section that is not closed",
    code: "CONFIG",
    cure: "Mend that line",
    attempt: async (_, isMended) => parseKrb5Conf(`[libdefaults${isMended ? "]" : ""}\n default_realm = ${REALM}\n`),
  },
  {
    what: "a realm that nothing is known of",
    code: "NO_KDC_FOR_REALM",
    cure: "Give `kdc`",
    attempt: ({ client, found }, isMended) =>
      client({ kdc: isMended ? (found.kdc as string[]) : {}, dns: false }).getTicket(SERVICE),
  },
  {
    what: "a name without a realm",
    code: "NO_REALM",
    cure: "set `default_realm`",
    attempt: ({ client, found }, isMended) =>
      client({
        credentials: { principal: "alice", password: PASSWORD },
        kdc: { [REALM]: found.kdc as string[] },
        config: isMended ? `[libdefaults]\n default_realm = ${REALM}\n` : "",
      }).getTicket(SERVICE),
  },
  {
    what: "a host without sockets",
    code: "UNSUPPORTED_BY_RUNTIME",
    cure: "an `https:` KDC, a `dial`",
    attempt: ({ found }, isMended) =>
      createLeanClient({
        credentials: { principal: ALICE, password: PASSWORD },
        kdc: found.kdc as string[],
        runtime: { name: "web" },
        ...(isMended ? { dial: found.dial as NonNullable<typeof found.dial> } : {}),
      }).getTicket(SERVICE),
  },
  {
    what: "an enctype that the account has no key of",
    code: "ETYPE_NOT_PERMITTED",
    cure: "The message lists what each has",
    attempt: ({ client }, isMended) =>
      client({ enctypes: isMended ? ["aes256-sha1"] : ["aes128-sha1"] }).getTicket(SERVICE),
  },
  {
    what: "a clock that is an hour off, and a krb5.conf that does not follow the KDC's",
    code: "CLOCK_SKEW",
    cure: "Set the clock",
    attempt: ({ client }, isMended) =>
      client({
        config: "[libdefaults]\n kdc_timesync = false\n",
        now: () => Date.now() - (isMended ? 0 : 3_600_000),
      }).getTicket(SERVICE),
  },
  {
    what: "a host of a realm that does not trust ours",
    code: "REFERRAL",
    cure: "the trust between the realms",
    attempt: async ({ realm, client }, isMended) => {
      await using other = await createTestRealm({
        realm: "OTHER.EXAMPLE",
        enctypes: [18],
        principals: { "host/x": {} },
      });
      if (isMended) realm.trust(other);
      return await client({ kdc: { [REALM]: realm.kdc, "OTHER.EXAMPLE": other.kdc } }).getTicket(
        "host/x@OTHER.EXAMPLE",
      );
    },
  },
  {
    what: "a short name for a host",
    code: "SERVICE_UNKNOWN",
    cure: "it must be as the principal has it, not an alias",
    attempt: ({ client }, isMended) => client().remctl(isMended ? HOST : "server", ["account", "show"]),
  },
  {
    what: "a service that gives no tickets",
    code: "KDC",
    cure: "The words, and the KDC's log",
    attempt: ({ realm, client }, isMended) => {
      realm.changePrincipal(SERVICE, { allowTickets: isMended });
      return client().getTicket(SERVICE);
    },
  },
  {
    what: "a service that may not act for users",
    code: "DELEGATION_REFUSED",
    cure: "The message says which policy it can be",
    attempt: ({ realm, client }, isMended) => {
      realm.changePrincipal("robot", {
        isTrustedToAuthenticate: true,
        delegatesTo: isMended ? [SERVICE] : [],
      });
      const service = client({ credentials: keytab(`robot@${REALM}`, realm.keytab("robot")), forwardable: true });
      return service.actFor(ALICE).getTicket(SERVICE);
    },
    realm: { domainSid: "S-1-5-21-1-2-3" },
  },
  {
    what: "somebody who changes the KDC's answers",
    code: "REPLY_MODIFIED",
    cure: "Somebody may be changing messages",
    attempt: ({ realm, client }, isMended) => {
      if (isMended) realm.clearFaults();
      else realm.fault({ on: "as-rep", name: "wrong-nonce" });
      return client().getTicket(SERVICE);
    },
  },
  {
    what: "a cache that another principal has",
    code: "CCACHE",
    cure: "another principal's cache",
    attempt: ({ realm, client, file }, isMended) =>
      client({ cache: `FILE:${file("cc", realm.ccache(isMended ? "alice" : "bob"))}` }).getTicket(SERVICE),
  },
  {
    what: "a cache of a type that needs native code",
    code: "CCACHE",
    cure: "The message has the file and what to do",
    attempt: async ({ folder }, isMended) =>
      await openCache(isMended ? `FILE:${folder}/none` : "KEYRING:persistent:0").read(),
  },
];
