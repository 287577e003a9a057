// Logins inside FAST that were recorded at live KDCs, through the envelope and the encrypted challenge: with the
// recorded confounders they send the recorded octets, and the reply opens with the key that they make.

import { describe, expect, it } from "vitest";
import figures from "../../krb5-vectors/preauth/fast-exchanges.json" with { type: "json" };
import { decodeHex, encodeHex, encodeText } from "../../src/bytes/index.ts";
import { passwordSecret } from "../../src/client/index.ts";
import { ctsDecrypt } from "../../src/crypto/cts.ts";
import {
  type CryptoProvider,
  cf2,
  createEncTypeSet,
  type EncTypeSet,
  type ProtocolKey,
  strongEncTypes,
} from "../../src/crypto/index.ts";
import { KEY_USAGE, PADATA } from "../../src/iana/index.ts";
import {
  decodeAsRep,
  decodeAsReq,
  decodeEncryptedData,
  decodeKrbError,
  decodePaEncTsEnc,
  type EncryptedData,
  formatPrincipal,
  openData,
  type PaData,
  parsePrincipal,
} from "../../src/krb5/index.ts";
import { encryptedChallenge } from "../../src/preauth/encrypted-challenge.ts";
import { armorKey } from "../../src/preauth/fast/armor.ts";
import { asEnvelope } from "../../src/preauth/fast/as-envelope.ts";
import { fastMessages } from "../../src/preauth/fast/messages.ts";
import { findPaData, hintFor, type LoginContext } from "../../src/preauth/index.ts";
import { providers } from "../unit/crypto/providers.ts";

type Figure = (typeof figures.vectors)[number];

const MAC_BYTES = 12;
const hex = decodeHex;

/** A set whose random octets are those that are put into it, in order. */
function recordedSet(provider: CryptoProvider) {
  const random: Uint8Array[] = [];
  const randomBytes = (length: number) => random.shift() ?? new Uint8Array(length);
  return { random, encTypes: createEncTypeSet(strongEncTypes, { ...provider, randomBytes }) };
}

/** The confounder of what was sealed under a key made with `provider`: what opens is its first block. */
function confounderOf(provider: CryptoProvider, data: EncryptedData, open: (encTypes: EncTypeSet) => Uint8Array) {
  const keys: Uint8Array[] = [];
  const aesCbc: CryptoProvider["aesCbc"] = (key) => {
    keys.push(key.slice());
    return provider.aesCbc(key);
  };
  const plain = encodeHex(open(createEncTypeSet(strongEncTypes, { ...provider, aesCbc })));
  for (const key of keys) {
    const opened = ctsDecrypt(provider.aesCbc(key), data.cipher.slice(0, -MAC_BYTES));
    if (encodeHex(opened.subarray(16)).startsWith(plain)) return opened.slice(0, 16);
  }
  throw new Error("the recorded octets do not open");
}

function armorOf({ armor: { etype, subkey, sessionKey } }: Figure, encTypes: EncTypeSet): ProtocolKey {
  return armorKey(encTypes, encTypes.importKey(etype, hex(subkey)), encTypes.importKey(etype, hex(sessionKey)));
}

function loginOf(figure: Figure, encTypes: EncTypeSet, key: ProtocolKey): LoginContext {
  const client = parsePrincipal(figure.client);
  const secret = passwordSecret(client, figure.password);
  return {
    ...{ client, encTypes, requested: [18, 17, 20, 19], armor: { key }, trace: () => {} },
    longTermKey: (hint: Parameters<LoginContext["longTermKey"]>[0]) => secret.key(encTypes, hint),
  } as unknown as LoginContext;
}

/** What a recorded request has inside. */
function requestOf(octets: Uint8Array, key: ProtocolKey) {
  const { padata, reqBody } = decodeAsReq(octets);
  const fast = findPaData(padata, PADATA.fxFast) as PaData;
  const { armor, encFastReq } = fastMessages.decode("PA-FX-FAST-REQUEST", fast.padataValue);
  const inner = fastMessages.decode("KrbFastReq", openData(key, KEY_USAGE.fastEnc, encFastReq));
  return { fast, body: { octets: reqBody.octets, nonce: reqBody.nonce }, apReq: armor?.armorValue, encFastReq, inner };
}

describe.each(providers)("FAST at live KDCs, recorded, with %s", (_name, provider) => {
  it.each(figures.vectors)("$name", async (figure) => {
    const { random, encTypes } = recordedSet(provider);
    const key = armorOf(figure, encTypes);
    expect(encodeHex(key.octets)).toBe(figure.armor.armorKey);
    const octets = figure.messages.map(hex);
    const first = requestOf(octets[0] as Uint8Array, key);
    const envelope = asEnvelope({ key, apReq: first.apReq as Uint8Array }, encTypes);
    expect(envelope.armor?.key).toBe(key);
    for (const [at, message] of octets.slice(0, -1).entries()) {
      if (at % 2 === 1) {
        const opened = envelope.error(decodeKrbError(message));
        expect(opened.isTrusted).toBe(true);
        expect([25, 91]).toContain(opened.error.errorCode);
        expect(findPaData(opened.methods(), PADATA.fxError)).toBeUndefined();
        continue;
      }
      const { fast, body, apReq, encFastReq, inner } = requestOf(message, key);
      expect(apReq && encodeHex(apReq)).toBe(encodeHex(first.apReq as Uint8Array));
      const open = (watched: EncTypeSet) =>
        openData(watched.importKey(figure.armor.etype, key.octets), KEY_USAGE.fastEnc, encFastReq);
      random.push(confounderOf(provider, encFastReq, open));
      expect(envelope.request({ ...body, octets: inner.reqBody.octets }, inner.padata)).toEqual([fast]);
      expect(random).toEqual([]);
    }
    const rep = decodeAsRep(octets.at(-1) as Uint8Array);
    const reply = envelope.reply(rep);
    expect(formatPrincipal(reply.client)).toBe(figure.client);
    const mechanismKey = encTypes.importKey(rep.encPart.etype, hex(figure.mechanismKey));
    const replyKey = reply.strengthen(mechanismKey);
    expect(encodeHex(replyKey.octets)).toBe(figure.replyKey);
    expect(encodeHex(openData(replyKey, KEY_USAGE.asRepEncPart, rep.encPart))).toBe(figure.encKdcRepPart);
  });

  const challenges = figures.vectors.filter(({ name }) => name.includes("challenge"));

  it.each(challenges)("the challenge of $name", async (figure) => {
    const { random, encTypes } = recordedSet(provider);
    const key = armorOf(figure, encTypes);
    const octets = figure.messages.map(hex);
    const { body, inner } = requestOf(octets.at(-2) as Uint8Array, key);
    const envelope = asEnvelope({ key, apReq: new Uint8Array(0) }, encTypes);
    envelope.request(requestOf(octets[0] as Uint8Array, key).body, []);
    const opened = envelope.error(decodeKrbError(octets[1] as Uint8Array));
    const recorded = findPaData(inner.padata, PADATA.encryptedChallenge) as PaData;
    const sealed = decodeEncryptedData(recorded.padataValue);
    // The key that the run seals with, watched: its plaintext has the time.
    const run = encryptedChallenge.begin(loginOf(figure, encTypes, key));
    const round = { body: body.octets, nonce: body.nonce, offer: opened.methods(), error: 25 };
    const seen: { confounder?: Uint8Array; time?: number } = {};
    const usage = (of: ProtocolKey) => openData(of, KEY_USAGE.encChallengeClient, sealed);
    const challengeKey = await challengeKeyOf(figure, provider, key.octets, round.offer);
    seen.confounder = confounderOf(provider, sealed, (watched) => {
      const plain = usage(watched.importKey(figure.armor.etype, challengeKey));
      const { patimestamp, pausec = 0 } = decodePaEncTsEnc(plain);
      seen.time = patimestamp.getTime() + pausec / 1000;
      return plain;
    });
    random.length = 0;
    random.push(seen.confounder);
    const time = seen.time as number;
    const answer = await run.answer({ ...round, kdcTimeMs: () => time });
    expect(run.isFinal).toBe(true);
    const made = decodeEncryptedData((answer[0] as PaData).padataValue);
    // The recorded client counts microseconds; this one's clock has milliseconds.
    if (time === Math.floor(time)) expect(answer).toEqual([recorded]);
    expect(encodeHex(made.cipher.subarray(0, 16))).toBe(encodeHex(sealed.cipher.subarray(0, 16)));
    envelope.request(body, []);
    const rep = decodeAsRep(octets.at(-1) as Uint8Array);
    const { padata, client } = envelope.reply(rep);
    const context = { padata, etype: rep.encPart.etype, requestOctets: octets.at(-2) as Uint8Array };
    const replyKey = await run.replyKey(context);
    expect(encodeHex(replyKey.octets)).toBe(figure.mechanismKey);
    const done = { ...context, replyKey, sessionKey: replyKey, client };
    await run.check?.(done);
    const refused = { code: "REPLY_MODIFIED", message: expect.stringContaining("did not prove that it has") };
    const without = padata.filter(({ padataType }) => padataType !== PADATA.encryptedChallenge);
    await expect(run.check?.({ ...done, padata: without })).rejects.toMatchObject(refused);
    // Our own half, sent back.
    await expect(run.check?.({ ...done, padata: [recorded] })).rejects.toMatchObject(refused);
    const noise = { ...recorded, padataValue: new Uint8Array(9) };
    await expect(run.check?.({ ...done, padata: [noise] })).rejects.toMatchObject(refused);
  });
});

/** The key of the client's half, by hand. */
async function challengeKeyOf(figure: Figure, provider: CryptoProvider, armor: Uint8Array, offer: readonly PaData[]) {
  const encTypes = createEncTypeSet(strongEncTypes, provider);
  const key = encTypes.importKey(figure.armor.etype, armor);
  const login = loginOf(figure, encTypes, key);
  const longTerm = await login.longTermKey(hintFor("a test", login, offer));
  return cf2(provider, key, longTerm, encodeText("clientchallengearmor"), encodeText("challengelongterm")).octets;
}
