// Delegation (MS-SFU) and user-to-user with MIT's KDC on a directory: one ticket granted and one refused always; all of it
// with CI=true. Beside it MIT's kvno.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { createAcceptor, createInitiator } from "../../src/entry/gssapi.ts";
import {
  createClient,
  createKerberos,
  type KdcError,
  type KerberosError,
  keytab,
  parsePrincipal,
  password,
  type RemctlClient,
  type ServiceError,
  type ServiceTicket,
} from "../../src/entry/index.ts";
import { ticketAuthorization } from "../../src/entry/pac.ts";
import { runProgram, startLdapBed, startRemctld } from "../../tools/beds/index.mjs";
import { runCli } from "../support/cli.ts";
import { describeLive, useBed, wholeTable } from "../support/live.ts";
import { failureOf } from "../support/remctl-harness.ts";

const START_MS = 60_000;

describeLive(["mit", "slapd", "mit-ldap"], "delegation with MIT's KDC on LDAP", () => {
  const bed = useBed(startLdapBed, START_MS);
  const remctld = useBed(() => startRemctld({ bed: bed(), keytab: bed().keytab.service }), START_MS);
  const clientOf = (service: string): RemctlClient =>
    createClient({
      credentials: keytab(`${service}@LDAP.TEST`, bed().keytab.service),
      kdc: bed().kdc,
      forwardable: true,
    });

  it("a command as alice, who gave no password: S4U2Self, S4U2Proxy, and remctld sees alice", async () => {
    const client = clientOf("HTTP/localhost");
    const { port, service } = remctld();
    const alice = client.actFor("alice");
    const result = await alice.remctl("127.0.0.1", ["test", "env", "REMOTE_USER"], { port, service });
    expect([result.status, result.text()]).toEqual([0, "alice@LDAP.TEST\n"]);
    expect(alice.principal).toMatchObject({ components: ["alice"], realm: "LDAP.TEST" });
    // Not among the client's own.
    const own = await client.remctl("127.0.0.1", ["test", "env", "REMOTE_USER"], { port, service });
    expect(own.text()).toBe("HTTP/localhost@LDAP.TEST\n");
  });

  it("a web service: alice's ticket in, a command on another host as alice out", async () => {
    const credentials = password("alice@LDAP.TEST", bed().passwords.alice);
    const alice = createClient({ credentials, kdc: bed().kdc, forwardable: true });
    const target = "HTTP/plain@LDAP.TEST";
    const browser = createInitiator({ credential: alice, target: parsePrincipal(target) });
    const keys = readFileSync(bed().keytab.service);
    const web = createAcceptor({
      keytab: keys,
      service: target,
      authorizationData: ticketAuthorization({ requirePac: true }),
    });
    await browser.step(await web.step(await browser.step()));
    // MIT's PAC has the client's name and no SIDs.
    expect([web.peer?.components, web.pac?.clientInfo?.name, web.sids, web.indicators]).toEqual([
      ["alice"],
      "alice",
      [],
      [],
    ]);
    expect(JSON.stringify(web.ticket)).not.toContain('ticket":');
    const { port, service } = remctld();
    const acting = clientOf("HTTP/plain").actFor(web.ticket as ServiceTicket);
    const result = await acting.remctl("127.0.0.1", ["test", "env", "REMOTE_USER"], { port, service });
    expect([result.status, result.text()]).toEqual([0, "alice@LDAP.TEST\n"]);
    web.dispose();
    expect([web.ticket, web.pac]).toEqual([undefined, undefined]);
  });

  it("the option pac: a client asks for no PAC, and a service that requires one says so", async () => {
    const target = "HTTP/plain@LDAP.TEST";
    const accept = async (pac: boolean | "claims"): Promise<string | undefined> => {
      const credentials = password("alice@LDAP.TEST", bed().passwords.alice);
      const alice = createClient({ credentials, kdc: bed().kdc, pac });
      const browser = createInitiator({ credential: alice, target: parsePrincipal(target) });
      const web = createAcceptor({
        keytab: readFileSync(bed().keytab.service),
        service: target,
        authorizationData: ticketAuthorization({ requirePac: true }),
      });
      await web.step(await browser.step());
      return web.pac?.clientInfo?.name;
    };
    expect(await accept(true)).toBe("alice");
    // MIT's KDC has no claims, and lets the wish pass.
    expect(await accept("claims")).toBe("alice");
    expect(await failureOf(accept(false))).toMatchObject({
      code: "PAC_REQUIRED",
      message: "the ticket of alice@LDAP.TEST has no PAC, which is required here: let the KDC issue one",
    });
  });

  it("a service that is not on the list is refused, and the error says which policy it may be", async () => {
    const other = clientOf("HTTP/localhost").actFor("alice@LDAP.TEST").getTicket("host/other@LDAP.TEST");
    expect(await failureOf<KdcError>(other)).toMatchObject({
      code: "DELEGATION_REFUSED",
      errorCode: 13,
      service: "host/other@LDAP.TEST",
      message: expect.stringMatching(/^the KDC does not let HTTP\/localhost@LDAP\.TEST act for alice.*must be allowed/),
    });
  });

  describe.runIf(wholeTable)("all of it", () => {
    it("a user who may not be delegated, and a service that may not say who came, are told apart from that", async () => {
      for (const [service, user] of [
        ["HTTP/localhost", "nodeleg"],
        ["HTTP/plain", "alice"],
      ] as const) {
        const refused = clientOf(service).actFor(user).getTicket("host/localhost@LDAP.TEST");
        const { code, message } = await failureOf<KerberosError>(refused);
        expect([code, message]).toEqual(["DELEGATION_REFUSED", expect.stringContaining("is not forwardable")]);
      }
    });

    it("with the ticket that alice came with, a service acts for her without being trusted to say who came", async () => {
      const alice = createClient({
        credentials: password("alice@LDAP.TEST", bed().passwords.alice),
        kdc: bed().kdc,
        forwardable: true,
      });
      const evidence = await alice.getTicket("HTTP/plain@LDAP.TEST");
      const acting = clientOf("HTTP/plain").actFor(evidence);
      const ticket = await acting.getTicket("host/localhost@LDAP.TEST");
      expect(ticket.client.components).toEqual(["alice"]);
      expect(await acting.getTicket("host/localhost@LDAP.TEST")).toBe(ticket);
    });

    it("S4U2Self: a user by name and by enterprise name; one that is not there", async () => {
      const client = clientOf("HTTP/plain");
      for (const name of ["alice", "alice@LDAP.TEST"]) {
        const { client: user, service } = await client.impersonate(name);
        expect([user.components, service.components]).toEqual([["alice"], ["HTTP", "plain"]]);
      }
      const enterprise = { realm: "LDAP.TEST", nameType: 10, components: ["alice"] };
      expect((await client.impersonate(enterprise)).client.components).toEqual(["alice"]);
      expect(await failureOf(client.impersonate("nosuch"))).toMatchObject({
        code: "CLIENT_UNKNOWN",
        message: expect.stringContaining("nosuch@LDAP.TEST"),
      });
    });

    it("user-to-user: a ticket under the session key of alice's ticket-granting ticket", async () => {
      const kerberos = createKerberos({ kdc: bed().kdc });
      const { ticket: tgt } = await kerberos.login(password("alice@LDAP.TEST", bed().passwords.alice));
      const client = clientOf("HTTP/plain");
      const ticket = await client.getTicket("alice@LDAP.TEST", { userToUser: tgt });
      expect(ticket).toMatchObject({ isUserToUser: true, service: { components: ["alice"] } });
      const other = await failureOf<KdcError>(client.getTicket("host/localhost@LDAP.TEST", { userToUser: tgt }));
      expect(other.errorCode).toBe(26);
    });

    it("user-to-user: a context with alice, who has no keytab but her ticket-granting ticket, and none without it", async () => {
      const kerberos = createKerberos({ kdc: bed().kdc });
      const { ticket: tgt } = await kerberos.login(password("alice@LDAP.TEST", bed().passwords.alice));
      const client = clientOf("HTTP/plain");
      const target = parsePrincipal("alice@LDAP.TEST");
      const ticket = await client.getTicket(target, { userToUser: tgt });
      const initiator = createInitiator({ credential: { getTicket: async () => ticket }, target });
      const acceptor = createAcceptor({ ticket: tgt });
      await initiator.step(await acceptor.step(await initiator.step()));
      expect(acceptor.peer?.components).toEqual(["HTTP", "plain"]);
      expect(initiator.unwrap(acceptor.wrap(Uint8Array.of(1, 2, 3)))).toEqual(Uint8Array.of(1, 2, 3));
      // A ticket under her long-term key is none for her session, and a session's ticket is none for a keytab.
      const plain = createInitiator({ credential: client, target });
      const refusing = createAcceptor({ ticket: tgt });
      const first = await plain.step();
      const refusal = await failureOf<ServiceError & { token?: Uint8Array }>(refusing.step(first));
      expect(refusal.message).toContain("user-to-user authentication is required");
      expect(await failureOf(plain.step(refusal.token))).toMatchObject({
        message: expect.stringContaining("userToUser"),
      });
      const again = createInitiator({ credential: { getTicket: async () => ticket }, target });
      const keytabAcceptor = createAcceptor({ keytab: readFileSync(bed().keytab.service) });
      expect((await failureOf(keytabAcceptor.step(await again.step()))).message).toContain("not offered here");
    });

    describe("kvno beside MIT's", () => {
      const folder = mkdtempSync(path.join(tmpdir(), "krb5-remctl-kvno-"));
      afterAll(() => rmSync(folder, { recursive: true, force: true }));

      /** What a tool says, and what is in its caches, for a login and the rows that follow. */
      const run = async (side: "mit" | "our", rows: readonly string[]): Promise<string[]> => {
        const own = mkdtempSync(path.join(folder, side));
        const env = { ...bed().env, KRB5CCNAME: `FILE:${own}/cc` };
        const said: string[] = [];
        for (const row of rows) {
          const [program = "", ...args] = row.replaceAll("$W", own).split(" ");
          const { status, text } =
            side === "mit"
              ? await runProgram(bed().bin(program), args, { env })
              : await runCli([program, ...args], { env }).then((all) => ({
                  status: all.status,
                  text: `${all.stdout}${all.stderr}`,
                }));
          const words = text
            .replaceAll(own, "$W")
            .replaceAll(bed().bin("kvno"), "kvno")
            .replace(/\d\d\/\d\d\/\d\d \d\d:\d\d:\d\d/g, "TIME")
            .replace(/^[Uu]sage: [\s\S]*/m, "USAGE\n");
          said.push(
            `${row} -> ${status}\n${words
              .split("\n")
              .filter((line) => !/^\s+\(|^krb5-remctl:/.test(line))
              .join("\n")}`,
          );
        }
        return said;
      };

      const evidence = (name: string): string[] => [
        `kvno -U alice ${name}`,
        `kvno -I alice ${name}`,
        "kvno -I alice host/other",
        `kvno -I nosuch ${name}`,
        `kvno -U nosuch ${name}`,
        `kvno -I a@b@c ${name}`,
        `kvno -I nodeleg --no-store ${name}`,
        `kvno -I alice@OTHER.TEST ${name}`,
        `kvno -F $W/none ${name}`,
        `kvno -I alice --cached-only ${name}`,
        `kvno -I nodeleg --cached-only ${name}`,
      ];
      const proxy = [
        "kvno -I alice -P host/localhost",
        "kvno -U alice -P host/localhost",
        "kvno -I alice -P host/other",
        "kvno -I nodeleg -P host/localhost",
        "kvno -q -I alice -P host/localhost",
        "kvno -I alice -P host/localhost host/other",
        "kvno -P host/localhost",
      ];

      it.each([["HTTP/localhost"], ["HTTP/plain"]])("-I, -U, -F and -P of %s", async (name) => {
        const rows = [`kinit -f -k -t ${bed().keytab.service} ${name}`, ...evidence(name), ...proxy, "klist -f"];
        const out =
          name === "HTTP/localhost" ? ["kvno -I alice -P --out-cache FILE:$W/out host/localhost", "klist $W/out"] : [];
        expect(await run("our", [...rows, ...out])).toEqual(await run("mit", [...rows, ...out]));
      });

      it("with arguments that are seldom given", async () => {
        const name = "HTTP/localhost";
        const keys = bed().keytab.service;
        const rows = [
          `kinit -f -k -t ${keys} ${name}`,
          `kvno -U alice -I alice ${name}`,
          `kvno -I alice -U alice ${name}`,
          `kvno -F $W/none -P host/localhost`,
          `kvno -F $W/none -U alice ${name}`,
          "kvno -U alice",
          "kvno -I",
          "kvno -x",
          "kvno -I alice -S HTTP localhost",
          "kvno -I alice -P -S host localhost",
          `kvno -e aes128-cts-hmac-sha1-96 -I alice ${name}`,
          `kvno -e nonsense -I alice ${name}`,
          `kvno -k ${keys} -I alice ${name}`,
          `kvno -k ${keys} -I alice -P host/localhost`,
          `kvno -k $W/none -I alice ${name}`,
          `kvno -c $W/none -I alice ${name}`,
          `kvno -c FILE:$W/none ${name}`,
          `kvno -U @LDAP.TEST ${name}`,
          `kvno -I alice/admin ${name}`,
          `kvno -U HTTP/plain ${name}`,
          `kvno -I alice ${name} ${name}`,
          `kvno -q -U nosuch ${name}`,
          "kvno -I alice -P krbtgt/LDAP.TEST",
          "kvno -I alice krbtgt/LDAP.TEST",
          `kvno --u2u FILE:$W/cc ${name}`,
          `kvno --u2u $W/cc ${name}`,
          `kvno --u2u BOGUS:x ${name}`,
          `kvno --u2u FILE:$W/cc -I alice -P host/localhost`,
          `kvno -I alice --out-cache BOGUS:x ${name}`,
          `kvno -I nosuch --out-cache FILE:$W/out ${name}`,
          "klist $W/out",
          "klist -f",
        ];
        expect(await run("our", rows)).toEqual(await run("mit", rows));
        // Where MIT's says something else, the same end: what a file is that is no certificate; a name that is none.
        const [, notOne, noName] = await run("our", [rows[0] as string, `kvno -F $W/cc ${name}`, `kvno -I @ ${name}`]);
        expect(notOne).toMatch(
          / -> 1\nkvno: neither a certificate in DER nor text with one in PEM .* \(while reading certificate file \$W\/cc\)\n$/,
        );
        expect(noName).toMatch(/ -> 1\nkvno: Malformed representation of principal while parsing principal name @\n$/);
      });

      it("--u2u", async () => {
        const rows = [
          `kinit -f -c FILE:$W/alice -k -t ${bed().keytab.alice} alice`,
          `kinit -f -k -t ${bed().keytab.service} HTTP/plain`,
          "kvno --u2u FILE:$W/alice alice",
          "kvno --u2u FILE:$W/alice host/localhost",
          "kvno --u2u FILE:$W/none alice",
          "kvno --u2u FILE:$W/alice -U alice HTTP/plain",
          "kvno alice",
          "klist -f",
        ];
        expect(await run("our", rows)).toEqual(await run("mit", rows));
      });

      it("tickets of others that MIT's kvno left in a cache are not the cache's own", async () => {
        const own = mkdtempSync(path.join(folder, "left"));
        const env = { ...bed().env, KRB5CCNAME: `FILE:${own}/cc` };
        const login = ["-f", "-k", "-t", bed().keytab.service, "HTTP/localhost"];
        await runProgram(bed().bin("kinit"), login, { env });
        const kvno = ["-I", "alice", "-P", "host/localhost"];
        expect((await runProgram(bed().bin("kvno"), kvno, { env })).status).toBe(0);
        const client = createClient({ config: { files: [bed().krb5Conf] }, environment: { env } });
        const ticket = await client.getTicket(parsePrincipal("host/localhost@LDAP.TEST"));
        expect(ticket.client.components).toEqual(["HTTP", "localhost"]);
      });
    });
  });
});
