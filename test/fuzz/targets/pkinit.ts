import { decodeHex, encodeHex } from "../../../src/bytes/index.ts";
import { createEncTypeSet, loadNobleProvider, type ProtocolKey, strongEncTypes } from "../../../src/crypto/index.ts";
import { PreauthError } from "../../../src/errors.ts";
import { PADATA } from "../../../src/iana/index.ts";
import { decodeAsRep, decodeAsReq, parsePrincipal, tgsPrincipal } from "../../../src/krb5/index.ts";
import { decodePkinit, findPaData } from "../../../src/preauth/index.ts";
import { openReply, type ReplyParts } from "../../../src/preauth/pkinit/reply.ts";
import {
  type Certificate,
  decodeSignedData,
  openPkcs12,
  pathProblem,
  readCertificates,
  readPrivateKey,
} from "../../../src/x509/index.ts";
import { olderCiphers } from "../../support/older-ciphers.ts";
import { readVectors } from "../corpus.ts";
import { derChange } from "../mutate/der.ts";
import { mutatedOctets } from "../mutate/octets.ts";
import { Finding, type FuzzTarget } from "../target.ts";

interface Recorded {
  readonly name: string;
  readonly realm: string;
  readonly client: string;
  readonly anchors: readonly string[];
  readonly messages: readonly string[];
  readonly etype: number;
  readonly nonce: number;
}

function recorded(root: string): readonly Recorded[] {
  const { vectors } = readVectors<{ vectors: readonly Recorded[] }>(root, "preauth/pkinit-exchanges.json");
  return vectors.filter(({ name }) => !name.includes("inside fast"));
}

function anchorsOf({ anchors }: Recorded): readonly Certificate[] {
  return anchors.flatMap((one) => readCertificates(one.startsWith("-----") ? one : decodeHex(one), "anchors"));
}

const octetsOf = ({ messages }: Recorded): readonly Uint8Array[] => messages.map((hex) => decodeHex(hex));
const pkAsRepOf = (one: Recorded): Uint8Array => {
  const reply = octetsOf(one).find((octets) => octets[0] === 0x6b) as Uint8Array;
  return findPaData(decodeAsRep(reply).padata ?? [], PADATA.pkAsRep)?.padataValue as Uint8Array;
};

/** PA-PK-AS-REP with changed octets: taken only with what the KDC signed, as it signed it. */
export async function pkinitReplies(root: string): Promise<FuzzTarget<never>> {
  const all = recorded(root);
  const [first] = all as readonly [Recorded];
  const corpus = all.map(pkAsRepOf);
  const signed = new Set(corpus.map(signedOf));
  const encTypes = createEncTypeSet(strongEncTypes, await loadNobleProvider());
  const request = octetsOf(first)
    .filter((octets) => octets[0] === 0x6a)
    .at(-1) as Uint8Array;
  const client = parsePrincipal(first.client);
  const { nonce } = decodeAsReq(request).reqBody;
  const parts = {
    login: { client, service: tgsPrincipal(first.realm), encTypes, trace: () => {} },
    identity: { anchors: [] },
    ready: { signer: undefined, anchors: anchorsOf(first), pool: [] },
    // What the secret is does not matter here: whether the KDC's key is taken does.
    agreement: { publicKey: {}, agree: async () => new Uint8Array(256).fill(1) },
    nonce,
    now: new Date("2026-11-28T06:00:00Z"),
  } as unknown as ReplyParts;
  const target: FuzzTarget<ProtocolKey> = {
    name: "pkinit",
    inputs: mutatedOctets(corpus, derChange(corpus)),
    run: (input) => openReply(input, { padata: [], etype: first.etype, requestOctets: request }, parts),
    verify(_, input) {
      if (!signed.has(signedOf(input))) throw new Finding("taken, and it is not what a KDC signed");
    },
  };
  return target as FuzzTarget<never>;
}

function signedOf(value: Uint8Array): string {
  const { dhInfo } = decodePkinit("PA-PK-AS-REP", value);
  return encodeHex(decodeSignedData(dhInfo?.dhSignedData ?? new Uint8Array()).content);
}

/** Certificates with changed octets: a path leads to an anchor only from one that the authority signed. */
export function certificates(root: string): FuzzTarget<never> {
  const all = recorded(root);
  // Two peers, with two authorities each.
  const anchors = ["mit", "heimdal"].flatMap((peer) => {
    const one = all.find(({ name }) => name.startsWith(peer));
    return one === undefined ? [] : anchorsOf(one);
  });
  const corpus = all.flatMap((one) => {
    const { dhInfo } = decodePkinit("PA-PK-AS-REP", pkAsRepOf(one));
    const { certificates: sent } = decodeSignedData(dhInfo?.dhSignedData ?? new Uint8Array());
    return sent.map(({ octets }) => octets.slice());
  });
  const signed = new Set([...corpus, ...anchors.map(({ octets }) => octets)].map(tbsOf));
  const now = new Date("2026-11-28T06:00:00Z");
  const target: FuzzTarget<boolean> = {
    name: "certificates",
    inputs: mutatedOctets(corpus, derChange(corpus)),
    async run(input) {
      const [certificate] = readCertificates(input, "certificate");
      return (await pathProblem(certificate as Certificate, { anchors, pool: [], now })) === undefined;
    },
    verify(isTrusted, input) {
      if (isTrusted && !signed.has(tbsOf(input))) throw new Finding("trusted, and no authority signed it");
    },
  };
  return target as FuzzTarget<never>;
}

function tbsOf(octets: Uint8Array): string {
  return encodeHex(readCertificates(octets, "certificate")[0]?.tbs ?? new Uint8Array());
}

/** Private keys with changed octets: an error of ours, within bounds. */
export function privateKeys(root: string): FuzzTarget<never> {
  return keyTarget("private-keys", root, (input) => readPrivateKey(input, nobody, olderCiphers));
}

/**
 * PKCS#12 files with changed octets, up to the passphrase: how long that takes to be tried is for whose file it is to
 * say.
 */
export function pkcs12Files(root: string): FuzzTarget<never> {
  return keyTarget("pkcs12", root, (input) => openPkcs12(input, nobody, olderCiphers));
}

async function nobody(): Promise<string> {
  throw new PreauthError("PROMPT_NEEDED", "nobody is asked here");
}

function keyTarget(name: string, root: string, read: (input: Uint8Array) => Promise<unknown>): FuzzTarget<never> {
  const { vectors } = readVectors<{ vectors: readonly { readonly octets: string }[] }>(
    root,
    "preauth/private-keys.json",
  );
  const corpus = vectors.map(({ octets }) => decodeHex(octets));
  const target: FuzzTarget<undefined> = {
    name,
    inputs: mutatedOctets(corpus, derChange(corpus)),
    async run(input) {
      await read(input);
      return undefined;
    },
  };
  return target as FuzzTarget<never>;
}
