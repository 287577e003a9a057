import { equalConstantTime } from "../bytes/index.ts";
import { DecodeError, hasName } from "../errors.ts";
import { type Element, INTEGER, OCTET_STRING, parseBer, SEQUENCE } from "./ber.ts";
import { type Certificate, decodeCertificate } from "./certificate.ts";
import { ownProblem } from "./failure.ts";
import { DIGESTS, type Digest, dotted, OIDS } from "./oids.ts";
import { decryptPbes2, wrongPassphrase } from "./pbes2.ts";
import { type AskPassphrase, openEncrypted, type PrivateKey, plainKey } from "./private-key.ts";
import { digest, source, subtle } from "./web-crypto.ts";

/** What a PKCS#12 file has. */
export interface Pkcs12 {
  readonly keys: readonly PrivateKey[];
  readonly certificates: readonly Certificate[];
}

const WHAT = "the PKCS#12 file";
const MAX_ITERATIONS = 1_000_000;

/**
 * Opens a PKCS#12 file (RFC 7292) that is encrypted by PBES2, with a MAC by a passphrase, as openssl writes them from
 * version 3 on. Throws CredentialError `CERTIFICATE`.
 */
export async function openPkcs12(octets: Uint8Array, ask: AskPassphrase): Promise<Pkcs12> {
  try {
    const pfx = parseBer(octets, WHAT).as(SEQUENCE, WHAT);
    const content = dataOf(pfx.at(1, "authSafe", SEQUENCE));
    const mac = pfx.children[2];
    if (mac === undefined)
      throw ownProblem("type", `${WHAT} has no MAC by a passphrase, so that nothing vouches for it`);
    const passphrase = await ask();
    if (!(await isMacGood(mac, content, passphrase))) throw wrongPassphrase(WHAT);
    const found: { keys: PrivateKey[]; certificates: Certificate[] } = { keys: [], certificates: [] };
    for (const part of parseBer(content, WHAT).as(SEQUENCE, WHAT).children) {
      await takeBags(parseBer(await openPart(part, passphrase), WHAT), passphrase, found);
    }
    return found;
  } catch (cause) {
    if (!hasName(cause, "DecodeError")) throw cause;
    throw ownProblem("damaged", `${WHAT} does not decode`, cause);
  }
}

async function openPart(part: Element, passphrase: string): Promise<Uint8Array> {
  if (part.at(0, "contentType").oid("contentType") !== OIDS.encryptedData) return dataOf(part);
  const encrypted = part
    .at(1, "content", 0xa0)
    .at(0, "EncryptedData", SEQUENCE)
    .at(1, "EncryptedContentInfo", SEQUENCE);
  const ciphertext = encrypted.at(2, "encryptedContent").octetString();
  return await decryptPbes2(encrypted.at(1, "algorithm", SEQUENCE), ciphertext, passphrase, WHAT);
}

/** The octets of a ContentInfo of the type data. */
function dataOf(info: Element): Uint8Array {
  const type = info.at(0, "contentType").oid("contentType");
  if (type !== OIDS.data) throw ownProblem("type", `${WHAT} is protected by ${dotted(type)}, and not by a passphrase`);
  return info.at(1, "content", 0xa0).at(0, "content").octetString();
}

async function takeBags(
  bags: Element,
  passphrase: string,
  { keys, certificates }: { readonly keys: PrivateKey[]; readonly certificates: Certificate[] },
): Promise<void> {
  for (const bag of bags.as(SEQUENCE, "SafeContents").children) {
    const type = bag.at(0, "bagId").oid("bagId");
    const value = bag.at(1, "bagValue", 0xa0).at(0, "bagValue", SEQUENCE);
    if (type === OIDS.keyBag) keys.push(plainKey(value));
    if (type === OIDS.shroudedKeyBag) keys.push(await openEncrypted(value, passphrase));
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
  if (iterations < 1 || iterations > MAX_ITERATIONS) {
    throw new DecodeError(`${WHAT}: ${iterations} iterations, ${MAX_ITERATIONS} allowed`, 0, WHAT);
  }
  // Some programs write an empty passphrase without the zeros at its end.
  const forms = passphrase === "" ? [bmpString(passphrase), new Uint8Array(0)] : [bmpString(passphrase)];
  for (const form of forms) {
    const raw = await macKey(hash, form, salt, iterations);
    const key = await subtle().importKey("raw", source(raw), { name: "HMAC", hash }, false, ["sign"]);
    const made = new Uint8Array(await subtle().sign("HMAC", key, source(content)));
    if (equalConstantTime(made, expected)) return true;
  }
  return false;
}

/** RFC 7292 appendix B.2, of as many octets as the hash has, so that its loop runs once. */
async function macKey(hash: Digest, passphrase: Uint8Array, salt: Uint8Array, iterations: number): Promise<Uint8Array> {
  const block = hash === "SHA-1" || hash === "SHA-256" ? 64 : 128;
  const stretched = [salt, passphrase].map((octets) => repeated(octets, block));
  const input = Uint8Array.from([...new Uint8Array(block).fill(3), ...stretched.flatMap((octets) => [...octets])]);
  let key = await digest(hash, input);
  for (let i = 1; i < iterations; i++) key = await digest(hash, key);
  return key;
}

function repeated(octets: Uint8Array, block: number): Uint8Array {
  const length = Math.ceil(octets.length / block) * block;
  return Uint8Array.from({ length }, (_, i) => octets[i % octets.length] as number);
}

/** Text in UTF-16, big-endian, with two zeros at its end. */
function bmpString(text: string): Uint8Array {
  const units = `${text}\0`;
  return Uint8Array.from({ length: 2 * units.length }, (_, i) => {
    const unit = units.charCodeAt(i >> 1);
    return i % 2 === 0 ? unit >> 8 : unit & 0xff;
  });
}
