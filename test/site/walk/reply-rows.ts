import { readFileSync } from "node:fs";
import { decodeKeytab, encodeKeytab } from "../../../src/entry/credentials.ts";
import { createClient, createKerberos, password } from "../../../src/entry/index.ts";
import { createTestRealm } from "../../../src/entry/testing.ts";
import { freePort } from "../../../tools/beds/process.mjs";
import { ALICE, HOST, PASSWORD, REALM, SERVICE, type Walk } from "./world.ts";

/** Answers of a KDC, a server or a resolver that cannot be used. */
export const replyWalks: readonly Walk[] = [
  {
    what: "a keytab of a program of one's own, whose key has too few octets",
    code: "BAD_KEY",
    cure: "Look where the key came from",
    attempt: async ({ realm, found }, isMended) => {
      const entries = decodeKeytab(realm.keytab("robot")).entries.map((entry) => {
        const { etype, octets } = entry.keyBlock;
        return { ...entry, keyBlock: { etype, octets: isMended ? octets : octets.subarray(0, 16) } };
      });
      const credentials = { principal: `robot@${REALM}`, keytab: encodeKeytab(entries) };
      await createClient({ credentials, ...found, config: "" }).getTicket(SERVICE);
    },
  },
  {
    what: "a resolver that is not there",
    code: "DNS",
    cure: "`dns: false` asks nobody",
    attempt: async ({ env }, isMended) => {
      const { KRB5_CONFIG } = await env();
      const config = isMended ? readFileSync(KRB5_CONFIG as string, "utf8") : "";
      const dns = isMended ? false : `127.0.0.1:${await freePort()}`;
      const credentials = { principal: ALICE, password: PASSWORD };
      await createClient({ credentials, config, dns }).getTicket(SERVICE);
    },
  },
  {
    what: "a KDC that asks for too few rounds",
    code: "BAD_STRING_TO_KEY_PARAMETERS",
    cure: "set the usual number",
    attempt: ({ realm, client }, isMended) => {
      if (!isMended) realm.fault({ on: "error", name: "iterations", iterations: 1 });
      return client().getTicket(SERVICE);
    },
  },
  {
    what: "a ticket's reply under another key",
    code: "INTEGRITY",
    cure: "Try again",
    attempt: ({ realm, client }, isMended) => {
      if (!isMended) realm.fault({ on: "tgs-rep", name: "wrong-key" });
      return client().getTicket(SERVICE);
    },
  },
  {
    what: "a reply that is not what the standard says",
    code: "DECODE",
    cure: "From a KDC or server: look whether it is one",
    attempt: ({ realm, client }, isMended) => {
      if (!isMended) realm.fault({ on: "as-rep", name: "wrong-msg-type" });
      return client().getTicket(SERVICE);
    },
  },
  {
    what: "a KDC that names another realm",
    code: "WRONG_REALM",
    cure: "Use the realm that the message names",
    attempt: ({ realm, client }, isMended) => {
      if (!isMended) realm.fault({ on: "as-req", name: "wrong-realm", realm: "NEW.EXAMPLE" });
      return client().getTicket(SERVICE);
    },
  },
  {
    what: "a KDC that asks for weaker keys than before",
    code: "PREAUTH",
    cure: "make the client anew",
    attempt: async ({ realm }, isMended) => {
      const principals = { alice: { password: PASSWORD } };
      await using weaker = await createTestRealm({ realm: REALM, enctypes: [17], principals });
      let answering = realm;
      const make = () =>
        createKerberos({ kdc: realm.kdc, dial: (host, port, options) => answering.dial(host, port, options) });
      const kerberos = make();
      await kerberos.login(password(ALICE, PASSWORD));
      // The KDC refuses what it took before; then another answers.
      realm.fault({ on: "as-req", name: "krb-error", code: 24, count: 1 });
      await kerberos.login(password(ALICE, PASSWORD)).catch(() => undefined);
      answering = weaker;
      await (isMended ? make() : kerberos).login(password(ALICE, PASSWORD));
    },
  },
  {
    what: "a server of version 1",
    code: "REMCTL_DOWNGRADE",
    cure: "`allowVersion1: true` accepts it",
    attempt: ({ client, serve }, isMended) => {
      serve({ version1: "only" });
      return client().remctl(HOST, ["account", "show"], isMended ? { allowVersion1: true } : {});
    },
  },
  {
    what: "NOOP in version 1",
    code: "REMCTL_UNSUPPORTED_VERSION",
    cure: "Version 2 has no NOOP",
    attempt: async ({ client, serve }, isMended) => {
      serve({ version1: "only" });
      const session = await client().connect(HOST, { allowVersion1: true });
      if (isMended) await session.run(["account", "show"]);
      else await session.noop();
    },
  },
];
