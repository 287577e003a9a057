// `ldapts`, unchanged, at OpenLDAP: the stream beneath binds, with security layers and within TLS.

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type LdapSocketOptions, ldapSocket } from "../../src/entry/drivers.ts";
import { createClient } from "../../src/entry/index.ts";
import { startMitBed, startSlapd } from "../../tools/beds/index.mjs";
import { driversMissing, requireDriver } from "../support/drivers.ts";
import { describeLive, describeUnless, useBed, wholeTable } from "../support/live.ts";

interface LdaptsClient {
  search(base: string, options: object): Promise<{ readonly searchEntries: readonly object[] }>;
  exop(oid: string): Promise<{ readonly value: string }>;
  unbind(): Promise<void>;
}

const WHOAMI = "1.3.6.1.4.1.4203.1.11.3";

describeUnless(driversMissing, "with the drivers of tools/drivers", () => {
  describeLive(["mit", "slapd"], "ldapts by Kerberos", () => {
    const bed = useBed(() => startMitBed({ services: ["ldap/localhost"] }));
    const slapd = useBed(() => startSlapd({ bed: bed() }));
    const { Client } = driversMissing === "" ? requireDriver("ldapts") : { Client: undefined };

    function connect(options: Partial<LdapSocketOptions> = {}, more: object = {}): LdaptsClient {
      const { realm, kdc, passwords } = bed();
      const credential = createClient({
        credentials: { principal: `alice@${realm}`, password: passwords.alice as string },
        kdc,
      });
      const socket = ldapSocket({ credential, ...options });
      return new Client({
        url: `ldap://localhost:${slapd().port}`,
        createConnection: socket,
        createSecureConnection: socket,
        ...more,
      });
    }

    async function use(client: LdaptsClient): Promise<void> {
      const alice = `dn:uid=alice,cn=${bed().realm.toLowerCase()},cn=gssapi,cn=auth`;
      const { searchEntries } = await client.search(slapd().baseDn, { scope: "sub", filter: "(objectClass=*)" });
      expect(searchEntries.length).toBe(slapd().people + 1);
      expect((await client.exop(WHOAMI)).value).toContain(alice);
      await client.unbind();
    }

    it("searches as alice, encrypted without TLS", () => use(connect()));

    it("connects anew after it has ended, and logs in anew", async () => {
      const client = connect();
      await use(client);
      await use(client);
    });

    it("searches by pages, and many times at once", async () => {
      const client = connect();
      const all = { scope: "sub", filter: "(objectClass=*)" };
      const paged = await client.search(slapd().baseDn, { ...all, paged: { pageSize: 7 } });
      const found = await Promise.all(Array.from({ length: 20 }, () => client.search(slapd().baseDn, all)));
      for (const { searchEntries } of [...found, paged]) expect(searchEntries.length).toBe(slapd().people + 1);
      await client.unbind();
    });

    it("fails with our error for a service that the KDC does not know", async () => {
      const client = connect({ service: "nosuch" });
      await expect(client.search(slapd().baseDn, {})).rejects.toMatchObject({ code: "SERVICE_UNKNOWN" });
    });

    describe.runIf(wholeTable)("all of it", () => {
      it.each(["none", "integrity"] as const)("the layer %s", (layer) => use(connect({ layer })));

      it("within TLS", () =>
        use(
          connect(
            {},
            {
              url: `ldaps://localhost:${slapd().tlsPort}`,
              tlsOptions: { ca: readFileSync(slapd().ca, "utf8") },
            },
          ),
        ));

      it("not with a certificate that nobody vouches for", async () => {
        const client = connect({}, { url: `ldaps://localhost:${slapd().tlsPort}`, tlsOptions: {} });
        await expect(client.search(slapd().baseDn, {})).rejects.toThrow(/certificate/);
      });

      it("not as another", async () => {
        const client = connect({ authorizationId: "u:bob" });
        await expect(client.search(slapd().baseDn, {})).rejects.toThrow(
          /the LDAP server refused the login \(result 50 .*: you may not act there as the option authorizationId says/,
        );
      });
    });
  });
});
