// Every tag that libkrb5's krb5.conf has: with it a login, a ticket or a look-up differs from one without, or the trace says
// that it has no effect.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { usableMechanisms } from "../../../src/client/index.ts";
import {
  defaultCcacheName,
  defaultClientKeytabName,
  defaultKeytabName,
  parseKrb5Conf,
} from "../../../src/config/index.ts";
import { password } from "../../../src/entry/index.ts";
import { createTestRealm, type TestRealm } from "../../../src/entry/testing.ts";
import type { Dial, Runtime } from "../../../src/host/index.ts";
import { parsePrincipal } from "../../../src/krb5/index.ts";
import { decodeAsReq, decodeTgsReq } from "../../../src/krb5/messages/index.ts";
import { KerberosLibrary, ticketDefaults } from "../../../src/library/index.ts";
import { encTimestamp, type PreauthMechanism } from "../../../src/preauth/index.ts";
import { nodeRuntime } from "../../../src/runtime/index.ts";
import { fakeDns, name, rr, srv, txt, uri, zone } from "../../support/dns-messages.ts";

/** Tags of `[libdefaults]` in krb5.conf(5) of MIT krb5 1.10 to 1.21, with values that ask for something, and what must be there too. */
const LIBDEFAULTS: Readonly<Record<string, readonly string[]>> = {
  allow_des3: ["true"],
  allow_rc4: ["true"],
  allow_weak_crypto: ["true"],
  ap_req_checksum_type: ["1"],
  canonicalize: ["true"],
  ccache_type: ["3"],
  clockskew: ["60", "kdc_timesync = 0"],
  default_ccache_name: ["FILE:/x"],
  default_client_keytab_name: ["FILE:/x"],
  default_keytab_name: ["FILE:/x"],
  default_rcache_name: ["none:"],
  default_realm: ["OTHER.EXAMPLE"],
  default_tgs_enctypes: ["aes128-cts"],
  default_tkt_enctypes: ["aes128-cts"],
  dns_canonicalize_hostname: ["true"],
  dns_fallback: ["false"],
  dns_lookup_kdc: ["false"],
  dns_lookup_realm: ["true"],
  dns_uri_lookup: ["false"],
  enforce_ok_as_delegate: ["true"],
  err_fmt: ["%M"],
  extra_addresses: ["192.0.2.1"],
  forwardable: ["true"],
  ignore_acceptor_hostname: ["true"],
  k5login_authoritative: ["false"],
  k5login_directory: ["/x"],
  kcm_mach_service: ["x"],
  kcm_socket: ["/x"],
  kdc_default_options: ["0x04000000"],
  kdc_req_checksum_type: ["1"],
  kdc_timesync: ["0"],
  noaddresses: ["false"],
  permitted_enctypes: ["aes128-cts"],
  pkinit_anchors: ["FILE:/x"],
  plugin_base_dir: ["/x"],
  preferred_preauth_types: ["138"],
  proxiable: ["true"],
  qualify_shortname: ["example.org"],
  rdns: ["true", "dns_canonicalize_hostname = true"],
  realm_try_domains: ["1"],
  renew_lifetime: ["2d"],
  request_timeout: ["7"],
  safe_checksum_type: ["1"],
  spake_preauth_groups: ["P-256"],
  ticket_lifetime: ["1h"],
  udp_preference_limit: ["1"],
  verify_ap_req_nofail: ["true"],
};

/** Those of a realm's block. */
const REALMS: Readonly<Record<string, string>> = {
  admin_server: "a.example",
  auth_to_local: "DEFAULT",
  auth_to_local_names: "{\n a = b\n }",
  default_domain: "example.org",
  disable_encrypted_timestamp: "true",
  http_anchors: "FILE:/nosuch.pem",
  kdc: "k.example",
  kpasswd_server: "p.example",
  master_kdc: "m.example",
  pkinit_anchors: "FILE:/x",
  primary_kdc: "m.example",
  v4_instance_convert: "{\n a = b\n }",
  v4_realm: "X",
};

describe("every tag of krb5.conf", () => {
  let realm: TestRealm;
  beforeAll(async () => {
    // A clock that is 100 s ahead of the client's.
    realm = await createTestRealm({
      realm: "TEST.EXAMPLE",
      now: () => Date.now() + 100_000,
      principals: { alice: { password: "secret" }, "host/h.test.example": {} },
    });
  });
  afterAll(() => realm.close());

  const other = { ...encTimestamp, type: 138 } as PreauthMechanism;
  const codeOf = (error: unknown): unknown => (error as { code?: unknown }).code ?? String(error);

  /** What a program does by a configuration, as far as anyone outside sees it. */
  async function picture(text: string): Promise<{ readonly seen: object; readonly notes: readonly string[] }> {
    const notes: string[] = [];
    const config = parseKrb5Conf(text, { onTrace: (event) => void (event.type === "note" && notes.push(event.text)) });
    const sent: object[] = [];
    const span = (time: Date | undefined) => time && Math.round((time.getTime() - Date.now()) / 100_000);
    const look = (octets: Uint8Array): void => {
      const message = octets.slice(4);
      const { reqBody } = message[0] === 0x6a ? decodeAsReq(message) : decodeTgsReq(message);
      const { kdcOptions, etype, till, rtime, addresses } = reqBody;
      sent.push({ kdcOptions, etype, till: span(till), rtime: span(rtime), addresses });
    };
    const dial: Dial = async (...where) => {
      const { readable, writable } = realm.dial(...where);
      const writer = writable.getWriter();
      const write = (octets: Uint8Array): Promise<void> => {
        look(octets);
        return writer.write(octets);
      };
      return { readable, writable: new WritableStream({ write, close: () => writer.close() }) };
    };
    const address = Uint8Array.of(192, 0, 2, 7);
    const dns = await fakeDns(
      zone([
        srv("_kerberos._tcp.DNS.EXAMPLE", 0, 0, 88, "srv.example"),
        uri("_kerberos.DNS.EXAMPLE", 0, 0, "krb5srv::tcp:uri.example"),
        txt("_kerberos.dns.example", "FROM.DNS"),
        rr("www.dns.example", "cname", name("h.dns.example")),
        rr("h.dns.example", "a", address),
        rr("7.2.0.192.in-addr.arpa", "ptr", name("reverse.dns.example")),
      ]),
    );
    const runtime = nodeRuntime();
    const common = { config, runtime, dns: dns.address };
    const library = new KerberosLibrary({ ...common, dial, kdc: realm.kdc });
    const alice = password("alice@TEST.EXAMPLE", "secret");
    let outcome: unknown;
    try {
      const { ticket } = await library.login(alice);
      await library.getServiceTicket(ticket, "host/h.test.example@TEST.EXAMPLE");
      outcome = [ticket.clockOffsetMs !== 0, ticket.flags];
    } catch (error) {
      outcome = codeOf(error);
    }
    const tried: string[] = [];
    const refuse = (how: string) => (): Promise<never> => {
      tried.push(how);
      return Promise.reject(Object.assign(new Error("no"), { code: "ECONNREFUSED" }));
    };
    const deaf: Runtime = { ...runtime, connectUdp: refuse("udp"), connectTcp: refuse("tcp") };
    await new KerberosLibrary({ ...common, runtime: deaf, kdc: ["127.0.0.1:88"] }).login(alice).catch(() => {});
    const locator = await new KerberosLibrary(common).locator();
    const found = async (what: Promise<unknown>): Promise<unknown> => what.catch(codeOf);
    const { login } = ticketDefaults({ config }, parsePrincipal("alice@TEST.EXAMPLE"), {});
    const { requestTimeoutSeconds, defaultRealm, spakePreauthGroups } = config.libdefaults;
    return {
      notes,
      seen: {
        sent,
        outcome,
        tried: tried[0],
        names: [
          defaultCcacheName({ uid: 1 }, config),
          defaultKeytabName({}, config),
          defaultClientKeytabName({ euid: 1 }, config),
        ],
        mechanisms: usableMechanisms({ ...login, preauth: [encTimestamp, other] }).map(({ type }) => type),
        kcm: (await library.host()).kcmSocket,
        // Looked at by the transport, by names without a realm and by SPAKE; their own tests measure them.
        limits: [requestTimeoutSeconds, defaultRealm, spakePreauthGroups],
        kdcs: await found(locator.kdcs("DNS.EXAMPLE")),
        own: await found(locator.kdcs("TEST.EXAMPLE")),
        primary: await found(locator.primaryKdcs("TEST.EXAMPLE")),
        kpasswd: await found(locator.kpasswdServers("TEST.EXAMPLE")),
        anchors: await found(locator.fetchOf("TEST.EXAMPLE")),
        realm: await found(locator.realmOfHost("h.dns.example")),
        canonical: await found(locator.canonicalHost("www.dns.example")),
      },
    };
  }

  it.each(Object.entries(LIBDEFAULTS))("[libdefaults] %s", async (tag, [value, ...others]) => {
    const lines = (more: readonly string[]) =>
      `[libdefaults]\n${[...others, ...more].map((one) => ` ${one}\n`).join("")}`;
    const without = await picture(lines([]));
    const withIt = await picture(lines([`${tag} = ${value}`]));
    const isNoted = withIt.notes.some((text) => text.includes(`${tag} = ${value}: `));
    const hasEffect = JSON.stringify(withIt.seen) !== JSON.stringify(without.seen);
    expect({ hasEffect, isNoted }).toEqual(isNoted ? { hasEffect: false, isNoted } : { hasEffect: true, isNoted });
  });

  it.each(Object.entries(REALMS))("[realms] %s", async (tag, value) => {
    const without = await picture("");
    const withIt = await picture(`[realms]\n TEST.EXAMPLE = {\n ${tag} = ${value}\n }\n`);
    const isNoted = withIt.notes.some((text) => text.includes(tag));
    const hasEffect = JSON.stringify(withIt.seen) !== JSON.stringify(without.seen);
    expect({ hasEffect, isNoted }).toEqual({ hasEffect: !isNoted, isNoted });
  });

  it("[domain_realm], [capaths] and [plugins] too", async () => {
    const { seen } = await picture("[domain_realm]\n .dns.example = MAPPED\n");
    expect(seen).toMatchObject({ realm: "MAPPED" });
    expect((await picture("[plugins]\n x = {\n  disable = y\n }\n")).notes).toHaveLength(1);
    expect(parseKrb5Conf("[capaths]\n A = {\n  B = C\n }\n").capaths("A", "B")).toEqual(["C"]);
  });
});
