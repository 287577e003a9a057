// SPAKE as a client runs it: its messages, and each check that a KDC which is not one would have to pass.

import { describe, expect, it } from "vitest";
import { edwards25519, type Group, p256, p384, p521 } from "../../../../src/curves/index.ts";
import { KRB_ERROR, PADATA } from "../../../../src/iana/index.ts";
import { encTimestamp, spake, usualMechanisms } from "../../../../src/preauth/index.ts";
import { spakeMessages } from "../../../../src/preauth/spake/messages.ts";
import type { TraceEvent } from "../../../../src/trace.ts";
import { drive, exchange, find, logIn, PreauthKdc } from "../../../support/preauth-kdc.ts";
import { pa } from "../../../support/preauth-mechanisms.ts";
import { ALL_GROUPS, type SpakeKdcOptions, spakeKdc, withPoint } from "../../../support/spake-kdc.ts";
import { refusal } from "../../client/harness.ts";

const NIST = [p256, p384, p521];
const both = [spake({ groups: ALL_GROUPS }), encTimestamp];

/** A KDC of SPAKE, with what it saw. */
async function start(options: SpakeKdcOptions = {}) {
  const { script, seen, publicKeys } = spakeKdc(options);
  return { kdc: await PreauthKdc.create(script), seen, publicKeys };
}

/** Whether a request had a timestamp. */
const timestamps = ({ requests }: PreauthKdc) =>
  requests.filter(({ padata }) => find(padata, PADATA.encTimestamp) !== undefined).length;

describe.each(ALL_GROUPS.map((group) => [group.name, group] as const))("SPAKE in %s", (_name, group) => {
  it("logs in after an offer, and the KDC's challenge answers our list of groups", async () => {
    const { kdc, seen } = await start({ groups: [group] });
    await logIn(kdc, { preauth: both });
    expect(kdc.requests).toHaveLength(3);
    expect(seen.map(([tag]) => tag)).toEqual([0xa0, 0xa2]);
    expect(spakeMessages.decode("support", seen[0] as Uint8Array).groups).toEqual([1, 2, 3, 4]);
    expect(spakeMessages.decode("response", seen[1] as Uint8Array).factor).not.toHaveProperty("kvno");
  });

  it("takes a challenge that came unasked, with no list of groups", async () => {
    const { kdc, seen } = await start({ optimistic: group });
    await logIn(kdc, { preauth: both });
    expect(kdc.requests).toHaveLength(2);
    expect(seen.map(([tag]) => tag)).toEqual([0xa2]);
  });

  it("passes over a challenge that came unasked in a group that we do not have", async () => {
    const others = ALL_GROUPS.filter((one) => one !== group);
    const { kdc, seen } = await start({ optimistic: group });
    await logIn(kdc, { preauth: [spake({ groups: others })] });
    expect(seen.map(([tag]) => tag)).toEqual([0xa0, 0xa2]);
  });

  it("refuses a wrong password", async () => {
    const { kdc, seen } = await start({ groups: [group] });
    expect(await refusal(logIn(kdc, { preauth: both, password: "wrong" }))).toMatch(/^WRONG_PASSWORD: /);
    expect(seen.map(([tag]) => tag)).toEqual([0xa0, 0xa2]);
    expect(timestamps(kdc)).toBe(0);
  });
});

/** Points that are refused: [what, group, octets]. */
const badPoints: readonly (readonly [string, Group, Uint8Array])[] = [
  ["the identity of edwards25519", edwards25519, point(edwards25519, (octets) => octets.fill(0, 1).fill(1, 0, 1))],
  ["a point of order 4", edwards25519, new Uint8Array(32)],
  ["y that is not reduced", edwards25519, new Uint8Array(32).fill(0xff).fill(0x7f, 31).fill(0xf0, 0, 1)],
  ["a point that is not on edwards25519", edwards25519, new Uint8Array(32).fill(7, 0, 1)],
  ...ALL_GROUPS.map((group) => [`too short a point of ${group.name}`, group, group.base.encode().slice(1)] as const),
  ...NIST.flatMap((group) => [
    [`the identity of ${group.name}`, group, Uint8Array.of(0)] as const,
    [`an x of ${group.name} that is not reduced`, group, point(group, (octets) => octets.fill(0xff, 1))] as const,
    [`a point of ${group.name} with another head`, group, point(group, (octets) => octets.fill(4, 0, 1))] as const,
    [`an x that is not on ${group.name}`, group, notOn(group)] as const,
  ]),
];

function point(group: Group, change: (octets: Uint8Array) => Uint8Array): Uint8Array {
  return change(group.base.encode().slice());
}

/** The first x that is of no point. */
function notOn(group: Group): Uint8Array {
  for (let x = 1; ; x++) {
    const octets = new Uint8Array(group.elementBytes).fill(2, 0, 1).fill(x, group.elementBytes - 1);
    try {
      group.decode(octets);
    } catch {
      return octets;
    }
  }
}

describe("a KDC that is not one", () => {
  /** It gets no response, no timestamp, and the login fails. */
  async function refused(options: SpakeKdcOptions, words: RegExp, preauth = both): Promise<void> {
    const { kdc, seen } = await start({ others: [pa(PADATA.encTimestamp)], ...options });
    expect(await refusal(logIn(kdc, { preauth }))).toMatch(words);
    expect(seen.filter(([tag]) => tag === 0xa2)).toEqual([]);
    expect(timestamps(kdc)).toBe(0);
  }

  it.each(badPoints)("SP1: sends %s", async (_what, group, octets) => {
    const words = /^PREAUTH: SPAKE: the KDC's public key is not a point of/;
    await refused({ groups: [group], change: withPoint(octets) }, words);
    await refused({ optimistic: group, change: withPoint(octets) }, words);
  });

  it("SP1: sends a point that makes the secret the identity", async () => {
    // Only one with the key can: M times the multiplier, and nothing else.
    const { script } = spakeKdc({ change: (one) => one });
    const kdc = await PreauthKdc.create(script);
    const { multiplierOctets } = await import("../../../../src/preauth/spake/keys.ts");
    const w = p256.reduce(multiplierOctets(kdc.key, p256));
    const pubkey = p256.m.multiply(w).encode();
    kdc.script = spakeKdc({ groups: [p256], change: withPoint(pubkey) }).script;
    expect(await refusal(logIn(kdc, { preauth: both }))).toMatch(/^PREAUTH: SPAKE: .* gives no secret/);
  });

  it("SP2: chooses a group that we did not offer", async () => {
    const words = /^PREAUTH: SPAKE: the KDC's challenge is in a group that we did not offer; we have P-256, P-384/;
    const preauth = [spake({ groups: [p256, p384] }), encTimestamp];
    await refused({ change: (one) => ({ ...one, group: 1 }) }, words, preauth);
    await refused({ change: (one) => ({ ...one, group: 99 }) }, words, preauth);
    await refused({ change: (one) => ({ ...one, group: -1 }) }, words, preauth);
  });

  it("SP3: refuses a challenge without SF-NONE", async () => {
    const words = /^PREAUTH: SPAKE: the KDC wants a second factor/;
    for (const factors of [[], [{ type: 2 }], [{ type: 0 }, { type: -1, data: Uint8Array.of(1) }]]) {
      await refused({ change: (one) => ({ ...one, factors }) }, words);
    }
  });

  it("SP3: may list it among others", async () => {
    const { kdc } = await start({ change: (one) => ({ ...one, factors: [{ type: 2 }, { type: 1 }] }) });
    await logIn(kdc, { preauth: both });
  });

  it.each([
    ["our own message", (message: Uint8Array) => Uint8Array.of(0xa0, ...message.slice(1))],
    ["a response", (message: Uint8Array) => Uint8Array.of(0xa2, ...message.slice(1))],
    ["encrypted data", (message: Uint8Array) => Uint8Array.of(0xa3, ...message.slice(1))],
    ["a challenge that is cut off", (message: Uint8Array) => message.slice(0, -1)],
    ["a challenge with an octet too many", (message: Uint8Array) => Uint8Array.of(...message, 0)],
    ["octets that are not DER", () => Uint8Array.of(1)],
  ])("D4: sends %s for a challenge", async (_what, rewrite) => {
    await refused({ rewrite }, /^PREAUTH: SPAKE: the KDC's message is not a challenge, or does not decode/);
    await refused({ rewrite, optimistic: p256 }, /^PREAUTH: SPAKE: the KDC's message is not a challenge/);
  });

  it("SP2: asks for more and sends no challenge", async () => {
    const { kdc } = await start();
    kdc.script = (_request, round, self) => ({
      code: round === 0 ? KRB_ERROR.KDC_ERR_PREAUTH_REQUIRED : KRB_ERROR.KDC_ERR_MORE_PREAUTH_DATA_REQUIRED,
      methods: [self.etypeInfo, pa(PADATA.spake)],
    });
    expect(await refusal(logIn(kdc, { preauth: both }))).toMatch(/^PREAUTH: SPAKE: the KDC wants more .* no challenge/);
    expect(kdc.requests).toHaveLength(2);
  });

  it("SP4: sends a second challenge after our response, and gets no second response", async () => {
    const { script, seen } = spakeKdc();
    const kdc = await PreauthKdc.create(script);
    let challenge: Uint8Array | undefined;
    kdc.script = (request, round, self) => {
      if (round === 2) {
        const methods = [pa(PADATA.spake, challenge)];
        return { code: KRB_ERROR.KDC_ERR_MORE_PREAUTH_DATA_REQUIRED, methods };
      }
      const answer = script(request, round, self);
      if (answer !== "usual" && "code" in answer) challenge = find(answer.methods, PADATA.spake);
      return answer;
    };
    expect(await refusal(logIn(kdc, { preauth: both }))).toContain("KDC_ERR_MORE_PREAUTH_DATA_REQUIRED");
    expect(kdc.requests).toHaveLength(3);
    expect(seen).toHaveLength(1);
  });

  it("SP6: changes our list of groups, or its own challenge, on the way", async () => {
    const { kdc, seen } = await start();
    const { script } = kdc;
    kdc.script = (request, round, self) => {
      const support = find(request.padata, PADATA.spake);
      if (support?.[0] !== 0xa0) return script(request, round, self);
      // As if we had P-256 alone: a weaker group would be chosen by an attacker.
      const groups = spakeMessages.encode("support", { groups: [2] });
      return script({ ...request, padata: [pa(PADATA.spake, groups)] }, round, self);
    };
    expect(await refusal(logIn(kdc, { preauth: both }))).toMatch(/^WRONG_PASSWORD: /);
    expect(seen).toHaveLength(2);
  });
});

describe("fresh state", () => {
  it("SP4: each response has a public key of its own, also after a failure", async () => {
    const { kdc, publicKeys } = await start();
    for (const password of ["wrong", "secret", "secret", "wrong"]) {
      await logIn(kdc, { preauth: both, password }).catch(() => {});
    }
    expect(publicKeys).toHaveLength(4);
    expect(new Set(publicKeys.map(String)).size).toBe(4);
  });

  it("SP5: a KDC without SPAKE that gets a response gets no timestamp after it (krb5 pull request 1430)", async () => {
    const { kdc, seen } = await start();
    const { script } = kdc;
    kdc.script = (request, round, self) => {
      if (find(request.padata, PADATA.spake)?.[0] !== 0xa2) return script(request, round, self);
      return { code: KRB_ERROR.KDC_ERR_PREAUTH_REQUIRED, methods: [self.etypeInfo, pa(PADATA.encTimestamp)] };
    };
    expect(await refusal(logIn(kdc, { preauth: both }))).toMatch(/^PREAUTH: /);
    expect(timestamps(kdc)).toBe(0);
    expect(seen).toHaveLength(1);
    // The next login begins anew, and is let in by a KDC that has it.
    kdc.script = script;
    await logIn(kdc, { preauth: both });
  });
});

describe("no timestamp where SPAKE is offered", () => {
  const timestamp = [pa(PADATA.encTimestamp)];

  it("SP5: by the order of preferred_preauth_types neither", async () => {
    const { kdc, seen } = await start({ others: timestamp });
    await logIn(kdc, { preauth: both, preferredPreauth: [PADATA.encTimestamp] });
    expect(timestamps(kdc)).toBe(0);
    expect(seen).toHaveLength(2);
  });

  it("SP5: nor where no group is common", async () => {
    const { kdc } = await start({ others: timestamp, groups: [p521] });
    expect(await refusal(logIn(kdc, { preauth: [spake(), encTimestamp] }))).toMatch(/^PREAUTH: /);
    expect(timestamps(kdc)).toBe(0);
  });

  it("SP5: nor where a list of our groups in the first request is refused", async () => {
    const { kdc } = await start();
    const machine = exchange({ preauth: both });
    await drive(kdc, machine);
    expect(machine.proof?.mechanism).toBe(PADATA.spake);
    kdc.script = (_request, _round, self) => ({
      code: KRB_ERROR.KDC_ERR_PREAUTH_FAILED,
      methods: [self.etypeInfo, ...timestamp],
    });
    const next = exchange({ preauth: both });
    const first = await next.startWithProof(machine.proof as NonNullable<typeof machine.proof>);
    expect(await refusal(drive(kdc, next, first))).toMatch(/^PREAUTH: /);
    expect(timestamps(kdc)).toBe(0);
  });

  it("a list of ours without SPAKE sends one, and a line of the trace warns", async () => {
    const { kdc } = await start();
    kdc.script = (_request, round, self) => {
      if (round > 0) return "usual";
      const methods = [...timestamp, self.etypeInfo, pa(PADATA.spake)];
      return { code: KRB_ERROR.KDC_ERR_PREAUTH_REQUIRED, methods };
    };
    const events: TraceEvent[] = [];
    await logIn(kdc, { preauth: [encTimestamp], trace: (event) => events.push(event as TraceEvent) });
    expect(timestamps(kdc)).toBe(1);
    const notes = events.flatMap((event) => (event.type === "note" ? [event.text] : []));
    expect(notes).toEqual([expect.stringMatching(/^warning: the KDC offers SPAKE .* guess the password offline/)]);
  });

  it("a KDC that offers no SPAKE gets a timestamp, without a warning", async () => {
    const kdc = await PreauthKdc.create(() => "usual");
    const events: TraceEvent[] = [];
    await logIn(kdc, { preauth: both, trace: (event) => events.push(event as TraceEvent) });
    expect(timestamps(kdc)).toBe(1);
    expect(events.map(({ type }) => type)).not.toContain("note");
  });
});

describe("the next login", () => {
  it("has our groups in its first request, and takes the salt that comes with the challenge", async () => {
    const { kdc, seen } = await start({ beside: (self) => [self.etypeInfo] });
    const machine = exchange({ preauth: both });
    await drive(kdc, machine);
    const { proof } = machine;
    seen.length = 0;
    const next = exchange({ preauth: both });
    await drive(kdc, next, await next.startWithProof(proof as NonNullable<typeof proof>));
    expect(seen.map(([tag]) => tag)).toEqual([0xa0, 0xa2]);
    expect(kdc.requests).toHaveLength(5);
  });
});

describe("groups", () => {
  it("of spake_preauth_groups are offered in its order, and all where it is not given", async () => {
    for (const [names, offered] of [
      [undefined, [1, 2, 3, 4]],
      [
        ["P-384", "edwards25519", "p-384", "nonsense"],
        [3, 1],
      ],
    ] as const) {
      const { kdc, seen } = await start();
      await logIn(kdc, { preauth: usualMechanisms({ spakeGroups: () => names }) });
      expect(spakeMessages.decode("support", seen[0] as Uint8Array).groups).toEqual(offered);
    }
  });

  it("that are not there end a login with SPAKE", async () => {
    const { kdc, seen } = await start({ others: [pa(PADATA.encTimestamp)] });
    const preauth = usualMechanisms({ spakeGroups: () => ["nonsense"] });
    expect(await refusal(logIn(kdc, { preauth }))).toMatch(/^PREAUTH: spake_preauth_groups names none of the groups/);
    expect(seen).toEqual([]);
    expect(timestamps(kdc)).toBe(0);
  });

  it.each([
    [{ groups: [] }, /empty list/],
    [{ groups: [p256, p256] }, /a group twice/],
    [{ groups: ["P-256"] }, /groups\[0\] is a string/],
    [{ groups: [{}] }, /groups\[0\] has no decode\(\)/],
    [{ group: [p256] }, /group/],
  ])("of a caller are checked: %o", (options, words) => {
    expect(() => spake(options as never)).toThrow(words);
  });

  it("of nobody's choice: edwards25519", async () => {
    const { kdc, seen } = await start();
    await logIn(kdc, { preauth: [spake()] });
    expect(spakeMessages.decode("support", seen[0] as Uint8Array).groups).toEqual([1]);
  });
});
