// What an administrator of an Active Directory meets, at Samba's: users of very many groups, accounts and trusts without
// AES keys, names of services that are missing or there twice, a password that ends. With CI=true alone.

import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it, vi } from "vitest";
import type { Finding } from "../../src/cli/doctor/report.ts";
import { createAcceptor, createInitiator } from "../../src/entry/gssapi.ts";
import {
  createClient,
  createKerberos,
  type KerberosError,
  keytab,
  password,
  type RemctlClient,
} from "../../src/entry/index.ts";
import { arcfourHmac } from "../../src/entry/legacy-enctypes.ts";
import { ticketAuthorization } from "../../src/entry/pac.ts";
import { startMitBed, startSambaBed } from "../../tools/beds/index.mjs";
import { runCli } from "../support/cli.ts";
import { describeLive, useBed, wholeTable } from "../support/live.ts";
import { failureOf } from "../support/remctl-harness.ts";

/** The first start on a machine makes the domain. */
const START_MS = 300_000;
/** Samba looks for the groups of each group in turn: a PAC of 1,700 takes it seconds, and it answers nobody meanwhile. */
vi.setConfig({ testTimeout: 180_000 });
const PATIENT = { kdcTimeoutMs: 160_000 };
const NORMAL = 0x10200;
const WORKSTATION = 0x11000;
const AES = 24;
const RC4 = 4;
const TRUST = "trust-password";
const USERS = "CN=Users,DC=ad,DC=test";

const user = (name: string, userAccountControl = NORMAL) => ({
  name,
  password: `${name}-password`,
  attributes: { sAMAccountName: name, userAccountControl, "msDS-SupportedEncryptionTypes": AES },
});
const groups = (prefix: string, count: number, member: string) =>
  Array.from({ length: count }, (_, n) => [`${prefix}-${n}`, [`CN=${member},CN=Users`]]);

describe.runIf(wholeTable)("with the whole table", () => {
  describeLive(["samba", "mit"], "an administrator's Active Directory", () => {
    const bed = useBed(async () => {
      const started = await startSambaBed();
      await started.add({
        users: [user("direct"), user("nested"), user("soon", 0x200)],
        groups: [
          ...groups("many", 1700, "direct"),
          // Each of the others has the first of them as its member.
          ["nest-0", ["CN=nested,CN=Users"]],
          ...groups("nest-of", 249, "nest-0"),
        ],
        trusts: [{ realm: "MIT.TEST", netbios: "MIT", sid: "S-1-5-21-1-2-3", password: TRUST, enctypes: RC4 }],
        computers: ["ONE", "TWO"].map((name) => ({
          name,
          password: "computer-password",
          attributes: {
            sAMAccountName: `${name}$`,
            userAccountControl: WORKSTATION,
            "msDS-SupportedEncryptionTypes": AES,
            servicePrincipalName: [`host/${name.toLowerCase()}`],
          },
        })),
        keytabs: { "one.keytab": ["ONE$", "host/one"], "two.keytab": ["TWO$"] },
      });
      return started;
    }, START_MS);
    const mit = useBed(
      () =>
        startMitBed({
          realm: "MIT.TEST",
          krb5ConfLibdefaults: ["allow_rc4 = true", "permitted_enctypes = aes rc4"],
          trust: [{ realm: "AD.TEST", password: TRUST, enctypes: "arcfour-hmac" }],
        }),
      START_MS,
    );
    const clientOf = (name: string, more = {}): RemctlClient =>
      createClient({ credentials: password(`${name}@AD.TEST`, `${name}-password`), kdc: bed().kdc, ...more });

    async function sidsAt(client: RemctlClient): Promise<{ sids: readonly string[]; octets: number }> {
      const ticket = await client.getTicket("host/one@AD.TEST");
      const initiator = createInitiator({ credential: { getTicket: async () => ticket }, target: ticket.service });
      const keys = readFileSync(`${bed().dir}/one.keytab`);
      const acceptor = createAcceptor({ keytab: keys, authorizationData: ticketAuthorization({ requirePac: true }) });
      await acceptor.step(await initiator.step());
      const sids = (acceptor.sids ?? []).filter((one) => one.startsWith("S-1-5-21-"));
      return { sids: [...sids].sort(), octets: ticket.ticket.length };
    }

    describe("RC4 alone", () => {
      it("an account: what is missing and the cure; with RC4 permitted, by its password", async () => {
        const kerberos = createKerberos({ kdc: { "AD.TEST": bed().kdc } });
        const secret = password("rc4@AD.TEST", bed().passwords.rc4);
        expect(await failureOf<KerberosError>(kerberos.login(secret))).toMatchObject({
          code: "ETYPE_NOT_PERMITTED",
          message: expect.stringMatching(/rc4@AD\.TEST.*new password.*msDS-SupportedEncryptionTypes/),
        });
        const allowed = createKerberos({
          kdc: { "AD.TEST": bed().kdc },
          enctypes: ["aes256-sha1", "aes128-sha1", arcfourHmac],
          login: ["arcfour-hmac"],
        });
        expect((await allowed.login(secret)).ticket.client.components).toEqual(["rc4"]);
        expect(await failureOf(allowed.login(password("rc4@AD.TEST", "wrong")))).toMatchObject({
          code: "WRONG_PASSWORD",
        });
      });

      it("a trust: the cause and the cure; with RC4 permitted, a service of the other realm", async () => {
        const kdc = { "AD.TEST": bed().kdc, "MIT.TEST": mit().kdc };
        const service = "host/localhost@MIT.TEST";
        const error = await failureOf<KerberosError>(clientOf("soon", { kdc }).getTicket(service));
        expect([error.code, error.message]).toEqual([
          "ETYPE_NOT_PERMITTED",
          expect.stringMatching(/krbtgt\/MIT\.TEST/),
        ]);
        const enctypes = ["aes256-sha1", "aes128-sha1", arcfourHmac];
        const ticket = await clientOf("soon", { kdc, enctypes }).getTicket(service);
        expect(ticket.service.realm).toBe("MIT.TEST");
      });
    });

    it("keytabs of computers log in, and nobody else's does", async () => {
      const kerberos = createKerberos({ kdc: { "AD.TEST": bed().kdc } });
      for (const name of ["one", "two"]) {
        const login = await kerberos.login(keytab(`${name.toUpperCase()}$@AD.TEST`, `${bed().dir}/${name}.keytab`));
        expect(login.ticket.client.components).toEqual([`${name.toUpperCase()}$`]);
      }
    });

    describe("doctor", () => {
      async function examine(input: string, ...words: string[]): Promise<readonly string[]> {
        return await examineWith(bed().krb5Conf, input, ...words);
      }

      async function examineWith(krb5Conf: string, input: string, ...words: string[]): Promise<readonly string[]> {
        const env = {
          KRB5_CONFIG: krb5Conf,
          KRB5CCNAME: `FILE:${bed().dir}/none`,
          KRB5_KTNAME: `FILE:${bed().dir}/none`,
        };
        const { stdout } = await runCli(["doctor", "-j", "-T", "60", "-w", ...words], { env, input: `${input}\n` });
        return stdout
          .replace(/Password for [^ ]*: /, "")
          .trim()
          .split("\n")
          .map((line) => JSON.parse(line) as Finding)
          .filter(({ check }) => check !== "KDC port")
          .map(({ check, outcome, detail, advice = "" }) => `${outcome} ${check}: ${detail} -> ${advice}`);
      }

      it("a domain, and what it can do", async () => {
        const found = await examine("alice-password", "alice@AD.TEST");
        expect(found.filter((line) => /^(warn|fail)/.test(line))).toEqual([]);
        expect(found).toContain(
          "ok directory: AD.TEST is an Active Directory of the functional level 2012 or later: AES, FAST -> ",
        );
      });

      it("the site whose domain controllers are asked first", async () => {
        const file = path.join(bed().dir, "site.conf");
        const conf = readFileSync(bed().krb5Conf, "utf8");
        writeFileSync(file, conf.replace("[libdefaults]\n", "[libdefaults]\n dns_site = Berlin\n"));
        expect(await examineWith(file, "alice-password", "alice@AD.TEST")).toContain(
          "ok site: domain controllers of the site Berlin are asked first, where DNS names some -> ",
        );
      });

      it("an account without keys of AES", async () => {
        expect(await examine("rc4-password", "rc4@AD.TEST")).toContainEqual(
          expect.stringMatching(/^fail (login|enctypes): .*msDS-SupportedEncryptionTypes.* -> .*/),
        );
      });

      it("a trust with keys of RC4 alone", async () => {
        const found = await examine("alice-password", "-s", "host/localhost@MIT.TEST", "alice@AD.TEST", "localhost");
        expect(found).toContainEqual(
          expect.stringMatching(
            /^fail trust: .*krbtgt\/MIT\.TEST@AD\.TEST.* -> .*msDS-SupportedEncryptionTypes of the trustedDomain object to 24/,
          ),
        );
      });

      it("a service's name that no account has, and one that two have: the KDC says the same", async () => {
        const missing = async (name: string) =>
          expect(
            await examine("alice-password", "-s", `host/${name}@AD.TEST`, "alice@AD.TEST", "localhost"),
          ).toContainEqual(
            expect.stringMatching(
              /^fail service: the KDC does not know host\/.*@AD\.TEST -> .*servicePrincipalName.*setspn -S.*second account/,
            ),
          );
        await missing("nosuch");
        await clientOf("soon").getTicket("host/two@AD.TEST");
        await bed().modify(
          "dn: CN=ONE,CN=Computers,DC=ad,DC=test\nchangetype: modify\nadd: servicePrincipalName\nservicePrincipalName: host/two\n",
          { unchecked: true },
        );
        await missing("two");
      });

      it("a password that ends in days", async () => {
        expect(await examine("soon-password", "soon@AD.TEST")).toContainEqual(
          expect.stringMatching(
            /^warn password: the password of soon@AD\.TEST ends in [45] days, on .* -> .*kpasswd.*pwdLastSet.*userAccountControl/,
          ),
        );
      });

      it("a clock that is off", async () => {
        const env = { KRB5_CONFIG: bed().krb5Conf, KRB5CCNAME: `FILE:${bed().dir}/none` };
        const now = () => Date.now() - 900_000;
        const { stdout } = await runCli(["doctor", "-j", "-T", "60", "alice@AD.TEST"], { env, now });
        expect(stdout).toMatch(/"check":"clock","outcome":"fail","detail":"this clock is (89\d|90\d) s behind/);
      });
    });

    describe("the groups of a PAC", () => {
      it("250, of which the user is in one and that in the others", async () => {
        const { sids } = await sidsAt(clientOf("nested", PATIENT));
        const chain = `(member:1.2.840.113556.1.4.1941:=CN=nested,${USERS})`;
        const theirs = await bed().sidsOf(`(|(sAMAccountName=nested)${chain}(cn=Domain Users))`);
        expect(theirs).toHaveLength(252);
        expect(sids).toEqual([...theirs].sort());
      });

      it("1,700: those that samba-tool names, and the ticket needs TCP", async () => {
        const { sids, octets } = await sidsAt(clientOf("direct", PATIENT));
        expect(octets).toBeGreaterThan(13_000);
        const names = (await bed().tool(["user", "getgroups", "direct"])).trim().split("\n");
        expect(names).toHaveLength(1701);
        const theirs = await bed().sidsOf(`(|(sAMAccountName=direct)(member=CN=direct,${USERS})(cn=Domain Users))`);
        expect(theirs).toHaveLength(1702);
        expect(sids).toEqual([...theirs].sort());
      });
    });
  });
});
