// A later Samba, with the functional level 2016: resource-based delegation, claims, the computer that a user is at. MIT's
// kvno beside us.

import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { decodeKeytab } from "../../src/entry/credentials.ts";
import { createAcceptor, createInitiator } from "../../src/entry/gssapi.ts";
import {
  type ClientOptions,
  createClient,
  type KerberosError,
  keytab,
  password,
  type RemctlClient,
  type ServiceTicket,
} from "../../src/entry/index.ts";
import { findPac, ticketAuthorization, type VerifiedPac, verifyPac } from "../../src/entry/pac.ts";
import { decodeEncTicketPart, decodeTicket, openData } from "../../src/krb5/index.ts";
import { runProgram, startRemctld, startSambaBed } from "../../tools/beds/index.mjs";
import { runCli } from "../support/cli.ts";
import { describeLater, useBed } from "../support/live.ts";
import { failureOf } from "../support/remctl-harness.ts";
import { encTypes } from "../unit/gssapi/pair.ts";

/** The first start on a machine makes the domain. */
const START_MS = 300_000;

describeLater("samba-later", "an Active Directory domain of the functional level 2016", () => {
  const bed = useBed(() => startSambaBed({ peer: "samba-later" }), START_MS);
  const remctld = useBed(() => startRemctld({ bed: bed(), keytab: bed().keytab.back }), START_MS);
  const BACK = "host/back@AD.TEST";
  const web = (more: Partial<ClientOptions> = {}): RemctlClient =>
    createClient({
      credentials: keytab("WEB$@AD.TEST", bed().keytab.account),
      kdc: bed().kdc,
      forwardable: true,
      ...more,
    });
  const pc = (): RemctlClient =>
    createClient({ credentials: keytab("PC$@AD.TEST", bed().keytab.pc), kdc: bed().kdc, forwardable: true });
  const alice = (more: Partial<ClientOptions> = {}): RemctlClient =>
    createClient({ credentials: password("alice@AD.TEST", bed().passwords.alice), kdc: bed().kdc, ...more });

  /** What an acceptor of BACK makes of a ticket, with all that the KDC has signed. */
  async function accept(ticket: ServiceTicket): Promise<VerifiedPac> {
    const initiator = createInitiator({ credential: { getTicket: async () => ticket }, target: ticket.service });
    const keys = readFileSync(bed().keytab.back);
    const acceptor = createAcceptor({ keytab: keys, authorizationData: ticketAuthorization({ requirePac: true }) });
    await acceptor.step(await initiator.step());
    expect(acceptor.pac?.verified).toEqual(["server"]);
    return verifyAll(ticket);
  }

  /** The PAC, with the key of the ticket-granting service: what no service has, and this test does. */
  function verifyAll(ticket: ServiceTicket): VerifiedPac {
    const { encPart } = decodeTicket(ticket.ticket);
    const keyIn = (file: string) => {
      const entry = decodeKeytab(readFileSync(file)).entries.find(({ keyBlock }) => keyBlock.etype === encPart.etype);
      return encTypes.importKey(encPart.etype, entry?.keyBlock.octets as Uint8Array);
    };
    const serverKey = keyIn(bed().keytab.back);
    const encTicketPart = openData(serverKey, 2, encPart);
    const part = decodeEncTicketPart(encTicketPart);
    return verifyPac(findPac(part.authorizationData) as Uint8Array, {
      serverKey,
      kdcKey: keyIn(bed().keytab.krbtgt),
      client: ticket.client,
      authTime: part.authtime,
      encTicketPart,
    });
  }

  const values = (pac: VerifiedPac) => ({
    user: pac.clientClaims?.map(({ id, values }) => [id, ...values]) ?? [],
    device: pac.deviceClaims?.map(({ id, values }) => [id, ...values]) ?? [],
  });

  it("resource-based delegation: the target's account lets WEB act, and remctld sees alice", async () => {
    const acting = web().actFor("alice");
    const { port } = remctld();
    const result = await acting.remctl("127.0.0.1", ["test", "env", "REMOTE_USER"], { port, service: BACK });
    expect([result.status, result.text()]).toEqual([0, "alice@AD.TEST\n"]);
    const pac = await accept(await acting.getTicket(BACK));
    expect(pac.verified).toEqual(["server", "kdc", "ticket", "full"]);
    expect(pac.delegationInfo).toEqual({ s4u2ProxyTarget: "host/back", transitedServices: ["WEB$@AD.TEST"] });
    const sids = await bed().sidsOf("(sAMAccountName=alice)");
    expect([pac.requestor, pac.upnDnsInfo?.sid]).toEqual([undefined, sids[0]]);
  });

  it("with the ticket that alice came with", async () => {
    const evidence = await alice({ forwardable: true }).getTicket("host/localhost@AD.TEST");
    const ticket = await web().actFor(evidence).getTicket(BACK);
    expect([ticket.client.components, ticket.service.components]).toEqual([["alice"], ["host", "back"]]);
  });

  it("is refused to another computer, and at an account that says nothing", async () => {
    const evidence = await alice({ forwardable: true }).getTicket("host/pc@AD.TEST");
    for (const [acting, target] of [
      [pc().actFor(evidence), BACK],
      [web().actFor("alice"), "host/pc@AD.TEST"],
    ] as const) {
      const error = await failureOf<KerberosError>(acting.getTicket(target));
      expect([error.code, error.message]).toEqual([
        "DELEGATION_REFUSED",
        expect.stringContaining("must be allowed to delegate"),
      ]);
    }
    // A computer that may not say who came.
    expect((await failureOf(pc().actFor("alice").getTicket(BACK))).message).toContain("is not forwardable");
  });

  it("groups of each scope, one within the other: the acceptor has what the directory has", async () => {
    const scopes = [
      ["Global", "alice"],
      ["Universal", "in-Global"],
      ["Domain", "in-Universal"],
    ] as const;
    for (const [scope, member] of scopes) {
      await bed().tool(["group", "add", `in-${scope}`, `--group-scope=${scope}`]);
      await bed().tool(["group", "addmembers", `in-${scope}`, member]);
    }
    const ticket = await alice().getTicket(BACK);
    const initiator = createInitiator({ credential: { getTicket: async () => ticket }, target: ticket.service });
    const authorizationData = ticketAuthorization({ requirePac: true });
    const acceptor = createAcceptor({ keytab: readFileSync(bed().keytab.back), authorizationData });
    await acceptor.step(await initiator.step());
    const [domain = ""] = await bed().sidsOf("(objectClass=domainDNS)");
    const own = await bed().sidsOf("(sAMAccountName=alice)");
    const within = await Promise.all(
      ["in-Global", "in-Universal", "in-Domain"].map((cn) => bed().sidsOf(`(cn=${cn})`)),
    );
    // The KDC vouches for the identity; the claims are valid (MS-DTYP section 2.4.2.4).
    const [byAuthority, claimsValid] = ["S-1-18-1", "S-1-5-21-0-0-0-497"];
    expect([...(acceptor.sids ?? [])].sort()).toEqual(
      [...own, `${domain}-513`, ...within.flat(), byAuthority, claimsValid].sort(),
    );
    expect(acceptor.pac?.logonInfo?.resourceGroupDomainSid).toBe(domain);
  });

  it("claims, by login and by delegation; this KDC gives them to those too who do not ask", async () => {
    const department = ["ad://ext/department", "engineering"];
    const { user } = values(await accept(await alice({ pac: "claims" }).getTicket(BACK)));
    expect(user).toEqual([department]);
    expect(values(await accept(await alice().getTicket(BACK))).user).toEqual([department]);
    const acting = web({ pac: "claims" }).actFor("alice");
    expect(values(await accept(await acting.getTicket(BACK))).user).toEqual([department]);
  });

  it("compound identity: the computer that alice is at, and its claims, for a service that takes them", async () => {
    const armor = await pc().getTicket("krbtgt/AD.TEST");
    const ticket = await alice({ pac: "claims" }).getTicket(BACK, { armor });
    const pac = await accept(ticket);
    const [sid = ""] = await bed().sidsOf("(sAMAccountName=PC$)");
    expect(`${pac.deviceInfo?.accountDomainId}-${pac.deviceInfo?.userId}`).toBe(sid);
    expect(pac.deviceInfo?.primaryGroupId).toBe(515);
    expect(values(pac)).toEqual({
      user: [["ad://ext/department", "engineering"]],
      device: [["ad://ext/department", "laboratory"]],
    });
    expect((await accept(await alice().getTicket(BACK))).deviceInfo).toBeUndefined();
  });

  it("kvno beside MIT's", async () => {
    const run = async (side: "mit" | "our"): Promise<string[]> => {
      const env = { ...bed().env, KRB5CCNAME: `FILE:${bed().dir}/cc-${side}` };
      const rows = [
        ["kinit", "-f", "-k", "-t", bed().keytab.account, "WEB$"],
        ["kvno", "-I", "alice", "WEB$"],
        ["kvno", "-I", "alice", "-P", "host/back"],
        ["kvno", "-I", "alice", "-P", "host/pc"],
      ];
      const said: string[] = [];
      for (const [program = "", ...args] of rows) {
        const { status, text } =
          side === "mit"
            ? await runProgram(bed().bin(program), args, { env })
            : await runCli([program, ...args], { env }).then((all) => ({
                status: all.status,
                text: `${all.stdout}${all.stderr}`.replace(/^krb5-remctl:.*\n/gm, ""),
              }));
        said.push(`${args.join(" ")}: ${status} ${text}`);
      }
      return said;
    };
    expect(await run("our")).toEqual(await run("mit"));
  });
});
