import { equalConstantTime } from "../bytes/index.ts";
import { hasName } from "../errors.ts";
import { type Element, INTEGER, OCTET_STRING, parseBer, SEQUENCE } from "./ber.ts";
import { type OlderCiphers, wrongPassphrase } from "./cbc.ts";
import { type Certificate, decodeCertificate } from "./certificate.ts";
import { ownProblem } from "./failure.ts";
import { DIGESTS, dotted, OIDS } from "./oids.ts";
import { decryptSealed } from "./pbes2.ts";
import { PURPOSE, passphraseForms, pkcs12Octets } from "./pkcs12-kdf.ts";
import { type AskPassphrase, openEncrypted, type PrivateKey, plainKey } from "./private-key.ts";
import { source, subtle } from "./web-crypto.ts";

/** What a PKCS#12 file has. */
export interface Pkcs12 {
  readonly keys: readonly PrivateKey[];
  readonly certificates: readonly Certificate[];
}

const WHAT = "the PKCS#12 file";

/** What opens the parts of a file. */
interface Opener {
  readonly passphrase: string;
  readonly host: OlderCiphers;
}

/**
 * Opens a PKCS#12 file (RFC 7292) with a MAC by a passphrase: as openssl writes them from version 3 on, or Windows.
 * `mayBeEmpty`: the empty one is tried before one is asked for. Throws CredentialError `CERTIFICATE`.
 */
export async function openPkcs12(
  octets: Uint8Array,
  ask: AskPassphrase,
  host: OlderCiphers,
  { mayBeEmpty = false }: { readonly mayBeEmpty?: boolean } = {},
): Promise<Pkcs12> {
  try {
    const pfx = parseBer(octets, WHAT).as(SEQUENCE, WHAT);
    const content = dataOf(pfx.at(1, "authSafe", SEQUENCE));
    const mac = pfx.children[2];
    if (mac === undefined)
      throw ownProblem("type", `${WHAT} has no MAC by a passphrase, so that nothing vouches for it`);
    const isOpen = mayBeEmpty && (await isMacGood(mac, content, ""));
    const passphrase = isOpen ? "" : await ask();
    if (!isOpen && !(await isMacGood(mac, content, passphrase))) throw wrongPassphrase(WHAT);
    const found: { keys: PrivateKey[]; certificates: Certificate[] } = { keys: [], certificates: [] };
    for (const part of parseBer(content, WHAT).as(SEQUENCE, WHAT).children) {
      const opener = { passphrase, host };
      await takeBags(parseBer(await openPart(part, opener), WHAT), opener, found);
    }
    return found;
  } catch (cause) {
    if (!hasName(cause, "DecodeError")) throw cause;
    throw ownProblem("damaged", `${WHAT} does not decode`, cause);
  }
}

async function openPart(part: Element, { passphrase, host }: Opener): Promise<Uint8Array> {
  if (part.at(0, "contentType").oid("contentType") !== OIDS.encryptedData) return dataOf(part);
  const encrypted = part
    .at(1, "content", 0xa0)
    .at(0, "EncryptedData", SEQUENCE)
    .at(1, "EncryptedContentInfo", SEQUENCE);
  const ciphertext = encrypted.at(2, "encryptedContent").octetString();
  return await decryptSealed(encrypted.at(1, "algorithm", SEQUENCE), ciphertext, passphrase, WHAT, host);
}

/** The octets of a ContentInfo of the type data. */
function dataOf(info: Element): Uint8Array {
  const type = info.at(0, "contentType").oid("contentType");
  if (type !== OIDS.data) throw ownProblem("type", `${WHAT} is protected by ${dotted(type)}, and not by a passphrase`);
  return info.at(1, "content", 0xa0).at(0, "content").octetString();
}

async function takeBags(
  bags: Element,
  { passphrase, host }: Opener,
  { keys, certificates }: { readonly keys: PrivateKey[]; readonly certificates: Certificate[] },
): Promise<void> {
  for (const bag of bags.as(SEQUENCE, "SafeContents").children) {
    const type = bag.at(0, "bagId").oid("bagId");
    const value = bag.at(1, "bagValue", 0xa0).at(0, "bagValue", SEQUENCE);
    if (type === OIDS.keyBag) keys.push(plainKey(value));
    if (type === OIDS.shroudedKeyBag) keys.push(await openEncrypted(value, passphrase, host));
    if (type !== OIDS.certBag || value.at(0, "certId").oid("certId") !== OIDS.x509Certificate) continue;
    certificates.push(decodeCertificate(value.at(1, "certValue", 0xa0).at(0, "certValue").octetString()));
  }
}

/** RFC 7292 section 5.1, step 6. */
async function isMacGood(mac: Element, content: Uint8Array, passphrase: string): Promise<boolean> {
  const info = mac.as(SEQUENCE, "MacData").at(0, "mac", SEQUENCE);
  const oid = info.at(0, "digestAlgorithm", SEQUENCE).at(0, "digestAlgorithm").oid("digestAlgorithm");
  const hash = DIGESTS[oid];
  if (hash === undefined) throw ownProblem("type", `${WHAT} has a MAC by ${dotted(oid)}, which is not supported`);
  const expected = info.at(1, "digest", OCTET_STRING).contents;
  const salt = mac.at(1, "macSalt", OCTET_STRING).contents;
  const iterations = mac.children.length > 2 ? mac.at(2, "iterations", INTEGER).small("iterations") : 1;
  for (const form of passphraseForms(passphrase)) {
    const raw = await pkcs12Octets(PURPOSE.mac, form, { hash, salt, iterations });
    const key = await subtle().importKey("raw", source(raw), { name: "HMAC", hash }, false, ["sign"]);
    const made = new Uint8Array(await subtle().sign("HMAC", key, source(content)));
    if (equalConstantTime(made, expected)) return true;
  }
  return false;
}
