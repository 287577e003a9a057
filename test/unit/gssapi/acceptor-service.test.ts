// The option `service` of an acceptor: one text has one meaning at both ends.

import { describe, expect, it } from "vitest";
import { encodeKeytab, Keytab } from "../../../src/credentials/index.ts";
import {
  type AcceptorService,
  createAcceptor,
  createInitiator,
  createReplayCache,
  keytabKeys,
  type Principal,
} from "../../../src/entry/gssapi.ts";
import { createRemctlServer } from "../../../src/entry/server.ts";
import { parsePrincipal } from "../../../src/krb5/index.ts";
import { createWorld, failureOf, NOW, type World } from "./exchange.ts";
import { encTypes } from "./pair.ts";

const WWW = parsePrincipal("HTTP/www.example.org@EXAMPLE.TEST");
const API = parsePrincipal("HTTP/api.example.org@EXAMPLE.TEST");
const LDAP = parsePrincipal("ldap/www.example.org@EXAMPLE.TEST");

const worlds = new Map<Principal, World>([WWW, API, LDAP].map((service) => [service, createWorld({ service })]));
const octetsOf = (service: Principal): Uint8Array =>
  worlds.get(service)?.keytab.keysOf(service)[0]?.key.octets as Uint8Array;

/** A keytab with a key of each. */
const keytab = new Keytab(
  [...worlds.keys()].map((principal) => ({
    principal,
    kvno: 3,
    timestamp: new Date(NOW),
    keyBlock: { etype: 18, octets: octetsOf(principal) },
  })),
);

function acceptorOf(service: AcceptorService, keys: Keytab = keytab) {
  return createAcceptor({
    keytab: keys,
    service,
    enctypes: encTypes,
    replayCache: createReplayCache(),
    now: () => NOW,
  });
}

async function tokenFor(service: Principal): Promise<Uint8Array> {
  const credential = { getTicket: async () => (worlds.get(service) as World).ticket };
  const initiator = createInitiator({ target: service, credential, enctypes: encTypes, now: () => NOW });
  return (await initiator.step()) as Uint8Array;
}

const ALL = [WWW, API, LDAP];

describe("an acceptor's service", () => {
  it.each<[string, AcceptorService, readonly Principal[]]>([
    ["service@host", "HTTP@www.example.org", [WWW]],
    ["service@host in another case, with a final dot", "HTTP@WWW.example.org.", [WWW]],
    ["service/host", "HTTP/www.example.org", [WWW]],
    ["service/host@REALM", "HTTP/www.example.org@EXAMPLE.TEST", [WWW]],
    ["a principal", API, [API]],
    ["the service alone, of any host", "HTTP", [WWW, API]],
    ["a list", ["HTTP@www.example.org", LDAP], [WWW, LDAP]],
    ["a list with a service of any host", [LDAP, "HTTP"], ALL],
    ["a function", ({ components }) => components[1] === "www.example.org", [WWW, LDAP]],
  ])("AP1: as %s accepts tickets for that, and for nothing else", async (_, service, wanted) => {
    for (const one of ALL) {
      const context = acceptorOf(service);
      const token = await tokenFor(one);
      if (wanted.includes(one)) {
        await context.step(token);
        expect(context.self).toMatchObject({ realm: one.realm, components: one.components });
      } else {
        const error = await failureOf(context.step(token));
        expect(error.code).toBe("SERVER_REJECTED_TICKET");
        expect(error.message).toContain(`the ticket is for ${one.components.join("/")}@EXAMPLE.TEST, `);
      }
    }
  });

  it("says which services it is, where it refuses a ticket for another", async () => {
    const words = async (service: AcceptorService): Promise<string> =>
      (await failureOf(acceptorOf(service).step(await tokenFor(LDAP)))).message;
    expect(await words("HTTP@www.example.org")).toContain("and no key of HTTP/www.example.org@EXAMPLE.TEST opens it");
    expect(await words([WWW, API])).toContain(
      "and no key of HTTP/www.example.org@EXAMPLE.TEST or HTTP/api.example.org@EXAMPLE.TEST opens it",
    );
    expect(await words([WWW, API, WWW, API, WWW])).toContain(" or 2 more opens it");
    expect(await words("HTTP")).toContain("which is not a service that is accepted here (option service)");
  });

  it("AP1: a function is asked of the names of the opening key, whatever the ticket says that it is for", async () => {
    // One key, two names: what is proven is the key.
    const shared = new Keytab(
      [LDAP, API].map((principal) => ({
        principal,
        kvno: 3,
        timestamp: new Date(NOW),
        keyBlock: { etype: 18, octets: octetsOf(LDAP) },
      })),
    );
    const context = acceptorOf("HTTP", shared);
    await context.step(await tokenFor(LDAP));
    expect(context.self).toEqual(API);
    const closed = acceptorOf(() => false, shared);
    expect((await failureOf(closed.step(await tokenFor(LDAP)))).code).toBe("SERVER_REJECTED_TICKET");
  });

  it("AP1: a service of any host, and a function, never take a key of krbtgt", async () => {
    const krbtgt = parsePrincipal("krbtgt/EXAMPLE.TEST@EXAMPLE.TEST");
    const keys = new Keytab([
      { principal: krbtgt, kvno: 3, timestamp: new Date(NOW), keyBlock: { etype: 18, octets: octetsOf(LDAP) } },
    ]);
    for (const service of ["krbtgt", () => true] as const) {
      expect((await failureOf(acceptorOf(service, keys).step(await tokenFor(LDAP)))).code).toBe(
        "SERVER_REJECTED_TICKET",
      );
    }
  });

  it("gets its realm from keys that were made ready, too", async () => {
    const context = createAcceptor({
      keytab: keytabKeys(encodeKeytab(keytab), encTypes),
      service: "HTTP@api.example.org",
      enctypes: encTypes,
      replayCache: createReplayCache(),
      now: () => NOW,
    });
    await context.step(await tokenFor(API));
    expect(context.self).toMatchObject({ components: API.components });
  });

  it("that the keytab has no key of is the caller's mistake", () => {
    for (const service of [
      "imap",
      "HTTP@other.example.org",
      "alice@EXAMPLE.TEST",
      ["HTTP", "imap@other.example.org"],
    ]) {
      const shown = String([service].flat().at(-1)).replace("@", "/").replace("EXAMPLE.TEST", "example.test");
      expect(() => acceptorOf(service)).toThrow(`service is ${shown}, of which the keytab has no key: it has `);
    }
    expect(() => acceptorOf("imap")).toThrow("HTTP/www.example.org@EXAMPLE.TEST");
  });

  it("is read by a remctl server the same way", () => {
    const serve = (service: AcceptorService) => createRemctlServer({ keytab, commands: [], service });
    for (const service of ["HTTP@www.example.org", "HTTP", ["ldap", WWW], () => true] as const) {
      expect(() => serve(service)).not.toThrow();
    }
    expect(() => serve("host@nowhere.example.org")).toThrow("of which the keytab has no key");
  });
});
