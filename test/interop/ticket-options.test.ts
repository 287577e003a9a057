// Lifetimes and flags on request, renewal, validation, forwarding and delegation, against MIT and Heimdal; what is got
// goes into caches that MIT's programs read.

import { createServer, type Socket } from "node:net";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { openCache, readKeytabFile } from "../../src/entry/credentials.ts";
import { createAcceptor, createInitiator, type SecurityContext } from "../../src/entry/gssapi.ts";
import {
  ccache,
  contentsOfLogin,
  createClient,
  createKerberos,
  KerberosError,
  parsePrincipal,
  password,
  type ServiceTicket,
} from "../../src/entry/index.ts";
import { TICKET_FLAG } from "../../src/iana/index.ts";
import { runProgram, startGssAcceptor, startHeimdalBed, startMitBed } from "../../tools/beds/index.mjs";
import { GssPeer } from "../support/gss-peer.ts";
import { describeLive, peers, useBed, wholeTable } from "../support/live.ts";

const HOUR = 3600;
const secondsOf = (from: Date, to: Date | undefined): number => ((to?.getTime() ?? 0) - from.getTime()) / 1000;
const has = ({ flags }: ServiceTicket, flag: keyof typeof TICKET_FLAG): boolean => (flags & TICKET_FLAG[flag]) !== 0;
const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

for (const kind of ["mit", "heimdal"] as const) {
  describeLive(kind === "mit" ? "mit" : ["heimdal", "mit"], `tickets on request from ${kind}`, () => {
    const bed = useBed<Awaited<ReturnType<typeof startMitBed>> | Awaited<ReturnType<typeof startHeimdalBed>>>(() =>
      kind === "mit" ? startMitBed() : startHeimdalBed(),
    );
    const kerberos = () => createKerberos({ kdc: { [bed().realm]: bed().kdc } });
    const alice = () => password(`alice@${bed().realm}`, "alice-password");
    const klist = async (cache: string, ...args: string[]) =>
      (await runProgram(bed().bin("klist"), [...args, cache], { env: bed().env })).text;

    it("a lifetime, a renewable life and flags, and klist sees the same", async () => {
      const { ticket, preauthType, isFastAvailable } = await kerberos().login(alice(), {
        lifetimeSeconds: HOUR,
        renewLifetimeSeconds: 3 * HOUR,
        forwardable: true,
        proxiable: true,
      });
      expect(secondsOf(ticket.startTime, ticket.endTime)).toBeLessThanOrEqual(HOUR);
      expect(secondsOf(ticket.startTime, ticket.endTime)).toBeGreaterThan(HOUR - 60);
      expect(secondsOf(ticket.startTime, ticket.renewTill)).toBeGreaterThan(3 * HOUR - 60);
      expect(
        ["forwardable", "proxiable", "renewable", "initial"].map((flag) => has(ticket, flag as "initial")),
      ).toEqual([true, true, true, true]);
      const name = `FILE:${path.join(bed().dir, "on-request")}`;
      await openCache(name).initialize(
        contentsOfLogin({ ticket, isFastAvailable, ...(preauthType === undefined ? {} : { preauthType }) }),
      );
      const text = await klist(name, "-f", "-C");
      expect(text).toMatch(/Flags: F?P?[A-Z]*I/);
      expect(text).toContain("renew until");
      expect(text).toMatch(/pa_type/);
    });

    it("renews, and kinit -R renews what was written here", async () => {
      const login = await kerberos().login(alice(), { lifetimeSeconds: HOUR, renewLifetimeSeconds: 3 * HOUR });
      await sleep(1100);
      const renewed = await kerberos().renew(login.ticket);
      expect(renewed.endTime.getTime()).toBeGreaterThan(login.ticket.endTime.getTime());
      expect(renewed.renewTill).toEqual(login.ticket.renewTill);
      expect(renewed.authTime).toEqual(login.ticket.authTime);
      expect(renewed.sessionKey.octets).not.toEqual(login.ticket.sessionKey.octets);
      const name = `FILE:${path.join(bed().dir, "renewed")}`;
      await openCache(name).initialize(contentsOfLogin({ ...login, ticket: renewed }));
      const { status, text } = await runProgram(bed().bin("kinit"), ["-R", "-c", name], { env: bed().env });
      expect({ status, text }).toEqual({ status: 0, text: "" });
      const kvno = await runProgram(bed().bin("kvno"), ["-c", name, "host/localhost"], { env: bed().env });
      expect(kvno.text).toContain("kvno = ");
    });

    it("a ticket that is not renewable says so, and what to do", async () => {
      const { ticket } = await kerberos().login(alice());
      await expect(kerberos().renew(ticket)).rejects.toThrow(/not renewable.*ask for a renewable one/);
    });

    it.runIf(wholeTable)("a postdated ticket comes invalid, and is validated at its time", async () => {
      if (kind === "mit")
        await (bed() as Awaited<ReturnType<typeof startMitBed>>).kadmin("modprinc +allow_postdated alice");
      const startTime = new Date(Date.now() + 2000);
      const { ticket } = await kerberos().login(alice(), { startTime, lifetimeSeconds: HOUR });
      expect(has(ticket, "invalid")).toBe(true);
      expect(Math.abs(secondsOf(startTime, ticket.startTime))).toBeLessThan(1);
      await expect(kerberos().getServiceTicket(ticket, `host/localhost@${bed().realm}`)).rejects.toThrow(KerberosError);
      await sleep(2500);
      const valid = await kerberos().validate(ticket);
      expect(has(valid, "invalid")).toBe(false);
      await kerberos().getServiceTicket(valid, `host/localhost@${bed().realm}`);
    });

    it.runIf(wholeTable)(
      "a postdated ticket that began an hour ago is validated: here the KDC lets it begin now",
      async () => {
        if (kind === "mit")
          await (bed() as Awaited<ReturnType<typeof startMitBed>>).kadmin("modprinc +allow_postdated alice");
        const startTime = new Date(Date.now() - HOUR * 1000);
        const { ticket } = await kerberos().login(alice(), { startTime, lifetimeSeconds: 4 * HOUR });
        const valid = await kerberos().validate(ticket);
        expect(Math.abs(secondsOf(new Date(), valid.startTime))).toBeLessThan(60);
        expect(has(valid, "invalid")).toBe(false);
        await kerberos().getServiceTicket(valid, `host/localhost@${bed().realm}`);
      },
    );

    it.runIf(wholeTable)("another service than the ticket-granting one, and addresses", async () => {
      const here = { type: 2, octets: Uint8Array.of(127, 0, 0, 1) };
      const { ticket } = await kerberos().login(alice(), { service: "host/localhost", addresses: [here] });
      expect(ticket.service.components).toEqual(["host", "localhost"]);
      expect(ticket.addresses).toEqual([here]);
      const name = `FILE:${path.join(bed().dir, "direct")}`;
      await openCache(name).initialize(contentsOfLogin({ ticket, isFastAvailable: false }));
      expect(await klist(name, "-a", "-n")).toContain("Addresses: 127.0.0.1");
      // A client with that cache uses the ticket, and has nothing to get another with.
      const client = createClient({ credentials: ccache(name), kdc: bed().kdc });
      expect((await client.getTicket(`host/localhost@${bed().realm}`)).ticket).toEqual(ticket.ticket);
      await expect(client.getTicket(`HTTP/localhost@${bed().realm}`)).rejects.toMatchObject({ code: "NO_CREDENTIAL" });
    });

    it.runIf(wholeTable)("enctypes of the session key, by kvno -e's meaning", async () => {
      const { ticket } = await kerberos().login(alice());
      for (const etype of [17, 18]) {
        const found = await kerberos().getServiceTicket(ticket, `host/localhost@${bed().realm}`, { enctypes: [etype] });
        expect(found.ticket.sessionKey.encType.etype).toBe(etype);
      }
    });

    it("an enterprise name, where the KDC knows such names; kinit -E is told the same", async () => {
      const text = `alice@${bed().realm}`;
      const name = parsePrincipal(text, { isEnterprise: true, defaultRealm: bed().realm });
      const theirs = await bed().kinit(text, { password: "alice-password" }, { args: ["-E"] });
      expect(theirs.status).toBe(kind === "mit" ? 1 : 0);
      const login = kerberos().login(password(name, "alice-password"));
      if (kind === "mit") await expect(login).rejects.toMatchObject({ code: "CLIENT_UNKNOWN" });
      else expect((await login).ticket.client.components).toEqual(["alice"]);
    });

    it("forwards: a new ticket of the same client, marked as what it is", async () => {
      const { ticket } = await kerberos().login(alice(), { forwardable: true });
      const forwarded = await kerberos().forward(ticket);
      expect(has(forwarded, "forwarded")).toBe(true);
      expect(forwarded.ticket).not.toEqual(ticket.ticket);
      await kerberos().getServiceTicket(forwarded, `host/localhost@${bed().realm}`);
      const { ticket: plain } = await kerberos().login(alice(), { forwardable: false });
      await expect(kerberos().forward(plain)).rejects.toThrow(/not forwardable/);
    });
  });
}

describeLive(["mit", "python-gssapi"], "GSS-API delegation", () => {
  const bed = useBed(() => startMitBed());
  const acceptor = useBed(() => startGssAcceptor({ bed: bed() }));
  const clientOf = (forwardable: boolean) =>
    createClient({
      credentials: { principal: `alice@${bed().realm}`, password: "alice-password" },
      kdc: bed().kdc,
      forwardable,
    });
  const establish = async (context: SecurityContext): Promise<Record<string, unknown>> => {
    const peer = await GssPeer.connect(acceptor().port);
    peer.sendToken((await context.step()) as Uint8Array);
    await context.step(await peer.receiveToken());
    const facts = await peer.askForFacts("I");
    peer.close();
    return facts;
  };

  it("libgssapi's acceptor has the credentials that were delegated", async () => {
    const context = createInitiator({
      target: acceptor().service,
      credential: clientOf(true),
      flags: { delegation: true },
    });
    const facts = await establish(context);
    expect(context.flags.delegation).toBe(true);
    expect(facts.flags).toContain("delegate_to_peer");
    expect(facts.delegated).toMatchObject({ name: `alice@${bed().realm}` });
  });

  it("C9: nothing is delegated that nobody asked for, or that the KDC's policy does not allow", async () => {
    for (const flags of [{}, { delegation: false }, { delegation: "policy" as const }]) {
      const context = createInitiator({ target: acceptor().service, credential: clientOf(true), flags });
      const facts = await establish(context);
      expect(context.flags.delegation).toBe(false);
      expect(facts.delegated).toBeNull();
    }
  });

  it.runIf(wholeTable)("C9: by policy, to a service that the KDC marks ok-as-delegate", async () => {
    const file = path.join(bed().dir, "trusted.keytab");
    await bed().kadmin(`addprinc -randkey +ok_as_delegate host/trusted\nktadd -k ${file} host/trusted`);
    const accepting = createAcceptor({ keytab: await readKeytabFile(file), takeDelegation: true });
    const context = createInitiator({
      target: `host/trusted@${bed().realm}`,
      credential: clientOf(true),
      flags: { delegation: "policy" },
    });
    await context.step(await accepting.step(await context.step()));
    expect(context.flags.delegation).toBe(true);
    expect(accepting.delegated?.map(({ client }) => client.components)).toEqual([["alice"]]);
  });

  it.runIf(wholeTable)("a ticket that is not forwardable makes a context without", async () => {
    const context = createInitiator({
      target: acceptor().service,
      credential: clientOf(false),
      flags: { delegation: true },
    });
    expect((await establish(context)).delegated).toBeNull();
    expect(context.flags.delegation).toBe(false);
  });

  describe("from libgssapi's initiator", () => {
    const script = fileURLToPath(new URL("../support/gss-initiator.py", import.meta.url));
    const ALL_AND_DELEGATION = 63;

    it("createAcceptor takes the ticket and uses it", async () => {
      const login = await bed().kinit("alice", { password: "alice-password" }, { args: ["-f"] });
      const keytab = await readKeytabFile(bed().keytab.service);
      const context = createAcceptor({ keytab, takeDelegation: true });
      let socket: Socket | undefined;
      const server = createServer((one) => {
        socket = one;
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const { port } = server.address() as { port: number };
      const python = peers["python-gssapi"];
      const target = `host/localhost@${bed().realm}`;
      const args = ["-B", script, "--port", String(port), "--target", target, "--flags", String(ALL_AND_DELEGATION)];
      const program = runProgram(python.bin("python3"), args, { env: { ...login.env, ...python.env } });
      while (socket === undefined) await sleep(10);
      const peer = new GssPeer(socket);
      peer.sendToken((await context.step(await peer.receiveToken())) as Uint8Array);
      const [tgt] = context.delegated ?? [];
      socket.destroy();
      server.close();
      await program;
      expect(context.flags.delegation).toBe(true);
      expect(tgt?.client.components).toEqual(["alice"]);
      const kerberos = createKerberos({ kdc: { [bed().realm]: bed().kdc } });
      const { ticket } = await kerberos.getServiceTicket(tgt as ServiceTicket, `HTTP/localhost@${bed().realm}`);
      expect(ticket.client.components).toEqual(["alice"]);
    });
  });
});
