import { describe, expect, it } from "vitest";
import { concat, decodeHex } from "../../../src/bytes/index.ts";
import { RemctlProtocolError } from "../../../src/errors.ts";
import { decodeServerMessage, NOOP, QUIT } from "../../../src/remctl/command/messages.ts";
import { MAX_MESSAGE_BYTES } from "../../../src/remctl-wire/constants.ts";

const decode = (hex: string) => decodeServerMessage(decodeHex(hex));

describe("messages of a server", () => {
  it("5.2: OUTPUT is stream 1 or 2, a length, octets", () => {
    expect(decode("02 03 01 00000002 6869")).toEqual({ type: "output", stream: "stdout", data: decodeHex("6869") });
    expect(decode("02 03 02 00000001 ff")).toEqual({ type: "output", stream: "stderr", data: decodeHex("ff") });
    expect(decode("02 03 01 00000000")).toEqual({ type: "output", stream: "stdout", data: new Uint8Array(0) });
  });

  it("5.2: the data of OUTPUT is a view of the message", () => {
    const message = decodeHex("02 03 01 00000002 6869");
    const decoded = decodeServerMessage(message);
    expect(decoded.type === "output" && decoded.data.buffer).toBe(message.buffer);
  });

  it("5.2: STATUS is one octet, 0 to 255, unsigned", () => {
    for (const status of [0, 1, 127, 128, 200, 255]) {
      expect(decodeServerMessage(Uint8Array.of(2, 4, status))).toEqual({ type: "status", status });
    }
  });

  it("6.2: ERROR is an unsigned code, a length, text; 6.3: of any code", () => {
    expect(decode("02 05 00000005 00000002 6e6f")).toEqual({ type: "error", code: 5, text: decodeHex("6e6f") });
    expect(decode("02 05 fffffffe 00000000")).toEqual({ type: "error", code: 0xffff_fffe, text: new Uint8Array(0) });
    expect(decode("02 05 00000000 00000001 00")).toEqual({ type: "error", code: 0, text: decodeHex("00") });
  });

  it("3.1: VERSION is the highest version; 10.1: NOOP has no body", () => {
    expect(decode("02 06 03")).toEqual({ type: "version", highest: 3 });
    expect(decode("03 07")).toEqual({ type: "noop" });
  });

  it("2.9: the version octet is 2 or 3; version 1 is invalid here", () => {
    expect(decode("03 04 00")).toEqual({ type: "status", status: 0 });
    expect(decode("02 07")).toEqual({ type: "noop" });
    for (const version of ["00", "01", "04", "ff"])
      expect(() => decode(`${version} 04 00`)).toThrow(/protocol version/);
  });

  it("2.11: COMMAND and QUIT are refused from a server, and so is every unknown type", () => {
    expect(() => decode("02 01 00 00 00000000")).toThrow(/only a client sends/);
    expect(() => decode("02 02")).toThrow(/only a client sends/);
    for (const type of ["00", "08", "63", "ff"]) expect(() => decode(`02 ${type}`)).toThrow(/unknown message type/);
  });

  const malformed: readonly (readonly [string, string])[] = [
    ["nothing at all", ""],
    ["one octet", "02"],
    ["a STATUS without its octet", "02 04"],
    ["a STATUS of two octets", "02 04 00 00"],
    ["a STATUS of four octets", "02 04 00 00 00 00"],
    ["an OUTPUT without a length", "02 03 01 000000"],
    ["an OUTPUT that says more than it has", "02 03 01 00000003 6869"],
    ["an OUTPUT that says less than it has", "02 03 01 00000001 6869"],
    ["an OUTPUT that says 4 GiB", "02 03 01 ffffffff 6869"],
    ["an OUTPUT of stream 0", "02 03 00 00000001 68"],
    ["an OUTPUT of stream 3", "02 03 03 00000001 68"],
    ["an OUTPUT of stream 255", "02 03 ff 00000001 68"],
    ["an ERROR without a length", "02 05 00000001 000000"],
    ["an ERROR that says more than it has", "02 05 00000001 00000003 6869"],
    ["an ERROR that says less than it has", "02 05 00000001 00000001 6869"],
    ["an ERROR that says 4 GiB", "02 05 00000001 ffffffff"],
    ["a VERSION without its octet", "02 06"],
    ["a VERSION of two octets", "02 06 03 03"],
    ["a NOOP with a body", "03 07 00"],
  ];
  for (const [name, hex] of malformed) {
    it(`refuses ${name}`, () => {
      expect(() => decode(hex)).toThrow(RemctlProtocolError);
    });
  }

  it("1.5: a message is at most 65,536 octets, and seven more are let pass", () => {
    const output = (dataBytes: number): Uint8Array => {
      const octets = new Uint8Array(7 + dataBytes);
      octets.set([2, 3, 1]);
      new DataView(octets.buffer).setUint32(3, dataBytes);
      return octets;
    };
    expect(decodeServerMessage(output(MAX_MESSAGE_BYTES - 7)).type).toBe("output");
    expect(decodeServerMessage(output(MAX_MESSAGE_BYTES)).type).toBe("output");
    expect(() => decodeServerMessage(output(MAX_MESSAGE_BYTES + 1))).toThrow(/limit is 65536/);
  });

  it("7.1: QUIT has no body; 10.1: NOOP has version octet 3", () => {
    expect([...QUIT]).toEqual([2, 2]);
    expect([...NOOP]).toEqual([3, 7]);
  });

  it("2.9: less than two octets are no message", () => {
    expect(() => decode("")).toThrow(/a message of 0 octets, which is too short/);
    expect(() => decode("02")).toThrow(/a message of 1 octets, which is too short/);
  });

  it("every prefix of every message is refused or another message, never a crash", () => {
    const whole = concat(decodeHex("02 03 01 00000002 6869"));
    for (let length = 0; length < whole.length; length++) {
      expect(() => decodeServerMessage(whole.subarray(0, length))).toThrow(RemctlProtocolError);
    }
  });
});
