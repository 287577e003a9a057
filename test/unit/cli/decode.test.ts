import fs from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import spakeExchanges from "../../../krb5-vectors/preauth/spake-exchanges.json" with { type: "json" };
import { encodeText } from "../../../src/bytes/index.ts";
import { headerTokens, messagesOf, octetsOfInput } from "../../../src/inspect/index.ts";
import { runCli } from "../../support/cli.ts";

interface Recording {
  readonly inputs: { readonly client: string; readonly password: string };
  readonly kdc: readonly { readonly request: string; readonly reply: string }[];
  readonly tgt: { readonly sessionKey: string };
  readonly ticket: { readonly sessionKey: string };
  readonly remctl: { readonly chunks: readonly { readonly octets: string }[] };
}

const folder = path.join(import.meta.dirname, "../../../krb5-vectors/exchanges");
const recording = (name: string): Recording => JSON.parse(fs.readFileSync(path.join(folder, `${name}.json`), "utf8"));
const session = recording("mit-session-18");
const octets = (hex: string) => new Uint8Array(Buffer.from(hex, "hex"));
const framed = (...messages: string[]) =>
  Buffer.concat(messages.flatMap((hex) => [octets((hex.length / 2).toString(16).padStart(8, "0")), octets(hex)]));
const messages = session.kdc.flatMap(({ request, reply }) => [request, reply]);
const env = { KRB5_CONFIG: "/nonexistent" };
const decode = (input: string | Uint8Array, ...options: string[]) => runCli(["decode", ...options], { input, env });
const [asReq, preauthRequired, , asRep, tgsReq, tgsRep] = messages as [string, string, string, string, string, string];

describe("decode: messages", () => {
  it("shows every field of an AS-REQ, with names for its numbers", async () => {
    const { status, stdout } = await decode(octets(asReq));
    expect(status).toBe(0);
    expect(stdout.split("\n").slice(0, 6)).toEqual([
      "AS-REQ",
      "  pvno: 5",
      "  msgType: 10 (asReq)",
      "  padata",
      "    [0]",
      "      padataType: 149 (PA-REQ-ENC-PA-REP)",
    ]);
    expect(stdout).toContain('    cname: "bob-aes256sha1", type 1 (principal)');
    expect(stdout).toContain("etype: 18 (aes256-cts-hmac-sha1-96), 17 (aes128-cts-hmac-sha1-96)");
  });

  it("refuses an OBJECT IDENTIFIER of which the parser would make 200,000 objects", async () => {
    const long = new Uint8Array(200_009).fill(1);
    long.set([0x30, 0x83, 0x03, 0x0d, 0x44, 6, 0x83, 0x03, 0x0d, 0x3f]);
    const { status, stderr } = await decode(long);
    expect([status, stderr]).toEqual([1, expect.stringContaining("an OBJECT IDENTIFIER of 199999 octets")]);
  });

  it("opens what a KRB-ERROR carries", async () => {
    const { stdout } = await decode(octets(preauthRequired));
    expect(stdout).toContain("errorCode: 25 (KDC_ERR_PREAUTH_REQUIRED)");
    expect(stdout).toContain('salt: "EXAMPLE.TESTbob-aes256sha1"');
  });

  it("shows the messages of SPAKE", async () => {
    const [vector] = spakeExchanges.vectors;
    const told = await Promise.all((vector?.messages ?? []).map(async (hex) => (await decode(octets(hex))).stdout));
    expect(told[2]).toContain("groups: 1 (edwards25519)");
    expect(told[3]).toMatch(/challenge\n\s+group: 1 \(edwards25519\)\n\s+pubkey: \w+/);
    expect(told[4]).toMatch(/response\n\s+pubkey: \w+[^\n]*\n\s+factor\n\s+etype: 18/);
  });

  // KDC_ERR_CLIENT_REVOKED of Samba's KDC, whose e-data are METHOD-DATA; then with KERB-ERROR-DATA, as Windows has it.
  const revoked = (eData: string) => {
    const wrapped = (tag: string, hex: string) => {
      const bytes = hex.length / 2;
      return `${tag}${bytes < 0x80 ? "" : "81"}${bytes.toString(16).padStart(2, "0")}${hex}`;
    };
    const body =
      "a003020105a10302011ea411180f32303236313132383031303333365aa5050203073bbaa603020112a9091b0741442e54455354" +
      `aa1c301aa003020102a11330111b066b72627467741b0741442e54455354${wrapped("ac", wrapped("04", eData))}`;
    return octets(wrapped("7e", wrapped("30", body)));
  };
  const status = "3015a103020103a20e040c720000c00000000001000000";

  it.each([
    ["METHOD-DATA", `3017${status}`, "padataType: 3 (PA-PW-SALT)"],
    ["KERB-ERROR-DATA", status, "padataType: 3 (PA-PW-SALT)"],
    ["TYPED-DATA", "30173015a003020103a10e040c720000c00000000001000000", "dataType: 3 (PA-PW-SALT)"],
  ])("names e-data that are %s, and Active Directory's status in them", async (name, eData, line) => {
    const { stdout } = await decode(revoked(eData));
    expect(stdout).toContain("errorCode: 18 (KDC_ERR_CLIENT_REVOKED)");
    const lines = stdout.split("\n").map((one) => one.trim());
    expect(lines).toContain(name);
    expect(lines).toContain(line);
    expect(stdout).toContain("NTSTATUS: 0xc0000072 (STATUS_ACCOUNT_DISABLED)");
  });

  it("decodes a whole conversation with lengths as on TCP, and learns keys on the way", async () => {
    const input = path.join(fs.mkdtempSync("/tmp/krb5-remctl-decode-"), "session");
    fs.writeFileSync(input, framed(...messages));
    const { status, stdout, everything } = await runCli(["decode", "-p", session.inputs.client, input], {
      input: `${session.inputs.password}\n`,
      env,
    });
    expect(status).toBe(0);
    // The password opens the timestamp and the AS-REP, whose key opens the authenticator and the TGS-REP.
    for (const name of ["PA-ENC-TS-ENC", "EncASRepPart", "Authenticator", "EncTGSRepPart"]) {
      expect(stdout, name).toMatch(new RegExp(`^ +${name}$`, "m"));
    }
    expect(stdout).toContain("opened with: the password of bob-aes256sha1@EXAMPLE.TEST");
    expect(stdout).toContain("opened with: the key of EncASRepPart");
    // The tickets are the services' to open.
    expect(stdout).toContain("not opened: none of the");
    for (const secret of [session.inputs.password, session.tgt.sessionKey, session.ticket.sessionKey]) {
      expect(everything).not.toContain(secret);
    }
    fs.rmSync(path.dirname(input), { recursive: true });
  });

  it("CL2: opens with a key, and shows secrets when asked", async () => {
    const key = `aes256-sha1:${session.tgt.sessionKey}`;
    // The reply is under a subkey that the authenticator of the request has.
    const hidden = await decode(framed(tgsReq, tgsRep), "-k", key);
    expect(hidden.stdout).toContain("opened with: the given key");
    expect(hidden.stdout).toContain("opened with: the subkey of Authenticator");
    expect(hidden.stdout).toContain("keyvalue: 32 octets, a secret: not shown without -S");
    expect(hidden.everything).not.toContain(session.ticket.sessionKey);
    const shown = await decode(framed(tgsReq, tgsRep), "-k", key, "-S");
    expect(shown.stdout).toContain(`keyvalue: 32 octets: ${session.ticket.sessionKey}`);
  });

  it("says that a key does not fit", async () => {
    const other = await decode(octets(tgsRep), "-k", `aes256-sha1:${"00".repeat(32)}`);
    expect(other.stdout).toContain("not opened: none of the 1 known key of its enctype opens it");
    const small = await decode(octets(tgsRep), "-k", `aes128-sha1:${"00".repeat(16)}`);
    expect(small.stdout).toContain("not opened: no key of aes256-cts-hmac-sha1-96 is known");
  });

  it("CL5: never repeats a key that does not read", async () => {
    for (const text of ["aes256-sha1:00112233445566778899", "nosuch:0011223344", "c0ffee"]) {
      const { status, everything } = await decode(octets(asReq), "-k", text);
      expect(status).toBe(2);
      expect(everything).not.toContain(text.split(":").at(-1));
    }
  });

  it("shows remctl packets with the GSS tokens in them", async () => {
    const sent = session.remctl.chunks.map(({ octets: hex }) => hex);
    const { status, stdout } = await decode(octets(sent[0] as string));
    expect(status).toBe(0);
    expect(stdout).toContain("flags 0x51 (TOKEN_NOOP | TOKEN_CONTEXT_NEXT | TOKEN_PROTOCOL), 0 octets");
    expect(stdout).toContain("tokenId: 0x0100 (AP-REQ)");
    const rest = (await Promise.all(sent.map((hex) => decode(octets(hex))))).map((one) => one.stdout).join("");
    expect(rest).toContain("GSS Wrap token");
    expect(rest).toContain("sent by acceptor, sealed, acceptor subkey");
  });

  it("shows a password change, a proxy's message, and other ASN.1", async () => {
    const apReq = Buffer.from(asReq, "hex");
    const change = Buffer.concat([Buffer.from([0, 0, 0xff, 0x80, 0, 0]), apReq]);
    change.writeUInt16BE(change.length, 0);
    expect((await decode(new Uint8Array(change))).stdout).toMatch(/^password change message\n {2}version: 0xff80\n/);
    const inner = framed(asReq);
    const head = Buffer.concat([Buffer.from([0x04, 0x81, inner.length]), inner]);
    const field = Buffer.concat([Buffer.from([0xa0, 0x81, head.length]), head]);
    const domain = Buffer.from([0xa1, 6, 0x1b, 4, ...Buffer.from("TEST")]);
    const proxy = Buffer.concat([Buffer.from([0x30, 0x81, field.length + domain.length]), field, domain]);
    const shown = await decode(new Uint8Array(proxy));
    expect(shown.stdout).toMatch(/^KDC-PROXY-MESSAGE\n {2}targetDomain: "TEST"\n {2}AS-REQ\n/);
    const der = await decode("30 0d 06 09 2a 86 48 86 f7 12 01 02 02 05 00");
    expect(der.stdout).toBe("SEQUENCE\n  OBJECT IDENTIFIER: 1.2.840.113554.1.2.2\n  NULL: 0 octets\n");
  });
});

describe("decode: what is negotiated", () => {
  it("shows an offer with the token within, and says what one without Kerberos means", async () => {
    const offer = await decode("601006062b0601050502a006 3004 a002 3000".replace(/ /g, ""));
    expect(offer.stdout).toContain("GSS token of another mechanism");
    const mixed = "6026 06062b0601050502 a01c 301a a00e 300c 060a2b06010401823702020a a208 0406 4e45474f4558";
    const shown = await decode(mixed.replace(/ /g, ""));
    expect(shown.stdout).toContain(
      "SPNEGO offer (NegTokenInit)\n  mechTypes\n    [0]: 1.3.6.1.4.1.311.2.2.10 (NTLM)\n",
    );
    expect(shown.stdout).toContain("meaning: not Kerberos: the client got no ticket for the service\n");
  });

  it("shows an answer, with the MIC and the token that it has", async () => {
    const { stdout } = await decode("a11b3019a0030a0101a10b06092a864886f712010202a305040301 0203".replace(/ /g, ""));
    expect(stdout).toBe(
      "SPNEGO answer (NegTokenResp)\n  negState: accept-incomplete\n" +
        "  supportedMech: 1.2.840.113554.1.2.2 (Kerberos 5)\n  mechListMIC: there\n",
    );
  });

  it("shows a message of NTLM for what it is", async () => {
    const { stdout } = await decode("4e544c4d53535000 01000000 b78208e2".replace(/ /g, ""));
    expect(stdout).toBe("a message of NTLM (NEGOTIATE): not Kerberos: the client got no ticket for the service\n");
  });
});

describe("decode: input", () => {
  const bytes = octets(asReq);
  const dump = (width: number) =>
    Array.from({ length: Math.ceil(bytes.length / width) }, (_, i) => {
      const part = Buffer.from(bytes.subarray(i * width, i * width + width));
      const text = part.toString("latin1").replace(/[^ -~]/g, ".");
      return `${(i * width).toString(16).padStart(4, "0")}  ${part.toString("hex").replace(/../g, "$& ").trim().padEnd(48)}  ${text}`;
    }).join("\n");

  it.each([
    ["octets", bytes],
    ["hex", asReq],
    ["hex with blanks and capitals", asReq.replace(/../g, "$& ").toUpperCase()],
    ["hex with colons", asReq.replace(/..(?!$)/g, "$&:")],
    ["base64", Buffer.from(bytes).toString("base64")],
    ["base64 in lines", `${Buffer.from(bytes).toString("base64").replace(/.{64}/g, "$&\n")}\n`],
    ["base64url", Buffer.from(bytes).toString("base64url")],
    ["PEM", `-----BEGIN KRB-----\n${Buffer.from(bytes).toString("base64")}\n-----END KRB-----\n`],
    ["a dump", dump(16)],
  ])("reads %s", (_name, input) => {
    const raw = typeof input === "string" ? new TextEncoder().encode(input) : input;
    expect(Buffer.from(octetsOfInput(raw)).toString("hex")).toBe(asReq);
  });

  it("reads base64 of any octets, those too whose digits look like 0x", () => {
    const written = [
      (all: Buffer): string => all.toString("base64"),
      (all: Buffer): string => all.toString("base64url"),
      (all: Buffer): string => all.toString("base64").replace(/.{64}/g, "$&\r\n"),
    ];
    // Some have digits of hexadecimal alone, and 0x within words.
    const signs = fc.stringMatching(/^(?:[A-Za-z]{2}0x[+/]?){3,20}$/).map((text) => Buffer.from(text, "base64"));
    // Not what hexadecimal alone can be as well, nor a dump's line.
    const octets = fc.oneof(
      signs,
      fc.uint8Array({ minLength: 30, maxLength: 99 }).map((all) => Buffer.from(all)),
    );
    fc.assert(
      fc.property(octets, fc.constantFrom(...written), (all, form) => {
        expect(Buffer.from(octetsOfInput(encodeText(form(all))))).toEqual(all);
      }),
      {
        numRuns: 500,
        examples: ["YII0xAAA", "Ab0xCd0xEf0x"].map((text) => [
          Buffer.from(text, "base64"),
          written[0] as (all: Buffer) => string,
        ]),
      },
    );
  });

  it("reads the Negotiate headers of a request and its answer, as curl -v shows them", async () => {
    const token = Buffer.from(bytes).toString("base64");
    const lines = ["> GET / HTTP/1.1", `> Authorization: Negotiate ${token}`, ">", "< HTTP/1.1 401 Unauthorized"];
    const text = [...lines, `< WWW-Authenticate: negotiate ${token.replace(/=/g, "")}`, ""].join("\r\n");
    const { status, stdout } = await decode(text);
    expect([status, stdout.match(/^AS-REQ$/gm)]).toEqual([0, ["AS-REQ", "AS-REQ"]]);
    const argument = await runCli(["decode", `Authorization: Negotiate ${token}`], { env });
    expect([argument.status, argument.stdout]).toEqual([0, expect.stringMatching(/^AS-REQ\n/)]);
    expect(headerTokens(Buffer.concat([bytes, Buffer.from(`\nNegotiate ${token}\n`)]))).toEqual([]);
  });

  it("takes lengths only where they fit to the end", () => {
    expect(messagesOf(framed(asReq, asRep)).messages.length).toBe(2);
    const cut = framed(asReq, asRep).subarray(0, -1);
    expect(messagesOf(cut)).toEqual({ messages: [cut], isFramed: false });
  });

  it("takes text on the command line, and says what is neither file nor octets", async () => {
    expect((await runCli(["decode", asReq], { env })).stdout).toMatch(/^AS-REQ\n/);
    const { status, stderr } = await runCli(["decode", "no such file!"], { env });
    expect([status, stderr]).toEqual([
      1,
      "decode: no such file!: not a file, nor hex, nor base64, nor a Negotiate header; check the name\n",
    ]);
  });
});

describe("decode: damaged octets", () => {
  it("ends in an error with the offset, and status 1, wherever a message is cut", async () => {
    for (const hex of [asReq, asRep, tgsReq, preauthRequired]) {
      for (let length = 2; length < hex.length; length += 14) {
        const { status, stdout, stderr } = await decode(octets(hex.slice(0, length - (length % 2))));
        expect([status, stdout], stderr).toEqual([1, ""]);
        expect(stderr).toMatch(/^decode: .*\(at octet \d+\); check that it is whole, and of this format\n$/);
      }
    }
  });

  it("survives any octet being another", async () => {
    for (let at = 0; at < asRep.length / 2; at += 7) {
      const changed = octets(asRep);
      changed[at] = (changed[at] as number) ^ 0x55;
      const { status } = await decode(changed, "-k", `18:${session.tgt.sessionKey}`);
      expect([0, 1]).toContain(status);
    }
  });

  it("goes no deeper than messages do: tokens in tokens, packets in packets, ASN.1 without end", async () => {
    const token = (inner: Buffer) => {
      const body = Buffer.concat([Buffer.from("06092a864886f712010202", "hex"), Buffer.from([1, 0]), inner]);
      return Buffer.concat([
        Buffer.from([0x60, 0x83, body.length >> 16, (body.length >> 8) & 255, body.length & 255]),
        body,
      ]);
    };
    const packet = (inner: Buffer) => {
      const head = Buffer.from([0x44, 0, 0, 0, 0]);
      head.writeUInt32BE(inner.length, 1);
      return Buffer.concat([head, inner]);
    };
    for (const wrap of [token, packet]) {
      let nested: Buffer = Buffer.from(asReq, "hex");
      for (let i = 0; i < 2_000; i++) nested = wrap(nested);
      const { status, stderr } = await decode(new Uint8Array(nested));
      expect(stderr + status).not.toMatch(/call stack/);
    }
    const deep = await decode(new Uint8Array(Buffer.from("3080".repeat(200_000), "hex")));
    expect([deep.status, deep.stderr]).toEqual([
      1,
      expect.stringMatching(/\(at octet \d+\); check that it is whole, and of this format\n$/),
    ]);
  });

  it("names caches and keytabs, and refuses nothing at all", async () => {
    expect((await decode(Uint8Array.of(5, 2, 0, 0))).stderr).toContain("a credential cache or keytab, not a message");
    expect((await decode("")).stderr).toBe(
      "decode: input: there is nothing to decode (at octet 0); check that it is whole, and of this format\n",
    );
  });
});
