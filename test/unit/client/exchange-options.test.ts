// What the exchanges of a client make of their options, request by request, with a KDC that answers what a test says.

import { describe, expect, it } from "vitest";
import { type ComputerArmor, Exchanges, type ExchangesOptions, passwordSecret } from "../../../src/client/index.ts";
import { KDC_OPTION, TICKET_FLAG } from "../../../src/iana/index.ts";
import { decodeAsReq, parsePrincipal, toPrincipal } from "../../../src/krb5/index.ts";
import { plainEnvelope } from "../../../src/preauth/index.ts";
import type { TraceStep } from "../../../src/trace.ts";
import { SpareConnections } from "../../../src/transport/index.ts";
import { encTypes, refusal } from "./harness.ts";
import { ALICE, type Given, HOUR, NOW, read, tgsError, tgsReply, tgtOf } from "./scripted-tgs.ts";

/** Exchanges whose KDCs give, in turn, the tickets that are named. */
function scripted(options: Partial<ExchangesOptions> = {}, ...answers: readonly (Given | string | number)[]) {
  const sent: { realm: string; request: Uint8Array }[] = [];
  const exchanges = new Exchanges({
    loadEncTypes: async () => encTypes,
    trace: () => {},
    now: () => NOW,
    transport: {
      exchange: async (realm, request) => {
        const answer = answers[sent.length] ?? 60;
        sent.push({ realm, request });
        if (typeof answer === "number") return tgsError(answer, realm);
        return tgsReply(request, typeof answer === "string" ? { service: answer } : answer);
      },
    },
    ...options,
  });
  return { exchanges, sent, asked: () => sent.map(({ realm, request }) => `${realm} ${nameOf(request)}`) };
}

const nameOf = (request: Uint8Array) => read(request).reqBody.sname?.nameString.join("/");

describe("where a service is looked for", () => {
  const looking = async (service: string, realm: string | undefined, capaths?: ExchangesOptions["capaths"]) => {
    const hosts: string[] = [];
    const realmOfHost = async (host: string) => {
      hosts.push(host);
      return realm as string;
    };
    const { exchanges, asked } = scripted({ realmOfHost, capaths });
    await exchanges.getServiceTicket(tgtOf(), parsePrincipal(service)).catch(() => {});
    return [...hosts, ...asked()].slice(0, hosts.length + 1);
  };

  it.each<[string, string, string | undefined, readonly string[]]>([
    ["a host's, in the realm that the configuration or DNS gives", "host/a@", "TWO", ["a", "ONE krbtgt/TWO"]],
    ["a host's that nothing is known of, here", "host/a@", "", ["a", "ONE host/a"]],
    ["a host's where nobody can be asked for its realm, here", "host/a@", undefined, ["a", "ONE host/a"]],
    ["one whose realm is named, there", "host/a@SIX", "TWO", ["ONE krbtgt/SIX"]],
    ["one that names no host, here", "afs@", "TWO", ["ONE afs"]],
    ["one with three components, here", "a/b/c@", "TWO", ["ONE a/b/c"]],
  ])("%s", async (_, service, realm, expected) => {
    expect(await looking(service, realm)).toEqual(expected);
  });

  it("by the ways of [capaths]", async () => {
    const ways: string[] = [];
    const capaths = (from: string, to: string) => {
      ways.push(`${from} ${to}`);
      return ["MID"];
    };
    const { exchanges, asked } = scripted({ capaths }, 7);
    await exchanges.getServiceTicket(tgtOf(), parsePrincipal("host/a@FAR")).catch(() => {});
    expect(ways).toEqual(["ONE FAR"]);
    expect(asked()).toEqual(["ONE krbtgt/FAR", "ONE krbtgt/MID"]);
  });
});

describe("what a request for a service says", () => {
  const service = parsePrincipal("host/a@ONE");
  const ask = async (options: Partial<ExchangesOptions>, wish: Parameters<Exchanges["getServiceTicket"]>[2] = {}) => {
    const { exchanges, sent } = scripted(options, "host/a@ONE");
    const { ticket, intermediate } = await exchanges.getServiceTicket(tgtOf(), service, wish);
    expect(intermediate).toEqual([]);
    const { reqBody, padata = [] } = read(sent[0]?.request as Uint8Array);
    return { ticket, reqBody, types: padata.map(({ padataType }) => padataType) };
  };

  it("is nothing special where nothing is wished", async () => {
    const { ticket, reqBody, types } = await ask({});
    expect(reqBody.kdcOptions).toBe(KDC_OPTION.canonicalize);
    expect([reqBody.additionalTickets, reqBody.addresses, reqBody.etype]).toEqual([undefined, undefined, [18, 17]]);
    expect(types).toEqual([1, 149]);
    expect(ticket).not.toHaveProperty("isUserToUser");
  });

  it("is the other user's ticket, for user-to-user (RFC 4120 section 3.7)", async () => {
    const userToUser = tgtOf({ client: parsePrincipal("bob@ONE") });
    const { ticket, reqBody } = await ask({}, { userToUser });
    expect(reqBody.kdcOptions & KDC_OPTION.encTktInSkey).not.toBe(0);
    expect(reqBody.additionalTickets?.map(({ octets }) => octets)).toEqual([userToUser.ticket]);
    expect(ticket.isUserToUser).toBe(true);
  });

  it("is the enctypes that the call names", async () => {
    expect((await ask({}, { enctypes: [18] })).reqBody.etype).toEqual([18]);
  });

  it.each<[string, ExchangesOptions["pac"], ExchangesOptions["pac"], readonly number[]]>([
    ["the client's wish", false, undefined, [1, 128, 149]],
    ["the call's wish before the client's", "claims", true, [1, 128, 149]],
    ["claims, by the client", "claims", undefined, [1, 128, 167, 149]],
    ["claims, by the call", undefined, "claims", [1, 128, 167, 149]],
  ])("is about the PAC %s", async (_, ofClient, ofCall, types) => {
    const wish = ofCall === undefined ? {} : { pac: ofCall };
    expect((await ask({ pac: ofClient }, wish)).types).toEqual(types);
    expect(scripted({ pac: ofClient }).exchanges.isClaimsWanted).toBe(ofClient === "claims");
  });

  it("is inside the envelope of a client whose logins are armored, and of the computer where one is given", async () => {
    const seen: string[] = [];
    const wrapped = (who: string) => () => {
      seen.push(who);
      return plainEnvelope;
    };
    const explicit = (name: string) => (): ComputerArmor => ({
      wrapFor: () => wrapped(name),
      check: ({ components }) => void seen.push(`${name} checks ${components[0]}`),
    });
    const armor = {
      login: async (): Promise<never> => Promise.reject(),
      wrap: wrapped("login"),
      explicit: explicit("own"),
    };
    await ask({ armor });
    await ask({ armor }, { armor: tgtOf() });
    await ask({ armor, explicitArmor: explicit("given") }, { armor: tgtOf() });
    expect(seen).toEqual(["login", "own", "own checks host", "given", "given checks host"]);
    await expect(ask({}, { armor: tgtOf() })).rejects.toThrow(
      /^the option armor of a ticket needs FAST: give the client/,
    );
  });

  it("opens no connection for a request that may not follow", async () => {
    const { exchanges } = scripted({}, "host/a@ONE");
    const spares = new SpareConnections();
    spares.following = 2;
    await exchanges.getServiceTicket(tgtOf(), service, { spares });
    expect(spares.following).toBe(0);
  });
});

describe("the clock", () => {
  const startsAt = async (options: Partial<ExchangesOptions>, awayMs: number) => {
    const part = { starttime: new Date(NOW + awayMs), authtime: new Date(NOW - HOUR) };
    const { exchanges } = scripted(options, { service: "host/a@ONE", part });
    return exchanges.getServiceTicket(tgtOf(), parsePrincipal("host/a@ONE"));
  };

  it.each<[string, Partial<ExchangesOptions>, number]>([
    ["300 s where nothing is said (RFC 4120 section 8.2)", {}, 300],
    ["as many seconds as are given", { skewSeconds: 60 }, 60],
    ["as many as are given when they are needed", { skewSeconds: () => 20 }, 20],
  ])("may be off by %s", async (_, options, seconds) => {
    await startsAt(options, seconds * 1000);
    expect(await refusal(startsAt(options, (seconds + 1) * 1000))).toMatch(/^CLOCK_SKEW: /);
  });
});

describe("a login", () => {
  const body = async (options: Parameters<Exchanges["login"]>[2]) => {
    const { exchanges, sent } = scripted();
    const failed = exchanges.login(ALICE, passwordSecret(ALICE, "secret"), options);
    const error: unknown = await failed.catch((reason: unknown) => reason);
    const [first] = sent;
    if (first === undefined) return error;
    const { realm, sname, etype } = decodeAsReq(first.request).reqBody;
    return [toPrincipal(realm, sname as never).components.join("/"), realm, etype.join()];
  };

  it.each<[string, Parameters<Exchanges["login"]>[2], readonly string[]]>([
    ["the ticket-granting service of the client's realm", {}, ["krbtgt/ONE", "ONE", "18,17"]],
    ["a service by text, in the client's realm", { service: "kadmin/changepw" }, ["kadmin/changepw", "ONE", "18,17"]],
    ["a service by text with a realm", { service: "host/a@TWO" }, ["host/a", "TWO", "18,17"]],
    ["a name without a realm", { service: parsePrincipal("host/a@") }, ["host/a", "ONE", "18,17"]],
    ["a name with one", { service: parsePrincipal("host/a@TWO") }, ["host/a", "TWO", "18,17"]],
    ["chosen enctypes", { enctypes: [17] }, ["krbtgt/ONE", "ONE", "17"]],
  ])("asks for %s", async (_, options, expected) => {
    expect(await body(options)).toEqual(expected);
  });

  it("asks for no lifetime that nobody can have, before anything is sent", async () => {
    for (const name of ["lifetimeSeconds", "renewLifetimeSeconds"]) {
      expect(String(await body({ [name]: 0 }))).toMatch(new RegExp(`^RangeError: ${name} is 0`));
    }
  });

  it("is made with mechanisms that are whole: a list with another thing in it is refused at once", () => {
    expect(() => scripted({ preauth: [{ type: 2 } as never] })).toThrow(TypeError);
  });

  it("that failed with an error of another client rests for nobody", () => {
    expect(scripted().exchanges.restOf(new Error("other"))).toBe("nobody");
  });
});

describe("tickets made of the one that is shown", () => {
  it("have the addresses that are given, and none where none are (RFC 4120 section 5.4.1)", async () => {
    const given = { service: "krbtgt/ONE@ONE", part: { flags: TICKET_FLAG.forwarded } };
    const { exchanges, sent } = scripted({}, given, given);
    const tgt = tgtOf({ flags: TICKET_FLAG.forwardable });
    const octets = Uint8Array.of(192, 0, 2, 1);
    await exchanges.forward(tgt);
    await exchanges.forward(tgt, { addresses: [{ type: 2, octets }] });
    const bodies = sent.map(({ request }) => read(request).reqBody);
    expect(bodies.map(({ addresses }) => addresses)).toEqual([undefined, [{ addrType: 2, address: octets }]]);
    expect(bodies.map(({ kdcOptions }) => kdcOptions & KDC_OPTION.forwarded)).toEqual(
      Array(2).fill(KDC_OPTION.forwarded),
    );
  });
});

describe("the trace", () => {
  it("tells each ticket once, with names only where somebody listens", async () => {
    const events: TraceStep[] = [];
    const own = scripted({ trace: (event) => void events.push(event) }, "host/a@ONE");
    await own.exchanges.getServiceTicket(tgtOf(), parsePrincipal("host/a@ONE"));
    expect(events.filter(({ type }) => type === "ticket")).toEqual([
      {
        type: "ticket",
        exchange: "TGS",
        client: "alice@ONE",
        service: "host/a@ONE",
        etype: "aes256-cts-hmac-sha1-96",
        endTime: new Date(NOW + HOUR),
        cached: false,
      },
    ]);
  });
});
