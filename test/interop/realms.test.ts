// From realm to realm at real KDCs: capaths, the hierarchy of names, referrals, [domain_realm], the host's domain; MIT's kvno
// does the same beside us.

import { writeFileSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import { type ClientOptions, createClient, formatPrincipal, type TraceEvent } from "../../src/entry/index.ts";
import { startHeimdalBed, startMitBed, startRemctld } from "../../tools/beds/index.mjs";
import { runProgram } from "../../tools/beds/process.mjs";
import { describeLive, useBed } from "../support/live.ts";

interface Realm {
  readonly realm: string;
  readonly port: number;
  readonly passwords: Record<string, string>;
}

type MitBed = Awaited<ReturnType<typeof startMitBed>>;

const trust = (...realms: readonly string[]) => realms.map((realm) => ({ realm, password: "trust-password" }));

/** A krb5.conf for clients. */
function conf(realms: readonly Realm[], more = ""): string {
  const blocks = realms.map(({ realm, port }) => ` ${realm} = {\n  kdc = 127.0.0.1:${port}\n }\n`);
  return `[libdefaults]\n dns_lookup_kdc = false\n[realms]\n${blocks.join("")}${more}`;
}

/** Alice of a realm, with what her requests were: `realm asked: service`. */
function alice(of: Realm, config: string, options: Partial<ClientOptions> = {}) {
  const events: TraceEvent[] = [];
  const client = createClient({
    credentials: { principal: `alice@${of.realm}`, password: of.passwords.alice as string },
    config,
    onTrace: (event) => void events.push(event),
    ...options,
  });
  const asked = () => {
    const realms = events
      .splice(0)
      .flatMap((event) => (event.type === "kdc-request" && event.message === "TGS-REQ" ? [event.realm] : []));
    return realms;
  };
  return { client, asked };
}

/** What MIT's kvno says with the same configuration. */
async function kvno(of: MitBed, config: string, service: string, args: readonly string[] = []): Promise<string> {
  const krb5Conf = path.join(of.dir, "client.krb5.conf");
  writeFileSync(
    krb5Conf,
    config.replace("[libdefaults]", "[libdefaults]\n dns_canonicalize_hostname = false\n rdns = false"),
  );
  const { env, status, text } = await of.kinit(
    `alice@${of.realm}`,
    { password: of.passwords.alice as string },
    { krb5Conf },
  );
  expect([status, text]).toEqual([0, expect.any(String)]);
  return (await runProgram(of.bin("kvno"), [...args, service], { env, cwd: of.dir })).text.trim();
}

describeLive("mit", "three MIT realms in a chain", () => {
  const [A, B, C] = ["ALPHA.ONE", "BETA.TWO", "GAMMA.THREE"] as const;
  const through = { [A]: { [C]: [B] }, [C]: { [A]: [B] } };
  const chain = useBed(async () => {
    const [alpha, beta, gamma] = await Promise.all([
      // Its KDC knows no way to the third: the client must.
      startMitBed({
        realm: A,
        trust: trust(B),
        capaths: through,
        kdcCapaths: { [C]: through[C] },
        kdcDomainRealm: { ".far.example": B },
      }),
      startMitBed({ realm: B, trust: trust(A, C), services: ["host/srv.far.example", "host/srv.beta.two"] }),
      startMitBed({ realm: C, trust: trust(B), capaths: through }),
    ]);
    const all = [alpha, beta, gamma] as const;
    for (const one of all) for (const other of all) if (one !== other) one.addRealm(other);
    return { alpha, beta, gamma, all, close: async () => void (await Promise.all(all.map((bed) => bed.close()))) };
  });
  const capaths = `[capaths]\n ${A} = {\n  ${C} = ${B}\n }\n ${C} = {\n  ${A} = ${B}\n }\n`;

  it("by capaths, each way, as kvno does; the ticket on the way is used again", async () => {
    const { alpha, gamma, all } = chain();
    const config = conf(all, capaths);
    for (const [from, to] of [[alpha, gamma] as const, [gamma, alpha] as const]) {
      const { client, asked } = alice(from, config);
      const ticket = await client.getTicket(`host/localhost@${to.realm}`);
      expect([ticket.client, ticket.service].map(formatPrincipal)).toEqual([
        `alice@${from.realm}`,
        `host/localhost@${to.realm}`,
      ]);
      // A KDC that knows the way gives the ticket of the next realm at once; the other has to be asked for it by name.
      expect(asked()).toEqual(from === alpha ? [A, A, B, C] : [C, B, A]);
      await client.getTicket(`HTTP/localhost@${to.realm}`);
      expect(asked()).toEqual([to.realm]);
      expect(await kvno(from, config, `host/localhost@${to.realm}`)).toMatch(/^host\/localhost@\S+: kvno = \d+$/);
    }
  });

  it("both ways between neighbours, with no capaths", async () => {
    const { alpha, beta, all } = chain();
    for (const [from, to] of [[alpha, beta] as const, [beta, alpha] as const]) {
      const { client, asked } = alice(from, conf(all));
      expect((await client.getTicket(`host/localhost@${to.realm}`)).service.realm).toBe(to.realm);
      expect(asked()).toEqual([from.realm, to.realm]);
    }
  });

  it("a command on a remctld two realms away, and back", async () => {
    const { alpha, gamma, all } = chain();
    for (const [from, to] of [[alpha, gamma] as const, [gamma, alpha] as const]) {
      const remctld = await startRemctld({ bed: to });
      try {
        const { client } = alice(from, conf(all, capaths), {
          port: remctld.port,
          service: `host/localhost@${to.realm}`,
        });
        expect((await client.remctl("localhost", ["test", "test"])).text()).toBe("hello world\n");
      } finally {
        await remctld.close();
      }
    }
  });

  it("not without capaths: the error names both realms and what to do", async () => {
    const { alpha, all } = chain();
    const { client, asked } = alice(alpha, conf(all));
    await expect(client.getTicket(`host/localhost@${C}`)).rejects.toMatchObject({
      code: "REFERRAL",
      message: expect.stringMatching(/no way from realm ALPHA\.ONE to GAMMA\.THREE: .*\[capaths\]/),
    });
    expect(asked()).toEqual([A]);
    expect(await kvno(alpha, conf(all), `host/localhost@${C}`)).toContain("not found in Kerberos database");
  });

  it("a host's realm by [domain_realm]", async () => {
    const { alpha, beta, all } = chain();
    const { client, asked } = alice(alpha, conf(all, "[domain_realm]\n .far.example = BETA.TWO\n"));
    const ticket = await client.getTicket({ realm: "", nameType: 3, components: ["host", "srv.far.example"] });
    expect(ticket.service.realm).toBe(beta.realm);
    expect(asked()).toEqual([A, B]);
  });

  it("a host's realm by the KDC's referral, as kvno does", async () => {
    const { alpha, all } = chain();
    const { client, asked } = alice(alpha, conf(all));
    const ticket = await client.getTicket({ realm: "", nameType: 3, components: ["host", "srv.far.example"] });
    expect(formatPrincipal(ticket.service)).toBe(`host/srv.far.example@${B}`);
    expect(asked()).toEqual([A, B]);
    const again = alice(alpha, conf(all)).client;
    expect((await again.getTicket("host/srv.far.example")).service.realm).toBe(B);
    expect(await kvno(alpha, conf(all), "host@srv.far.example", ["-S", "host", "srv.far.example"])).toContain(
      "kvno = ",
    );
  });

  it("a host's realm by its domain, where the KDC has no referral; the first KDC's word if that fails too", async () => {
    const { alpha, all } = chain();
    const { client, asked } = alice(alpha, conf(all));
    const ticket = await client.getTicket({ realm: "", nameType: 3, components: ["host", "srv.beta.two"] });
    expect(formatPrincipal(ticket.service)).toBe(`host/srv.beta.two@${B}`);
    expect(asked()).toEqual([A, A, B]);
    await expect(
      client.getTicket({ realm: "", nameType: 3, components: ["host", "srv.nowhere.example"] }),
    ).rejects.toMatchObject({
      code: "SERVICE_UNKNOWN",
      message: expect.stringContaining("host/srv.nowhere.example@ALPHA.ONE"),
    });
    expect(asked()).toEqual([A, A]);
  });
});

describeLive("mit", "three MIT realms in a hierarchy", () => {
  const [one, corp, two] = ["ONE.CORP.EXAMPLE", "CORP.EXAMPLE", "TWO.CORP.EXAMPLE"] as const;
  const tree = useBed(async () => {
    const all = await Promise.all([
      startMitBed({ realm: one, trust: trust(corp) }),
      startMitBed({ realm: corp, trust: trust(one, two) }),
      startMitBed({ realm: two, trust: trust(corp) }),
    ]);
    return { all, close: async () => void (await Promise.all(all.map((bed) => bed.close()))) };
  });

  it("over the parent of both, with no capaths at all, as kvno does", async () => {
    const { all } = tree();
    const { client, asked } = alice(all[0], conf(all));
    expect((await client.getTicket(`host/localhost@${two}`)).service.realm).toBe(two);
    expect(asked()).toEqual([one, corp, two]);
    expect(await kvno(all[0], conf(all), `host/localhost@${two}`)).toContain("kvno = ");
  });
});

describeLive(["mit", "heimdal"], "an MIT realm and a Heimdal realm that trust each other", () => {
  const pair = useBed(async () => {
    const keys = trust("HEIM.EXAMPLE").map((one) => ({ ...one, enctypes: "aes256-sha1" }));
    const mit = await startMitBed({ realm: "MIT.EXAMPLE", trust: keys });
    const heimdal = await startHeimdalBed({ realm: "HEIM.EXAMPLE", trust: trust("MIT.EXAMPLE") });
    mit.addRealm(heimdal);
    return { mit, heimdal, close: async () => void (await Promise.all([mit.close(), heimdal.close()])) };
  });

  it("each way", async () => {
    const { mit, heimdal } = pair();
    for (const [from, to] of [[mit, heimdal] as const, [heimdal, mit] as const]) {
      const { client, asked } = alice(from, conf([mit, heimdal]));
      const ticket = await client.getTicket(`host/localhost@${to.realm}`);
      expect([ticket.client.realm, ticket.service.realm]).toEqual([from.realm, to.realm]);
      expect(asked()).toEqual([from.realm, to.realm]);
    }
  });
});
