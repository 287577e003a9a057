import { decodeText } from "../bytes/index.ts";
import { DecodeError } from "../errors.ts";
import { BIT_STRING, type Element, OCTET_STRING, parseBer, SEQUENCE } from "./ber.ts";
import { OIDS } from "./oids.ts";

/** What the extensions of a certificate say (RFC 5280 section 4.2). */
export interface Extensions {
  /** Whether it may sign certificates, and how many may follow; undefined where it does not say. */
  readonly basicConstraints: { readonly isCa: boolean; readonly pathLength: number | undefined } | undefined;
  /** Bit 0 in the highest bit of the first octet; undefined where any use is allowed. */
  readonly keyUsage: number | undefined;
  /** OBJECT IDENTIFIERs of what it is for; undefined where it does not say. */
  readonly extendedKeyUsage: readonly string[] | undefined;
  readonly subjectKeyIdentifier: Uint8Array | undefined;
  /** The names that it may give, as an authority; undefined where it does not say. */
  readonly nameConstraints: Element | undefined;
  /** Names beside the subject, of all kinds, as elements. */
  readonly names: readonly Element[];
  /** Names of hosts. */
  readonly dnsNames: readonly string[];
  /** Names of other kinds: the OBJECT IDENTIFIER, and the value's DER. */
  readonly otherNames: readonly { readonly type: string; readonly value: Uint8Array }[];
  /** Extensions that must be understood and are not here, or are never taken: OBJECT IDENTIFIERs. */
  readonly refused: readonly string[];
}

export const DIGITAL_SIGNATURE = 0x80;
export const NON_REPUDIATION = 0x40;
export const KEY_CERT_SIGN = 0x04;

const BOOLEAN = 0x01;
const OTHER_NAME = 0xa0;
const DNS_NAME = 0x82;
const CERTIFICATE_POLICIES = "551d20";

/** Those that may be critical. With no policy asked for, policies decide nothing (RFC 5280 section 6.1.1). */
const UNDERSTOOD: ReadonlySet<string> = new Set([
  OIDS.basicConstraints,
  OIDS.keyUsage,
  OIDS.extendedKeyUsage,
  OIDS.subjectAltName,
  OIDS.subjectKeyIdentifier,
  OIDS.nameConstraints,
  CERTIFICATE_POLICIES,
]);

/** Reads extensions; undefined: a certificate that has none. Throws DecodeError. */
export function readExtensions(list: Element | undefined): Extensions {
  const values = new Map<string, Element>();
  const refused: string[] = [];
  for (const extension of list?.children ?? []) {
    const oid = extension.as(SEQUENCE, "extension").at(0, "extnID").oid("extnID");
    if (values.has(oid)) throw new DecodeError("extensions: one of them twice", 0, "extensions");
    const flag = extension.children.length === 3 ? extension.at(1, "critical", BOOLEAN) : undefined;
    const isCritical = flag !== undefined && flag.contents[0] !== 0;
    if (isCritical && !UNDERSTOOD.has(oid)) refused.push(oid);
    const value = extension.at(extension.children.length - 1, "extnValue", OCTET_STRING).octetString();
    values.set(oid, UNDERSTOOD.has(oid) ? parseBer(value, "extnValue") : extension);
  }
  const names = values.get(OIDS.subjectAltName)?.as(SEQUENCE, "subjectAltName").children ?? [];
  const usages = values.get(OIDS.extendedKeyUsage)?.as(SEQUENCE, "extKeyUsage").children;
  return {
    basicConstraints: basicConstraints(values.get(OIDS.basicConstraints)),
    keyUsage: keyUsage(values.get(OIDS.keyUsage)),
    extendedKeyUsage: usages?.map((usage) => usage.oid("extKeyUsage")),
    subjectKeyIdentifier: values.get(OIDS.subjectKeyIdentifier)?.as(OCTET_STRING, "subjectKeyIdentifier").contents,
    nameConstraints: values.get(OIDS.nameConstraints),
    names,
    dnsNames: names.filter(({ tag }) => tag === DNS_NAME).map(({ contents }) => decodeText(contents)),
    otherNames: names.filter(({ tag }) => tag === OTHER_NAME).map(otherName),
    refused,
  };
}

function basicConstraints(value: Element | undefined): Extensions["basicConstraints"] {
  if (value === undefined) return undefined;
  const children = value.as(SEQUENCE, "basicConstraints").children;
  const isCa = children[0]?.tag === BOOLEAN && children[0].contents[0] !== 0;
  const length = children.find(({ tag }) => tag !== BOOLEAN);
  return { isCa, pathLength: length?.small("pathLenConstraint") };
}

function keyUsage(value: Element | undefined): number | undefined {
  // The first octet counts the bits that do not count.
  return value === undefined ? undefined : (value.as(BIT_STRING, "keyUsage").contents[1] ?? 0);
}

function otherName(name: Element): Extensions["otherNames"][number] {
  const value = name.at(1, "otherName", 0xa0).at(0, "otherName");
  return { type: name.at(0, "otherName").oid("otherName"), value: value.octets };
}
