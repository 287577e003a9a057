import { expect, it } from "vitest";
import { encodeHex, Writer } from "../../src/bytes/index.ts";

it("a Writer grows at any field, with nothing lost", () => {
  for (let capacity = 0; capacity < 24; capacity++) {
    const out = new Writer(capacity).uint8(1).uint16(0x0203).uint32(0x04050607).int32(-1).uint64(8n);
    out.bytes(Uint8Array.of(9, 10)).data16(Uint8Array.of(11)).data32(Uint8Array.of(12));
    expect(encodeHex(out.finish())).toBe("01020304050607ffffffff0000000000000008090a00010b000000010c");
  }
});
