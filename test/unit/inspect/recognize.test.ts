// What octets are taken for, at the edges of each form.

import { describe, expect, it } from "vitest";
import { encodeText } from "../../../src/bytes/index.ts";
import { cf2 } from "../../../src/crypto/index.ts";
import { createTestRealm } from "../../../src/entry/testing.ts";
import { isKerberosError } from "../../../src/errors.ts";
import { certificateTree, nameWords } from "../../../src/inspect/certificates.ts";
import { KeyRing, messagesOf, octetsOfInput, TreeReader, treeLines, treeOf } from "../../../src/inspect/index.ts";
import { sealData } from "../../../src/krb5/index.ts";
import {
  encodeApReq,
  encodeAsReq,
  encodeAuthenticator,
  encodeAuthorizationData,
  encodeEncTicketPart,
  encodeKrbCred,
  encodePaPacRequest,
  encodeTicket,
} from "../../../src/krb5/messages/index.ts";
import { readCertificates } from "../../../src/x509/index.ts";
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
    if (!isKerberosError(error)) throw error;
    return error.message;
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
    expect(show("000e 0001 0002 0500 3004 0c02 6869")).toBe(
      'password change message\n  version: 0x0001\n  NULL: 0 octets\n  SEQUENCE\n    UTF8String: "hi"',
    );
  });
});

describe("a token of a context", () => {
  it("is a MIC or Wrap token from 16 octets on, whatever its body", () => {
    const header = "0404 01 ff ffffffff 0000000000000007";
    expect(show(header)).toBe("GSS MIC token\n  flags: 1 (sent by acceptor)\n  sequenceNumber: 7\n  body: 0 octets");
    expect(outcome(header.slice(0, -2))).not.toContain("GSS MIC");
    // RFC 4121 section 4.2.6.1: five octets of fill.
    expect(outcome(header.replace("ff ffffffff", "00 00000000"))).not.toContain("GSS MIC");
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

describe("a token that another would open", () => {
  it("of NEGOEX is said to be no Kerberos", () => {
    expect(show(Buffer.from(`NEGOEXTS${"\0".repeat(32)}`))).toMatch(/NegoEx: not Kerberos: the client got no ticket/);
  });

  it("in an offer that names no mechanism is nothing that anybody could name", () => {
    expect(outcome("601c 06062b0601050502 a012 3010 a002 3000 a20a 0408 6162636465666768")).not.toContain("undefined");
  });
});

describe("a proxy's message", () => {
  it.each([
    ["whose octet string is cut", "30 06 a0 04 04 02 0000"],
    ["whose length is more than there is", "30 08 a0 06 04 04 000000ff"],
    ["that holds something else", "30 0a a0 08 04 06 00000002 3000"],
    ["that holds a message without its length", "30 0a a0 08 04 06 6a04 3002 a100"],
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
    const asked = encodeAsReq({ pvno: 5, msgType: 10, reqBody: { ...reqBody, kdcOptions: 0x4080_0000 } });
    expect(show(asked)).toContain("kdcOptions: 0x40800000 (forwardable, renewable)\n");
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
    expect(show("30 09 01 01 ff 04 02 6869 04 00")).toBe(
      "SEQUENCE\n  BOOLEAN: true\n  OCTET STRING: 2 octets: 6869\n  OCTET STRING: 0 octets",
    );
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

  it("of challenges are made of the armor where it is known, however many keys there are", () => {
    const ring = new KeyRing(encTypes);
    for (let seed = 50; seed < 70; seed++) ring.add(18, new Uint8Array(32).fill(seed), `key ${seed}`);
    ring.learnArmor(key(2), block(1), false);
    ring.learnChallenges();
    const armor = combined(1, "subkeyarmor", 2, "ticketarmor");
    expect(opens(ring, combined(armor, "clientchallengearmor", 50, "challengelongterm"))).toBe(
      "key 50, for the client's challenge",
    );
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

  it("of a TGS-REQ's authenticator are the implicit armor, of any other's the armor", () => {
    for (const [usage, name] of [
      [7, "the implicit armor key"],
      [11, "the armor key"],
    ] as const) {
      const ring = new KeyRing(encTypes);
      ring.add(18, new Uint8Array(32).fill(2), "mine");
      const authenticator = encodeAuthenticator({
        authenticatorVno: 5,
        crealm: "R",
        cname: { nameType: 1, nameString: ["a"] },
        cusec: 0,
        ctime: new Date(0),
        subkey: block(1),
      });
      const encPart = sealData(key(9), 2, encodeText("x"));
      const ticket = encodeTicket({ tktVno: 5, realm: "R", sname: { nameType: 2, nameString: ["h"] }, encPart });
      const sealed = sealData(key(2), usage, authenticator);
      const shown = show(
        encodeApReq({ pvno: 5, msgType: 14, apOptions: 0, ticket: { octets: ticket }, authenticator: sealed } as never),
        { keys: ring },
      );
      expect(shown).toContain("opened with: mine");
      expect(opens(ring, combined(1, "subkeyarmor", 2, "ticketarmor"))).toBe(name);
    }
  });

  it("are tried within a bound", () => {
    const ring = new KeyRing(encTypes);
    for (let seed = 0; seed < 60; seed++) ring.add(18, new Uint8Array(32).fill(seed), "x");
    const large = sealData(key(200), 11, new Uint8Array(1_000_000));
    expect(ring.open(large, [11])).toEqual({ reason: "none of the 60 known keys of its enctype opens it" });
    expect(ring.open(large, [11])).toEqual({ reason: "none of the 60 known keys of its enctype opens it" });
    expect(ring.open(large, [11])).toEqual({ reason: "there are too many keys to try: give fewer" });
  });

  it("open what a ticket says of its client, and what is in AD-IF-RELEVANT", () => {
    const inner = encodeAuthorizationData([{ adType: 70, adData: encodeText("hi") }]);
    const part = encodeEncTicketPart({
      flags: 0,
      key: block(3),
      crealm: "R",
      cname: { nameType: 1, nameString: ["a"] },
      transited: { trType: 1, contents: new Uint8Array(0) },
      authtime: new Date(0),
      endtime: new Date(0),
      authorizationData: [
        { adType: 1, adData: inner },
        { adType: 512, adData: inner },
      ],
    });
    const ring = new KeyRing(encTypes);
    ring.add(18, new Uint8Array(32).fill(2), "mine");
    const sname = { nameType: 2, nameString: ["h"] };
    const shown = show(encodeTicket({ tktVno: 5, realm: "R", sname, encPart: sealData(key(2), 2, part) }), {
      keys: ring,
    });
    expect(shown.match(/adData: .*|adType: .*/g)).toEqual([
      "adType: 1 (AD-IF-RELEVANT)",
      `adData: ${inner.length} octets`,
      "adType: 70 (AD-AUTHENTICATION-STRENGTH)",
      'adData: 2 octets: 6869 "hi"',
      "adType: 512 (AD-SIGNTICKET)",
      expect.stringMatching(/^adData: \d+ octets: [0-9a-f]+$/),
    ]);
  });

  it("are not needed for a KRB-CRED that is not encrypted", () => {
    const cred = encodeKrbCred({
      pvno: 5,
      msgType: 22,
      tickets: [],
      encPart: { etype: 0, cipher: octets("7d 04 30 02 a0 00") },
    });
    expect(show(cred)).toContain("EncKrbCredPart");
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

describe("a certificate", () => {
  it("is shown with what it is for, or without; a name that does not read is said to be none", async () => {
    const realm = await createTestRealm({ realm: "R.TEST", preauth: ["pkinit"], principals: { alice: {} } });
    const treeOfOne = async (isForClients: boolean) => {
      const { certificate } = await realm.certificate("alice", { isForClients });
      return treeLines(certificateTree(readCertificates(certificate, "x")[0] as never)).join("\n");
    };
    expect(await treeOfOne(true)).toContain("extKeyUsage: 1.3.6.1.5.2.3.4");
    expect(await treeOfOne(false)).not.toContain("extKeyUsage");
    await realm.close();
    expect(nameWords(octets("3005"))).toBe("a name that does not read");
  });
});

describe("sealed octets", () => {
  it("say nothing, and are shown where all octets are asked for", () => {
    const encPart = { etype: 18, cipher: octets("00112233445566778899") };
    const ticket = encodeTicket({ tktVno: 5, realm: "R", sname: { nameType: 2, nameString: ["h"] }, encPart });
    expect(show(ticket)).toMatch(/cipher: 10 octets$/);
    expect(show(ticket)).not.toContain("kvno");
    expect(show(ticket, { withOctets: true })).toMatch(/cipher: 10 octets: 00112233445566778899$/);
  });

  it("of PKINIT's way by RSA are told as such", () => {
    const reqBody = { kdcOptions: 0, realm: "R", till: new Date(0), nonce: 1, etype: [18] };
    const padata = [{ padataType: 17, padataValue: octets("81 02 0500") }];
    expect(show(encodeAsReq({ pvno: 5, msgType: 10, padata, reqBody }))).toMatch(
      /PA-PK-AS-REP\n\s+encKeyPack\n\s+NULL/,
    );
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

  it("is a dump up to where a group is wider than the first, or ends short", () => {
    expect(text("0000 41 42 616263").toString("hex")).toBe("4142");
    expect(text("0000 4142 43 6465").toString("hex")).toBe("414243");
  });

  it("is messages with their lengths where each has octets, and the last ends at the end", () => {
    for (const one of ["00000000 00000001 aa", "00000001 aa 00000000", "00000002 aa", "00000001 aa bb"]) {
      expect(messagesOf(octets(one)).isFramed).toBe(false);
    }
    expect(messagesOf(octets("00000001 aa 00000002 bbcc")).messages).toEqual([octets("aa"), octets("bbcc")]);
  });

  it("is a dump with empty lines, and with 64 octets on a line, not 65", () => {
    expect(text("0010 41 42\n").toString("hex")).toBe("00104142");
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
