// An Active Directory domain: Samba's domain controller. One good exchange and one refused always; all of it with CI=true.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { encodeHex } from "../../src/bytes/index.ts";
import { decodeKeytab } from "../../src/entry/credentials.ts";
import { createAcceptor, createInitiator } from "../../src/entry/gssapi.ts";
import {
  createClient,
  createKerberos,
  type ErrorCode,
  type Kerberos,
  type KerberosError,
  keytab,
  parsePrincipal,
  password,
  type RemctlClient,
} from "../../src/entry/index.ts";
import { ticketAuthorization } from "../../src/entry/pac.ts";
import { createRemctlServer } from "../../src/entry/server.ts";
import { runProgram, startRemctld, startSambaBed } from "../../tools/beds/index.mjs";
import { runCli } from "../support/cli.ts";
import { describeLive, useBed, wholeTable } from "../support/live.ts";
import { failureOf } from "../support/remctl-harness.ts";
import { bedCommands } from "../support/server-commands.ts";

type Bed = Awaited<ReturnType<typeof startSambaBed>>;
type User = keyof Bed["passwords"];

/** The first start on a machine makes the domain. */
const START_MS = 300_000;

describeLive(["samba", "mit"], "an Active Directory domain", () => {
  const bed = useBed(startSambaBed, START_MS);
  const kerberos = (libdefaults = ""): Kerberos => {
    const address = `127.0.0.1:${bed().port}`;
    const realms = [bed().realm, bed().realm.toLowerCase(), bed().netbios];
    return createKerberos({
      config: `[libdefaults]\n${libdefaults}\n[realms]\n${realms.map((realm) => `${realm} = {\nkdc = ${address}\n}\n`).join("")}`,
      kpasswd: { [bed().realm]: bed().kpasswd },
    });
  };
  const secretOf = (user: User, name = `${user}@${bed().realm}`) => password(name, bed().passwords[user]);
  const refusal = (user: User): Promise<KerberosError> => failureOf(kerberos().login(secretOf(user)));
  const clientOf = (user: User): RemctlClient => createClient({ credentials: secretOf(user), kdc: bed().kdc });
  const remctld = useBed(() => startRemctld({ bed: bed(), keytab: bed().keytab.service }), START_MS);

  it("lets alice in, and Debian's remctld runs her command", async () => {
    const { port, service } = remctld();
    const result = await clientOf("alice").remctl("127.0.0.1", ["test", "env", "REMOTE_USER"], { port, service });
    expect([result.status, result.text()]).toEqual([0, `alice@${bed().realm}\n`]);
  });

  it("refuses a wrong password, to this library and to MIT's kinit", async () => {
    const error = await failureOf<KerberosError>(
      kerberos().login(password(`alice@${bed().realm}`, "not the password")),
    );
    expect(error.code).toBe("WRONG_PASSWORD");
    expect((await bed().kinit("alice", { password: "not the password" })).text).toMatch(/Password incorrect/);
  });

  describe("the tools", () => {
    const folder = mkdtempSync(path.join(tmpdir(), "krb5-remctl-samba-"));
    afterAll(() => rmSync(folder, { recursive: true, force: true }));
    const file = (name: string) => path.join(folder, name);
    const environment = () => {
      const text = readFileSync(bed().krb5Conf, "utf8").replace("[libdefaults]", "[libdefaults]\n canonicalize = true");
      writeFileSync(file("krb5.conf"), text);
      return { KRB5_CONFIG: file("krb5.conf"), KRB5CCNAME: `FILE:${file("cc")}` };
    };

    it("canonicalize = true: the cache is of the name that the KDC gave, and libkrb5 uses it", async () => {
      const env = environment();
      const { status, stderr } = await runCli(["kinit", "ALICE"], { env, input: "alice-password\n" });
      expect([status, stderr]).toEqual([0, ""]);
      expect((await runCli(["klist"], { env })).stdout).toContain(`Default principal: alice@${bed().realm}\n`);
      const theirs = await runProgram(bed().bin("kvno"), ["host/localhost"], { env: { ...bed().env, ...env } });
      expect([theirs.status, theirs.text]).toEqual([0, expect.stringMatching(/: kvno = \d+\n$/)]);
    });

    it("keytab add makes the keys of accounts, computers and service names, by the KDC's word or by the account", async () => {
      const { keytab: files } = bed();
      const keys = (name: string, principal: string) =>
        decodeKeytab(readFileSync(name))
          .findAll({ principal: parsePrincipal(principal) })
          .filter(({ keyBlock: { etype } }) => etype === 18 || etype === 17)
          .map(({ keyBlock: { etype, octets } }) => `${etype} ${encodeHex(octets)}`)
          .sort();
      const rows: [name: string, secret: string, options: string[], theirs: string][] = [
        ["alice", "alice-password", ["-f"], files.alice],
        ["WEB$", "web-password", ["-f"], files.account],
        ["WEB$", "web-password", ["-a", "WEB$"], files.account],
        ["HTTP/Web.Ad.Test", "web-password", ["-a", "WEB$"], files.service],
        ["host/web.ad.test", "web-password", ["-f", "-a", "WEB$"], files.service],
      ];
      for (const [name, secret, options, theirs] of rows) {
        const made = file("made.keytab");
        rmSync(made, { force: true });
        const args = ["keytab", "add", "-t", made, "-e", "aes256-sha1,aes128-sha1", ...options, name];
        const { status, stderr } = await runCli(args, { env: environment(), input: `${secret}\n` });
        expect([status, stderr]).toEqual([0, ""]);
        const wanted = keys(theirs, `${name}@${bed().realm}`);
        expect(wanted).toHaveLength(2);
        expect([options, name, keys(made, `${name}@${bed().realm}`)]).toEqual([options, name, wanted]);
      }
      // The account and its services in one go, under the version that the KDC has and the one before.
      const made = file("all.keytab");
      const names = ["WEB$", "host/web.ad.test", "HTTP/Web.Ad.Test"];
      const args = [
        "keytab",
        "add",
        "-t",
        made,
        "-e",
        "aes256-sha1,aes128-sha1",
        "-f",
        "-a",
        "WEB$",
        "-V",
        "1,2",
        ...names,
      ];
      const { status, stderr } = await runCli(args, { env: environment(), input: "web-password\n" });
      expect([status, stderr]).toEqual([0, ""]);
      for (const name of names) {
        const wanted = keys(files.service, `${name}@${bed().realm}`);
        expect([name, keys(made, `${name}@${bed().realm}`)]).toEqual([name, [...wanted, ...wanted].sort()]);
      }
    });
  });

  it("this library's server lets in by the SID of a group, as the directory has it, and nobody else", async () => {
    const [sid] = await bed().sidsOf("(cn=group-7)");
    const [users] = await bed().sidsOf("(cn=Domain Users)");
    const command = { subcommand: "ALL", handler: async () => 0 };
    await using server = createRemctlServer({
      keytab: readFileSync(bed().keytab.service),
      authorizationData: ticketAuthorization(),
      commands: [
        { ...command, command: "group", acl: [`sid:${sid}`] },
        { ...command, command: "users", acl: [`sid:${users}`] },
        { ...command, command: "other", acl: ["sid:S-1-5-21-1-2-3-4"] },
        { ...command, command: "indicator", acl: ["indicator:strong"] },
      ],
    });
    await server.listen({ host: "127.0.0.1", port: 0 });
    const port = server.port as number;
    const { service } = remctld();
    const answers: string[] = [];
    for (const user of ["big", "alice"] as const) {
      const client = clientOf(user);
      for (const name of ["group", "users", "other", "indicator"]) {
        const outcome = client.remctl("127.0.0.1", [name, "x"], { port, service });
        answers.push(
          `${user} ${name} ${await outcome.then(
            ({ status }) => status,
            ({ code }) => code,
          )}`,
        );
      }
    }
    const refused = "REMCTL_ACCESS_DENIED";
    expect(answers).toEqual([
      "big group 0",
      "big users 0",
      `big other ${refused}`,
      `big indicator ${refused}`,
      `alice group ${refused}`,
      "alice users 0",
      `alice other ${refused}`,
      `alice indicator ${refused}`,
    ]);
  });

  it("refuses an account that is disabled, in its own words", async () => {
    expect(await refusal("disabled")).toMatchObject({
      code: "CLIENT_DISABLED",
      message: expect.stringMatching(/^the account disabled@AD\.TEST is disabled: .*NTSTATUS 0xc0000072/),
    });
  });

  describe.runIf(wholeTable)("all of it", () => {
    it("S4U: a computer acts for alice where its account may, and remctld sees alice", async () => {
      const NORMAL_AND_TRUSTED = 0x1000 | 0x10000 | 0x1000000;
      await bed().modify(
        `dn: CN=WEB,CN=Computers,DC=ad,DC=test
changetype: modify
replace: userAccountControl
userAccountControl: ${NORMAL_AND_TRUSTED}
-
replace: msDS-AllowedToDelegateTo
msDS-AllowedToDelegateTo: host/localhost
`,
      );
      const credentials = keytab(`WEB$@${bed().realm}`, bed().keytab.account);
      const client = createClient({ credentials, kdc: bed().kdc, forwardable: true });
      // Samba does not answer PA-S4U-X509-USER: the name on the ticket is all there is, and must be what was asked for.
      expect((await client.impersonate("alice")).client.components).toEqual(["alice"]);
      const enterprise = { realm: bed().realm, nameType: 10, components: [`alice@${bed().realm}`] };
      // And it leaves an enterprise name as it is.
      expect((await client.impersonate(enterprise)).client.components).toEqual(enterprise.components);
      const { port } = remctld();
      const alice = client.actFor("alice");
      const service = `host/localhost@${bed().realm}`;
      const result = await alice.remctl("127.0.0.1", ["test", "env", "REMOTE_USER"], { port, service });
      expect([result.status, result.text()]).toEqual([0, `alice@${bed().realm}\n`]);
      const refused = await failureOf<KerberosError>(alice.getTicket(`HTTP/web.ad.test@${bed().realm}`));
      expect(refused.code).toBe("DELEGATION_REFUSED");
    });

    it("the groups of a PAC are those of the directory: 200 of them", async () => {
      const client = clientOf("big");
      const initiator = createInitiator({ credential: client, target: parsePrincipal(remctld().service) });
      const keys = readFileSync(bed().keytab.service);
      const acceptor = createAcceptor({ keytab: keys, authorizationData: ticketAuthorization({ requirePac: true }) });
      await acceptor.step(await initiator.step());
      const theirs = await bed().sidsOf(
        "(|(member=CN=big,CN=Users,DC=ad,DC=test)(cn=Domain Users)(sAMAccountName=big))",
      );
      expect(theirs).toHaveLength(202);
      const ours = acceptor.sids?.filter((one) => one.startsWith("S-1-5-21-"));
      expect([...(ours ?? [])].sort()).toEqual([...theirs].sort());
    });

    it("a ticket of 15 KB, and commands with it to remctld and to this library's server", async () => {
      const client = clientOf("big");
      const { service } = remctld();
      expect((await client.getTicket(service)).ticket.length).toBeGreaterThan(15_000);
      const server = createRemctlServer({
        keytab: new Uint8Array(readFileSync(bed().keytab.service)),
        commands: bedCommands(bed().realm),
      });
      await server.listen({ host: "127.0.0.1", port: 0 });
      for (const port of [remctld().port, server.port as number]) {
        const result = await client.remctl("127.0.0.1", ["test", "env", "REMOTE_USER"], { port, service });
        expect([result.status, result.text()]).toEqual([0, `big@${bed().realm}\n`]);
      }
      await server.close();
    });

    it("keytabs of a user and of a computer log in", async () => {
      const { realm, keytab: files } = bed();
      await kerberos().login(keytab(`alice@${realm}`, files.alice));
      await kerberos().login(keytab(`WEB$@${realm}`, files.account));
      await kerberos().login(keytab(`WEB$@${realm}`, files.service));
    });

    it("tickets for its names in any case", async () => {
      const client = clientOf("alice");
      for (const name of ["host/web", "HOST/LOCALHOST", "http/web.ad.test", "HTTP/Web.Ad.Test", "WEB$"]) {
        const { service } = await client.getTicket(`${name}@${bed().realm}`);
        expect(service.components.join("/")).toBe(name);
      }
    });

    it("the user's and the realm's name in any case, and the domain's short name, if canonicalization is asked for", async () => {
      const { realm, netbios } = bed();
      for (const name of [`ALICE@${realm}`, `alice@${realm.toLowerCase()}`, `alice@${netbios}`]) {
        const { ticket } = await kerberos("canonicalize = true").login(secretOf("alice", name));
        expect([ticket.client.components, ticket.client.realm]).toEqual([["alice"], realm]);
      }
    });

    it.each<[User, ErrorCode, RegExp]>([
      ["expired", "CLIENT_EXPIRED", /has expired: .*0xc0000193/],
      ["hours", "CLIENT_HOURS", /may not log in at this hour: .*0xc000006f/],
      // Samba says no more than MIT does.
      ["locked", "CLIENT_LOCKED", /is locked or disabled/],
      ["mustchange", "PASSWORD_MUST_CHANGE", /must change the password .*0xc0000224/],
      ["rc4", "ETYPE_NOT_PERMITTED", /no key of rc4@AD\.TEST .*new password.*msDS-SupportedEncryptionTypes/],
    ])("%s is refused with %s", async (user, code, words) => {
      const error = await refusal(user);
      expect(error.code).toBe(code);
      expect(error.message).toMatch(words);
    });

    it("a realm's name in lower case, or the short one, without canonicalization: the right one is said", async () => {
      const { realm, netbios } = bed();
      for (const asked of [realm.toLowerCase(), netbios]) {
        const error = await failureOf<KerberosError>(kerberos().login(secretOf("alice", `alice@${asked}`)));
        expect(error.code).toBe("OTHER_REALM");
        expect(error.message).toContain(`the KDC's realm is ${realm}, and we asked for ${asked}: write alice@${realm}`);
      }
    });

    it("a service without AES keys, and a service's name as a login", async () => {
      const client = clientOf("alice");
      expect(await failureOf(client.getTicket(`host/old@${bed().realm}`))).toMatchObject({
        code: "ETYPE_NOT_PERMITTED",
        message: expect.stringMatching(/no key of the service host\/old@AD\.TEST .*new keys \(AES\)/),
      });
      const login = kerberos().login(keytab(`host/localhost@${bed().realm}`, bed().keytab.service));
      expect(await failureOf(login)).toMatchObject({
        code: "CLIENT_UNKNOWN",
        message: expect.stringMatching(/cannot log in: use the account of the keytab/),
      });
    });

    it("a password is changed, and one that must be", async () => {
      await kerberos().changePassword(secretOf("changer"), "another-password");
      await kerberos().login(password(`changer@${bed().realm}`, "another-password"));
      const { code } = await refusal("changer");
      expect(code).toBe("WRONG_PASSWORD");
      await kerberos().changePassword(secretOf("mustchange"), "another-password");
      const login = await kerberos().login(password(`mustchange@${bed().realm}`, "another-password"));
      // Its policy: five days.
      const leftDays = ((login.passwordExpires?.getTime() ?? 0) - Date.now()) / 86_400_000;
      expect(Math.round(leftDays)).toBe(5);

      const [ours, theirs] = await Promise.all([
        runCli(["kinit", "mustchange"], {
          input: "another-password\n",
          env: { ...bed().env, KRB5CCNAME: `FILE:${bed().dir}/ours` },
        }),
        bed().kinit("mustchange", { password: "another-password" }),
      ]);
      const warning = /Warning: Your password will expire in [45] days on (.*)$/m;
      expect(ours.everything).toMatch(warning);
      // The day counts down between the two, where both come within a second of the change.
      expect(warning.exec(ours.everything)?.[1]).toBe(warning.exec(theirs.text)?.[1]);
    });
  });
});
