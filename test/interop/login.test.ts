// The AS and TGS exchanges against real KDCs: MIT and Heimdal.

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type ClientOptions, createClient, KerberosError, type TraceEvent } from "../../src/entry/index.ts";
import { HEIMDAL_ENCTYPES, startHeimdalBed, startMitBed } from "../../tools/beds/index.mjs";
import { describeLive, useBed } from "../support/live.ts";
import { rejectedWith } from "../support/rejected.ts";

const ENCTYPES = { "aes128-sha1": 17, "aes256-sha1": 18, "aes128-sha2": 19, "aes256-sha2": 20 } as const;

const failure = rejectedWith(KerberosError);

describeLive("mit", "login at an MIT KDC", () => {
  const bed = useBed(() => startMitBed());
  const client = (name: string, password: string, options: Partial<ClientOptions> = {}) =>
    createClient({ credentials: { principal: `${name}@${bed().realm}`, password }, kdc: bed().kdc, ...options });
  const service = () => `host/localhost@${bed().realm}`;

  it.each(["tcp", "udp"])("gets tickets with a password over %s only", async (transport) => {
    const kdc = await bed().startKdc({ udp: transport === "udp", tcp: transport === "tcp" });
    try {
      const ticket = await client("alice", bed().passwords.alice as string, { kdc: kdc.kdc }).getTicket(service());
      expect(ticket.client.components).toEqual(["alice"]);
      expect(ticket.service.components).toEqual(["host", "localhost"]);
      expect(ticket.endTime.getTime()).toBeGreaterThan(Date.now());
    } finally {
      await kdc.close();
    }
  });

  it("goes to TCP when a reply is too big for UDP", async () => {
    const kdc = await bed().startKdc({ maxDgramReplySize: 200 });
    try {
      const events: TraceEvent[] = [];
      const options = { kdc: [`127.0.0.1:${kdc.port}`], onTrace: (event: TraceEvent) => events.push(event) };
      await client("alice", bed().passwords.alice as string, options).getTicket(service());
      const asked = events.flatMap((event) => (event.type === "kdc-request" ? [event.endpoint.slice(0, 3)] : []));
      expect(asked).toContain("udp");
      expect(asked).toContain("tcp");
    } finally {
      await kdc.close();
    }
  });

  it.each(Object.entries(ENCTYPES))("%s as the session key's enctype", async (name, etype) => {
    const kdc = await bed().startKdc({ permittedEnctypes: [name as keyof typeof ENCTYPES] });
    try {
      const user = `bob-${name.replace("-", "")}`;
      const ticket = await client(user, bed().passwords[user] as string, { kdc: kdc.kdc }).getTicket(service());
      expect(ticket.sessionKey.encType.etype).toBe(etype);
    } finally {
      await kdc.close();
    }
  });

  it.each(Object.keys(ENCTYPES))("%s offered alone", async (name) => {
    const user = `bob-${name.replace("-", "")}`;
    const ticket = await client(user, bed().passwords[user] as string, { enctypes: [name] }).getTicket(service());
    expect(ticket.sessionKey.encType.etype).toBe(ENCTYPES[name as keyof typeof ENCTYPES]);
  });

  it("gets tickets with a keytab", async () => {
    const keytab = new Uint8Array(readFileSync(bed().keytab.robot));
    const robot = createClient({ credentials: { principal: `robot@${bed().realm}`, keytab }, kdc: bed().kdc });
    expect((await robot.getTicket(service())).client.components).toEqual(["robot"]);
  });

  it("logs in where the KDC wants no pre-authentication", async () => {
    await client("nopreauth", bed().passwords.nopreauth as string).getTicket(service());
    const wrong = await failure(client("nopreauth", "wrong").getTicket(service()));
    expect(wrong.code).toBe("WRONG_PASSWORD");
  });

  it("sends a name and a password beyond ASCII as UTF-8", async () => {
    await client("jürgen", bed().passwords.jürgen as string).getTicket(service());
  });

  it("proves that the request came unchanged, in both exchanges (RFC 6806 section 11)", async () => {
    const checks: string[] = [];
    const onTrace = (event: TraceEvent) => void (event.type === "check" && checks.push(event.what));
    await client("alice", bed().passwords.alice as string, { onTrace }).getTicket(service());
    expect(checks.filter((what) => what.includes("our request unchanged"))).toHaveLength(2);
  });

  it("a wrong password fails, is tried once, and rests", async () => {
    const sent: TraceEvent[] = [];
    const onTrace = (event: TraceEvent) => void (event.type === "kdc-request" && sent.push(event));
    const alice = client("alice", "wrong", { onTrace, kdc: [bed().kdc[0] as string] });
    const error = await failure(alice.getTicket(service()));
    expect(error.code).toBe("WRONG_PASSWORD");
    expect(error.message).toContain(`alice@${bed().realm}`);
    const requests = sent.length;
    expect(requests).toBe(2);
    expect((await failure(alice.getTicket(service()))).code).toBe("WRONG_PASSWORD");
    expect(sent).toHaveLength(requests);
    expect(JSON.stringify(error)).not.toContain('wrong"');
  });

  it("a rotated password is seen at once, although the old one was rejected", async () => {
    let password = "old";
    const alice = createClient({
      credentials: { principal: `alice@${bed().realm}`, password: async () => password },
      kdc: bed().kdc,
    });
    expect((await failure(alice.getTicket(service()))).code).toBe("WRONG_PASSWORD");
    password = bed().passwords.alice as string;
    await alice.getTicket(service());
  });

  it.each([
    ["nobody", "x", "CLIENT_UNKNOWN"],
    ["locked", "locked-password", "CLIENT_LOCKED"],
    ["expired", "expired-password", "CLIENT_EXPIRED"],
    ["pwexpired", "pwexpired-password", "PASSWORD_EXPIRED"],
  ])("%s: %s is told as %s", async (name, password, code) => {
    const error = await failure(client(name, password).getTicket(service()));
    expect(error.code).toBe(code);
    expect(error.message.length).toBeGreaterThan(20);
  });

  it("a service that the KDC does not know", async () => {
    const error = await failure(client("alice", bed().passwords.alice as string).getTicket(`no/such@${bed().realm}`));
    expect(error.code).toBe("SERVICE_UNKNOWN");
    expect(error.message).toContain("no/such");
  });

  it("a clock 10 minutes off, either way, by the KDC's time", async () => {
    for (const offset of [-600_000, 600_000]) {
      const now = () => Date.now() + offset;
      const alice = client("alice", bed().passwords.alice as string, { now });
      const ticket = await alice.getTicket(service());
      expect(Math.abs(ticket.clockOffsetMs + offset)).toBeLessThan(3000);
    }
  });

  it("the realm of a service by referral: an empty realm finds the one that the KDC knows", async () => {
    const ticket = await client("alice", bed().passwords.alice as string).getTicket("host/localhost@");
    expect(ticket.service.realm).toBe(bed().realm);
  });

  it("concurrent askers share one exchange, later ones the ticket", async () => {
    const sent: string[] = [];
    const onTrace = (event: TraceEvent) => void (event.type === "kdc-request" && sent.push(event.message));
    const alice = client("alice", bed().passwords.alice as string, { onTrace, kdc: [bed().kdc[0] as string] });
    const tickets = await Promise.all(Array.from({ length: 20 }, () => alice.getTicket(service())));
    expect(new Set(tickets).size).toBe(1);
    await alice.getTicket(service());
    expect(sent).toEqual(["AS-REQ", "AS-REQ", "TGS-REQ"]);
  });

  it("one asker who gives up does not end the others' exchange", async () => {
    const alice = client("alice", bed().passwords.alice as string);
    const abort = new AbortController();
    const first = alice.getTicket(service(), { signal: abort.signal });
    const second = alice.getTicket(service());
    abort.abort(new Error("enough"));
    await expect(first).rejects.toMatchObject({ code: "ABORTED", cause: abort.signal.reason });
    expect((await second).service.components).toEqual(["host", "localhost"]);
  });
});

describeLive("mit", "two MIT realms that trust each other", () => {
  const pair = useBed(async () => {
    const home = await startMitBed({ realm: "HOME.TEST", trust: [{ realm: "AWAY.TEST", password: "trust" }] });
    const away = await startMitBed({ realm: "AWAY.TEST", trust: [{ realm: "HOME.TEST", password: "trust" }] });
    return { home, away, close: async () => void (await Promise.all([home.close(), away.close()])) };
  });

  it("gets a ticket of the other realm", async () => {
    const { home, away } = pair();
    const alice = createClient({
      credentials: { principal: "alice@HOME.TEST", password: home.passwords.alice as string },
      kdc: { "HOME.TEST": home.kdc, "AWAY.TEST": away.kdc },
    });
    const ticket = await alice.getTicket("host/localhost@AWAY.TEST");
    expect(ticket.service.realm).toBe("AWAY.TEST");
    expect(ticket.client.realm).toBe("HOME.TEST");
  });

  it("says which realm has no KDC", async () => {
    const { home } = pair();
    const alice = createClient({
      credentials: { principal: "alice@HOME.TEST", password: home.passwords.alice as string },
      kdc: { "HOME.TEST": home.kdc },
    });
    const error = await failure(alice.getTicket("host/localhost@AWAY.TEST"));
    expect(error.code).toBe("NO_KDC_FOR_REALM");
    expect(error.message).toContain("AWAY.TEST");
  });
});

describeLive("heimdal", "login at a Heimdal KDC", () => {
  describe.each([...HEIMDAL_ENCTYPES])("a realm of %s keys", (enctype) => {
    const bed = useBed(() => startHeimdalBed({ enctypes: [enctype] }));

    it("gets tickets with a password, whose enctype is the session key's", async () => {
      const alice = createClient({
        credentials: { principal: `alice@${bed().realm}`, password: bed().passwords.alice as string },
        kdc: bed().kdc,
      });
      const ticket = await alice.getTicket(`host/localhost@${bed().realm}`);
      expect(ticket.sessionKey.encType.name).toBe(enctype);
    });

    it("a wrong password fails", async () => {
      const alice = createClient({
        credentials: { principal: `alice@${bed().realm}`, password: "wrong" },
        kdc: bed().kdc,
      });
      expect((await failure(alice.getTicket(`host/localhost@${bed().realm}`))).code).toBe("WRONG_PASSWORD");
    });

    it("gets tickets with a keytab", async () => {
      const keytab = new Uint8Array(readFileSync(bed().keytab.robot));
      const robot = createClient({ credentials: { principal: `robot@${bed().realm}`, keytab }, kdc: bed().kdc });
      expect((await robot.getTicket(`host/localhost@${bed().realm}`)).client.components).toEqual(["robot"]);
    });
  });
});
