// A one-time password that MIT's KDC took, recorded: the run sends the octets that were sent, and its reply key opens the
// reply.

import { describe, expect, it } from "vitest";
import figures from "../../krb5-vectors/preauth/fast-exchanges.json" with { type: "json" };
import { decodeHex, encodeHex } from "../../src/bytes/index.ts";
import { createEncTypeSet, strongEncTypes } from "../../src/crypto/index.ts";
import { KEY_USAGE, PADATA } from "../../src/iana/index.ts";
import {
  decodeAsRep,
  decodeAsReq,
  decodeKrbError,
  openData,
  type PaData,
  parsePrincipal,
} from "../../src/krb5/index.ts";
import { asEnvelope } from "../../src/preauth/fast/as-envelope.ts";
import { fastMessages } from "../../src/preauth/fast/messages.ts";
import { findPaData, type LoginContext, otp } from "../../src/preauth/index.ts";
import { otpMessages } from "../../src/preauth/otp/messages.ts";
import { providers } from "../unit/crypto/providers.ts";

const figure = figures.vectors.find(({ name }) => name === "mit-otp");
if (figure === undefined) throw new Error("there is no recorded login with a one-time password");
const [first, challenge, second, reply] = figure.messages.map(decodeHex) as [
  Uint8Array,
  Uint8Array,
  Uint8Array,
  Uint8Array,
];

describe.each(providers)("a one-time password at MIT's KDC, recorded, with %s", (_, provider) => {
  const encTypes = createEncTypeSet(strongEncTypes, provider);
  const { etype, armorKey } = figure.armor;
  const key = encTypes.importKey(etype, decodeHex(armorKey));

  const requestOf = (octets: Uint8Array) => {
    const { padata, reqBody } = decodeAsReq(octets);
    const fast = findPaData(padata, PADATA.fxFast) as PaData;
    const { encFastReq } = fastMessages.decode("PA-FX-FAST-REQUEST", fast.padataValue);
    const inner = fastMessages.decode("KrbFastReq", openData(key, KEY_USAGE.fastEnc, encFastReq));
    return { body: { octets: reqBody.octets, nonce: reqBody.nonce }, padata: inner.padata };
  };

  it("the request is the recorded one but for the confounder, and the reply key that of the record", async () => {
    const envelope = asEnvelope({ key, apReq: new Uint8Array(0) }, encTypes);
    envelope.request(requestOf(first).body, []);
    const opened = envelope.error(decodeKrbError(challenge));
    const { body, padata } = requestOf(second);
    const recorded = findPaData(padata, PADATA.otpRequest) as PaData;
    const sent = otpMessages.decode("PA-OTP-REQUEST", recorded.padataValue);
    const code = new TextDecoder().decode(sent.otpValue);
    const client = parsePrincipal(figure.client);
    const ask = { otp: async () => code };
    const run = otp().begin({ client, encTypes, armor: { key }, ask, trace: () => {} } as unknown as LoginContext);
    const round = { body: body.octets, nonce: body.nonce, kdcTimeMs: Date.now, offer: opened.methods(), error: 25 };
    const [answer] = await run.answer(round);
    const ours = otpMessages.decode("PA-OTP-REQUEST", (answer as PaData).padataValue);
    const opens = (data: typeof sent) => encodeHex(openData(key, KEY_USAGE.otpRequest, data.encData));
    expect(opens(ours)).toBe(opens(sent));
    expect(ours.encData.cipher).toHaveLength(sent.encData.cipher.length);
    // The recorded client wrote 24 bits of flags, where RFC 4120 section 5.2.8 wants 32; all else is the same octets.
    const tail = (octets: Uint8Array, flags: number) => encodeHex(octets.subarray(4 + flags));
    const same = otpMessages.encode("PA-OTP-REQUEST", { ...ours, encData: sent.encData });
    expect(tail(same, 5)).toBe(tail(recorded.padataValue, 4));
    const rep = decodeAsRep(reply);
    envelope.request(body, []);
    const unwrapped = envelope.reply(rep);
    const context = { padata: unwrapped.padata, etype: rep.encPart.etype, requestOctets: second };
    const mechanismKey = await run.replyKey(context);
    expect(encodeHex(mechanismKey.octets)).toBe(figure.mechanismKey);
    expect(encodeHex(unwrapped.strengthen(mechanismKey).octets)).toBe(figure.replyKey);
  });
});
