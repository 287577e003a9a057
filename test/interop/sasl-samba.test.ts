// createSaslClient against an Active Directory's LDAP, which Samba serves: what may be signed, what may not, and what is
// said of it.

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ldapSocket } from "../../src/entry/drivers.ts";
import { createClient } from "../../src/entry/index.ts";
import { createSaslClient, type Layer, type SaslClientOptions } from "../../src/entry/sasl.ts";
import { createSpnegoInitiator } from "../../src/entry/spnego.ts";
import { startSambaBed, startSambaLdap } from "../../tools/beds/index.mjs";
import { driversMissing, requireDriver } from "../support/drivers.ts";
import { LdapPeer } from "../support/ldap.ts";
import { describeLive, describeUnless, useBed, wholeTable } from "../support/live.ts";

/** The first start on a machine makes the domain. */
const START_MS = 300_000;
const USERS = "CN=Users,DC=ad,DC=test";
const [OK, STRONGER_AUTH_REQUIRED, UNWILLING_TO_PERFORM] = [0, 8, 53];

describe.runIf(wholeTable)("an Active Directory's LDAP", { timeout: 60_000 }, () => {
  describeLive(["samba", "mit", "slapd"], "createSaslClient and Samba's LDAP", () => {
    const bed = useBed(startSambaBed, START_MS);
    const ldap = useBed(() => startSambaLdap({ bed: bed() }), START_MS);
    const open = useBed(() => startSambaLdap({ bed: bed(), strongAuth: "allow_sasl_over_tls" }), START_MS);

    const credential = () =>
      createClient({
        credentials: { principal: `alice@${bed().realm}`, password: bed().passwords.alice },
        kdc: bed().kdc,
      });
    const saslOf = (options: Partial<SaslClientOptions>) =>
      createSaslClient({
        target: `ldap/${ldap().host}@${bed().realm}`,
        credential: credential(),
        ...(options.mechanism === "GSS-SPNEGO" ? { spnego: createSpnegoInitiator } : {}),
        ...options,
      });
    const connectTls = async (to: ReturnType<typeof ldap>) =>
      (await LdapPeer.connectTls(to.tlsPort, readFileSync(to.ca, "utf8"))).peer;

    /** Binds, and reads more than anonymous clients may. */
    async function use(peer: LdapPeer, sasl: ReturnType<typeof saslOf>): Promise<{ code: number; message: string }> {
      try {
        const { code, message } = await peer.saslBind(sasl);
        if (code === OK) expect((await peer.search(USERS)).entries).toBeGreaterThan(200);
        return { code, message };
      } finally {
        peer.close();
      }
    }

    const mechanisms = ["GSSAPI", "GSS-SPNEGO"] as const;

    it.each(
      mechanisms.flatMap((mechanism) =>
        (["integrity", "confidentiality"] as const).map((layer): [typeof mechanism, Layer] => [mechanism, layer]),
      ),
    )("%s without TLS, with %s", async (mechanism, layer) => {
      const sasl = saslOf({ mechanism, layers: [layer] });
      expect(await use(await LdapPeer.connect(ldap().port), sasl)).toMatchObject({ code: OK });
      expect(sasl.layer?.kind).toBe(layer);
    });

    it.each(mechanisms)("%s without TLS and without a layer: code 8", async (mechanism) => {
      const sasl = saslOf({ mechanism, layers: ["none"] });
      expect(await use(await LdapPeer.connect(ldap().port), sasl)).toEqual({
        code: STRONGER_AUTH_REQUIRED,
        message: expect.stringContaining("Sign or Seal are required"),
      });
    });

    it.each(mechanisms)("%s within TLS without a layer: code 8, unless the server allows it", async (mechanism) => {
      const code = async (to: ReturnType<typeof ldap>) =>
        (await use(await connectTls(to), saslOf({ mechanism, tls: true }))).code;
      expect(await code(ldap())).toBe(STRONGER_AUTH_REQUIRED);
      expect(await code(open())).toBe(OK);
    });

    it.each(mechanisms)("%s within TLS with a layer: code 53", async (mechanism) => {
      const sasl = saslOf({ mechanism, tls: true, layers: ["confidentiality"] });
      expect(await use(await connectTls(open()), sasl)).toEqual({
        code: UNWILLING_TO_PERFORM,
        message: expect.stringContaining("Sign or Seal are not allowed if TLS is used"),
      });
    });

    describeUnless(driversMissing, "ldapts, unchanged", () => {
      async function search(url: string, layer?: Layer): Promise<number> {
        const { Client } = requireDriver("ldapts");
        const principal = { host: ldap().host, credential: credential() };
        const socket = ldapSocket({ ...principal, ...(layer === undefined ? {} : { layer }) });
        const isTls = url.startsWith("ldaps");
        const ca = [ldap(), open()].map((one) => readFileSync(one.ca, "utf8"));
        const tlsOptions = { ca, servername: "localhost" };
        const sockets = isTls ? { createSecureConnection: socket, tlsOptions } : { createConnection: socket };
        const client = new Client({ url, ...sockets });
        const { searchEntries } = await client.search(USERS, { scope: "sub", filter: "(sAMAccountName=alice)" });
        await client.unbind();
        return searchEntries.length;
      }

      it("finds alice, encrypted and signed, and within TLS where the server allows that", async () => {
        expect(await search(`ldap://localhost:${ldap().port}`)).toBe(1);
        expect(await search(`ldap://localhost:${ldap().port}`, "integrity")).toBe(1);
        expect(await search(`ldaps://localhost:${open().tlsPort}`)).toBe(1);
      });

      it("code 8 says what to do, without TLS and within", async () => {
        await expect(search(`ldap://localhost:${ldap().port}`, "none")).rejects.toThrow(
          /result 8 .*wants what follows the login signed or encrypted.*leave out the option layer/,
        );
        await expect(search(`ldaps://localhost:${ldap().tlsPort}`)).rejects.toThrow(
          /result 8 .*takes no SASL login within TLS.*use ldap:/,
        );
      });
    });
  });
});
