import { describe, expect, it } from "vitest";
import { concat } from "../../../src/bytes/index.ts";
import type { Layer, SecurityLayer } from "../../../src/entry/sasl.ts";
import { createLayer } from "../../../src/sasl/security-layer.ts";
import { codeOf, contextPair, flip, pattern } from "../gssapi/pair.ts";

const SIZE = 65_536;

async function layers(
  kind: Exclude<Layer, "none"> = "confidentiality",
  maxReceiveBytes: number = SIZE,
): Promise<{
  ours: SecurityLayer;
  theirs: SecurityLayer;
  context: Awaited<ReturnType<typeof contextPair>>["acceptor"];
}> {
  const { initiator, acceptor } = await contextPair();
  const sizes = { maxSendBytes: SIZE, maxReceiveBytes };
  return {
    ours: createLayer(initiator, kind, sizes) as SecurityLayer,
    theirs: createLayer(acceptor, kind, sizes) as SecurityLayer,
    context: acceptor,
  };
}

const framed = (token: Uint8Array): Uint8Array => {
  const { length } = token;
  return concat(Uint8Array.of(length >>> 24, length >>> 16, length >>> 8, length), token);
};

describe("a deframer", () => {
  it.each(["integrity", "confidentiality"] as const)("takes frames however they are cut: %s", async (kind) => {
    for (const size of [1, 3, 64, 65, 1000, 30_000]) {
      const { ours, theirs } = await layers(kind);
      const messages = [pattern(1), pattern(500), pattern(20_000), pattern(7)];
      const stream = concat(...messages.map((message) => theirs.frame(message)));
      const deframer = ours.createDeframer();
      const got: Uint8Array[] = [];
      for (let at = 0; at < stream.length; at += size) {
        const chunk = stream.slice(at, at + size);
        got.push(...deframer.push(chunk));
        // A host may use its buffer again.
        chunk.fill(0xee);
      }
      expect(Buffer.concat(got).equals(concat(...messages))).toBe(true);
      expect(deframer.isWithinFrame).toBe(false);
    }
  });

  it("says whether the stream ends within a frame", async () => {
    const { ours, theirs } = await layers();
    const deframer = ours.createDeframer();
    const stream = theirs.frame(pattern(10));
    for (const at of stream.keys()) {
      deframer.push(stream.subarray(at, at + 1));
      expect(deframer.isWithinFrame).toBe(at < stream.length - 1);
    }
  });

  it.each([
    ["SS5: a length above what was agreed", SIZE + 1],
    ["SS5: a length that would be negative", 0x8000_0000],
    ["SS5: the greatest length", 0xffff_ffff],
    ["SS5: a frame with nothing in it", 0],
  ])("%s", async (_, length) => {
    const { ours, theirs } = await layers();
    const deframer = ours.createDeframer();
    const first = theirs.frame(pattern(10));
    expect(deframer.push(first)).toHaveLength(1);
    const header = Uint8Array.of(length >>> 24, length >>> 16, length >>> 8, length);
    expect(codeOf(() => deframer.push(header))).toBe("SASL_PROTOCOL");
    // It ends the layer, in both directions.
    expect(codeOf(() => deframer.push(theirs.frame(pattern(10))))).toBe("SASL_PROTOCOL");
    expect(codeOf(() => ours.frame(pattern(1)))).toBe("GSS_NO_CONTEXT");
  });

  it("SS5: takes a frame of the agreed length, and no longer one", async () => {
    const { ours, context } = await layers("confidentiality", 1024);
    const deframer = ours.createDeframer();
    expect(deframer.push(framed(context.wrap(pattern(1024 - 60))))).toHaveLength(1);
    expect(codeOf(() => deframer.push(framed(context.wrap(pattern(1024 - 59)))))).toBe("SASL_PROTOCOL");
  });

  it("SS5: takes no memory for octets that did not come", async () => {
    const before = process.memoryUsage().arrayBuffers;
    const deframers = [];
    for (let count = 0; count < 32; count++) {
      const { ours } = await layers("confidentiality", 0xff_ffff);
      const deframer = ours.createDeframer();
      deframer.push(Uint8Array.of(0, 0xff, 0xff, 0xff, 5, 4));
      deframers.push(deframer);
    }
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * 1024 * 1024);
    expect(deframers.every(({ isWithinFrame }) => isWithinFrame)).toBe(true);
  });

  it("SS6: a frame that is only signed, in a layer of encryption", async () => {
    const { ours, context } = await layers();
    const deframer = ours.createDeframer();
    expect(codeOf(() => deframer.push(framed(context.wrap(pattern(5), { conf: false }))))).not.toBe("accepted");
  });

  it("an encrypted frame in a layer of signatures is taken", async () => {
    const { ours, context } = await layers("integrity");
    expect(ours.createDeframer().push(framed(context.wrap(pattern(5))))).toEqual([pattern(5)]);
  });

  it.each(["changed", "doubled", "left out", "in another order"])("a frame that is %s ends the layer", async (how) => {
    const { ours, theirs } = await layers();
    const [one, two, three] = [theirs.frame(pattern(9)), theirs.frame(pattern(8)), theirs.frame(pattern(7))];
    const stream = {
      changed: concat(one, flip(two, 40, 1)),
      doubled: concat(one, one),
      "left out": concat(one, three),
      "in another order": concat(two, one),
    }[how] as Uint8Array;
    const deframer = ours.createDeframer();
    const code = codeOf(() => deframer.push(stream));
    expect(code).toMatch(/^GSS_/);
    expect(codeOf(() => deframer.push(three))).toBe(code);
  });

  it("is made once", async () => {
    const { ours } = await layers();
    ours.createDeframer();
    expect(() => ours.createDeframer()).toThrow(TypeError);
  });

  it("refuses what is not octets, without an end", async () => {
    const { ours, theirs } = await layers();
    const deframer = ours.createDeframer();
    expect(() => deframer.push("octets" as unknown as Uint8Array)).toThrow(TypeError);
    expect(() => ours.frame("octets" as unknown as Uint8Array)).toThrow(TypeError);
    expect(deframer.push(theirs.frame(pattern(3)))).toEqual([pattern(3)]);
  });
});
