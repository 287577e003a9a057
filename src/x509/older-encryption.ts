import { concat, decodeHex } from "../bytes/index.ts";
import { hasName } from "../errors.ts";
import { type Element, INTEGER, OCTET_STRING } from "./ber.ts";
import { type Cbc, DES_BLOCK, DES_EDE3, decryptCbc, type OlderCiphers, unknownTo, wrongPassphrase } from "./cbc.ts";
import type { PemSeal } from "./pem.ts";
import { PURPOSE, passphraseForms, pkcs12Octets } from "./pkcs12-kdf.ts";

// How keys were sealed before PBES2: loaded where one of them comes.

const PEM_CIPHERS: Readonly<Record<string, Cbc>> = {
  "AES-128-CBC": { name: "AES-CBC", keyBytes: 16 },
  "AES-192-CBC": { name: "AES-CBC", keyBytes: 24 },
  "AES-256-CBC": { name: "AES-CBC", keyBytes: 32 },
  "DES-EDE3-CBC": DES_EDE3,
};

/**
 * Opens a block of PEM that is encrypted as such (RFC 1421 section 4.6.1.3). The key is MD5 of the passphrase and half
 * the IV, once, as OpenSSL has always made it: no RFC says so.
 */
export async function openPemBlock(
  ciphertext: Uint8Array,
  { cipher: name, iv: text }: PemSeal,
  passphrase: string,
  what: string,
  host: OlderCiphers,
): Promise<Uint8Array> {
  const cipher = PEM_CIPHERS[name];
  if (cipher === undefined) throw unknownTo(name, what);
  const iv = decodeHex(text);
  const secret = new TextEncoder().encode(passphrase);
  let key: Uint8Array = new Uint8Array(0);
  for (let part = key; key.length < cipher.keyBytes; ) {
    part = Uint8Array.from(host.hash("md5", part, secret, iv.subarray(0, 8)));
    key = concat(key, part);
  }
  return await decryptCbc({ cipher, iv, ciphertext, what, host }, key.slice(0, cipher.keyBytes));
}

/** pbeWithSHAAnd3-KeyTripleDES-CBC (RFC 7292 appendix C): Windows writes PKCS#12 so, and openssl keys before 1.1. */
export async function openPkcs12Pbe(
  parameters: Element,
  ciphertext: Uint8Array,
  passphrase: string,
  what: string,
  host: OlderCiphers,
): Promise<Uint8Array> {
  const salt = parameters.at(0, "salt", OCTET_STRING).contents;
  const stretching = {
    hash: "SHA-1",
    salt,
    iterations: parameters.at(1, "iterations", INTEGER).small("iterations"),
  } as const;
  for (const form of passphraseForms(passphrase)) {
    const key = await pkcs12Octets(PURPOSE.key, form, stretching, DES_EDE3.keyBytes);
    const iv = await pkcs12Octets(PURPOSE.iv, form, stretching, DES_BLOCK);
    try {
      return await decryptCbc({ cipher: DES_EDE3, iv, ciphertext, what, host }, key);
    } catch (error) {
      if (!hasName(error, "CredentialError") || error.reason !== "passphrase") throw error;
    }
  }
  throw wrongPassphrase(what);
}
