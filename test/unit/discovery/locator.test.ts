import { describe, expect, it } from "vitest";
import { parseKrb5Conf } from "../../../src/config/index.ts";
import { createLocator, type LocatorOptions } from "../../../src/discovery/index.ts";
import { parseServerUri } from "../../../src/discovery/server-records.ts";
import { weightedOrder } from "../../../src/discovery/weighted-order.ts";
import { TransportError } from "../../../src/errors.ts";
import type { Runtime } from "../../../src/host/index.ts";
import { detectRuntime } from "../../../src/runtime/index.ts";
import { createKdcTransport } from "../../../src/transport/index.ts";
import { fakeDns, name, type Rr, response, rr, srv, txt, uri, zone } from "../../support/dns-messages.ts";
import { asRep, asReq, framed, tcpKdc } from "../../support/fake-kdc.ts";

const runtime = detectRuntime();

async function locate(records: readonly Rr[], conf = "", options: Partial<LocatorOptions> = {}) {
  const dns = await fakeDns(zone(records));
  const notes: string[] = [];
  const locator = createLocator({
    config: parseKrb5Conf(conf),
    runtime,
    dns: dns.address,
    trace: (event) => void (event.type === "note" && notes.push(event.text)),
    random: () => 0,
    ...options,
  });
  return { locator, dns, notes };
}

const realm = (lines: string) => `[realms]\n EXAMPLE.ORG = {\n${lines}\n }\n`;

describe("the KDCs of a realm", () => {
  it("are those of the configuration, in its order, and nobody is asked", async () => {
    const conf = realm(
      " kdc = a.example.org\n kdc = b.example.org:89\n kdc = [2001:db8::1]:90\n kdc = https://proxy.example.org/KdcProxy\n kdc = tcp/c.example.org\n kdc = /run/kdc.socket",
    );
    const { locator, dns, notes } = await locate(
      [srv("_kerberos._udp.example.org", 0, 0, 88, "dns.example.org")],
      conf,
    );
    expect(await locator.kdcs("EXAMPLE.ORG")).toEqual([
      "a.example.org:88",
      "b.example.org:89",
      "[2001:db8::1]:90",
      "https://proxy.example.org:443/KdcProxy",
      "tcp://c.example.org:88",
    ]);
    expect(dns.asked).toEqual([]);
    expect(notes).toEqual(["/run/kdc.socket: passed over: a KDC behind a Unix socket cannot be asked"]);
  });

  it("are the primary one where the configuration names no other and DNS knows none", async () => {
    const records = [srv("_kerberos._tcp.EXAMPLE.ORG", 0, 0, 88, "dns.example.org")];
    const of = async (lines: string, known: readonly Rr[] = []) =>
      (await locate(known, realm(lines))).locator.kdcs("EXAMPLE.ORG");
    expect(await of(" primary_kdc = p.example.org")).toEqual(["p.example.org:88"]);
    expect(await of(" master_kdc = m.example.org:89")).toEqual(["m.example.org:89"]);
    expect(await of(" kdc = a\n primary_kdc = p")).toEqual(["a:88"]);
    expect(await of(" primary_kdc = p", records)).toEqual(["tcp://dns.example.org:88"]);
    const { locator, dns, notes } = await locate(
      records,
      `[libdefaults]\n dns_lookup_kdc = no\n${realm(" primary_kdc = p")}`,
    );
    expect(await locator.kdcs("EXAMPLE.ORG")).toEqual(["p:88"]);
    expect(dns.asked).toEqual([]);
    expect(notes).toEqual([]);
  });

  it("are the primary one where DNS fails, unless the caller gave up", async () => {
    const failing = { ...runtime, connectUdp: () => Promise.reject(new Error("no network")) } as Runtime;
    const broken = { ...failing, connectTcp: () => Promise.reject(new Error("no network")) } as Runtime;
    const { locator, notes } = await locate([], realm(" primary_kdc = p"), { runtime: broken });
    expect(await locator.kdcs("EXAMPLE.ORG")).toEqual(["p:88"]);
    expect(notes.join()).toMatch(/the primary KDC is asked/);
    const givenUp = locator.kdcs("EXAMPLE.ORG", { signal: AbortSignal.abort() });
    await expect(givenUp).rejects.toBeInstanceOf(TransportError);
  });

  it("come from SRV records, those with both transports as one, by priority", async () => {
    const { locator } = await locate([
      srv("_kerberos._udp.EXAMPLE.ORG", 2, 0, 88, "both.example.org"),
      srv("_kerberos._tcp.EXAMPLE.ORG", 2, 0, 88, "both.example.org"),
      srv("_kerberos._udp.EXAMPLE.ORG", 1, 0, 88, "udp.example.org"),
      srv("_kerberos._tcp.EXAMPLE.ORG", 3, 0, 8888, "tcp.example.org"),
    ]);
    expect(await locator.kdcs("EXAMPLE.ORG")).toEqual([
      "udp://udp.example.org:88",
      "both.example.org:88",
      "tcp://tcp.example.org:8888",
    ]);
  });

  it("come from URI records before SRV records", async () => {
    const records = [
      srv("_kerberos._udp.EXAMPLE.ORG", 0, 0, 88, "srv.example.org"),
      uri("_kerberos.EXAMPLE.ORG", 20, 0, "krb5srv::udp:b.example.org"),
      uri("_kerberos.EXAMPLE.ORG", 10, 0, "krb5srv:m:tcp:a.example.org:8888"),
      uri("_kerberos.EXAMPLE.ORG", 30, 0, "krb5srv::kkdcp:https://proxy.example.org/KdcProxy"),
    ];
    const { locator, dns } = await locate(records);
    expect(await locator.kdcs("EXAMPLE.ORG")).toEqual([
      "tcp://a.example.org:8888",
      "udp://b.example.org:88",
      "https://proxy.example.org/KdcProxy",
    ]);
    expect(await locator.primaryKdcs("EXAMPLE.ORG")).toEqual(["tcp://a.example.org:8888"]);
    expect(dns.asked.map(({ name: asked }) => asked).sort()).toEqual([
      "_kerberos-master._tcp.example.org",
      "_kerberos-master._udp.example.org",
      "_kerberos._tcp.example.org",
      "_kerberos._udp.example.org",
      "_kerberos.example.org",
    ]);
    const { locator: without } = await locate(records, "[libdefaults]\n dns_uri_lookup = false\n");
    expect(await without.kdcs("EXAMPLE.ORG")).toEqual(["udp://srv.example.org:88"]);
  });

  it("N15: are looked for by nobody when dns_lookup_kdc is false, dns is false, or the realm is no domain", async () => {
    const records = [srv("_kerberos._udp.EXAMPLE.ORG", 0, 0, 88, "kdc.example.org")];
    const off = await locate(records, "[libdefaults]\n dns_lookup_kdc = false\n");
    expect(await off.locator.kdcs("EXAMPLE.ORG")).toEqual([]);
    expect(await off.locator.kpasswdServers("EXAMPLE.ORG")).toEqual([]);
    const none = await locate(records, "[libdefaults]\n dns_lookup_realm = true\n dns_canonicalize_hostname = true\n", {
      dns: false,
    });
    expect(await none.locator.kdcs("EXAMPLE.ORG")).toEqual([]);
    expect(await none.locator.realmOfHost("h.example.org")).toBe("");
    expect(await none.locator.canonicalHost("h.example.org")).toBe("h.example.org");
    expect(await none.locator.serviceHosts("remctl", "tcp", "example.org")).toBeUndefined();
    const on = await locate(records);
    expect(await on.locator.kdcs("BAD REALM")).toEqual([]);
    expect(await on.locator.kdcs("")).toEqual([]);
    expect([off.dns.asked, none.dns.asked, on.dns.asked]).toEqual([[], [], []]);
    expect(await on.locator.kdcs("EXAMPLE.ORG")).toEqual(["udp://kdc.example.org:88"]);
  });

  it("N13: that are no host and port are passed over, and a target of . means that there are none", async () => {
    const owner = "_kerberos._tcp.EXAMPLE.ORG";
    const odd = {
      ...srv(owner, 0, 0, 88, "x"),
      data: new Uint8Array([0, 0, 0, 0, 0, 88, 5, 0x61, 0x2f, 0x40, 0x20, 0x62, 0]),
    };
    const { locator, notes } = await locate([
      odd,
      srv(owner, 0, 0, 0, "zero.example.org"),
      srv(owner, 1, 0, 88, "kdc.example.org"),
    ]);
    expect(await locator.kdcs("EXAMPLE.ORG")).toEqual(["tcp://kdc.example.org:88"]);
    expect(notes).toHaveLength(2);
    const { locator: none } = await locate([srv(owner, 0, 0, 0, "")]);
    expect(await none.kdcs("EXAMPLE.ORG")).toEqual([]);
  });

  it("N14: are 32 at most", async () => {
    const many = Array.from({ length: 45 }, (_, i) => srv("_kerberos._tcp.EXAMPLE.ORG", i, 0, 88, `k${i}.example.org`));
    const { locator, notes } = await locate(many);
    const found = await locator.kdcs("EXAMPLE.ORG");
    expect([found.length, found[31]]).toEqual([32, "tcp://k31.example.org:88"]);
    expect(notes).toEqual(["DNS names 45 servers: the first 32 are tried, and no more"]);
  });

  it("leave out what the host cannot reach, unless there is nothing else", async () => {
    const records = [
      srv("_kerberos._udp.EXAMPLE.ORG", 0, 0, 88, "udp.example.org"),
      srv("_kerberos._tcp.EXAMPLE.ORG", 1, 0, 88, "tcp.example.org"),
      srv("_kerberos._udp.UDP.ORG", 1, 0, 88, "udp.example.org"),
    ];
    const { connectUdp: _, ...streams } = runtime;
    const { locator } = await locate(records, "", { runtime: streams as Runtime });
    expect(await locator.kdcs("EXAMPLE.ORG")).toEqual(["tcp://tcp.example.org:88"]);
    expect(await locator.kdcs("UDP.ORG")).toEqual(["udp://udp.example.org:88"]);
  });

  it("come from SRV records although the URI records cannot be had", async () => {
    const good = zone([srv("_kerberos._udp.EXAMPLE.ORG", 0, 0, 88, "kdc.example.org")]);
    const server = await fakeDns((asked, how) =>
      asked.type === 256 ? response(asked.octets, { rcode: 4 }) : good(asked, how),
    );
    const locator = createLocator({ runtime, dns: server.address });
    expect(await locator.kdcs("EXAMPLE.ORG")).toEqual(["udp://kdc.example.org:88"]);
  });

  it("cannot be known when no resolver answers: an error, or nothing where there is no resolver at all", async () => {
    const server = await fakeDns(({ octets }) => response(octets, { rcode: 2 }));
    const locator = createLocator({ runtime, dns: server.address });
    await expect(locator.kdcs("EXAMPLE.ORG")).rejects.toMatchObject({ code: "DNS" });
    const notes: string[] = [];
    const bare = createLocator({
      runtime: { name: "web" },
      trace: (event) => void (event.type === "note" && notes.push(event.text)),
    });
    expect(await bare.kdcs("EXAMPLE.ORG")).toEqual([]);
    expect(notes.join()).toContain("name one in the option `dns`");
  });

  it("are asked by their addresses from the resolver that the user names", async () => {
    const kdc = await tcpKdc((socket) => void socket.end(framed(asRep())));
    const { locator } = await locate([
      srv("_kerberos._tcp.EXAMPLE.ORG", 0, 0, kdc.port, "kdc.example.org"),
      rr("kdc.example.org", "a", Uint8Array.of(127, 0, 0, 1)),
    ]);
    const transport = createKdcTransport({ runtime: locator.runtime, kdcs: locator.kdcs });
    expect(await transport.exchange("EXAMPLE.ORG", asReq())).toEqual(asRep());
    await expect(locator.runtime.connectTcp!("none.example.org", 88, {})).rejects.toMatchObject({ code: "ENOTFOUND" });
  });

  it("have names that are whole: no search list makes others of them, over TCP and UDP", async () => {
    const asked: string[] = [];
    const reached: string[] = [];
    const records = [
      srv("_kerberos._tcp.EXAMPLE.ORG", 0, 0, 88, "kdc.example.org"),
      srv("_kerberos._udp.EXAMPLE.ORG", 0, 0, 88, "hosts-file.example.org"),
    ];
    const dns = await fakeDns(zone(records));
    const hosts = "127.0.0.1 localhost # hosts-file.example.org\n192.0.2.7\tother Hosts-File.example.org\n";
    const host: Runtime = {
      ...runtime,
      files: () =>
        ({ read: async (path: string) => (path === "/etc/hosts" ? Buffer.from(hosts) : undefined) }) as never,
      nameServers: () => [dns.address],
      lookUp: async (name) => {
        asked.push(name);
        if (name === "hosts-file.example.org.") throw Object.assign(new Error("none"), { code: "ENOTFOUND" });
        return ["192.0.2.1"];
      },
      connectTcp: (address) => Promise.reject(reached.push(`tcp ${address}`)),
      connectUdp: (address, ...rest) =>
        address === "127.0.0.1"
          ? (runtime.connectUdp as NonNullable<Runtime["connectUdp"]>)(address, ...rest)
          : Promise.reject(reached.push(`udp ${address}`)),
    };
    const locator = createLocator({ config: parseKrb5Conf(""), runtime: host });
    const connect = async (name: string) => {
      await locator.runtime.connectTcp?.(name, 88, {}).catch(() => {});
      await locator.runtime.connectUdp?.(name, 88, {}).catch(() => {});
    };
    await connect("kdc.example.org");
    expect([asked.splice(0), reached.splice(0)]).toEqual([
      ["kdc.example.org"],
      ["tcp 192.0.2.1", "udp kdc.example.org"],
    ]);
    expect(await locator.kdcs("EXAMPLE.ORG")).toHaveLength(2);
    await connect("KDC.example.org");
    expect([asked.splice(0), reached.splice(0)]).toEqual([
      ["KDC.example.org.", "KDC.example.org."],
      ["tcp 192.0.2.1", "udp 192.0.2.1"],
    ]);
    // What DNS does not have may be in /etc/hosts, where no name ends in a dot. The host is not asked for the name
    // without one: its search list may have a wildcard.
    await connect("hosts-file.example.org");
    expect(asked).toEqual(["hosts-file.example.org.", "hosts-file.example.org."]);
    expect(reached).toEqual(["tcp 192.0.2.7", "udp 192.0.2.7"]);
  });

  it("are asked at once by the addresses that there are, where a resolver drops questions for IPv6", async () => {
    const kdc = await tcpKdc((socket) => void socket.end(framed(asRep())));
    const full = zone([rr("kdc.example.org", "a", Uint8Array.of(127, 0, 0, 1))]);
    const dns = await fakeDns((asked, how) => (asked.type === 28 ? undefined : full(asked, how)));
    const config = parseKrb5Conf("[libdefaults]\n dns_canonicalize_hostname = true\n rdns = false\n");
    const locator = createLocator({ config, runtime, dns: dns.address });
    const startedMs = performance.now();
    (await locator.runtime.connectTcp!("kdc.example.org", kdc.port, {})).abort();
    expect(await locator.canonicalHost("kdc.example.org")).toBe("kdc.example.org");
    expect(await locator.runtime.lookUp!("kdc.example.org")).toEqual(["127.0.0.1"]);
    expect(performance.now() - startedMs).toBeLessThan(1500);
  });

  it("are asked by all their addresses from the host's own resolver, where it lets us see them", async () => {
    const kdc = await tcpKdc((socket) => void socket.end(framed(asRep())));
    const tried: string[] = [];
    const host: Runtime = {
      ...runtime,
      lookUp: async () => ["2001:db8::1", "127.0.0.1"],
      connectTcp: (address, port, options) => {
        tried.push(address);
        return address.includes(":") ? new Promise(() => {}) : runtime.connectTcp!(address, port, options);
      },
    };
    const { runtime: raced } = createLocator({ runtime: host, dns: false });
    const startedMs = performance.now();
    (await raced.connectTcp!("kdc.example.org", kdc.port, {})).abort();
    // RFC 8305: a quarter of a second, not the silence of the first address.
    expect(performance.now() - startedMs).toBeLessThan(2000);
    expect(tried).toEqual(["2001:db8::1", "127.0.0.1"]);
    (await raced.connectTcp!("localhost", kdc.port, {})).abort();
    expect(tried[2]).toBe("localhost");
  });
});

describe("the password servers of a realm", () => {
  it("are kpasswd_server, else admin_server with port 464, else DNS's", async () => {
    const records = [
      srv("_kpasswd._udp.EXAMPLE.ORG", 0, 0, 464, "kpasswd.example.org"),
      srv("_kpasswd._tcp.EXAMPLE.ORG", 0, 0, 464, "kpasswd.example.org"),
      uri("_kpasswd.URI.ORG", 0, 0, "krb5srv:m:udp:kpasswd.uri.org"),
    ];
    const of = async (lines: string) => (await locate(records, realm(lines))).locator.kpasswdServers("EXAMPLE.ORG");
    expect(await of(" kpasswd_server = k.example.org\n admin_server = a.example.org")).toEqual(["k.example.org:464"]);
    expect(await of(" admin_server = a.example.org:749")).toEqual(["a.example.org:464"]);
    expect(await of(" kdc = kdc.example.org")).toEqual(["kpasswd.example.org:464"]);
    const { locator } = await locate(records);
    expect(await locator.kpasswdServers("URI.ORG")).toEqual(["udp://kpasswd.uri.org:464"]);
  });
});

describe("primary KDCs", () => {
  it("are those of the configuration, none where it names KDCs and no primary one, else DNS's", async () => {
    const records = [srv("_kerberos-master._tcp.EXAMPLE.ORG", 0, 0, 88, "primary.example.org")];
    const of = async (lines: string) => (await locate(records, realm(lines))).locator.primaryKdcs("EXAMPLE.ORG");
    expect(await of(" kdc = a\n primary_kdc = p")).toEqual(["p:88"]);
    expect(await of(" kdc = a")).toEqual([]);
    expect(await of(" default_domain = x")).toEqual(["tcp://primary.example.org:88"]);
  });
});

describe("the realm of a host", () => {
  const records = [txt("_kerberos.h.example.org", ""), txt("_kerberos.example.org", "FROM.DNS.")];

  it("is what [domain_realm] says, else empty: the KDC's referral", async () => {
    const { locator, dns } = await locate(records, "[domain_realm]\n .example.org = EXAMPLE.ORG\n example.com = X\n");
    expect(await locator.realmOfHost("H.example.org")).toBe("EXAMPLE.ORG");
    expect(await locator.realmOfHost("h.example.net")).toBe("");
    expect(dns.asked).toEqual([]);
  });

  it("X6: is asked of DNS only if dns_lookup_realm is true; an empty record is none", async () => {
    const silent = await locate(records);
    expect(await silent.locator.realmOfHost("h.example.org")).toBe("");
    expect(silent.dns.asked).toEqual([]);
    const { locator, notes } = await locate(records, "[libdefaults]\n dns_lookup_realm = true\n");
    expect(await locator.realmOfHost("h.example.org")).toBe("FROM.DNS");
    expect(await locator.realmOfHost("h.example.net")).toBe("");
    expect(notes).toEqual(["a TXT record of _kerberos.h.example.org passed over: it is not a realm"]);
  });

  it("N13: is no text with blanks, slashes or control characters", async () => {
    const { locator } = await locate(
      [
        txt("_kerberos.a.example.org", "BAD REALM"),
        txt("_kerberos.b.example.org", "A/B"),
        txt("_kerberos.c.example.org", "A\x1b[2J"),
      ],
      "[libdefaults]\n dns_lookup_realm = true\n",
    );
    for (const host of ["a", "b", "c"]) expect(await locator.realmOfHost(`${host}.example.org`)).toBe("");
  });
});

describe("the name of a host", () => {
  const records = [
    rr("www.example.org", "cname", name("h1.example.org")),
    rr("h1.example.org", "a", Uint8Array.of(192, 0, 2, 7)),
    rr("7.2.0.192.in-addr.arpa", "ptr", name("reverse.example.org")),
    rr("six.example.org", "aaaa", Uint8Array.of(0x20, 1, 0xd, 0xb8, ...new Uint8Array(11), 0x1f)),
    rr(`f.1.${"0.".repeat(22)}8.b.d.0.1.0.0.2.ip6.arpa`, "ptr", name("six.reverse.example.org")),
    rr("bad.example.org", "cname", new Uint8Array([3, 0x61, 0x2f, 0x62, 0])),
    { ...rr("x", "a", Uint8Array.of(192, 0, 2, 8)), owner: new Uint8Array([3, 0x61, 0x2f, 0x62, 0]) },
  ];

  it("X6: is as given unless dns_canonicalize_hostname is true in so many words", async () => {
    for (const conf of [
      "",
      "dns_canonicalize_hostname = fallback",
      "dns_canonicalize_hostname = false",
      "rdns = true",
    ]) {
      const { locator, dns } = await locate(records, `[libdefaults]\n ${conf}\n`);
      expect(await locator.canonicalHost("www.example.org")).toBe("www.example.org");
      expect(dns.asked).toEqual([]);
    }
    const on = "[libdefaults]\n dns_canonicalize_hostname = true\n";
    const { locator } = await locate(records, on);
    expect(await locator.canonicalHost("www.example.org")).toBe("h1.example.org");
    expect(await locator.canonicalHost("none.example.org")).toBe("none.example.org");
    expect(await locator.canonicalHost("bad.example.org")).toBe("bad.example.org");
    const { locator: reversed } = await locate(records, `${on} rdns = true\n`);
    expect(await reversed.canonicalHost("www.example.org")).toBe("reverse.example.org");
    expect(await reversed.canonicalHost("six.example.org")).toBe("six.reverse.example.org");
  });
});

describe("the hosts of a service", () => {
  it("are those of its SRV records; undefined without any, none where the domain says so", async () => {
    const { locator } = await locate([
      srv("_remctl._tcp.example.org", 1, 0, 4373, "b.example.org"),
      srv("_remctl._tcp.example.org", 0, 0, 4374, "a.example.org"),
      srv("_remctl._tcp.closed.org", 0, 0, 0, ""),
    ]);
    expect(await locator.serviceHosts("remctl", "tcp", "example.org")).toEqual([
      { host: "a.example.org", port: 4374 },
      { host: "b.example.org", port: 4373 },
    ]);
    expect(await locator.serviceHosts("remctl", "tcp", "example.net")).toBeUndefined();
    expect(await locator.serviceHosts("remctl", "tcp", "closed.org")).toEqual([]);
  });
});

describe("the fetch of a realm", () => {
  const pem = "-----BEGIN CERTIFICATE-----\n";
  const conf = realm(" kdc = https://proxy.example.org/KdcProxy\n http_anchors = FILE:/ca.pem");
  const files = () => ({ read: async () => new TextEncoder().encode(pem) }) as never;

  it("trusts its http_anchors and nobody else, and is made once; it is the caller's own where there is one", async () => {
    const trusted: (readonly string[])[] = [];
    const made = async () => Response.error() as never;
    const fetchTrusting = (anchors: readonly string[]) => {
      trusted.push(anchors);
      return made;
    };
    const { locator } = await locate([], conf, { runtime: { ...runtime, files, fetchTrusting } });
    expect(await locator.fetchOf("EXAMPLE.ORG")).toBe(made);
    expect(await locator.fetchOf("EXAMPLE.ORG")).toBe(made);
    expect(trusted).toEqual([[pem]]);
    expect(await locator.fetchOf("OTHER.ORG")).toBeUndefined();
    const fetch = async () => Response.error() as never;
    const { locator: own } = await locate([], conf, { fetch });
    expect(await own.fetchOf("EXAMPLE.ORG")).toBe(fetch);
  });

  it("is refused, by the name of the host, where authorities cannot be chosen", async () => {
    const { fetchTrusting: _, ...bare } = runtime;
    const { locator } = await locate([], conf, { runtime: { ...bare, files } });
    await expect(locator.fetchOf("EXAMPLE.ORG")).rejects.toMatchObject({
      code: "UNSUPPORTED_BY_RUNTIME",
      message: expect.stringContaining("http_anchors of EXAMPLE.ORG"),
    });
  });
});

describe("URI targets", () => {
  it("are read, and what is none is passed over", () => {
    const read = (text: string) => parseServerUri(text, 88)?.endpoint;
    expect(read("krb5srv::udp:kdc.example.org")).toBe("udp://kdc.example.org:88");
    expect(read("KRB5SRV:xm:TCP:kdc.example.org:89")).toBe("tcp://kdc.example.org:89");
    expect(read("krb5srv::tcp:[2001:db8::1]")).toBe("tcp://[2001:db8::1]:88");
    expect(read("krb5srv::tcp:[2001:db8::1]:89")).toBe("tcp://[2001:db8::1]:89");
    expect(read("krb5srv::kkdcp:https://proxy.example.org/KdcProxy")).toBe("https://proxy.example.org/KdcProxy");
    expect(parseServerUri("krb5srv:m:udp:kdc", 88)?.isPrimary).toBe(true);
    expect(parseServerUri("krb5srv::udp:kdc", 88)?.isPrimary).toBe(false);
    // A stranger's text: 1,024 characters are more than a host and a proxy's path have.
    const url = (length: number) => "krb5srv::kkdcp:https://h.test/".padEnd(length, "a");
    expect([1_024, 1_025].map((length) => read(url(length))?.length)).toEqual([1_024 - 15, undefined]);
  });

  it.each([
    "",
    "krb5srv",
    "krb5srv::udp:",
    "krb5srv::sctp:kdc",
    "krb5srv::kkdcp:http://proxy.example.org/",
    "krb5srv::kkdcp:proxy.example.org",
    "krb5srv::kkdcp:https://user:secret@proxy.example.org/",
    "krb5srv::tcp:kdc:0",
    "krb5srv::tcp:kdc:99999",
    "krb5srv::tcp:kdc:88:99",
    "krb5srv::tcp:k dc",
    "krb5srv::tcp:a\\046b",
    "krb5srv::tcp:user@kdc",
    "http://kdc",
  ])("N13: %s is none", (text) => {
    expect(parseServerUri(text, 88)).toBeUndefined();
  });
});

describe("the order of records", () => {
  const of = (random: () => number, ...records: [priority: number, weight: number][]) =>
    weightedOrder(
      records.map(([priority, weight], index) => ({ priority, weight, index })),
      random,
    ).map(({ index }) => index);

  it("is by priority, then by lot", () => {
    expect(of(() => 0, [2, 1], [1, 9], [1, 1], [0, 0])).toEqual([3, 1, 2, 0]);
    expect(of(() => 0.999, [2, 1], [1, 9], [1, 1], [0, 0])).toEqual([3, 2, 1, 0]);
    expect(of(() => 0, [0, 5], [0, 0])).toEqual([1, 0]);
    expect(of(Math.random)).toEqual([]);
  });

  it("gives each its share of first places, and all of them a place", () => {
    let state = 1;
    const random = () => {
      state = (state * 48_271) % 2_147_483_647;
      return state / 2_147_483_647;
    };
    const firsts = [0, 0, 0];
    for (let i = 0; i < 4000; i++) {
      const order = of(random, [0, 10], [0, 30], [0, 60]);
      expect([...order].sort()).toEqual([0, 1, 2]);
      firsts[order[0] as number]! += 1;
    }
    expect(firsts.map((count) => Math.round(count / 400))).toEqual([1, 3, 6]);
  });
});
