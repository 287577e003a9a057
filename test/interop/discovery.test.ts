// KDCs found in DNS: nsd with zones of ours, by UDP, TCP and, through dnsdist, HTTPS; then a login at MIT's krb5kdc there.

import https from "node:https";
import { expect, it } from "vitest";
import {
  type ClientOptions,
  createClient,
  createKerberos,
  type Fetch,
  password,
  type TraceEvent,
} from "../../src/entry/index.ts";
import { startDnsBed, startDohBed } from "../../tools/beds/dns.mjs";
import { startKdcproxy, startMitBed } from "../../tools/beds/index.mjs";
import { freePort } from "../../tools/beds/process.mjs";
import { describeLive, useBed } from "../support/live.ts";

/** One login with what a zone says; the events of it. Every zone has the addresses of `kdc`, `alias` and `dead`. */
type LogIn = (lines: readonly string[], options?: Partial<ClientOptions>) => Promise<TraceEvent[]>;

const addresses = ["kdc A 127.0.0.1", "kdc AAAA ::1", "dead A 127.0.0.1", "alias CNAME kdc"];
const asked = (events: readonly TraceEvent[]) =>
  events.flatMap((event) => (event.type === "kdc-request" ? [event.endpoint] : []));
const questions = (events: readonly TraceEvent[]) =>
  events.flatMap((event) => (event.type === "dns" ? [`${event.record} ${event.name}`] : [])).sort();

describeLive(["mit", "nsd"], "a KDC found in DNS", () => {
  const bed = useBed(() => startMitBed({ realm: "SRV.TEST" }));

  const logIn: LogIn = async (lines, options = {}) => {
    const dns = await startDnsBed({ "srv.test": [...addresses, ...lines] });
    try {
      const events: TraceEvent[] = [];
      const client = createClient({
        credentials: { principal: "alice@SRV.TEST", password: bed().passwords.alice as string },
        config: "",
        dns: dns.address,
        onTrace: (event) => void events.push(event),
        ...options,
      });
      const ticket = await client.getTicket("host/localhost@SRV.TEST");
      expect(ticket.client.components).toEqual(["alice"]);
      return events;
    } finally {
      await dns.close();
    }
  };

  it("by SRV, with no configuration: five questions for a login and a service's ticket", async () => {
    const { port } = bed();
    const events = await logIn([`_kerberos._udp SRV 0 0 ${port} kdc`, `_kerberos._tcp SRV 0 0 ${port} kdc`]);
    expect(new Set(asked(events))).toEqual(new Set([`udp://kdc.srv.test:${port}`]));
    expect(questions(events)).toEqual([
      "A kdc.srv.test",
      "AAAA kdc.srv.test",
      "SRV _kerberos._tcp.srv.test",
      "SRV _kerberos._udp.srv.test",
      "URI _kerberos.srv.test",
    ]);
  });

  it("by URI, before SRV", async () => {
    const { port } = bed();
    const events = await logIn([
      `_kerberos URI 10 1 "krb5srv:m:tcp:alias.srv.test:${port}"`,
      `_kerberos._tcp SRV 0 0 ${await freePort()} dead`,
    ]);
    expect(new Set(asked(events))).toEqual(new Set([`tcp://alias.srv.test:${port}`]));
  });

  it("by an answer too long for a datagram, over TCP", async () => {
    const { port } = bed();
    const more = Array.from({ length: 60 }, (_, i) => `_kerberos._tcp SRV ${i + 1} 0 88 a-long-name-for-a-kdc-${i}`);
    const events = await logIn([`_kerberos._tcp SRV 0 0 ${port} kdc`, ...more]);
    expect(new Set(asked(events))).toEqual(new Set([`tcp://kdc.srv.test:${port}`]));
    expect(events).toContainEqual(expect.objectContaining({ type: "dns", record: "SRV", records: 61 }));
  });

  it("a dead first one is passed at once, and asked once in three requests", async () => {
    const { port } = bed();
    const dead = await freePort();
    const startedMs = performance.now();
    const events = await logIn([`_kerberos._tcp SRV 0 0 ${dead} dead`, `_kerberos._tcp SRV 1 0 ${port} kdc`]);
    expect(performance.now() - startedMs).toBeLessThan(5000);
    expect(asked(events)).toEqual([
      `tcp://dead.srv.test:${dead}`,
      ...[1, 2, 3].map(() => `tcp://kdc.srv.test:${port}`),
    ]);
  });

  it("not where the domain says that there is none, nor where dns_lookup_kdc is false", async () => {
    await expect(logIn(["_kerberos._tcp SRV 0 0 0 ."])).rejects.toMatchObject({ code: "NO_KDC_FOR_REALM" });
    const config = "[libdefaults]\n dns_lookup_kdc = false\n";
    await expect(logIn([`_kerberos._tcp SRV 0 0 ${bed().port} kdc`], { config })).rejects.toMatchObject({
      code: "NO_KDC_FOR_REALM",
    });
    await expect(logIn([`_kerberos._tcp SRV 0 0 ${bed().port} kdc`], { dns: "127.0.0.1:1" })).rejects.toMatchObject({
      code: "DNS",
      message: expect.stringContaining("dns://127.0.0.1:1: "),
    });
  });
});

describeLive(["mit", "nsd"], "a password server found in DNS", () => {
  const bed = useBed(() =>
    startMitBed({ realm: "SRV.TEST", kadmind: true, principals: "addprinc -pw first-password carol" }),
  );

  it.each([
    ["SRV", (port: string) => `_kpasswd._udp SRV 0 0 ${port} kdc`, "first-password", "second-password"],
    [
      "URI",
      (port: string) => `_kpasswd URI 0 0 "krb5srv:m:tcp:kdc.srv.test:${port}"`,
      "second-password",
      "third-password",
    ],
  ])("by %s: a password is changed there", async (_, line, from, to) => {
    const port = bed().kpasswd[0]?.split(":").at(-1) as string;
    const dns = await startDnsBed({
      "srv.test": [...addresses, `_kerberos._tcp SRV 0 0 ${bed().port} kdc`, line(port)],
    });
    try {
      const events: TraceEvent[] = [];
      const kerberos = createKerberos({ config: "", dns: dns.address, onTrace: (event) => void events.push(event) });
      await kerberos.changePassword(password("carol@SRV.TEST", from), to);
      expect(asked(events).at(-1)).toMatch(new RegExp(`^(udp|tcp)://kdc\\.srv\\.test:${port}$`));
      await kerberos.login(password("carol@SRV.TEST", to));
    } finally {
      await dns.close();
    }
  });
});

describeLive(["mit", "nsd", "kdcproxy"], "a proxy found in DNS", () => {
  const bed = useBed(() => startMitBed({ realm: "SRV.TEST" }));

  it("by a URI record, trusted by http_anchors, and by nothing else", async () => {
    const proxy = await startKdcproxy({ beds: [bed()] });
    const dns = await startDnsBed({ "srv.test": [`_kerberos URI 0 0 "krb5srv::kkdcp:${proxy.url}"`] });
    try {
      const logIn = async (config: string) => {
        const events: TraceEvent[] = [];
        const client = createClient({
          credentials: { principal: "alice@SRV.TEST", password: bed().passwords.alice as string },
          config,
          dns: dns.address,
          onTrace: (event) => void events.push(event),
        });
        await client.getTicket("host/localhost@SRV.TEST");
        return new Set(asked(events));
      };
      expect(await logIn(`[realms]\n SRV.TEST = {\n  http_anchors = FILE:${proxy.ca}\n }\n`)).toEqual(
        new Set([proxy.url]),
      );
      await expect(logIn("")).rejects.toMatchObject({
        code: "KDC_UNREACHABLE",
        message: expect.stringMatching(/its certificate is not accepted/),
      });
      await expect(logIn("[realms]\n SRV.TEST = {\n  http_anchors = FILE:/none.pem\n }\n")).rejects.toMatchObject({
        code: "CONFIG",
        line: 3,
      });
    } finally {
      await dns.close();
      await proxy.close();
    }
  });
});

describeLive(["mit", "nsd", "dnsdist"], "a KDC found by DNS over HTTPS", () => {
  const bed = useBed(() => startMitBed({ realm: "SRV.TEST" }));

  it("by SRV and addresses, through dnsdist; and a long answer", async () => {
    const { port } = bed();
    const more = Array.from({ length: 60 }, (_, i) => `_kerberos._udp SRV ${i + 1} 0 88 a-long-name-for-a-kdc-${i}`);
    const dns = await startDnsBed({ "srv.test": [...addresses, `_kerberos._tcp SRV 0 0 ${port} alias`, ...more] });
    const doh = await startDohBed(dns);
    try {
      const events: TraceEvent[] = [];
      const { requests, fetch } = fetchWith(doh.caPem);
      const client = createClient({
        credentials: { principal: "alice@SRV.TEST", password: bed().passwords.alice as string },
        config: "",
        dns: doh.url,
        fetch,
        onTrace: (event) => void events.push(event),
      });
      await client.getTicket("host/localhost@SRV.TEST");
      expect(asked(events)[0]).toBe(`tcp://alias.srv.test:${port}`);
      expect(requests).toEqual(questions(events).map(() => doh.url));
      expect(events).toContainEqual(expect.objectContaining({ type: "dns", record: "SRV", records: 60 }));
      const lost = createClient({
        credentials: { principal: "alice@SRV.TEST", password: bed().passwords.alice as string },
        config: "",
        dns: doh.url.replace("/dns-query", "/other"),
        fetch,
      });
      await expect(lost.getTicket("host/localhost@SRV.TEST")).rejects.toMatchObject({
        code: "DNS",
        message: expect.stringContaining("HTTP 404"),
      });
    } finally {
      await doh.close();
      await dns.close();
    }
  });
});

/** A `fetch` that trusts one authority, as Node's own does with NODE_EXTRA_CA_CERTS. */
function fetchWith(ca: string): { readonly requests: string[]; readonly fetch: Fetch } {
  const requests: string[] = [];
  const fetch: Fetch = (url, { method, headers, body }) =>
    new Promise((resolve, reject) => {
      requests.push(url);
      const request = https.request(url, { method, headers, ca }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk) => chunks.push(chunk));
        answer.on("end", () => {
          const type = answer.headers["content-type"];
          const init = {
            status: answer.statusCode ?? 0,
            ...(type === undefined ? {} : { headers: { "content-type": type } }),
          };
          resolve(new Response(Buffer.concat(chunks), init));
        });
      });
      request.on("error", reject);
      request.end(body);
    });
  return { requests, fetch };
}
