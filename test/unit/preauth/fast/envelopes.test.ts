// FAST around one exchange, with a KDC that is an attacker's: what each check stops.

import { describe, expect, it } from "vitest";
import { cf2 } from "../../../../src/crypto/index.ts";
import { KEY_USAGE, PADATA } from "../../../../src/iana/index.ts";
import { formatPrincipal, type PaData } from "../../../../src/krb5/index.ts";
import { asEnvelope } from "../../../../src/preauth/fast/as-envelope.ts";
import { tgsEnvelope } from "../../../../src/preauth/fast/tgs-envelope.ts";
import { errorOf, finishedOf, fxError, openRequest, replyOf, sealResponse } from "../../../support/fast-kdc.ts";
import { encTypes, find, logIn, PreauthKdc } from "../../../support/preauth-kdc.ts";
import { pa } from "../../../support/preauth-mechanisms.ts";

const key = encTypes.generateKey(18);
const apReq = Uint8Array.of(0x6e, 1, 2, 3);
const ticket = Uint8Array.of(0x61, 4, 5, 6);
const nonce = 1234;
/** The octets of a body that a client sent. */
const octets = await (async () => {
  const kdc = await PreauthKdc.create(() => "usual");
  await logIn(kdc);
  const [first] = kdc.requests;
  return Uint8Array.from(first?.reqBody.octets ?? []);
})();
const body = { octets, nonce };
const inside = [pa(-1999, Uint8Array.of(7)), pa(PADATA.fxCookie, Uint8Array.of(8))];
const text = new TextEncoder();

const armored = () => {
  const envelope = asEnvelope({ key, apReq }, encTypes);
  const padata = envelope.request(body, inside);
  return { envelope, padata };
};

const refusalOf = (act: () => unknown) => {
  try {
    act();
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    return `${code}: ${message}`;
  }
  return "nothing was refused";
};

describe("FAST in the AS exchange", () => {
  it("has all in it, the armor beside it, and a checksum of the body", () => {
    const { padata } = armored();
    expect(padata.map(({ padataType }) => padataType)).toEqual([PADATA.fxFast]);
    const { armor, reqChecksum, inner } = openRequest(key, (padata[0] as PaData).padataValue);
    expect(armor).toEqual({ armorType: 1, armorValue: apReq });
    key.usage(KEY_USAGE.fastReqChecksum).verifyChecksum(reqChecksum.checksum, octets);
    expect(inner).toMatchObject({ fastOptions: 0, padata: inside });
    expect(inner.reqBody.octets).toEqual(octets);
  });

  const good = () => ({ padata: inside, nonce, finished: finishedOf(key, ticket) });

  it("FA4: the client is the one inside, and the reply key is strengthened", () => {
    const { envelope } = armored();
    const strong = encTypes.generateKey(18);
    const base = encTypes.generateKey(18);
    const strengthenKey = { keytype: 18, keyvalue: strong.octets };
    const reply = envelope.reply(replyOf([sealResponse(key, { ...good(), strengthenKey })], ticket));
    expect(formatPrincipal(reply.client)).toBe("alice@TEST.EXAMPLE");
    expect(reply.padata).toEqual(inside);
    const peppers = [text.encode("strengthenkey"), text.encode("replykey")] as const;
    expect(reply.strengthen(base).octets).toEqual(cf2(encTypes.provider, strong, base, ...peppers).octets);
    const plain = envelope.reply(replyOf([sealResponse(key, good())], ticket));
    expect(plain.strengthen(base)).toBe(base);
  });

  it.each([
    ["FA1: a reply under another key", () => sealResponse(encTypes.generateKey(18), good()), "does not open"],
    ["FA1: a reply that is none", () => pa(PADATA.fxFast, Uint8Array.of(0x30, 0)), "does not open"],
    ["FA2: a reply to another request", () => sealResponse(key, { ...good(), nonce: 1 }), "nonce"],
    ["FA3: a reply that is not finished", () => sealResponse(key, { padata: inside, nonce }), "KrbFastFinished"],
    [
      "FA3: another ticket than its own",
      () => sealResponse(key, { ...good(), finished: finishedOf(key, apReq) }),
      "the ticket is not the one",
    ],
    [
      "FA3: a checksum under another key",
      () => sealResponse(key, { ...good(), finished: finishedOf(encTypes.generateKey(18), ticket) }),
      "the ticket is not the one",
    ],
  ])("%s is refused", (_what, fast, words) => {
    const { envelope } = armored();
    const refused = refusalOf(() => envelope.reply(replyOf([fast()], ticket)));
    expect(refused).toMatch(/^REPLY_MODIFIED: /);
    expect(refused).toContain(words);
  });

  it("FA5: a reply without armor ends the login, whatever it is", () => {
    const { envelope } = armored();
    expect(refusalOf(() => envelope.reply(replyOf(inside, ticket)))).toMatch(/^FAST_STRIPPED: /);
  });

  it.each([
    ["says nothing", errorOf(25)],
    ["offers a timestamp", errorOf(25, [pa(PADATA.encTimestamp)])],
    ["is garbled", { ...errorOf(24), eData: Uint8Array.of(1, 2) }],
  ])("FA5: an error without armor that %s ends the login", (_what, error) => {
    const { envelope } = armored();
    const refused = refusalOf(() => envelope.error(error));
    expect(refused).toMatch(/^FAST_STRIPPED: /);
    expect(refused).toContain(`error ${error.errorCode}`);
  });

  it("the error inside counts, and what is offered inside", () => {
    const { envelope } = armored();
    const fast = sealResponse(key, { padata: [fxError(91), ...inside], nonce });
    const opened = envelope.error(errorOf(60, [pa(PADATA.encTimestamp), fast]));
    expect(opened).toMatchObject({ isTrusted: true, error: { errorCode: 91 } });
    expect(opened.methods()).toEqual(inside);
  });

  it.each([
    ["FA2: to another request", () => sealResponse(key, { padata: [fxError(25)], nonce: 1 })],
    ["FA1: under another key", () => sealResponse(encTypes.generateKey(18), { padata: [fxError(25)], nonce })],
    ["without PA-FX-ERROR", () => sealResponse(key, { padata: inside, nonce })],
    ["with another message as PA-FX-ERROR", () => sealResponse(key, { padata: [pa(PADATA.fxError)], nonce })],
  ])("an armored error %s is refused", (_what, fast) => {
    const { envelope } = armored();
    expect(refusalOf(() => envelope.error(errorOf(25, [fast()])))).toMatch(/^REPLY_MODIFIED: /);
  });

  it("FA2: each request has its own nonce, with one armor", () => {
    const { envelope } = armored();
    envelope.request({ octets, nonce: 5 }, []);
    expect(refusalOf(() => envelope.reply(replyOf([sealResponse(key, good())], ticket)))).toContain("nonce");
    envelope.reply(replyOf([sealResponse(key, { ...good(), nonce: 5 })], ticket));
  });
});

describe("FAST in the TGS exchange", () => {
  const subkey = encTypes.generateKey(18);
  const sessionKey = encTypes.generateKey(18);
  const peppers = [text.encode("subkeyarmor"), text.encode("ticketarmor")] as const;
  const implicit = cf2(encTypes.provider, subkey, sessionKey, ...peppers);
  const sent = () => {
    const envelope = tgsEnvelope({ apReq, subkey, sessionKey }, encTypes);
    return { envelope, padata: envelope.request(body, inside) };
  };

  it("has no armor beside it, a checksum of the AP-REQ, and what is inside outside again", () => {
    const { padata } = sent();
    expect(padata.map(({ padataType }) => padataType)).toEqual([PADATA.fxFast, -1999, PADATA.fxCookie]);
    const value = find(padata, PADATA.fxFast) as Uint8Array;
    const { armor, reqChecksum, inner } = openRequest(implicit, value);
    expect(armor).toBeUndefined();
    implicit.usage(KEY_USAGE.fastReqChecksum).verifyChecksum(reqChecksum.checksum, apReq);
    expect(inner.padata).toEqual(inside);
  });

  it("a KDC that does not know it answers as ever", () => {
    const { envelope } = sent();
    expect(envelope.error(errorOf(7))).toMatchObject({ isTrusted: false, error: { errorCode: 7 } });
    const reply = envelope.reply(replyOf([], ticket));
    expect(formatPrincipal(reply.client)).toBe("outer@OUTSIDE.EXAMPLE");
    expect(reply.strengthen(subkey)).toBe(subkey);
  });

  it("one that does is checked as in the AS exchange", () => {
    const { envelope } = sent();
    const finished = finishedOf(implicit, ticket);
    const reply = envelope.reply(replyOf([sealResponse(implicit, { padata: [], nonce, finished })], ticket));
    expect(formatPrincipal(reply.client)).toBe("alice@TEST.EXAMPLE");
    const swapped = replyOf([sealResponse(implicit, { padata: [], nonce, finished })], apReq);
    expect(refusalOf(() => envelope.reply(swapped))).toContain("the ticket is not the one");
    const other = replyOf([sealResponse(implicit, { padata: [], nonce: 1, finished })], ticket);
    expect(refusalOf(() => envelope.reply(other))).toContain("nonce");
    const fast = sealResponse(implicit, { padata: [fxError(13)], nonce });
    expect(envelope.error(errorOf(60, [fast]))).toMatchObject({ isTrusted: true, error: { errorCode: 13 } });
  });
});
