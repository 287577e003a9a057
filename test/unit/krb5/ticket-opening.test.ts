// Which keys an acceptor tries on a ticket, what the ticket is then for, and the words and codes of each refusal.

import { describe, expect, it } from "vitest";
import type { ProtocolKey } from "../../../src/crypto/index.ts";
import { KEY_USAGE, KRB_ERROR, NAME_TYPE } from "../../../src/iana/index.ts";
import {
  encodeEncTicketPart,
  equalPrincipals,
  type KeySource,
  type Principal,
  principal,
  type ServiceKey,
  sealData,
} from "../../../src/krb5/index.ts";
import { openTicket, tryOpen } from "../../../src/krb5/ticket-opening.ts";
import type { WantedServices } from "../../../src/krb5/wanted-services.ts";
import { encTypes, HOST, NOW, thrownBy } from "./world.ts";

const HTTP = principal("EXAMPLE.TEST", ["HTTP", "server.example.org"]);
const LDAP = principal("EXAMPLE.TEST", ["ldap", "server.example.org"]);
const TGS = principal("EXAMPLE.TEST", ["krbtgt", "EXAMPLE.TEST"], NAME_TYPE.srvInst);
const KADMIN = principal("EXAMPLE.TEST", ["kadmin", "changepw"]);

const key = encTypes.generateKey(18);
const other = encTypes.generateKey(18);
const short = encTypes.generateKey(17);

/** Octets of authorization data make a ticket as large as a test needs it. */
function sealed(named: Principal, with_: ProtocolKey = key, kvno?: number, size = 0) {
  const part = encodeEncTicketPart({
    flags: 0,
    key: { keytype: 18, keyvalue: new Uint8Array(32) },
    crealm: "EXAMPLE.TEST",
    cname: { nameType: 1, nameString: ["alice"] },
    transited: { trType: 1, contents: new Uint8Array(0) },
    authtime: new Date(NOW - 250),
    endtime: new Date(NOW + 3_600_000 - 250),
    authorizationData: [{ adType: 1, adData: new Uint8Array(size) }],
  });
  return { named, encPart: sealData(with_, KEY_USAGE.ticket, part, kvno) };
}

/** Keys that are asked for by name. */
const byName = (...rows: (readonly [Principal, ...ServiceKey[]])[]): KeySource => ({
  keysOf: (service) => rows.flatMap(([name, ...keys]) => (equalPrincipals(name, service) ? keys : [])),
});

/** Keys that a keytab has: each knows its names. */
const keytab = (...keys: (ServiceKey & { readonly services: readonly Principal[] })[]): KeySource => ({
  keysOf: (name) => keys.filter(({ services }) => services.some((one) => equalPrincipals(one, name))),
  keysFor: (etype) => keys.filter((one) => one.key.encType.etype === etype),
});

const open = (ticket: ReturnType<typeof sealed>, keys: KeySource, wanted?: WantedServices, permitted = [18, 17]) =>
  openTicket(ticket, { keys, permitted, wanted });

describe("what a ticket is for", () => {
  it("is each name of the key that opened it, of those that are wanted, in the order in which they are", () => {
    const names = keytab({ key, kvno: 1, services: [HOST, HTTP] });
    expect(open(sealed(HTTP), names).services).toEqual([HOST, HTTP]);
    expect(open(sealed(HTTP), names, HTTP).services).toEqual([HTTP]);
    expect(open(sealed(HTTP), names, [HTTP, LDAP, HOST]).services).toEqual([HTTP, HOST]);
    expect(open(sealed(LDAP), names, (one) => one.components[0] === "HTTP").services).toEqual([HTTP]);
  });

  it("is the name that a key was asked for with, where keys say nothing of their names", () => {
    const plain = byName([HOST, { key }], [HTTP, { key }]);
    expect(open(sealed(HOST), plain).services).toEqual([HOST]);
    // The ticket's own name proves nothing: it opened with a key of the wanted service.
    expect(open(sealed(LDAP), plain, HTTP).services).toEqual([HTTP]);
    expect(open(sealed(LDAP), plain, [HTTP, HOST]).services).toEqual([HTTP]);
    expect(open(sealed(HOST), plain, (one) => equalPrincipals(one, HOST)).services).toEqual([HOST]);
  });

  it("a name that a function does not take is not looked for", () => {
    const asked: Principal[] = [];
    const source: KeySource = {
      keysOf: (name) => {
        asked.push(name);
        return [{ key, services: [HOST, HTTP] }];
      },
    };
    expect(open(sealed(HTTP), source, (one) => equalPrincipals(one, HTTP)).services).toEqual([HTTP]);
    expect(asked).toEqual([HTTP]);
    expect(() => open(sealed(HOST), source, (one) => equalPrincipals(one, HTTP))).toThrow("is not a service");
    expect(asked).toEqual([HTTP]);
  });

  it("a key that a source gives for a name it is not of opens nothing", () => {
    const confused: KeySource = { keysOf: () => [{ key, services: [HTTP] }] };
    expect(thrownBy(() => open(sealed(HOST), confused, HOST)).errorName).toBe("KRB_AP_ERR_NOT_US");
  });

  it.each([
    ["a ticket-granting ticket", TGS],
    ["a ticket of kadmin", KADMIN],
  ])("%s is taken only where its service is named", (_, named) => {
    for (const keys of [byName([named, { key }]), keytab({ key, services: [named] })]) {
      expect(thrownBy(() => open(sealed(named), keys)).errorName).toBe("KRB_AP_ERR_NOT_US");
      expect(open(sealed(named), keys, named).services).toEqual([named]);
    }
    // Nor under another name that the same key has.
    const both = keytab({ key, services: [HOST, named] });
    expect(thrownBy(() => open(sealed(HOST), both)).errorName).toBe("KRB_AP_ERR_NOT_US");
    expect(open(sealed(HOST), both, HOST).services).toEqual([HOST]);
  });
});

describe("the keys that are tried", () => {
  it("are each tried once, and those of other enctypes never", () => {
    let opened = 0;
    const counted = (of: ProtocolKey): ProtocolKey =>
      Object.create(of, {
        encType: { value: of.encType },
        usage: {
          value: (usage: number) => {
            opened++;
            return of.usage(usage);
          },
        },
      });
    const wrong = counted(other);
    const keys = byName([
      HOST,
      { key: wrong },
      { key: wrong, kvno: 2 },
      { key: counted(short) },
      { key: counted(key) },
    ]);
    open(sealed(HOST), keys);
    expect(opened).toBe(2);
  });

  it("that of the ticket's version first", () => {
    const order: number[] = [];
    const traced = (kvno: number): ServiceKey => ({
      kvno,
      key: Object.create(other, {
        encType: { value: other.encType },
        usage: {
          value: (usage: number) => {
            order.push(kvno);
            return other.usage(usage);
          },
        },
      }),
    });
    const keys = byName([HOST, traced(1), traced(0), traced(44), traced(300)]);
    thrownBy(() => open(sealed(HOST, key, 300), keys));
    expect(order).toEqual([300, 44, 0, 1]);
  });

  it("are not tried any more when a megabyte was decrypted for one token; what is just as large is", () => {
    const keys = byName([HOST, { key: other }, { key }]);
    const overhead = sealed(HOST, key, undefined, 400_000).encPart.cipher.length - 400_000;
    const half = 524_288 - overhead;
    expect(open(sealed(HOST, key, undefined, half), keys).services).toEqual([HOST]);
    const error = thrownBy(() => open(sealed(HOST, key, undefined, half + 1), keys));
    expect(error.errorName).toBe("KRB_AP_ERR_BAD_INTEGRITY");
    expect(error.message).toContain("the ticket did not open with 1 keys, and no more are tried: name the option");
  });

  it("what fails in a key for another reason than its octets is not taken for a wrong key", () => {
    const fault = new RangeError("the provider is broken");
    const broken = {
      encType: key.encType,
      usage: () => {
        throw fault;
      },
    } as unknown as ProtocolKey;
    expect(thrownBy(() => tryOpen(broken, KEY_USAGE.ticket, sealed(HOST).encPart))).toBe(fault);
    expect(tryOpen(other, KEY_USAGE.ticket, sealed(HOST).encPart)).toBeUndefined();
    expect(tryOpen(short, KEY_USAGE.ticket, sealed(HOST).encPart)).toBeUndefined();
  });
});

describe("a ticket that is refused", () => {
  const name = "host/server.example.org@EXAMPLE.TEST";
  const none: KeySource = { keysOf: () => [], keysFor: () => [] };
  const rows: [string, keyof typeof KRB_ERROR, string, () => unknown][] = [
    [
      "under an enctype that is not permitted, the service having a key of a permitted one",
      "KDC_ERR_ETYPE_NOSUPP",
      `the ticket for ${name} is under a key of aes256-cts-hmac-sha1-96, which is not permitted, and the keys here are of aes128-cts-hmac-sha1-96: give the service AES keys`,
      () => open(sealed(HOST), byName([HOST, { key: short }]), undefined, [17, 19]),
    ],
    [
      "the same, with a keytab that has such a key of another name",
      "KDC_ERR_ETYPE_NOSUPP",
      "and the keys here are of aes128-cts-hmac-sha1-96: give",
      () => open(sealed(HOST), keytab({ key: short, services: [HTTP] }), undefined, [17, 19]),
    ],
    [
      "the same, with no such key",
      "KDC_ERR_ETYPE_NOSUPP",
      "which is not permitted, and there is no AES key here: give",
      () => open(sealed(HOST), none, undefined, [17, 19]),
    ],
    [
      "for another service than the one wanted, of which there is a key",
      "KRB_AP_ERR_NOT_US",
      `the ticket is for ${name}, and no key of HTTP/server.example.org@EXAMPLE.TEST opens it`,
      () => open(sealed(HOST), byName([HOST, { key }], [HTTP, { key: other }]), HTTP),
    ],
    [
      "for another service than the one wanted, of which there is no key",
      "KRB_AP_ERR_NOT_US",
      `the ticket is for ${name}, and no key of HTTP/server.example.org@EXAMPLE.TEST opens it`,
      () => open(sealed(HOST), byName([HOST, { key }]), HTTP),
    ],
    [
      "for another than a function takes",
      "KRB_AP_ERR_NOT_US",
      `the ticket is for ${name}, which is not a service that is accepted here (option service)`,
      () => open(sealed(HOST), byName([HOST, { key }]), () => false),
    ],
    [
      "for the service that is wanted, of which there is no key",
      "KRB_AP_ERR_NOT_US",
      `the ticket is for ${name}, which has no key here: write one into the keytab, or let the client name another service`,
      () => open(sealed(HOST), none, HOST),
    ],
    [
      "for the service that is wanted, whose key does not open it",
      "KRB_AP_ERR_BAD_INTEGRITY",
      `the ticket does not open with the key of ${name}: write the keytab anew`,
      () => open(sealed(HOST), byName([HOST, { key: other }]), HOST),
    ],
    [
      "for a service of which there is no key",
      "KRB_AP_ERR_NOT_US",
      `the ticket is for ${name}, which has no key here: write one into the keytab, or let the client name another service`,
      () => open(sealed(HOST), none),
    ],
    [
      "for a service of which there is no key, the keys of others not opening it",
      "KRB_AP_ERR_NOT_US",
      `the ticket is for ${name}, which has no key here, and no other key opens it: write its key into the keytab`,
      () => open(sealed(HOST), keytab({ key: other, services: [HTTP] })),
    ],
    [
      "for a service whose keys are of another enctype",
      "KRB_AP_ERR_NOKEY",
      `there is no aes256-cts-hmac-sha1-96 key of ${name} here: write the keytab anew`,
      () => open(sealed(HOST), byName([HOST, { key: short }])),
    ],
    [
      "that does not open with the key of its version",
      "KRB_AP_ERR_BAD_INTEGRITY",
      `the ticket does not open with the key of ${name}: write the keytab anew`,
      () => open(sealed(HOST, key, 3), byName([HOST, { key: other, kvno: 3 }])),
    ],
    [
      "of a version that is not here, each that is being named once",
      "KRB_AP_ERR_BADKEYVER",
      `the ticket is for kvno 3 of ${name}; here is kvno 2, 1: write the keytab anew`,
      () =>
        open(
          sealed(HOST, key, 3),
          byName([HOST, { key: other, kvno: 2 }, { key: encTypes.generateKey(18), kvno: 1 }, { key: other, kvno: 1 }]),
        ),
    ],
  ];
  it.each(rows)("%s: %s", (_, code, words, attempt) => {
    const error = thrownBy(attempt);
    expect(error).toMatchObject({ name: "ApReqError", errorCode: KRB_ERROR[code], errorName: code });
    expect(error.message).toContain(words);
    // The words of one case do not stand in another's.
    if (!words.includes("no other key")) expect(error.message).not.toContain("no other key");
  });

  it("names three of the services that are wanted, and how many more there are", () => {
    const wanted = (count: number) =>
      Array.from({ length: count }, (_, at) => principal("R", [String.fromCharCode(97 + at)]));
    const words = (count: number) => thrownBy(() => open(sealed(HOST), none, wanted(count))).message;
    expect(words(3)).toContain("and no key of a@R or b@R or c@R opens it");
    expect(words(5)).toContain("and no key of a@R or b@R or c@R or 2 more opens it");
  });
});
