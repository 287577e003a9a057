import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  defaultCcacheName,
  defaultClientKeytabName,
  defaultKeytabName,
  expandPath,
  formatDuration,
  krb5ConfPaths,
  parseBoolean,
  parseDuration,
  parseEnctypeList,
  parseKrb5Conf,
  parseServerAddress,
} from "../../../src/config/index.ts";
import { ConfigError } from "../../../src/errors.ts";

const libdefaults = (...lines: string[]) =>
  parseKrb5Conf(["[libdefaults]", ...lines].join("\n"), { file: "f" }).libdefaults;

describe("durations", () => {
  it("reads them as libkrb5 does", () => {
    const cases: [string, number][] = [
      ["0", 0],
      ["300", 300],
      ["10h", 36_000],
      ["1h30m", 5_400],
      ["1d", 86_400],
      ["1d 2h 3m 4s", 93_784],
      ["2d4s", 172_804],
      ["5:00", 18_000],
      ["5:00:00", 18_000],
      ["10:00:30", 36_030],
      ["1-02:03:04", 93_784],
      ["  7s ", 7],
      ["1h 3s", 3_603],
      ["1hour", 3_600],
      ["2hours", 7_200],
      ["1day", 86_400],
      ["60min", 3_600],
      ["5minutes", 300],
      ["5second", 5],
      ["1d 2h30mins", 95_400],
      ["-5", -5],
      ["1h-30m", 1_800],
      ["-1:00", -3_600],
      ["-1:30", -1_800],
      ["-1-02:03:04", -79_016],
    ];
    for (const [text, seconds] of cases) expect([text, parseDuration(text)]).toEqual([text, seconds]);
  });

  it("refuses what is none", () => {
    const none = [
      "",
      " ",
      "h",
      "1x",
      "1h2d",
      "1:2:3:4",
      "1:",
      ":1",
      "5:000",
      "1-2:3",
      "99999999999",
      "68y",
      "3000000000",
      "1.5h",
      "5M",
      "5w",
      "1h,30m",
      "1h+30m",
      "1day2hours",
      "1 hour",
      "1h30",
      "1d2",
      "1m1",
      "5h 3",
      "1d2h3m4",
      "min",
      "1--2:03:04",
      "1:-5",
    ];
    for (const text of [...none, `1d${" ".repeat(100_000)}x`]) expect(parseDuration(text)).toBeUndefined();
  });

  it("are read again as they were written", () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 0x7fffffff }), (n) => parseDuration(formatDuration(n)) === n));
    expect(formatDuration(93_784)).toBe("1d2h3m4s");
    expect(formatDuration(0)).toBe("0s");
  });
});

describe("booleans", () => {
  it("reads the words of libkrb5 in any case", () => {
    for (const word of ["y", "yes", "true", "t", "1", "on", "TRUE", "On"]) expect(parseBoolean(word)).toBe(true);
    for (const word of ["n", "no", "false", "nil", "0", "off", "No"]) expect(parseBoolean(word)).toBe(false);
    for (const word of ["", "2", "tru", "yes please"]) expect(parseBoolean(word)).toBeUndefined();
  });
});

describe("enctype lists", () => {
  it("reads names, aliases, families, signs and DEFAULT", () => {
    const list = (text: string) => parseEnctypeList(text).enctypes;
    expect(list("aes256-cts-hmac-sha1-96 aes128-cts")).toEqual([18, 17]);
    expect(list("aes256-sha2,aes128-sha2")).toEqual([20, 19]);
    expect(list("AES")).toEqual([18, 17, 20, 19]);
    expect(list("aes-sha2 aes-sha1")).toEqual([20, 19, 18, 17]);
    expect(list("aes -aes128-sha1")).toEqual([18, 20, 19]);
    expect(list("DEFAULT +rc4")).toEqual([18, 17, 20, 19, 23]);
    expect(list("DEFAULT -aes-sha1 , camellia")).toEqual([20, 19, 26, 25]);
    expect(list("aes256-sha1 aes")).toEqual([18, 17, 20, 19]);
    expect(list("des3 arcfour-hmac-md5 des-cbc-crc")).toEqual([16, 23, 1]);
    expect(parseEnctypeList("DEFAULT", [17]).enctypes).toEqual([17]);
  });

  it("takes any separators between names, before and behind them", () => {
    expect(parseEnctypeList(" ,aes256-sha1 ,\taes128-sha1,, ")).toEqual({ enctypes: [18, 17], unknown: [] });
  });

  it("keeps unknown names aside", () => {
    expect(parseEnctypeList("aes256-sha1 kyber-1024 -foo")).toEqual({
      enctypes: [18],
      unknown: ["kyber-1024", "-foo"],
    });
  });
});

describe("server addresses", () => {
  it("reads every form", () => {
    const cases: [string, string][] = [
      ["kdc.example.org", "any kdc.example.org 88 "],
      ["kdc.example.org:750", "any kdc.example.org 750 "],
      ["192.0.2.1:88", "any 192.0.2.1 88 "],
      ["[2001:db8::1]", "any 2001:db8::1 88 "],
      ["[2001:db8::1]:1088", "any 2001:db8::1 1088 "],
      ["https://proxy.example.org/KdcProxy", "https proxy.example.org 443 /KdcProxy"],
      ["HTTPS://[::1]:8443/a/b", "https ::1 8443 /a/b"],
      ["https://proxy", "https proxy 443 "],
      ["tcp/kdc", "tcp kdc 88 "],
      ["udp/kdc:99", "udp kdc 99 "],
      ["tcp://kdc:99", "tcp kdc 99 "],
      ["tcp:99", "any tcp 99 "],
      ["/var/run/kdc.sock", "unix /var/run/kdc.sock 0 "],
    ];
    for (const [text, expected] of cases) {
      const { scheme, host, port, path } = parseServerAddress(text, 88) ?? {};
      expect([text, `${scheme} ${host} ${port} ${path}`]).toEqual([text, expected]);
    }
  });

  it("refuses the rest", () => {
    for (const text of ["", "a b", "kdc:", "kdc:0", "kdc:65536", "kdc:x", "::1", "[::1", "[]", "https://", "a:1:2"]) {
      expect([text, parseServerAddress(text, 88)]).toEqual([text, undefined]);
    }
  });
});

describe("Libdefaults", () => {
  it("has safe defaults where the file says nothing", () => {
    expect(libdefaults()).toMatchObject({
      defaultRealm: undefined,
      dnsLookupKdc: true,
      dnsLookupRealm: false,
      dnsUriLookup: true,
      dnsCanonicalizeHostname: false,
      rdns: false,
      permittedEnctypes: undefined,
      ticketLifetimeSeconds: 86_400,
      renewLifetimeSeconds: 0,
      forwardable: false,
      proxiable: false,
      noaddresses: true,
      kdcTimesync: true,
      clockskewSeconds: 300,
      udpPreferenceLimit: 1_465,
      canonicalize: false,
      defaultCcacheName: undefined,
      defaultKeytabName: undefined,
      defaultClientKeytabName: undefined,
    });
  });

  it("reads every key", () => {
    const read = libdefaults(
      "default_realm = EXAMPLE.ORG",
      "dns_lookup_kdc = no",
      "dns_lookup_realm = yes",
      "dns_uri_lookup = false",
      "dns_canonicalize_hostname = fallback",
      "rdns = true",
      "permitted_enctypes = aes256-sha2 aes128-sha2",
      "default_tkt_enctypes = aes256-sha1",
      "ticket_lifetime = 10h",
      "renew_lifetime = 7d",
      "forwardable = true",
      "proxiable = true",
      "noaddresses = false",
      "kdc_timesync = 0",
      "clockskew = 60",
      "udp_preference_limit = 1",
      "canonicalize = true",
      "default_ccache_name = DIR:/tmp/x",
      "default_keytab_name = FILE:/k",
      "default_client_keytab_name = FILE:/ck",
      "preferred_preauth_types = 2, 138",
    );
    expect(read).toMatchObject({
      defaultRealm: "EXAMPLE.ORG",
      dnsLookupKdc: false,
      dnsLookupRealm: true,
      dnsUriLookup: false,
      dnsCanonicalizeHostname: "fallback",
      rdns: true,
      permittedEnctypes: [20, 19],
      tktEnctypes: [18],
      tgsEnctypes: [20, 19],
      ticketLifetimeSeconds: 36_000,
      renewLifetimeSeconds: 604_800,
      forwardable: true,
      proxiable: true,
      noaddresses: false,
      kdcTimesync: false,
      clockskewSeconds: 60,
      udpPreferenceLimit: 1,
      canonicalize: true,
      defaultCcacheName: "DIR:/tmp/x",
      defaultKeytabName: "FILE:/k",
      defaultClientKeytabName: "FILE:/ck",
      preferredPreauthTypes: [2, 138],
    });
    expect(libdefaults("udp_preference_limit = 99999").udpPreferenceLimit).toBe(32_700);
    expect(libdefaults("kcm_socket = /run/kcm").kcmSocket).toBe("/run/kcm");
    expect(libdefaults("kcm_socket = -").kcmSocket).toBeUndefined();
    expect(libdefaults("dns_fallback = false").dnsLookupKdc).toBe(false);
  });

  it("names file, line and key of a value that does not read", () => {
    const bad = libdefaults(
      "",
      "dns_canonicalize_hostname = maybe",
      "ticket_lifetime = soon",
      "udp_preference_limit = 1k",
      "permitted_enctypes = x",
    );
    for (const [key, line, read] of [
      ["dns_canonicalize_hostname", 3, () => bad.dnsCanonicalizeHostname],
      ["ticket_lifetime", 4, () => bad.ticketLifetimeSeconds],
      ["udp_preference_limit", 5, () => bad.udpPreferenceLimit],
      ["permitted_enctypes", 6, () => bad.permittedEnctypes],
    ] as const) {
      let thrown: unknown;
      try {
        read();
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toBeInstanceOf(ConfigError);
      expect(thrown).toMatchObject({ path: "f", line, key });
    }
    expect(bad.forwardable).toBe(false);
    expect(() => libdefaults("ticket_lifetime = 0").ticketLifetimeSeconds).toThrow(
      "f:2: ticket_lifetime = 0: expected",
    );
  });

  it("goes on as MIT does where a value does not read, and warns of it", () => {
    const config = parseKrb5Conf(
      [
        "[libdefaults]",
        "forwardable = true # comment",
        "proxiable = enabled",
        "ticket_lifetime = 10h # ten",
        "clockskew = soon",
        "request_timeout = x",
        "realm_try_domains = x",
        "preferred_preauth_types = 2 x",
        "kdc_default_options = zz",
        "kdc_timesync = maybe",
        "R = {",
        " canonicalize = maybe",
        "}",
      ].join("\n"),
      { file: "f" },
    );
    expect(config.libdefaults).toMatchObject({
      forwardable: false,
      proxiable: false,
      ticketLifetimeSeconds: 36_000,
      clockskewSeconds: 300,
      requestTimeoutSeconds: undefined,
      realmTryDomains: -1,
      preferredPreauthTypes: [2],
      kdcDefaultOptions: undefined,
      kdcTimesync: true,
    });
    expect(config.libdefaultsOf("R").canonicalize).toBe(false);
    expect(config.warnings.map((text) => text.split(": ", 2).join(": "))).toEqual([
      "f:2: forwardable = true # comment",
      "f:3: proxiable = enabled",
      "f:12: canonicalize = maybe",
      "f:10: kdc_timesync = maybe",
      "f:5: clockskew = soon",
      "f:6: request_timeout = x",
      "f:7: realm_try_domains = x",
      "f:8: preferred_preauth_types = 2 x",
      "f:9: kdc_default_options = zz",
      "f:4: ticket_lifetime = 10h # ten",
    ]);
  });

  it("warns of nothing that reads", () => {
    const config = parseKrb5Conf(
      [
        "[libdefaults]",
        "kdc_timesync = 2",
        "R = {",
        "kdc_timesync = true",
        "}",
        "realm_try_domains = 1",
        "preferred_preauth_types = , 2, 138",
        "spake_preauth_groups = ,P-256 edwards25519",
        "kdc_default_options = 0x10",
      ].join("\n"),
    );
    expect(config.warnings).toEqual([]);
    expect(config.libdefaults).toMatchObject({
      realmTryDomains: 1,
      preferredPreauthTypes: [2, 138],
      spakePreauthGroups: ["P-256", "edwards25519"],
      kdcDefaultOptions: 16,
    });
    expect(libdefaults("extra_addresses = ,192.0.2.1, ::1").extraAddresses).toEqual(["192.0.2.1", "::1"]);
  });

  it.each(['""', "P-256 x25519"])("warns of spake_preauth_groups = %s", (value) => {
    const { warnings } = parseKrb5Conf(`[libdefaults]\nspake_preauth_groups = ${value}\n`, { file: "f" });
    expect(warnings).toEqual([expect.stringMatching(/^f:2: spake_preauth_groups = .*: it has words that are not/)]);
  });

  it("refuses a negative span, and a word where true or false belongs", () => {
    expect(() => libdefaults("udp_preference_limit = 1e3").udpPreferenceLimit).toThrow("expected an integer");
    expect(() => libdefaults("ticket_lifetime = -5").ticketLifetimeSeconds).toThrow("expected a duration");
    const config = parseKrb5Conf("[realms]\nR = {\ndisable_encrypted_timestamp = perhaps\n}\n", { file: "f" });
    expect(() => config.getRealm("R")?.disableEncryptedTimestamp).toThrow(
      "f:3: disable_encrypted_timestamp = perhaps: expected true or false",
    );
  });

  it("prefers a realm's own block", () => {
    const config = parseKrb5Conf("[libdefaults]\nforwardable = no\nA = {\nforwardable = yes\n}\n");
    expect(config.libdefaultsOf("A").forwardable).toBe(true);
    expect(config.libdefaultsOf("B").forwardable).toBe(false);
  });
});

describe("Krb5Config", () => {
  const config = parseKrb5Conf(`
[realms]
 EXAMPLE.ORG = {
  kdc = kdc1.example.org
  kdc = [2001:db8::2]:1088
  kdc = https://proxy.example.org/KdcProxy
  master_kdc = kdc0.example.org
  admin_server = adm.example.org
  http_anchors = FILE:/etc/ssl/a.pem
  http_anchors = DIR:/etc/ssl/certs
  disable_encrypted_timestamp = true
  unknown_tag = kept
 }
 OTHER.ORG = {
  kpasswd_server = pw.other.org:999
  kdc = bad address
 }
[domain_realm]
 exact.example.org = EXACT
 .dev.example.org = DEV
 example.org = EXAMPLE.ORG
 .Other.Org = OTHER.ORG
 192.0.2.7 = ADDRESS
[capaths]
 A = {
  B = .
  C = B
  D = B
  D = C
  E = B C D
 }
`);

  it("takes a primary KDC for want of another, where DNS may not be asked", () => {
    const kdcs = (tag: string, more = "", lookup = "no") =>
      parseKrb5Conf(`[libdefaults]\ndns_lookup_kdc = ${lookup}\n[realms]\nR = {\n${tag} = a:89\n${more}\n}\n`)
        .kdcs("R")
        .map(({ host, port }) => `${host}:${port}`);
    expect(kdcs("primary_kdc")).toEqual(["a:89"]);
    expect(kdcs("master_kdc")).toEqual(["a:89"]);
    expect(kdcs("primary_kdc", "kdc = b")).toEqual(["b:88"]);
    expect(kdcs("primary_kdc", "", "yes")).toEqual([]);
  });

  it("reads a realm block", () => {
    const realm = config.getRealm("EXAMPLE.ORG");
    expect(realm?.kdcs.map(({ scheme, host, port }) => `${scheme} ${host} ${port}`)).toEqual([
      "any kdc1.example.org 88",
      "any 2001:db8::2 1088",
      "https proxy.example.org 443",
    ]);
    expect(config.kdcs("EXAMPLE.ORG")).toEqual(realm?.kdcs);
    expect(realm?.primaryKdcs[0]?.host).toBe("kdc0.example.org");
    expect(realm?.adminServers[0]).toMatchObject({ host: "adm.example.org", port: 749 });
    expect(realm?.kpasswdServers[0]).toMatchObject({ host: "adm.example.org", port: 464 });
    expect(realm?.httpAnchors.map(({ value }) => value)).toEqual(["FILE:/etc/ssl/a.pem", "DIR:/etc/ssl/certs"]);
    expect(realm?.disableEncryptedTimestamp).toBe(true);
    expect(realm?.values("unknown_tag")).toEqual(["kept"]);
    expect(config.getRealm("OTHER.ORG")?.kpasswdServers[0]).toMatchObject({ host: "pw.other.org", port: 999 });
    expect(config.getRealm("NONE")).toBeUndefined();
    expect(config.kdcs("NONE")).toEqual([]);
    expect(config.realms).toEqual(["EXAMPLE.ORG", "OTHER.ORG"]);
    expect(() => config.kdcs("OTHER.ORG")).toThrow(ConfigError);
  });

  it("maps hosts to realms: the host, then each parent with and without a dot", () => {
    const cases: [string, string | undefined][] = [
      ["exact.example.org", "EXACT"],
      ["EXACT.Example.ORG.", "EXACT"],
      ["a.exact.example.org", "EXACT"],
      ["x.dev.example.org", "DEV"],
      ["dev.example.org", "EXAMPLE.ORG"],
      ["example.org", "EXAMPLE.ORG"],
      ["deep.down.example.org", "EXAMPLE.ORG"],
      ["host.other.org", "OTHER.ORG"],
      ["other.org", undefined],
      ["notexample.org", undefined],
      ["192.0.2.7", "ADDRESS"],
      ["192.0.2.8", undefined],
      ["2001:db8::1", undefined],
      ["", undefined],
    ];
    for (const [host, realm] of cases) expect([host, config.domainRealm(host)]).toEqual([host, realm]);
    const twice = parseKrb5Conf("[domain_realm]\n a.b = FIRST\n a.b = SECOND\n");
    expect(twice.domainRealm("a.b")).toBe("FIRST");
  });

  it("reads capaths: direct, through some, and unknown", () => {
    expect(config.capaths("A", "B")).toEqual([]);
    expect(config.capaths("A", "C")).toEqual(["B"]);
    expect(config.capaths("A", "D")).toEqual(["B", "C"]);
    expect(config.capaths("A", "E")).toEqual(["B", "C", "D"]);
    expect(config.capaths("B", "A")).toBeUndefined();
  });
});

describe("the environment", () => {
  it("expands what libkrb5 expands", () => {
    const environment = { uid: 1000, euid: 1001, username: "alice", env: { TMPDIR: "/t" } };
    expect(expandPath("FILE:/tmp/krb5cc_%{uid}", environment)).toBe("FILE:/tmp/krb5cc_1000");
    expect(expandPath("%{TEMP}/%{username}%{null}-%{euid}-%{USERID}", environment)).toBe("/t/alice-1001-1000");
    expect(expandPath("no tokens, 100%", environment)).toBe("no tokens, 100%");
    expect(expandPath("%{TEMP}")).toBe("/tmp");
    for (const bad of ["%{uid", "%{nonsense}", "%{toString}"])
      expect(() => expandPath(bad, environment)).toThrow(ConfigError);
    expect(() => expandPath("%{uid}", {})).toThrow(/no uid/);
    expect(() => expandPath("%{uid", environment)).toThrow("%{uid: the %{ is never closed: write its }");
  });

  it("finds the configuration files", () => {
    expect(krb5ConfPaths()).toEqual(["/etc/krb5.conf"]);
    expect(krb5ConfPaths({ env: { KRB5_CONFIG: "" } })).toEqual(["/etc/krb5.conf"]);
    expect(krb5ConfPaths({ env: { KRB5_CONFIG: "/a:/b" } })).toEqual(["/a", "/b"]);
    const windows = ["C:\\ProgramData\\MIT\\Kerberos5\\krb5.ini", "D:\\Data\\MIT\\Kerberos5\\krb5.ini"];
    expect(krb5ConfPaths({ isWindows: true })).toEqual([windows[0]]);
    expect(krb5ConfPaths({ env: { ProgramData: "D:\\Data" }, isWindows: true })).toEqual([windows[1]]);
    expect(krb5ConfPaths({ env: { KRB5_CONFIG: "C:\\a;D:\\b" }, isWindows: true })).toEqual(["C:\\a", "D:\\b"]);
  });

  it("names the default cache and keytabs: variable, configuration, built in", () => {
    const config = parseKrb5Conf(
      "[libdefaults]\ndefault_ccache_name = DIR:/run/%{uid}/cc\ndefault_keytab_name = /k\ndefault_client_keytab_name = /ck%{euid}\n",
    );
    const bare = { uid: 7 };
    const env = { KRB5CCNAME: "MEMORY:x%{", KRB5_KTNAME: "FILE:/x", KRB5_CLIENT_KTNAME: "FILE:/y" };
    expect(defaultCcacheName(bare)).toBe("FILE:/tmp/krb5cc_7");
    expect(defaultCcacheName(bare, config)).toBe("DIR:/run/7/cc");
    expect(defaultCcacheName({ env }, config)).toBe("MEMORY:x%{");
    expect(defaultKeytabName(bare)).toBe("FILE:/etc/krb5.keytab");
    expect(defaultKeytabName(bare, config)).toBe("/k");
    expect(defaultKeytabName({ env }, config)).toBe("FILE:/x");
    expect(defaultClientKeytabName(bare)).toBe("FILE:/etc/krb5/user/7/client.keytab");
    expect(defaultClientKeytabName(bare, config)).toBe("/ck7");
    expect(defaultClientKeytabName({ env }, config)).toBe("FILE:/y");
  });
});

describe("[appdefaults]", () => {
  it("are found for the program and realm, the program, the realm, and all, in this order", () => {
    const config = parseKrb5Conf(
      "[appdefaults]\n a = all\n b = all\n c = all\n d = all\n EXAMPLE.ORG = {\n  a = realm\n  b = realm\n  c = realm\n }\n" +
        " kinit = {\n  a = program\n  b = program\n  EXAMPLE.ORG = {\n   a = both\n  }\n }\n",
    );
    const of = (option: string) => config.appdefault("kinit", option, "EXAMPLE.ORG");
    expect(["a", "b", "c", "d", "e"].map(of)).toEqual(["both", "program", "realm", "all", undefined]);
    expect(config.appdefault("kinit", "a")).toBe("program");
    expect(config.appdefault("other", "a")).toBe("all");
  });
});

describe("what has no effect here", () => {
  it("is told in the trace, a line each, and nothing else is", () => {
    const notes: string[] = [];
    const trace = (event: { type: string; text?: string }): void => void notes.push(event.text ?? event.type);
    const text = `[libdefaults]
 default_realm = EXAMPLE.ORG
 noaddresses = false
 allow_weak_crypto = true
 allow_rc4 = false
 dns_canonicalize_hostname = fallback
 forwadable = true
 forwardable = maybe
[realms]
 EXAMPLE.ORG = {
  default_domain = example.org
 }
[plugins]
 localauth = {
  module = sssd:/usr/lib/sssd.so
 }
`;
    parseKrb5Conf(text, { file: "/etc/krb5.conf", onTrace: trace });
    expect(notes).toEqual([
      "/etc/krb5.conf:8: forwardable = maybe: expected true or false, and nothing behind it; it counts as false",
      "[plugins] localauth passed over: there are no plug-ins",
      "/etc/krb5.conf:3: noaddresses = false: tickets are asked for without addresses, unless a login names some",
      "/etc/krb5.conf:4: allow_weak_crypto = true: DES is not built in",
      "/etc/krb5.conf:6: dns_canonicalize_hostname = fallback: counts as false: DNS chooses no principal",
      "/etc/krb5.conf:7: forwadable = true: this tag is not known and changes nothing",
      "/etc/krb5.conf:11: default_domain = example.org: there are no names of Kerberos 4",
    ]);
    notes.length = 0;
    parseKrb5Conf("[libdefaults]\n noaddresses = true\n[logging]\n unknown = 1\n", { onTrace: trace });
    expect(notes).toEqual([]);
  });
});

describe("kdc_timesync", () => {
  it("is a number in libkrb5, and a boolean by use", () => {
    const of = (value: string) => parseKrb5Conf(`[libdefaults]\n kdc_timesync = ${value}\n`).libdefaults.kdcTimesync;
    expect(["0", "1", "2", "true", "no"].map(of)).toEqual([false, true, true, true, false]);
    // As with MIT, whose default it keeps.
    expect(of("maybe")).toBe(true);
  });
});
