import { equal } from "../bytes/index.ts";
import { KRB5_MECHANISM } from "../iana/index.ts";

/** The contents octets of object identifiers. */
export const SPNEGO: Uint8Array = Uint8Array.of(0x2b, 6, 1, 5, 5, 2);
export const KRB5: Uint8Array = Uint8Array.from(KRB5_MECHANISM);
/** 1.2.840.48018.1.2.2: what Windows 2000 made of krb5's in 16 bits (MS-SPNG section 1.9). */
export const MICROSOFT_KRB5: Uint8Array = Uint8Array.of(0x2a, 0x86, 0x48, 0x82, 0xf7, 0x12, 1, 2, 2);

export const NTLM: Uint8Array = Uint8Array.of(0x2b, 6, 1, 4, 1, 0x82, 0x37, 2, 2, 0x0a);

/** What mechanisms are called, by object identifier. */
const NAMES: ReadonlyMap<string, string> = new Map([
  ["1.2.840.113554.1.2.2", "Kerberos 5"],
  ["1.2.840.48018.1.2.2", "Kerberos 5 (Microsoft)"],
  ["1.2.840.113554.1.2.2.3", "Kerberos 5 user-to-user"],
  ["1.3.6.1.5.2.5", "IAKERB"],
  ["1.3.6.1.5.5.2", "SPNEGO"],
  ["1.3.6.1.4.1.311.2.2.10", "NTLM"],
  ["1.3.6.1.4.1.311.2.2.30", "NegoEx"],
]);

/** One mechanism, not two: MS-SPNG section 3.1.5.2. */
export function isKerberos(mechanism: Uint8Array): boolean {
  return equal(mechanism, KRB5) || equal(mechanism, MICROSOFT_KRB5);
}

/** An object identifier as text, from contents octets that are well formed (X.690 section 8.19). */
export function oidText(contents: Uint8Array): string {
  const arcs: bigint[] = [];
  let arc = 0n;
  for (const octet of contents) {
    arc = (arc << 7n) | BigInt(octet & 0x7f);
    if (octet >= 0x80) continue;
    // The first two arcs are one number.
    if (arcs.length === 0) {
      const top = arc < 80n ? arc / 40n : 2n;
      arcs.push(top, arc - top * 40n);
    } else {
      arcs.push(arc);
    }
    arc = 0n;
  }
  return arcs.join(".");
}

/** A mechanism's name, or its object identifier. */
export function mechanismName(oid: string): string {
  return NAMES.get(oid) ?? oid;
}
