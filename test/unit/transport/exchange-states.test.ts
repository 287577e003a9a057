// Each state of an exchange with several KDCs, and what may still happen in it.

import { describe, expect, it } from "vitest";
import { KdcHealth } from "../../../src/transport/kdc-health.ts";
import { asRep, asReq, krbError } from "../../support/fake-kdc.ts";
import { ask, pass, stopClock } from "./scripted.ts";

const [a, b] = ["tcp://a:88", "tcp://b:88"] as const;
const garbage = Uint8Array.of(1);
const tooBig = krbError(52);
const unavailable = krbError(29);

stopClock();

describe("an exchange that is over", () => {
  it("asks nobody where the caller gave up before it began", async () => {
    const { asked, outcome } = ask([a, b], { signal: AbortSignal.abort() });
    await pass(5000);
    expect(asked).toEqual([]);
    expect(outcome.error).toMatchObject({ code: "ABORTED" });
  });

  it("hears no second answer, though both came at once", async () => {
    const health = new KdcHealth(60_000);
    const { answer, outcome, traced } = ask([a, b], { health });
    await pass(1000);
    answer(a, asRep(1));
    answer(b, garbage);
    await pass();
    expect(outcome.reply).toEqual({ reply: asRep(1), endpoint: a });
    expect(traced).toEqual([`kdc-request ${a}`, `kdc-request ${b}`, `kdc-reply ${a}`]);
    expect(health.order([{ name: b }, { name: a }])).toEqual([{ name: b }, { name: a }]);
  });

  it("does not hold the end of those that it gave up against them", async () => {
    const health = new KdcHealth(60_000);
    const { answer, outcome, traced } = ask([a, b], { health });
    await pass(1999);
    answer(a, asRep());
    await pass(60_000);
    expect(outcome.reply?.endpoint).toBe(a);
    expect(traced).toEqual([`kdc-request ${a}`, `kdc-request ${b}`, `kdc-reply ${a}`]);
    expect(health.order([{ name: b }, { name: a }])).toEqual([{ name: b }, { name: a }]);
  });

  it("hears no refusal that came at once with the answer", async () => {
    const health = new KdcHealth(60_000);
    const { answer, refuse, traced } = ask([a, b], { health });
    await pass(1000);
    answer(a, asRep());
    refuse(b);
    await pass();
    expect(traced.at(-1)).toBe(`kdc-reply ${a}`);
    expect(health.order([{ name: b }, { name: a }])).toEqual([{ name: b }, { name: a }]);
  });
});

describe("what a KDC's answer says of its health", () => {
  const inFront = (health: KdcHealth) => health.order([{ name: a }, { name: b }])[0]?.name;

  it.each([
    ["garbage", garbage, b],
    ["that it cannot answer now", unavailable, b],
    ["an error", krbError(25), a],
    ["a reply", asRep(), a],
  ])("%s: it is asked %s", async (_, octets, first) => {
    const health = new KdcHealth(60_000);
    const { answer } = ask([a], { health });
    await pass();
    answer(a, octets);
    await pass();
    expect(inFront(health)).toBe(first);
  });

  it("an answer after a long time is an answer", async () => {
    const health = new KdcHealth(60_000);
    const { answer, outcome } = ask([a, b], { health });
    await pass(5000);
    answer(a, asRep());
    await pass();
    expect(outcome.reply?.endpoint).toBe(a);
    const names = [{ name: a }, { name: "tcp://c:88" }];
    expect(health.order(names)).toEqual(names);
  });

  it("silence is a failure where another was asked meanwhile and answered", async () => {
    const health = new KdcHealth(60_000);
    const { answer } = ask([a, b], { health });
    await pass(1000);
    answer(b, asRep());
    await pass();
    expect(inFront(health)).toBe(b);
  });

  it("a reply that does not fit a datagram is not a failure, whatever time TCP takes then", async () => {
    const health = new KdcHealth(60_000);
    const { answer, outcome } = ask(["udp://a"], { health });
    answer("udp://a:88", tooBig);
    await pass();
    await pass(5000);
    answer(a, asRep());
    await pass();
    expect(outcome.reply?.endpoint).toBe(a);
    const names = [{ name: "udp://a:88" }, { name: b }];
    expect(health.order(names)).toEqual(names);
  });
});

describe("a reply that is too big for a datagram", () => {
  it("leads to TCP of the same KDC next; the others keep their order", async () => {
    const { asked, answer, refuse, outcome } = ask(["a", "b"]);
    answer("udp://a:88", tooBig);
    await pass();
    for (const endpoint of [a, "udp://b:88", b]) {
      refuse(endpoint);
      await pass();
    }
    expect(asked).toEqual(["udp://a:88", a, "udp://b:88", b]);
    expect(outcome.error).toMatchObject({ code: "KDC_UNREACHABLE" });
  });

  it("takes no other's turn away", async () => {
    const { asked, answer, refuse } = ask(["udp://a", b]);
    answer("udp://a:88", tooBig);
    await pass();
    refuse(a);
    await pass();
    expect(asked).toEqual(["udp://a:88", a, b]);
  });

  it("leads to no second question by TCP where the first is under way or has failed", async () => {
    for (const failsFirst of [true, false]) {
      const { asked, answer, refuse } = ask(["a"], { request: asReq(5000) });
      if (failsFirst) refuse(a);
      await pass(1000);
      answer("udp://a:88", tooBig);
      await pass(5000);
      expect(asked).toEqual([a, "udp://a:88"]);
    }
  });

  it("is the answer where it came by TCP", async () => {
    const { answer, outcome } = ask([a]);
    answer(a, tooBig);
    await pass();
    expect(outcome.reply).toEqual({ reply: tooBig, endpoint: a });
  });

  it("is told as such where the program has no TCP", async () => {
    const { outcome } = ask(["udp://a"], {
      transports: {
        udp: { name: "udp", missing: () => undefined, ask: async () => tooBig },
      },
    });
    await pass();
    expect(outcome.error).toMatchObject({
      attempts: [
        {
          reason: "the reply is too big for UDP, and this client was made without it: write tcp://host:port",
        },
      ],
    });
  });
});

describe("the times of an exchange", () => {
  it("the next KDC is asked after the delay, not before, and none after the last", async () => {
    const { asked } = ask([a, b], { hedgeDelayMs: 700 });
    await pass(699);
    expect(asked).toEqual([a]);
    await pass(1);
    expect(asked).toEqual([a, b]);
    await pass(9000);
    expect(asked).toEqual([a, b]);
  });

  it.each([
    { of: "a TGS-REQ", request: Uint8Array.of(0x6c, 0), delayMs: 150 },
    { of: "an AS-REQ that may have a proof", request: asReq(), delayMs: 1000 },
  ])(
    "P11: without a choice of the caller $of is sent to the next KDC after $delayMs ms",
    async ({ request, delayMs }) => {
      const { asked } = ask([a, b, "tcp://c"], { request, hedgeDelayMs: undefined });
      await pass(delayMs - 1);
      expect(asked).toEqual([a]);
      await pass(1);
      expect(asked).toEqual([a, b]);
      await pass(delayMs - 1);
      expect(asked).toEqual([a, b]);
      await pass(1);
      expect(asked).toEqual([a, b, "tcp://c:88"]);
    },
  );

  it("a failure leads to the next at once, and the delay begins anew", async () => {
    const { asked, refuse } = ask([a, b, "tcp://c"], { hedgeDelayMs: 700 });
    await pass(600);
    refuse(a);
    await pass(699);
    expect(asked).toEqual([a, b]);
    await pass(1);
    expect(asked).toEqual([a, b, "tcp://c:88"]);
  });

  it("the total ends it, and tells who was silent and who was not asked", async () => {
    const { outcome } = ask([a, b], { totalTimeoutMs: 500 });
    await pass(499);
    expect(outcome).toEqual({});
    await pass(1);
    expect(outcome.error).toMatchObject({
      code: "KDC_UNREACHABLE",
      attempts: [
        { endpoint: a, reason: "no answer within the total of 500 ms", obstacle: "silent" },
        { endpoint: b, reason: "not asked: there was no time left" },
      ],
    });
  });

  it.each([2 ** 31, Number.POSITIVE_INFINITY])(
    "a time of %s ms, longer than a timer can be, never comes",
    async (ms) => {
      const { asked, outcome } = ask([a, b], { totalTimeoutMs: ms, hedgeDelayMs: ms });
      await pass(9999);
      expect(asked).toEqual([a]);
      expect(outcome).toEqual({});
    },
  );

  it.each(["tcp", "udp"] as const)("a name that is being looked up by %s is told as the name's", async (name) => {
    const looking = (isOver: boolean) => ({
      transports: {
        [name]: {
          name,
          missing: () => undefined,
          ask: ({ onLookUp }: { onLookUp?: (isOver: boolean) => void }) => {
            onLookUp?.(false);
            if (isOver) onLookUp?.(true);
            return new Promise<never>(() => {});
          },
        },
      },
    });
    const words = "the look-up of the name a gave no answer";
    for (const [isOver, reason, obstacle] of [
      [false, words, "name"],
      [true, "no answer", "silent"],
    ] as const) {
      const each = ask([`${name}://a`], { ...looking(isOver), timeoutMs: 300 });
      const total = ask([`${name}://a`], { ...looking(isOver), totalTimeoutMs: 300 });
      await pass(300);
      expect(each.outcome.error).toMatchObject({ attempts: [{ reason: `${reason} within 300 ms`, obstacle }] });
      expect(total.outcome.error).toMatchObject({
        attempts: [{ reason: `${reason} within the total of 300 ms`, obstacle }],
      });
    }
  });
});

it("a refusal within the look-up of a name is told in its words", async () => {
  const { outcome } = ask([a], {
    transports: {
      tcp: {
        name: "tcp",
        missing: () => undefined,
        ask: async ({ onLookUp }) => {
          onLookUp?.(false);
          throw new Error("the host's words");
        },
      },
    },
  });
  await pass();
  expect(outcome.error).toMatchObject({ attempts: [{ reason: "the host's words" }] });
});

describe("the end of an exchange where none answered as it should", () => {
  it("does not come while one is still asked", async () => {
    const { answer, refuse, outcome } = ask([a, b]);
    await pass(1000);
    refuse(a);
    await pass();
    expect(outcome).toEqual({});
    answer(b, asRep());
    await pass();
    expect(outcome.reply?.endpoint).toBe(b);
  });

  it("is the error of a KDC that said that it cannot answer, once all had their turn", async () => {
    const { answer, refuse, outcome, traced } = ask([a, b]);
    answer(a, unavailable);
    await pass();
    expect(outcome).toEqual({});
    expect(traced).toContain(`kdc-failed ${a}`);
    refuse(b);
    await pass();
    expect(outcome.reply).toEqual({ reply: unavailable, endpoint: a });
  });

  it("has one cause, or all", async () => {
    const one = ask([a]);
    const why = new Error("why");
    one.refuse(a, why);
    await pass();
    expect(one.outcome.error).toMatchObject({
      code: "KDC_UNREACHABLE",
      cause: why,
      message: expect.stringContaining("no KDC of EXAMPLE.ORG answered"),
    });
    const two = ask([a, b]);
    two.refuse(a, why);
    await pass();
    two.refuse(b, "text");
    await pass();
    expect(two.outcome.error).toMatchObject({
      cause: { errors: [why, "text"] },
      attempts: [{ reason: "why" }, { reason: "text" }],
    });
  });

  it("is NOT_A_KDC where one of them answered with something else, whichever it was", async () => {
    for (const stranger of [a, b]) {
      const { answer, refuse, outcome } = ask([a, b]);
      for (const endpoint of [a, b]) {
        if (endpoint === stranger) answer(endpoint, garbage);
        else refuse(endpoint);
        await pass();
      }
      expect(outcome.error).toMatchObject({
        code: "NOT_A_KDC",
        message: expect.stringContaining("what answered for EXAMPLE.ORG is not a KDC"),
      });
    }
  });
});

describe("a program with few transports", () => {
  const udp = { name: "udp", missing: () => undefined, ask: async () => asRep() } as const;

  it("asks by UDP alone where it has no TCP", async () => {
    const { outcome, traced } = ask(["a"], { transports: { udp } });
    await pass();
    expect(outcome.reply?.endpoint).toBe("udp://a:88");
    expect(traced[0]).toBe("kdc-request udp://a:88");
  });

  it.each([
    ["https://proxy/KdcProxy", "give the option `transports: [httpsProxy()]`"],
    [a, "write tcp://host:port"],
  ])("says what it was made without: %s", async (endpoint, words) => {
    const { outcome } = ask([endpoint], { transports: { udp } });
    await pass();
    expect(outcome.error).toMatchObject({
      code: "UNSUPPORTED_BY_RUNTIME",
      message: expect.stringContaining(`this client was made without it: ${words}`),
    });
  });
});

describe("the order of the transports where an endpoint leaves the choice", () => {
  it.each([
    ["UDP first", {}, ["udp://a:88", "udp://b:88", a, b]],
    [
      "TCP first, where no refusal of a datagram is heard",
      { runtime: { name: "node", isUdpSilent: true } },
      [a, b, "udp://a:88", "udp://b:88"],
    ],
    ["TCP first, for a long request", { udpPreferenceBytes: 11 }, [a, b, "udp://a:88", "udp://b:88"]],
    ["UDP first, for a request of that length", { udpPreferenceBytes: 12 }, ["udp://a:88", "udp://b:88", a, b]],
    ["TCP alone, where a dial leads the traffic", { dial: async () => Promise.reject(new Error()) }, [a, b]],
  ] as const)("%s", async (_, options, order) => {
    const { asked, refuse } = ask(["a", "b"], options);
    for (const endpoint of order) {
      await pass();
      refuse(endpoint);
    }
    await pass();
    expect(asked).toEqual(order);
  });
});
