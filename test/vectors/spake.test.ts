import { describe, expect, it } from "vitest";
import figures from "../../krb5-vectors/preauth/rfc9588.json" with { type: "json" };
import { decodeHex, encodeHex } from "../../src/bytes/index.ts";
import { createEncTypeSet, strongEncTypes } from "../../src/crypto/index.ts";
import { type Group, loadGroups } from "../../src/curves/index.ts";
import { deriveKey, multiplierOctets, transcriptOf } from "../../src/preauth/spake/keys.ts";
import { spakeMessages } from "../../src/preauth/spake/messages.ts";
import { providers } from "../unit/crypto/providers.ts";

const hex = decodeHex;
const groups = await loadGroups();

/** The group of a figure: -1 is edwards25519 under another hash, so that one block is too short for a key. */
function groupOf(number: number, hash: string | undefined): Group {
  const found = groups.find((group) => group.number === Math.abs(number)) as Group;
  if (hash === undefined) return found;
  return { ...found, number, hash: hash as Group["hash"], base: found.base, m: found.m, n: found.n };
}

const built = figures.vectors.filter(({ etype }) => strongEncTypes.some((type) => type.etype === etype));

describe.each(providers)("SPAKE with %s", (_name, provider) => {
  const encTypes = createEncTypeSet(strongEncTypes, provider);

  it.each(built)("$name", (v) => {
    const group = groupOf(v.group, "hash" in v ? v.hash : undefined);
    const key = encTypes.importKey(v.etype, hex(v.key));
    const multiplier = multiplierOctets(key, group);
    expect(encodeHex(multiplier)).toBe(v.w);
    const messages = [...(v.support === undefined ? [] : [hex(v.support)]), hex(v.challenge)];
    const transcript = transcriptOf(provider, group, messages, hex(v.clientKey));
    expect(encodeHex(transcript)).toBe(v.transcript2);
    const first = new Uint8Array(transcript.length);
    expect(encodeHex(provider.hash(group.hash, first, ...messages))).toBe(v.transcript1);
    const material = { key, group, multiplier, shared: hex(v.shared), transcript, body: hex(v.body) };
    if (!("k0" in v)) return;
    const keys = [0, 1, 2, 3].map((n) => encodeHex(deriveKey(provider, material, n).octets));
    expect(keys).toEqual([v.k0, v.k1, v.k2, v.k3]);
  });
});

it("a key of several blocks counts them from 1 (section 7)", () => {
  const seen: number[] = [];
  const [, provider] = providers[0] as (typeof providers)[number];
  const encTypes = createEncTypeSet(strongEncTypes, provider);
  const key = encTypes.importKey(18, new Uint8Array(32));
  const octets = new Uint8Array(1);
  const counting = {
    ...provider,
    hash: (...[, ...parts]: Parameters<typeof provider.hash>) => {
      if (parts.length > 1) seen.push(...(parts.at(-1) as Uint8Array));
      return provider.hash("sha1", ...parts);
    },
  };
  const group = groupOf(-1, "sha1");
  deriveKey(counting, { key, group, multiplier: octets, shared: octets, transcript: octets, body: octets }, 0);
  expect(seen).toEqual([1, 2]);
});

describe("messages of SPAKE", () => {
  it.each(figures.vectors)("$name", ({ support, challenge, group, kdcKey }) => {
    if (support !== undefined) expect(encodeHex(spakeMessages.encode("support", { groups: [group] }))).toBe(support);
    const read = spakeMessages.decode("challenge", hex(challenge));
    expect(read).toEqual({ group, pubkey: hex(kdcKey), factors: [{ type: 1 }] });
    expect(encodeHex(spakeMessages.encode("challenge", read))).toBe(challenge);
  });
});
