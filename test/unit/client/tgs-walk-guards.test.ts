// The turns of a walk to a service's ticket, one by one, with a KDC that answers whatever a test says.

import { describe, expect, it } from "vitest";
import { hostBased, referredTo, TgsWalk, type TgsWalkOptions, tgsRealm } from "../../../src/client/tgs/tgs-walk.ts";
import { KDC_OPTION } from "../../../src/iana/index.ts";
import { createAuthenticatorClock, parsePrincipal, type ServiceTicket } from "../../../src/krb5/index.ts";
import type { TraceStep } from "../../../src/trace.ts";
import { encTypes, refusal } from "./harness.ts";
import { type Given, HOUR, NOW, read, tgsError, tgsReply, tgtOf } from "./scripted-tgs.ts";

/** What a KDC does with a request: a ticket for the service of that name, or an error. */
type Answer = string | number | Given | Uint8Array;

class Script {
  readonly asked: string[] = [];
  readonly events: TraceStep[] = [];
  readonly walk: TgsWalk;

  constructor(wanted: string, options: Partial<TgsWalkOptions> = {}, tgt: Partial<ServiceTicket> = {}) {
    this.walk = new TgsWalk(tgtOf(tgt), parsePrincipal(wanted), {
      encTypes,
      now: () => NOW,
      skewMs: 300_000,
      clock: createAuthenticatorClock(),
      trace: (event) => void this.events.push(event),
      ...options,
    });
  }

  /** Runs to the end; what was asked is `REALM service`, with a star where the KDC may refer. */
  async run(...answers: readonly Answer[]): Promise<ServiceTicket> {
    let step = this.walk.start();
    for (const answer of answers) {
      if (step.type !== "send") throw new Error("nothing was asked");
      this.#note(step.realm, step.request);
      step = this.walk.step(bytesOf(answer, step.request, step.realm));
    }
    if (step.type === "done") return step.ticket;
    this.#note(step.realm, step.request);
    throw new Error("it goes on asking");
  }

  #note(realm: string, request: Uint8Array): void {
    const { sname, kdcOptions } = read(request).reqBody;
    const star = (kdcOptions & KDC_OPTION.canonicalize) === 0 ? "" : "*";
    this.asked.push(`${realm} ${sname?.nameString.join("/")}${star}`);
  }
}

function bytesOf(answer: Answer, request: Uint8Array, realm: string): Uint8Array {
  if (answer instanceof Uint8Array) return answer;
  if (typeof answer === "number") return tgsError(answer, realm);
  return tgsReply(request, typeof answer === "string" ? { service: answer } : answer);
}

const AGAIN = ["ONE host/a*", "ONE host/a"];

describe("what a walk makes of a reply", () => {
  it.each<[string, string, readonly Answer[], readonly string[]]>([
    ["the ticket that was asked for", "host/a@ONE", ["host/a@ONE"], ["ONE host/a*"]],
    ["another name at first, then the one that was asked for", "host/a@ONE", ["host/b@ONE", "host/a@ONE"], AGAIN],
    ["a ticket-granting ticket of its own realm", "host/a@ONE", ["krbtgt/ONE@ONE", "host/a@ONE"], AGAIN],
    ["a ticket-granting ticket without a realm", "host/a@ONE", ["krbtgt@ONE", "host/a@ONE"], AGAIN],
    ["one with a component more", "host/a@ONE", ["krbtgt/TWO/x@ONE", "host/a@ONE"], AGAIN],
    ["a referral", "host/a@ONE", ["krbtgt/TWO@ONE", "host/a@TWO"], ["ONE host/a*", "TWO host/a*"]],
    [
      "a nearer realm, off the path",
      "host/a@FAR",
      ["krbtgt/MID@ONE", "krbtgt/FAR@MID", "host/a@FAR"],
      ["ONE krbtgt/FAR", "MID krbtgt/FAR", "FAR host/a*"],
    ],
  ])("X3: is given %s", async (_, wanted, answers, asked) => {
    const script = new Script(wanted);
    await script.run(...answers);
    expect(script.asked).toEqual(asked);
  });

  it.each<[string, string, readonly Answer[], string]>([
    ["another name twice", "host/a@ONE", ["host/b@ONE", "host/b@ONE"], "REPLY_MODIFIED: .*it is for host/b@ONE"],
    ["another name after the KDC refused to refer", "host/a@ONE", [7, "host/b@ONE"], "REPLY_MODIFIED: .*host/b@ONE"],
    ["a referral where none was asked for", "host/a@ONE", [7, "krbtgt/TWO@ONE"], "REPLY_MODIFIED: .*krbtgt/TWO@ONE"],
    ["a referral of another issuer", "host/a@ONE", ["krbtgt/TWO@SIX"], "REPLY_MODIFIED: .*krbtgt/TWO@SIX"],
    ["the service, where the way to it was asked for", "host/a@TWO", ["host/a@TWO"], "REPLY_MODIFIED: .*host/a@TWO"],
    ["another issuer's way", "host/a@TWO", ["krbtgt/TWO@SIX"], "REPLY_MODIFIED: .*krbtgt/TWO@SIX"],
    ["no realm, on the way", "host/a@TWO", ["krbtgt@ONE"], "REPLY_MODIFIED: .*krbtgt@ONE"],
    ["the realm that it came from", "host/a@TWO", ["krbtgt/ONE@ONE"], "REFERRAL: .*form a loop: ONE to ONE"],
    ["the realm before", "host/a@ONE", ["krbtgt/TWO@ONE", "krbtgt/ONE@TWO"], "REFERRAL: .*loop: ONE to TWO to ONE"],
  ])("X2, X3, T4: refuses %s", async (_, wanted, answers, words) => {
    expect(await refusal(new Script(wanted).run(...answers))).toMatch(new RegExp(`^${words}`));
  });

  it("T1: says which message came instead of a TGS-REP", async () => {
    const script = (message: Uint8Array) => refusal(new Script("host/a@ONE").run(message));
    expect(await script(new Uint8Array())).toMatch(/^REPLY_MODIFIED: .*\(not a Kerberos message\): look at its log$/);
    expect(await script(Uint8Array.of(0x6b, 0))).toMatch(/another message \(APPLICATION 11\): look at its log$/);
  });

  it("is over after an end, good or bad, and not begun before its start", async () => {
    const over = "this TGS walk is over or was not started";
    const fresh = new Script("host/a@ONE").walk;
    expect(() => fresh.step(tgsError(7))).toThrow(over);
    const good = new Script("host/a@ONE");
    await good.run("host/a@ONE");
    expect(() => good.walk.step(tgsError(7))).toThrow(over);
    const bad = new Script("host/a@ONE");
    await refusal(bad.run(32));
    expect(() => bad.walk.step(tgsError(32))).toThrow(over);
  });
});

describe("what a walk makes of a refusal", () => {
  const { renew, validate, forwarded, proxy, encTktInSkey } = KDC_OPTION;
  const CODE = /^KDC|SERVICE_UNKNOWN|TICKET_EXPIRED|CLOCK_SKEW|ETYPE_NOT_PERMITTED/;

  it.each([7, 12, 13, 14, 60])("X4: asks once more without CANONICALIZE after %i, and no more", async (code) => {
    const script = new Script("host/a@ONE");
    expect(await refusal(script.run(code, code))).toMatch(CODE);
    expect(script.asked).toEqual(AGAIN);
  });

  it.each([32, 33, 37])("X4: ends at %i: that is of our ticket or our clock", async (code) => {
    const script = new Script("host/a@ONE");
    await refusal(script.run(code));
    expect(script.asked).toEqual(["ONE host/a*"]);
  });

  it("X4: ends where a KDC has sent us on: the realm that it named has the last word", async () => {
    const script = new Script("host/a@ONE");
    expect(await refusal(script.run("krbtgt/TWO@ONE", 7))).toMatch(/^SERVICE_UNKNOWN: the KDC of TWO refused/);
    expect(script.asked).toEqual(["ONE host/a*", "TWO host/a*"]);
  });

  it.each([
    ["renew", renew],
    ["validate", validate],
    ["forwarded", forwarded],
    ["proxy", proxy],
  ])("a ticket that is made of the one shown (%s) is asked for once, of one realm", async (_, kdcOptions) => {
    const script = new Script("krbtgt/ONE@ONE", { kdcOptions }, { renewTill: new Date(NOW + 1e8) });
    await refusal(script.run(13));
    expect(script.asked).toEqual(["ONE krbtgt/ONE"]);
  });

  it.each<[string, number, number, RegExp | undefined]>([
    ["a ticket that began an hour ago may be validated now", validate, HOUR, undefined],
    ["a validated ticket begins when the one shown did", validate, HOUR - 1000, /^CLOCK_SKEW: /],
    ["a renewed ticket begins now", renew, HOUR, /^CLOCK_SKEW: /],
  ])("%s (RFC 4120 section 3.3.3)", async (_, kdcOptions, ago, failure) => {
    const shown = { startTime: new Date(NOW - HOUR), renewTill: new Date(NOW + 9 * HOUR) };
    const script = new Script("krbtgt/ONE@ONE", { kdcOptions }, shown);
    const run = script.run({ service: "krbtgt/ONE@ONE", part: { starttime: new Date(NOW - ago) } });
    if (failure === undefined) expect((await run).startTime).toEqual(shown.startTime);
    else expect(await refusal(run)).toMatch(failure);
  });

  it("another option does not keep the KDC from referring", async () => {
    const script = new Script("host/a@ONE", { kdcOptions: encTktInSkey, additionalTickets: [tgtOf().ticket] });
    await script.run("krbtgt/TWO@ONE", "host/a@TWO");
    expect(script.asked).toEqual(["ONE host/a*", "TWO host/a*"]);
  });

  it.each<[string, string, Partial<TgsWalkOptions>, readonly string[]]>([
    ["in the realm of its domain", "host/h.two@", {}, ["ONE host/h.two*", "ONE krbtgt/TWO"]],
    ["here again, where its domain is here", "host/h.one@", {}, ["ONE host/h.one*", "ONE host/h.one"]],
    ["here again, where it has no domain", "host/h@", {}, ["ONE host/h*", "ONE host/h"]],
    ["here again, where it is an address", "host/192.0.2.1@", {}, ["ONE host/192.0.2.1*", "ONE host/192.0.2.1"]],
    [
      "here again, where its realm is known",
      "host/h.two@",
      { hostRealm: "ONE" },
      ["ONE host/h.two*", "ONE host/h.two"],
    ],
    ["here again, where its realm is named", "host/h.two@ONE", {}, ["ONE host/h.two*", "ONE host/h.two"]],
  ])("a service is looked for %s", async (_, wanted, options, asked) => {
    const script = new Script(wanted, options);
    await script.run(7).catch(() => {});
    expect(script.asked).toEqual(asked);
  });

  it("a name of one component has no host to look for", async () => {
    const script = new Script("afs@");
    expect(await refusal(script.run(7))).toMatch(/^SERVICE_UNKNOWN: /);
    expect(script.asked).toEqual(["ONE afs*"]);
  });

  it("of the way it goes on nearer after those that say so, and ends at others", async () => {
    const capaths = () => ["M"];
    for (const code of [7, 12, 13, 14, 28]) {
      const script = new Script("host/a@FAR", { capaths });
      await script.run(code).catch(() => {});
      expect([code, ...script.asked]).toEqual([code, "ONE krbtgt/FAR", "ONE krbtgt/M"]);
    }
    for (const code of [6, 32, 37, 60]) {
      const script = new Script("host/a@FAR", { capaths });
      await refusal(script.run(code));
      expect([code, ...script.asked]).toEqual([code, "ONE krbtgt/FAR"]);
    }
  });
});

describe("a realm on the way", () => {
  it("is gone on from by the way that was planned, whatever is known of the way from there", async () => {
    const capaths = (from: string) => (from === "ONE" ? ["A", "B"] : undefined);
    const script = new Script("host/a@FAR", { capaths });
    await script.run(7, 7, "krbtgt/A@ONE", 7).catch(() => {});
    expect(script.asked).toEqual(["ONE krbtgt/FAR", "ONE krbtgt/B", "ONE krbtgt/A", "A krbtgt/FAR", "A krbtgt/B"]);
  });

  it("that is off the way is gone on from by the way from there", async () => {
    const capaths = (from: string) => (from === "C" ? ["D"] : ["A"]);
    const script = new Script("host/a@FAR", { capaths });
    await script.run("krbtgt/C@ONE", 7).catch(() => {});
    expect(script.asked).toEqual(["ONE krbtgt/FAR", "C krbtgt/FAR", "C krbtgt/D"]);
  });
});

describe("where a walk begins and ends", () => {
  const named = (service: string, over: Partial<ServiceTicket> = {}) =>
    tgtOf({ service: parsePrincipal(service), ...over });

  it("a way that is wanted ends at the ticket that enters the realm", async () => {
    const script = new Script("host/a@FAR", { isEntryWanted: true });
    expect((await script.run("krbtgt/MID@ONE", "krbtgt/FAR@MID")).service.components).toEqual(["krbtgt", "FAR"]);
    expect(script.asked).toEqual(["ONE krbtgt/FAR", "MID krbtgt/FAR"]);
    // It is there already, or kept.
    expect((await new Script("host/a@ONE", { isEntryWanted: true }).run()).service.components).toEqual([
      "krbtgt",
      "ONE",
    ]);
    const kept = named("krbtgt/FAR@ONE");
    expect(await new Script("host/a@FAR", { isEntryWanted: true, kept: () => kept }).run()).toBe(kept);
    const whole = new Script("host/a@ONE", { isEntryWanted: false });
    expect((await whole.run("host/a@ONE")).service.components).toEqual(["host", "a"]);
  });

  it("T9: the farthest realm that a kept ticket of this client reaches", async () => {
    const tickets = [named("krbtgt/M@ONE"), named("krbtgt/FAR@M", { client: parsePrincipal("bob@ONE") })];
    const looked: string[] = [];
    const kept: TgsWalkOptions["kept"] = ({ components, realm }) => {
      looked.push(`${components[1]}@${realm}`);
      return tickets.find(({ service }) => service.components[1] === components[1] && service.realm === realm);
    };
    const script = new Script("host/a@FAR", { capaths: () => ["M"], kept });
    await script.run("krbtgt/FAR@M", "host/a@FAR");
    expect(script.asked).toEqual(["M krbtgt/FAR", "FAR host/a*"]);
    // No ticket for the realm where we are is looked for, and none after the first that fits.
    expect(looked).toEqual(["FAR@ONE", "FAR@M", "M@ONE"]);
  });

  it("what is asked of the service's ticket is not asked of those on the way", async () => {
    const wrapped: string[] = [];
    const checked: string[] = [];
    const explicit: TgsWalkOptions["explicit"] = {
      wrapFor: (realm) => {
        wrapped.push(realm);
        return undefined;
      },
      check: ({ components }) => void checked.push(components.join("/")),
    };
    const additionalTickets = [tgtOf().ticket];
    const options = { explicit, kdcOptions: KDC_OPTION.encTktInSkey, additionalTickets };
    const script = new Script("host/a@TWO", options);
    let step = script.walk.start();
    const bodies = [];
    for (const service of ["krbtgt/TWO@ONE", "host/a@TWO"]) {
      if (step.type !== "send") throw new Error("nothing was asked");
      bodies.push(read(step.request).reqBody);
      step = script.walk.step(tgsReply(step.request, { service }));
    }
    const bits = bodies.map(({ kdcOptions }) => (kdcOptions & KDC_OPTION.encTktInSkey) !== 0);
    expect(bits).toEqual([false, true]);
    expect(bodies.map(({ additionalTickets }) => additionalTickets?.length)).toEqual([undefined, 1]);
    expect([wrapped, checked]).toEqual([["TWO"], ["host/a"]]);
  });

  it("a renewed ticket is asked for where it was issued, a service's where the ticket-granting ticket leads", () => {
    const { renew, forwarded } = KDC_OPTION;
    const tgt = { service: parsePrincipal("krbtgt/TWO@ONE"), renewTill: new Date(NOW + 1e8) };
    const realmOf = (wanted: string, kdcOptions: number) => {
      const step = new Script(wanted, { kdcOptions }, tgt).walk.start();
      return step.type === "send" ? step.realm : undefined;
    };
    expect(realmOf("krbtgt/TWO@ONE", renew)).toBe("ONE");
    expect(realmOf("host/a@", forwarded)).toBe("TWO");
    expect(realmOf("host/a@", 0)).toBe("TWO");
    expect(tgsRealm(named("krbtgt/TWO@ONE"))).toBe("TWO");
    expect(tgsRealm(named("kadmin/changepw@ONE"))).toBe("ONE");
  });
});

describe("names", () => {
  it("a name of text with two components is a host's where no realm is named (RFC 6806 section 8)", () => {
    const typed = (text: string, nameType: number) => hostBased({ ...parsePrincipal(text), nameType }).nameType;
    expect([typed("host/a@", 1), typed("afs@", 1), typed("a/b/c@", 1)]).toEqual([3, 1, 1]);
    expect([typed("host/a@", 0), typed("host/a@", 2)]).toEqual([0, 2]);
    const sent = (wanted: string) => {
      const step = new Script(wanted).walk.start();
      return step.type === "send" ? read(step.request).reqBody.sname?.nameType : undefined;
    };
    expect([sent("host/a@"), sent("host/a@ONE")]).toEqual([3, 1]);
  });

  it("krbtgt with one component behind it leads to a realm, and nothing else does", () => {
    const leads = (text: string) => referredTo(parsePrincipal(text));
    expect(leads("krbtgt/TWO@ONE")).toBe("TWO");
    for (const other of ["krbtgt@ONE", "krbtgt/TWO/x@ONE", "host/TWO@ONE", "krbtgt2/TWO@ONE"]) {
      expect(leads(other)).toBeUndefined();
    }
  });
});
