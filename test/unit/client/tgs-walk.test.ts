import { afterEach, describe, expect, it } from "vitest";
import { TgsWalk } from "../../../src/client/index.ts";
import { realmOfDomain, realmPath } from "../../../src/client/tgs/tgs-path.ts";
import type { TgsWalkOptions } from "../../../src/client/tgs/tgs-walk.ts";
import type { TestRealm } from "../../../src/entry/testing.ts";
import { kdcErrorOf } from "../../../src/errors.ts";
import { KDC_OPTION, TICKET_FLAG } from "../../../src/iana/index.ts";
import {
  createAuthenticatorClock,
  formatPrincipal,
  type Principal,
  parsePrincipal,
  registeredNames,
  type ServiceTicket,
  servicePrincipal,
  tgsPrincipal,
} from "../../../src/krb5/index.ts";
import { decodeTgsReq, encodeKrbError } from "../../../src/krb5/messages/index.ts";
import { logIn, refusal, startRealm, tgsOptions } from "./harness.ts";

const open: TestRealm[] = [];
afterEach(async () => void (await Promise.all(open.splice(0).map((realm) => realm.close()))));

/** Realms of these names, each trusting the next; Alice is in the first, host/localhost in all. */
async function chain(...names: readonly string[]): Promise<readonly [TestRealm, ...TestRealm[]]> {
  const realms = await Promise.all(names.map((realm) => startRealm({ realm })));
  open.push(...realms);
  for (const [index, realm] of realms.entries()) if (index > 0) realm.trust(realms[index - 1] as TestRealm);
  return realms as [TestRealm, ...TestRealm[]];
}

interface Walk {
  readonly ticket: ServiceTicket;
  readonly intermediate: readonly string[];
  /** `REALM service` of each request. */
  readonly asked: readonly string[];
  readonly options: readonly number[];
}

type Deny = (realm: string, service: string, kdcOptions: number) => number | undefined;

/** Drives a walk; `deny` answers a request with a KRB-ERROR of that code instead of the KDC. */
async function go(
  home: TestRealm,
  tgt: ServiceTicket,
  wanted: Principal,
  options: Partial<TgsWalkOptions> = {},
  deny: Deny = () => undefined,
  asked: string[] = [],
): Promise<Walk> {
  const walk = new TgsWalk(tgt, wanted, { ...tgsOptions, ...options });
  const bits: number[] = [];
  let next = walk.start();
  while (next.type === "send") {
    const { reqBody } = decodeTgsReq(next.request);
    const service = reqBody.sname?.nameString.join("/") as string;
    asked.push(`${next.realm} ${service}`);
    bits.push(reqBody.kdcOptions);
    const errorCode = deny(next.realm, service, reqBody.kdcOptions);
    const reply =
      errorCode === undefined
        ? await home.transport.exchange(next.realm, next.request)
        : encodeKrbError({
            pvno: 5,
            msgType: 30,
            stime: new Date(),
            susec: 0,
            errorCode,
            realm: next.realm,
            sname: { nameType: 2, nameString: ["krbtgt", next.realm] },
          });
    next = walk.step(reply);
  }
  const intermediate = walk.intermediate.map(({ service }) => formatPrincipal(service));
  return { ticket: next.ticket, intermediate, asked, options: bits };
}

const login = (realm: TestRealm, options: Parameters<typeof logIn>[1] = {}) =>
  logIn(realm, { client: { realm: realm.realm, nameType: 1, components: ["alice"] }, ...options });
const host = (realm: string) => servicePrincipal("host", "localhost", realm);
/** A KDC that knows its neighbours only. */
const onlyNeighbours =
  (...names: readonly string[]): Deny =>
  (realm, service) => {
    const target = /^krbtgt\/(.*)$/.exec(service)?.[1];
    const distance = target === undefined ? 0 : Math.abs(names.indexOf(target) - names.indexOf(realm));
    return distance > 1 ? 7 : undefined;
  };

describe("the path between realms", () => {
  it.each<[string, string, readonly string[] | undefined, string]>([
    ["A.EX", "A.EX", undefined, "A.EX"],
    ["A.EX", "B.EX", undefined, "A.EX EX B.EX"],
    ["A.B.EX", "B.EX", undefined, "A.B.EX B.EX"],
    ["B.EX", "A.B.EX", undefined, "B.EX A.B.EX"],
    ["A.B.C.EX", "D.C.EX", undefined, "A.B.C.EX B.C.EX C.EX D.C.EX"],
    ["A.ONE", "B.TWO", undefined, "A.ONE B.TWO"],
    ["XA.EX", "A.EX", undefined, "XA.EX EX A.EX"],
    ["A.EX", "B.EX", [], "A.EX B.EX"],
    ["A.EX", "B.EX", ["M", "N"], "A.EX M N B.EX"],
    ["A.EX", "B.EX", ["A.EX", "M", "M", "B.EX"], "A.EX M B.EX"],
  ])("%s to %s by %j", (client, server, between, path) => {
    expect(realmPath(client, server, between).join(" ")).toBe(path);
  });

  it("a host's domain in capitals; none for an address or a plain name", () => {
    expect(["h.example.org", "a.b.", "h", "192.0.2.1", "2001:db8::1", "h."].map(realmOfDomain)).toEqual([
      "EXAMPLE.ORG",
      "B",
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe("a walk to another realm", () => {
  it("asks for the farthest first, then nearer ones, and goes on from where it gets", async () => {
    const names = ["ONE", "TWO", "THREE"] as const;
    const [one] = await chain(...names);
    const walk = await go(one, await login(one), host("THREE"), { capaths: () => ["TWO"] }, onlyNeighbours(...names));
    expect(walk.asked).toEqual(["ONE krbtgt/THREE", "ONE krbtgt/TWO", "TWO krbtgt/THREE", "THREE host/localhost"]);
    expect(walk.intermediate).toEqual(["krbtgt/TWO@ONE", "krbtgt/THREE@TWO"]);
    expect(formatPrincipal(walk.ticket.service)).toBe("host/localhost@THREE");
  });

  it("takes a nearer ticket than it asked for, on the path or off it", async () => {
    const [one] = await chain("ONE", "TWO", "THREE");
    const tgt = await login(one);
    const expected = ["ONE krbtgt/THREE", "TWO krbtgt/THREE", "THREE host/localhost"];
    expect((await go(one, tgt, host("THREE"), { capaths: () => ["TWO"] })).asked).toEqual(expected);
    expect((await go(one, tgt, host("THREE"))).asked).toEqual(expected);
  });

  it("T9: begins where kept tickets reach, if they are this client's", async () => {
    const [one] = await chain("ONE", "TWO", "THREE");
    const tgt = await login(one);
    const kept = new Map<string, ServiceTicket>();
    const options: Partial<TgsWalkOptions> = {
      capaths: () => ["TWO"],
      kept: (service) => kept.get(formatPrincipal(service)),
    };
    const walk = new TgsWalk(tgt, host("THREE"), { ...tgsOptions, ...options });
    let next = walk.start();
    while (next.type === "send") next = walk.step(await one.transport.exchange(next.realm, next.request));
    for (const ticket of walk.intermediate) kept.set(formatPrincipal(ticket.service), ticket);
    expect((await go(one, tgt, host("THREE"), options)).asked).toEqual(["THREE host/localhost"]);
    kept.delete("krbtgt/THREE@TWO");
    expect((await go(one, tgt, host("THREE"), options)).asked).toEqual(["TWO krbtgt/THREE", "THREE host/localhost"]);
    const [name, ticket] = [...kept][0] as [string, ServiceTicket];
    kept.set(name, { ...ticket, client: { ...ticket.client, components: ["mallory"] } });
    expect((await go(one, tgt, host("THREE"), options)).asked).toHaveLength(3);
  });

  it("ends with one error that names both realms when no KDC knows the way", async () => {
    const [one] = await chain("ONE", "TWO");
    const asked: string[] = [];
    const walking = go(one, await login(one), host("FAR"), { capaths: () => ["M"] }, () => undefined, asked);
    expect(await refusal(walking)).toMatch(/^REFERRAL: no way from realm ONE to FAR: .*FAR or M; .*\[capaths\]/);
    expect(asked).toEqual(["ONE krbtgt/FAR", "ONE krbtgt/M"]);
  });

  it("a trust without a key that is permitted here is no missing way", async () => {
    const [one] = await chain("ONE", "TWO");
    const walking = go(one, await login(one), host("FAR"), { capaths: () => ["M"] }, (_, service) =>
      service === "krbtgt/FAR" ? 14 : undefined,
    );
    expect(await refusal(walking)).toMatch(
      /^ETYPE_NOT_PERMITTED: the KDC of ONE has no key of krbtgt\/FAR@ONE .*: give the trust .*AES keys/,
    );
  });

  it("ends at once with an error that has nothing to do with the way", async () => {
    const [one] = await chain("ONE", "TWO");
    const asked: string[] = [];
    const walking = go(one, await login(one), host("TWO"), { capaths: () => ["M"] }, () => 32, asked);
    expect(await refusal(walking)).toMatch(/^TICKET_EXPIRED: /);
    expect(asked).toHaveLength(1);
  });

  it("X1, X5: makes ten requests at most, whatever they are for", async () => {
    const names = Array.from({ length: 12 }, (_, i) => `R${i}`);
    const [first] = await chain(...names);
    const tgt = await login(first);
    const asked: string[] = [];
    expect(await refusal(go(first, tgt, host("R11"), {}, undefined, asked))).toMatch(
      /^REFERRAL: no ticket .* after 10 requests/,
    );
    expect(asked).toHaveLength(10);
    expect((await go(first, tgt, host("R9"))).asked).toHaveLength(10);
    const many = Array.from({ length: 20 }, (_, i) => `M${i}`);
    asked.length = 0;
    expect(await refusal(go(first, tgt, host("FAR"), { capaths: () => many }, () => 7, asked))).toMatch(
      /after 10 requests/,
    );
    expect(asked).toHaveLength(10);
  });

  it("X2: is not led back to the client's realm from a kept ticket", async () => {
    const [one, two] = await chain("ONE", "TWO");
    const tgt = await login(one);
    const { ticket } = await go(one, tgt, tgsPrincipal("TWO", "ONE"));
    two?.fault({ on: "tgs-rep", name: "referral-loop" });
    expect(await refusal(go(one, ticket, host("")))).toMatch(/^REFERRAL: .*form a loop: ONE to TWO to ONE/);
  });
});

describe("a service whose realm is not known", () => {
  it("is looked for where [domain_realm] says, by referrals from there", async () => {
    const [one, , three] = await chain("ONE", "TWO", "THREE");
    await three?.addPrincipal("host/far.example");
    const walk = await go(one, await login(one), servicePrincipal("host", "far.example"), { hostRealm: "TWO" });
    expect(walk.asked).toEqual(["ONE krbtgt/TWO", "TWO host/far.example", "THREE host/far.example"]);
    expect(walk.ticket.service.realm).toBe("THREE");
    // Referrals are asked for where the service is, not on the way.
    expect(walk.options.map((bits) => (bits & KDC_OPTION.canonicalize) !== 0)).toEqual([false, true, true]);
  });

  it("is looked for in the realm of its domain, once, when the KDC has no referral", async () => {
    const [one, two] = await chain("ONE", "TWO.EX");
    await two?.addPrincipal("host/h.two.ex");
    const tgt = await login(one);
    const denied: Deny = (realm, service) => (realm === "ONE" && service.startsWith("host/") ? 7 : undefined);
    const walk = await go(one, tgt, servicePrincipal("host", "h.two.ex"), {}, denied);
    expect(walk.asked).toEqual(["ONE host/h.two.ex", "ONE krbtgt/TWO.EX", "TWO.EX host/h.two.ex"]);
    const asked: string[] = [];
    const lost = go(one, tgt, servicePrincipal("host", "h.three.ex"), { names: registeredNames() }, denied, asked);
    // The first KDC's word, not that of the guess.
    expect(await refusal(lost)).toMatch(/^SERVICE_UNKNOWN: .*host\/h\.three\.ex@ONE/);
    expect(asked).toEqual(["ONE host/h.three.ex", "ONE krbtgt/THREE.EX"]);
    // A name from text is one of a host too.
    expect((await go(one, tgt, parsePrincipal("host/h.two.ex"), {}, denied)).ticket.service.realm).toBe("TWO.EX");
    // As with libkrb5 the type of the name says nothing of that; a name of one component has no domain.
    const typed = { ...servicePrincipal("host", "h.two.ex"), nameType: 2 };
    expect((await go(one, tgt, typed, {}, denied)).ticket.service.realm).toBe("TWO.EX");
    asked.length = 0;
    expect(await refusal(go(one, tgt, parsePrincipal("nosuch"), {}, denied, asked))).toMatch(/^SERVICE_UNKNOWN/);
    expect(asked).toHaveLength(1);
  });

  it("X4: is asked for without referrals once, where the KDC stumbles over the request", async () => {
    const [one] = await chain("ONE", "TWO");
    const tgt = await login(one);
    for (const code of [12, 13, 14]) {
      const denied: Deny = (_, __, bits) => ((bits & KDC_OPTION.canonicalize) === 0 ? undefined : code);
      const walk = await go(one, tgt, host(""), {}, denied);
      expect(walk.asked).toEqual(["ONE host/localhost", "ONE host/localhost"]);
      const asked: string[] = [];
      const error = await go(one, tgt, host(""), {}, () => code, asked).catch((caught: unknown) => caught);
      expect(kdcErrorOf(error)?.errorCode).toBe(code);
      expect(asked).toHaveLength(2);
    }
  });

  it("whose realm is named is referred too, and asked for without CANONICALIZE where the KDC knows no way", async () => {
    const [one, two] = await chain("ONE", "TWO");
    await two?.addPrincipal("host/far.example");
    const tgt = await login(one);
    const walk = await go(one, tgt, servicePrincipal("host", "far.example", "ONE"));
    expect(walk.asked).toEqual(["ONE host/far.example", "TWO host/far.example"]);
    expect(formatPrincipal(walk.ticket.service)).toBe("host/far.example@TWO");
    const asked: string[] = [];
    const bits: boolean[] = [];
    const denied: Deny = (_, __, options) => {
      bits.push((options & KDC_OPTION.canonicalize) !== 0);
      return 7;
    };
    expect(await refusal(go(one, tgt, host("ONE"), {}, denied, asked))).toMatch(/^SERVICE_UNKNOWN: /);
    expect(asked).toEqual(["ONE host/localhost", "ONE host/localhost"]);
    expect(bits).toEqual([true, false]);
    // Nothing is asked twice where it is the ticket or the clock that is wrong.
    asked.length = 0;
    expect(await refusal(go(one, tgt, host("ONE"), {}, () => 32, asked))).toMatch(/^TICKET_EXPIRED: /);
    expect(asked).toHaveLength(1);
  });

  it("X3: is refused from a KDC that refers where no referral was asked for", async () => {
    const [one] = await chain("ONE", "TWO");
    one.fault({ on: "tgs-rep", name: "referral-to-self" });
    expect(await refusal(go(one, await login(one), host("ONE")))).toMatch(/^REPLY_MODIFIED: .*we asked for host/);
  });
});

describe("KDC options", () => {
  it("are those of the ticket-granting ticket: what it may do, a service's ticket may do", async () => {
    const [one] = await chain("ONE", "TWO");
    const { forwardable, proxiable, renewable } = TICKET_FLAG;
    const all = forwardable | proxiable | renewable;
    const full = await login(one, { forwardable: true, proxiable: true, renewLifetimeSeconds: 100_000 });
    const both = await go(one, full, host("TWO"));
    expect(both.options.map((bits) => bits & all)).toEqual([all, all]);
    expect(both.ticket.flags & all).toBe(all);
    expect(both.ticket.renewTill).toEqual(full.renewTill);
    const plain = await login(one);
    expect((await go(one, plain, host("ONE"))).ticket.flags & all).toBe(0);
    const less = await go(one, full, host("ONE"), { forwardable: false });
    expect(less.ticket.flags & all).toBe(proxiable | renewable);
  });

  it("are for the ticket that is wanted, not for those on the way", async () => {
    const [one] = await chain("ONE", "TWO");
    const tgt = await login(one, { proxiable: true });
    const walk = await go(one, tgt, host("TWO"), {
      kdcOptions: KDC_OPTION.proxy,
      proxiable: true,
      requested: [17],
    });
    expect(walk.options.map((bits) => (bits & KDC_OPTION.proxy) !== 0)).toEqual([false, true]);
    expect(walk.ticket.sessionKey.encType.etype).toBe(17);
  });

  it("renew gives the same ticket a new life, up to where it can be renewed", async () => {
    let nowMs = Date.now();
    const now = () => nowMs;
    const realm = await startRealm({ realm: "ONE", now, ticketLifetimeSeconds: 600 });
    open.push(realm);
    const tgt = await login(realm, { renewLifetimeSeconds: 3600, now });
    nowMs += 500_000;
    const renew = { kdcOptions: KDC_OPTION.renew, now, clock: createAuthenticatorClock(now) };
    const { ticket } = await go(realm, tgt, tgt.service, renew);
    expect(ticket.endTime.getTime() - tgt.endTime.getTime()).toBe(500_000);
    expect(ticket.renewTill).toEqual(tgt.renewTill);
    expect(ticket.flags & TICKET_FLAG.renewable).not.toBe(0);
    const { renewTill: _, ...never } = tgt;
    expect(await refusal((async () => go(realm, never, tgt.service, renew))())).toMatch(
      /^TICKET_FLAGS: .*is not renewable/,
    );
    // Whether one that ended a moment ago is renewed, the KDC says.
    nowMs = tgt.endTime.getTime() + 20_000;
    const asked: string[] = [];
    await go(realm, tgt, tgt.service, renew, undefined, asked).catch(() => {});
    expect(asked).toEqual(["ONE krbtgt/ONE"]);
    nowMs = tgt.endTime.getTime() + 600_000;
    expect(await refusal((async () => go(realm, tgt, tgt.service, renew))())).toMatch(/^TICKET_EXPIRED: /);
  });

  it("renew is asked of the realm that issued the ticket", async () => {
    const [one] = await chain("ONE", "TWO");
    const tgt = await login(one, { renewLifetimeSeconds: 3600 });
    const { ticket } = await go(one, tgt, tgsPrincipal("TWO", "ONE"), { renewLifetimeSeconds: 3600 });
    const asked: string[] = [];
    await go(one, ticket, ticket.service, { kdcOptions: KDC_OPTION.renew }, undefined, asked).catch(() => {});
    expect(asked).toEqual(["ONE krbtgt/TWO"]);
  });
});
