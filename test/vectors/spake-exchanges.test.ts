// Logins by SPAKE that were recorded at a live KDC, through the client's run: with the recorded secret number and confounder,
// it sends the recorded octets, and the reply opens with the key that it makes.

import { describe, expect, it } from "vitest";
import figures from "../../krb5-vectors/preauth/spake-exchanges.json" with { type: "json" };
import { decodeHex, encodeHex } from "../../src/bytes/index.ts";
import { passwordSecret } from "../../src/client/index.ts";
import { ctsDecrypt } from "../../src/crypto/cts.ts";
import { type CryptoProvider, createEncTypeSet, strongEncTypes } from "../../src/crypto/index.ts";
import { loadGroups } from "../../src/curves/index.ts";
import { PADATA } from "../../src/iana/index.ts";
import {
  decodeAsRep,
  decodeAsReq,
  decodeKrbError,
  openData,
  type PaData,
  parsePrincipal,
} from "../../src/krb5/index.ts";
import { findPaData, type LoginContext, methodsOf, spake } from "../../src/preauth/index.ts";
import { spakeMessages } from "../../src/preauth/spake/messages.ts";
import { providers } from "../unit/crypto/providers.ts";

type Figure = (typeof figures.vectors)[number];

const ERROR_TAG = 0x7e;
const groups = await loadGroups();
const SERVICE = parsePrincipal("krbtgt/F.TEST@F.TEST");
const MAC_BYTES = 12;

/** The groups that the recording's client offered, in its order. */
function groupsOf({ messages, group }: Figure) {
  const offered = messages
    .filter((_, index) => index % 2 === 0)
    .flatMap((hex) => decodeAsReq(decodeHex(hex)).padata ?? [])
    .filter(({ padataType, padataValue }) => padataType === PADATA.spake && padataValue[0] === 0xa0)
    .flatMap(({ padataValue }) => [...spakeMessages.decode("support", padataValue).groups]);
  const numbers = offered.length > 0 ? offered : [group as number];
  return numbers.flatMap((number) => groups.filter((one) => one.number === number));
}

/** Goes through a recording; `random` gives what the client draws. */
async function replay(figure: Figure, provider: CryptoProvider, random: (length: number) => Uint8Array) {
  const encTypes = createEncTypeSet(strongEncTypes, { ...provider, randomBytes: random });
  const client = parsePrincipal(figure.client);
  const secret = passwordSecret(client, figure.password);
  const login = {
    ...{ client, service: SERVICE, encTypes, requested: [18, 17, 20, 19], trace: () => {}, now: Date.now },
    longTermKey: (hint: Parameters<LoginContext["longTermKey"]>[0]) => secret.key(encTypes, hint),
  } as unknown as LoginContext;
  const run = spake({ groups: groupsOf(figure) }).begin(login);
  const sent: (readonly [made: Uint8Array | undefined, recorded: Uint8Array | undefined])[] = [];
  const octets = figure.messages.map(decodeHex);
  for (let i = 1; i + 1 < octets.length; i += 2) {
    const error = decodeKrbError(octets[i] as Uint8Array);
    const request = decodeAsReq(octets[i + 1] as Uint8Array);
    const { nonce } = request.reqBody;
    const round = { body: request.reqBody.octets, nonce, kdcTimeMs: Date.now, error: error.errorCode };
    const answer: readonly PaData[] = await run.answer({ ...round, offer: methodsOf(error) });
    const [made, recorded] = [answer, request.padata].map((list) => findPaData(list, PADATA.spake)?.padataValue);
    sent.push([made, recorded]);
  }
  return { run, sent, last: octets.at(-1) as Uint8Array };
}

/** Random octets of a recording: the secret number without its cofactor, then the confounder. */
async function recordedRandom(figure: Figure, provider: CryptoProvider): Promise<(length: number) => Uint8Array> {
  const group = groups.find(({ number }) => number === figure.group);
  const isEdwards = figure.group === 1;
  const written = decodeHex(figure.y as string);
  const whole = BigInt(`0x${encodeHex(isEdwards ? written.reverse() : written)}`) / (isEdwards ? 8n : 1n);
  const secret = decodeHex(whole.toString(16).padStart(2 * (group?.scalarBytes ?? 0), "0"));
  const number = isEdwards ? secret.reverse() : secret;
  // With the right number the response has the right keys, and the recorded one opens to its confounder.
  const keys: Uint8Array[] = [];
  const watching: CryptoProvider = {
    ...provider,
    aesCbc: (key) => {
      keys.push(key.slice());
      return provider.aesCbc(key);
    },
  };
  const drawn = [number];
  const { sent } = await replay(figure, watching, (length) => drawn.shift() ?? new Uint8Array(length));
  const { factor } = spakeMessages.decode("response", sent.at(-1)?.[1] as Uint8Array);
  const cipher = factor.cipher.subarray(0, factor.cipher.length - MAC_BYTES);
  const plain = encodeHex(spakeMessages.encode("SPAKESecondFactor", { type: 1 }));
  for (const key of keys) {
    const opened = ctsDecrypt(provider.aesCbc(key), cipher.slice());
    if (encodeHex(opened.subarray(16)).startsWith(plain)) {
      const both = [number, opened.slice(0, 16)];
      return () => both.shift() as Uint8Array;
    }
  }
  throw new Error("the recorded response does not open");
}

describe.each(providers)("SPAKE at MIT's KDC, recorded, with %s", (_name, provider) => {
  it.each(figures.vectors.filter(({ outcome }) => outcome === "ticket"))("$name", async (figure) => {
    const random = await recordedRandom(figure, provider);
    const { run, sent, last } = await replay(figure, provider, random);
    expect(sent.length).toBeGreaterThan(0);
    for (const [made, recorded] of sent) expect(encodeHex(made ?? last)).toBe(encodeHex(recorded ?? last));
    const rep = decodeAsRep(last);
    const reply = { padata: rep.padata ?? [], etype: rep.encPart.etype, requestOctets: new Uint8Array(0) };
    const key = await run.replyKey(reply);
    expect(encodeHex(key.octets)).toBe(figure.replyKey);
    expect(encodeHex(openData(key, 3, rep.encPart))).toBe(figure.encKdcRepPart);
  });
});

it("a wrong password ends with an error that the run does not go on after", async () => {
  const figure = figures.vectors.find(({ outcome }) => outcome !== "ticket") as Figure;
  expect(decodeHex(figure.messages.at(-1) as string)[0]).toBe(ERROR_TAG);
  const { errorCode } = decodeKrbError(decodeHex(figure.messages.at(-1) as string));
  expect(errorCode).toBe(24);
});
