// Certificates of every kind, good and bad, made in a test: an issuer signs whatever it is given.

import { createModule, MORE_WORDS } from "../../src/asn1/index.ts";
import { decodeHex } from "../../src/bytes/index.ts";
import { encodePkinit } from "../../src/preauth/pkinit/messages.ts";
import { type Certificate, decodeCertificate, derEcdsa, OIDS } from "../../src/x509/index.ts";

const TYPES = {
  Certificate: { tbs: "ANY", algorithm: "AlgorithmIdentifier", signature: "BIT STRING" },
  Tbs: {
    version: "[0] INTEGER",
    serialNumber: "INTEGER",
    signature: "AlgorithmIdentifier",
    issuer: "ANY",
    validity: "Validity",
    subject: "ANY",
    publicKey: "ANY",
    extensions: "[3] SEQUENCE OF Extension OPTIONAL",
  },
  AlgorithmIdentifier: { algorithm: "OBJECT IDENTIFIER", parameters: "ANY OPTIONAL" },
  Name: "SEQUENCE OF Rdn",
  Rdn: "SET OF Attribute",
  Attribute: { type: "OBJECT IDENTIFIER", value: "UTF8String" },
  Validity: { notBefore: "KerberosTime", notAfter: "KerberosTime" },
  Extension: { id: "OBJECT IDENTIFIER", critical: "BOOLEAN DEFAULT FALSE", value: "OCTET STRING" },
  BasicConstraints: { isCa: "BOOLEAN DEFAULT FALSE", pathLength: "INTEGER OPTIONAL" },
  KeyUsage: "BIT STRING",
  Usages: "SEQUENCE OF OBJECT IDENTIFIER",
  GeneralNames: "SEQUENCE OF GeneralName",
  GeneralName: { CHOICE: { other: "[0] IMPLICIT OtherName", dns: "[2] IMPLICIT UTF8String" } },
  OtherName: { type: "OBJECT IDENTIFIER", value: "[0] ANY" },
} as const;

const module = createModule(TYPES, MORE_WORDS);
const DAY_MS = 86_400_000;

export interface Extension {
  readonly id: string;
  readonly critical?: boolean;
  readonly value: Uint8Array;
}

/** A certificate with its key: it may issue others. */
export interface Issued {
  readonly certificate: Certificate;
  readonly name: string;
  readonly subject: Uint8Array;
  readonly keys: CryptoKeyPair;
  readonly kind: Kind;
}

type Kind = "ec" | "rsa" | "rsa1024";

export interface Wishes {
  readonly kind?: Kind;
  readonly issuer?: Issued;
  readonly extensions?: readonly Extension[];
  /** A Name in place of the one of a common name. */
  readonly subject?: Uint8Array;
  /** Days from now. */
  readonly from?: number;
  readonly until?: number;
  readonly hash?: "SHA-1" | "SHA-256";
  /** Changes what was signed, afterwards. */
  readonly spoil?: (octets: Uint8Array) => void;
  /** RSASSA-PSS by the issuer's RSA key, with a salt of 32 octets and these parameters, be they right or wrong. */
  readonly pss?: Uint8Array;
  /** Another algorithm in the signed part than beside the signature. */
  readonly otherAlgorithm?: boolean;
}

export const basicConstraints = (isCa: boolean, pathLength?: number): Extension => ({
  id: OIDS.basicConstraints,
  critical: true,
  value: module.encode("BasicConstraints", {
    isCa,
    ...(pathLength === undefined ? {} : { pathLength: BigInt(pathLength) }),
  }),
});

/** Bits of the first octet. */
export const keyUsage = (bits: number): Extension => {
  let unusedBits = 0;
  while (((bits >> unusedBits) & 1) === 0) unusedBits += 1;
  return {
    id: OIDS.keyUsage,
    critical: true,
    value: module.encode("KeyUsage", { octets: Uint8Array.of(bits), unusedBits }),
  };
};

export const extendedKeyUsage = (...oids: readonly string[]): Extension => ({
  id: OIDS.extendedKeyUsage,
  value: module.encode("Usages", oids.map(decodeHex)),
});

export const names = ({
  realms = [],
  hosts = [],
}: {
  realms?: readonly string[];
  hosts?: readonly string[];
}): Extension => ({
  id: OIDS.subjectAltName,
  value: module.encode("GeneralNames", [
    ...realms.map((realm) => ({
      other: {
        type: decodeHex(OIDS.pkinitSan),
        value: encodePkinit("KRB5PrincipalName", {
          realm,
          principalName: { nameType: 2, nameString: ["krbtgt", realm] },
        }),
      },
    })),
    ...hosts.map((dns) => ({ dns })),
  ]),
});

export const authority: readonly Extension[] = [basicConstraints(true), keyUsage(0x06)];

let count = 0;

/** Makes a certificate; without an issuer it is signed by its own key. */
export async function makeCertificate(name: string, wishes: Wishes = {}): Promise<Issued> {
  const { kind = "ec", extensions = [], from = -1, until = 30, hash = "SHA-256" } = wishes;
  const keys = await newKeys(kind, hash);
  const subject = wishes.subject ?? module.encode("Name", nameOf(name));
  const issuer = wishes.issuer ?? { keys, subject, kind };
  const { pss } = wishes;
  const oid = pss === undefined ? algorithmOf(issuer.kind, hash) : OIDS.rsaPss;
  const parameters = pss === undefined ? {} : { parameters: pss };
  const time = (days: number): Date => new Date(Math.floor((Date.now() + days * DAY_MS) / 1000) * 1000);
  const other = wishes.otherAlgorithm === true ? algorithmOf(issuer.kind, "SHA-1") : oid;
  count += 1;
  const tbs = module.encode("Tbs", {
    version: 2n,
    serialNumber: BigInt(count),
    signature: { algorithm: decodeHex(other), ...parameters },
    issuer: issuer.subject,
    validity: { notBefore: time(from), notAfter: time(until) },
    subject,
    publicKey: new Uint8Array(await crypto.subtle.exportKey("spki", keys.publicKey)),
    ...(extensions.length === 0
      ? {}
      : { extensions: extensions.map(({ id, critical = false, value }) => ({ id: decodeHex(id), critical, value })) }),
  });
  const signature = await (pss === undefined ? signBy(issuer, tbs, hash) : signByPss(issuer, tbs, hash));
  wishes.spoil?.(tbs);
  const octets = module.encode("Certificate", {
    tbs,
    algorithm: { algorithm: decodeHex(oid), ...parameters },
    signature: { octets: signature, unusedBits: 0 },
  });
  return { certificate: decodeCertificate(octets), name, subject, keys, kind };
}

/** A signature as X.509 and CMS have it. */
export async function signBy(
  { keys, kind }: Pick<Issued, "keys" | "kind">,
  octets: Uint8Array,
  hash: string,
): Promise<Uint8Array> {
  const algorithm = kind === "ec" ? { name: "ECDSA", hash } : "RSASSA-PKCS1-v1_5";
  const made = await crypto.subtle.sign(algorithm, keys.privateKey, octets as Uint8Array<ArrayBuffer>);
  return kind === "ec" ? derEcdsa(new Uint8Array(made)) : new Uint8Array(made);
}

async function signByPss({ keys }: Pick<Issued, "keys">, octets: Uint8Array, hash: string): Promise<Uint8Array> {
  const pkcs8 = await crypto.subtle.exportKey("pkcs8", keys.privateKey);
  const key = await crypto.subtle.importKey("pkcs8", pkcs8, { name: "RSA-PSS", hash }, false, ["sign"]);
  const algorithm = { name: "RSA-PSS", saltLength: 32 };
  return new Uint8Array(await crypto.subtle.sign(algorithm, key, octets as Uint8Array<ArrayBuffer>));
}

async function newKeys(kind: Kind, hash: string): Promise<CryptoKeyPair> {
  const algorithm =
    kind === "ec"
      ? { name: "ECDSA", namedCurve: "P-256" }
      : {
          name: "RSASSA-PKCS1-v1_5",
          hash,
          modulusLength: kind === "rsa" ? 2048 : 1024,
          publicExponent: Uint8Array.of(1, 0, 1),
        };
  return (await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"])) as CryptoKeyPair;
}

function algorithmOf(kind: Kind, hash: string): string {
  if (kind === "ec") return hash === "SHA-1" ? OIDS.ecdsaWithSha1 : OIDS.ecdsaWithSha256;
  return hash === "SHA-1" ? OIDS.sha1WithRsa : OIDS.sha256WithRsa;
}

const nameOf = (name: string) => [[{ type: decodeHex("550403"), value: name }]];
