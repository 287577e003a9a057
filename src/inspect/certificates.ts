import { encodeHex } from "../bytes/index.ts";
import { decodePkinit } from "../preauth/index.ts";
import { type Certificate, dotted, OIDS } from "../x509/index.ts";
import { attempt } from "./attempt.ts";
import { derTree } from "./der.ts";
import { oidWords } from "./object-identifiers.ts";
import type { TreeNode } from "./tree.ts";

/** Attributes of names as people write them (RFC 4514 section 3), by the dotted OBJECT IDENTIFIER. */
const ATTRIBUTES: Readonly<Record<string, string>> = {
  "2.5.4.3": "CN",
  "2.5.4.6": "C",
  "2.5.4.7": "L",
  "2.5.4.8": "ST",
  "2.5.4.10": "O",
  "2.5.4.11": "OU",
  "0.9.2342.19200300.100.1.1": "UID",
  "0.9.2342.19200300.100.1.25": "DC",
};

/** What of a certificate decides a login (RFC 5280, RFC 4556 sections 3.2.2 and 3.2.4). */
export function certificateTree(certificate: Certificate): TreeNode {
  const { subject, issuer, serialNumber, notBefore, notAfter, publicKey, extensions } = certificate;
  const { extendedKeyUsage, dnsNames, otherNames } = extensions;
  const { kind, bits, curve } = publicKey;
  return {
    label: "certificate",
    children: [
      { label: "subject", value: nameWords(subject) },
      { label: "issuer", value: nameWords(issuer) },
      { label: "serialNumber", value: `0x${encodeHex(serialNumber.subarray(2))}` },
      { label: "notBefore", value: timeWords(notBefore) },
      { label: "notAfter", value: timeWords(notAfter) },
      {
        label: "publicKey",
        value: kind === "RSA" ? `RSA, ${bits} bits` : `${kind}${curve === undefined ? "" : `, ${curve}`}`,
      },
      ...(extendedKeyUsage === undefined
        ? []
        : [{ label: "extKeyUsage", value: extendedKeyUsage.map(oidWords).join(", ") }]),
      ...otherNames.map(({ type, value }) => ({ label: "subjectAltName", value: otherNameWords(type, value) })),
      ...dnsNames.map((name) => ({ label: "subjectAltName", value: `dNSName ${JSON.stringify(name)}` })),
    ],
  };
}

/** A distinguished name on one line. */
export function nameWords(name: Uint8Array): string {
  const parts: string[] = [];
  let type: string | undefined;
  const walk = ({ label, value = "", children = [] }: TreeNode): void => {
    if (label === "OBJECT IDENTIFIER") type = value;
    else if (children.length === 0 && type !== undefined) parts.push(`${ATTRIBUTES[type] ?? type}=${value}`);
    for (const child of children) walk(child);
  };
  attempt(
    () => walk(derTree(name)),
    () => {},
  );
  return parts.join(", ") || "a name that does not read";
}

function otherNameWords(type: string, value: Uint8Array): string {
  if (type === OIDS.pkinitSan) {
    return attempt(
      () => {
        const { realm, principalName } = decodePkinit("KRB5PrincipalName", value);
        const name = principalName.nameString.map((part) => JSON.stringify(part)).join(" / ");
        return `id-pkinit-san ${name} of ${JSON.stringify(realm)}`;
      },
      () => "id-pkinit-san that does not decode",
    );
  }
  return type === OIDS.upnSan ? `userPrincipalName ${textOf(value)}` : dotted(type);
}

function textOf(value: Uint8Array): string {
  return attempt(
    () => derTree(value).value ?? "",
    () => "that does not decode",
  );
}

function timeWords(time: Date): string {
  return time.toISOString().replace(".000Z", "Z");
}
