// What octets are taken for, at the edges of each form.

import { describe, expect, it } from "vitest";
import { encodeText } from "../../../src/bytes/index.ts";
import { cf2 } from "../../../src/crypto/index.ts";
import { KeyRing, octetsOfInput, TreeReader, treeLines, treeOf } from "../../../src/inspect/index.ts";
import { encodeAsReq, encodePaPacRequest, encodeTicket, sealData } from "../../../src/krb5/index.ts";
import { createEnds } from "../gssapi/exchange.ts";
import { encTypes } from "../gssapi/pair.ts";

const octets = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex.replaceAll(" ", ""), "hex"));

function show(
  input: Uint8Array | string,
  options: { keys?: KeyRing; withSecrets?: boolean; withOctets?: boolean } = {},
): string {
  const { keys = new KeyRing(encTypes), withSecrets = false, withOctets = false } = options;
  const reader = new TreeReader(keys, { withSecrets, withOctets });
  return treeLines(treeOf(typeof input === "string" ? octets(input) : input, { reader, keys })).join("\n");
}

/** What is shown, or why nothing is. */
function outcome(input: string): string {
  try {
    return show(input);
  } catch (error) {
    return (error as Error).message;
  }
}

describe("a cache or keytab", () => {
  it.each(["0501", "0502", "0503", "0504"])("is told by its two first octets: %s", (start) => {
    expect(outcome(`${start}0000`)).toContain("a credential cache or keytab, not a message");
  });

  it.each(["0500", "0505", "0402", "0602"])("%s is none", (start) => {
    expect(outcome(`${start}0000`)).not.toContain("cache or keytab");
  });
});

describe("packets of remctl", () => {
  it("may be a head alone", () => {
    expect(show("51 00000000")).toBe(
      "remctl packets\n  packet: flags 0x51 (TOKEN_NOOP | TOKEN_CONTEXT_NEXT | TOKEN_PROTOCOL), 0 octets",
    );
    expect(show("7f 00000001 aa").split("\n")[1]).toMatch(/flags 0x7f \(.*\), 1 octets$/);
  });

  it.each([
    ["no flag", "00 00000000"],
    ["a flag that there is not", "80 00000000"],
    ["a head that is cut", "51 000000"],
    ["a payload that is cut", "51 00000002 aa"],
    ["a second head that is cut", "51 00000000 51 00"],
  ])("are none with %s", (_, input) => {
    expect(outcome(input)).not.toContain("remctl packets");
  });
});

describe("a message of a password change", () => {
  const message = (version: string, apBytes = "0000") => `000c ${version} ${apBytes} 3004 0c02 6869`;

  it("is told by its length and its version", () => {
    expect(show(message("0001"))).toContain("password change message\n  version: 0x0001");
    expect(show(message("ff80"))).toContain("version: 0xff80");
    for (const other of ["0002", "0000", "ff81"]) expect(outcome(message(other))).not.toContain("password change");
    expect(outcome(`${message("0001")}00`)).not.toContain("password change");
    expect(outcome(message("0001", "0007"))).not.toContain("password change");
  });
});

describe("a token of a context", () => {
  it("is a MIC or Wrap token from 16 octets on, whatever its body", () => {
    const header = "0404 01 ff ffffffff 0000000000000007";
    expect(show(header)).toBe("GSS MIC token\n  flags: 1 (sent by acceptor)\n  sequenceNumber: 7\n  body: 0 octets");
    expect(outcome(header.slice(0, -2))).not.toContain("GSS MIC");
    expect(show("0504 04 ff 000c 0000 0000000000000001 6869").split("\n")).toEqual([
      "GSS Wrap token",
      "  flags: 4 (sent by initiator, acceptor subkey)",
      "  EC: 12",
      "  RRC: 0",
      "  sequenceNumber: 1",
      '  body: 2 octets: 6869 "hi"',
    ]);
  });

  it("opens with the context's key: the message alone, hidden unless it is asked for; a MIC is no message", async () => {
    const { initiator, acceptor, ticket } = createEnds();
    const first = (await initiator.step()) as Uint8Array;
    const reply = (await acceptor.step(first)) as Uint8Array;
    await initiator.step(reply);
    const keys = new KeyRing(encTypes);
    keys.add(ticket.sessionKey.encType.etype, ticket.sessionKey.octets, "the session key");
    // The sub-key of the acceptor is inside what the session key opens.
    expect(show(first, { keys })).toContain("opened with: the session key\n");
    expect(show(reply, { keys })).toContain("opened with: the session key\n");
    const sealed = initiator.wrap(encodeText("attack at dawn"));
    expect(show(sealed, { keys })).toContain(
      "opened with: the subkey of EncAPRepPart\n  message: 14 octets, a secret: not shown",
    );
    expect(show(sealed, { keys, withSecrets: true })).toMatch(/message: 14 octets: [0-9a-f]{28} "attack at dawn"$/);
    expect(show(initiator.getMic(encodeText("x")), { keys })).not.toContain("message");
  });
});

describe("a proxy's message", () => {
  it.each([
    ["whose octet string is cut", "30 06 a0 04 04 02 0000"],
    ["whose length is more than there is", "30 08 a0 06 04 04 000000ff"],
    ["that holds something else", "30 0a a0 08 04 06 00000002 3000"],
  ])("is plain ASN.1 %s", (_, input) => {
    expect(outcome(input)).toMatch(/^SEQUENCE\n {2}\[0\]/);
  });
});

describe("words", () => {
  it("bits without a name, a boolean, and octets as text where all of them are", () => {
    const pac = encodePaPacRequest({ includePac: true });
    const reqBody = {
      kdcOptions: 0,
      realm: "R",
      till: new Date(0),
      nonce: 1,
      etype: [18],
    };
    const shown = show(
      encodeAsReq({
        pvno: 5,
        msgType: 10,
        padata: [
          { padataType: 128, padataValue: pac },
          { padataType: 133, padataValue: encodeText("MIT") },
          { padataType: 133, padataValue: Uint8Array.of(0x41) },
          { padataType: 133, padataValue: Uint8Array.of(0x41, 0x7f) },
          { padataType: 133, padataValue: Uint8Array.of(0x1f, 0x41) },
          { padataType: 133, padataValue: new Uint8Array(0) },
        ],
        reqBody,
      }),
    );
    expect(shown).toContain("kdcOptions: 0x00000000\n");
    expect(shown).toContain("includePac: true");
    expect(shown.match(/padataValue: .*(?=\n)/g)).toEqual([
      expect.stringMatching(/^padataValue: \d+ octets$/),
      'padataValue: 3 octets: 4d4954 "MIT"',
      'padataValue: 1 octet: 41 "A"',
      "padataValue: 2 octets: 417f",
      "padataValue: 2 octets: 1f41",
      "padataValue: 0 octets",
    ]);
  });

  it("whole numbers as numbers, and large ones as their octets", () => {
    expect(show("30 0b 02 01 ff 0a 01 05 02 03 010000")).toContain("INTEGER: -1\n  ENUMERATED: 5\n  INTEGER: 65536");
    expect(show("30 09 02 07 01020304050607")).toContain("INTEGER: 0x01020304050607");
  });
});

describe("keys", () => {
  const key = (seed: number) => encTypes.importKey(18, new Uint8Array(32).fill(seed));
  const block = (seed: number, keytype = 18) => ({ keytype, keyvalue: new Uint8Array(32).fill(seed) });
  const combined = (
    one: number | ReturnType<typeof key>,
    a: string,
    other: number | ReturnType<typeof key>,
    b: string,
  ) =>
    cf2(
      encTypes.provider,
      typeof one === "number" ? key(one) : one,
      typeof other === "number" ? key(other) : other,
      encodeText(a),
      encodeText(b),
    );
  const opens = (ring: KeyRing, by: ReturnType<typeof key>): string | undefined => {
    const found = ring.open(sealData(by, 11, encodeText("x")), [11]);
    return "name" in found ? found.name : undefined;
  };

  it("of armor are made of a sub-key and the key of its ticket; inside a TGS-REQ it is the implicit armor", () => {
    const armor = combined(1, "subkeyarmor", 2, "ticketarmor");
    const plain = new KeyRing(encTypes);
    plain.learnArmor(key(2), block(1), false);
    expect(opens(plain, armor)).toBe("the armor key");
    const implicit = new KeyRing(encTypes);
    implicit.learnArmor(key(2), block(1), true);
    expect(opens(implicit, armor)).toBe("the implicit armor key");
  });

  it("of explicit armor are made of the TGS-REQ's sub-key too, which comes first", () => {
    const armor = combined(3, "subkeyarmor", 4, "ticketarmor");
    const explicit = combined(armor, "explicitarmor", 1, "tgsarmor");
    const ring = new KeyRing(encTypes);
    ring.learnArmor(key(2), block(1), true);
    ring.learnArmor(key(4), block(3), false);
    expect(opens(ring, explicit)).toBe("the explicit armor key");
    const alone = new KeyRing(encTypes);
    alone.learnArmor(key(4), block(3), false);
    expect(opens(alone, explicit)).toBeUndefined();
  });

  it("of an enctype that is not known make nothing, and hurt nothing", () => {
    const ring = new KeyRing(encTypes);
    expect(ring.add(99, new Uint8Array(32), "x")).toBe(false);
    ring.add(18, new Uint8Array(32).fill(5), "mine");
    ring.learnStrengthen(block(1, 99));
    ring.learnArmor(key(1), block(2, 99), false);
    expect(opens(ring, key(5))).toBe("mine");
    ring.learnStrengthen(block(1));
    expect(opens(ring, combined(1, "strengthenkey", 5, "replykey"))).toBe("mine, strengthened");
  });

  it("a ticket says why it stays closed: no key at all is not a line of its own", () => {
    const ticket = encodeTicket({
      tktVno: 5,
      realm: "R",
      sname: { nameType: 2, nameString: ["host", "h"] },
      encPart: sealData(key(1), 2, encodeText("x")),
    });
    expect(show(ticket)).not.toContain("not opened");
    const keys = new KeyRing(encTypes);
    keys.add(18, new Uint8Array(32).fill(9), "another");
    expect(show(ticket, { keys })).toContain("not opened: none of the 1 known key of its enctype opens it");
  });
});

describe("input", () => {
  const text = (input: Uint8Array | string) =>
    Buffer.from(octetsOfInput(typeof input === "string" ? encodeText(input) : input));

  it("is text where all of it is: a form feed, a DEL or a no-break space in it is an octet", () => {
    expect(text("6a 81\t9c\r\n").toString("hex")).toBe("6a819c");
    for (const odd of ["6a\f81", "6a81\x7f", "6a\u00a081"]) expect(text(odd).equals(Buffer.from(odd))).toBe(true);
  });

  it("is hexadecimal, and no dump, as one group of digits or an offset alone", () => {
    expect(text("0000 6a81").toString("hex")).toBe("00006a81");
    expect(text("0000").toString("hex")).toBe("0000");
    expect(text("0000 6a 81").toString("hex")).toBe("6a81");
  });

  it("is a dump with empty lines, and with 64 octets on a line, not 65", () => {
    const row = (size: number) => Array(size).fill("41").join(" ");
    expect(text(`0000 ${row(16)}\n\n \n0010 ${row(2)}\n`)).toHaveLength(18);
    expect(text(`0000 ${row(64)}\n0040 ${row(2)}\n`)).toHaveLength(66);
    expect(text(`0000 ${row(65)}\n0041 ${row(2)}\n`)).toHaveLength(71);
  });

  it("counts in octal with offsets of seven digits alone", () => {
    const row = Array(16).fill("41").join(" ");
    expect(text(`0000000 ${row}\n0000020 41\n0000021\n`)).toHaveLength(17);
    expect(text(`00000000 ${row}\n00000020 41\n00000021\n`)).not.toHaveLength(17);
  });
});
