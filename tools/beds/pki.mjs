// Certificates for PKINIT (RFC 4556): two authorities, one of RSA and one of EC, and from each a certificate of every
// kind, good and bad. They are made by openssl at the first use on a machine.

import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { mustRun } from "./process.mjs";
import { fromTemplate } from "./template.mjs";

/**
 * @typedef {object} Pki
 * @property {(name: string) => string} file the path of one of its files
 * @property {string} folder
 */

const PKINIT_KDC = "1.3.6.1.5.2.3.5";
const PKINIT_CLIENT = "1.3.6.1.5.2.3.4";

/** Sections of openssl's configuration for an id-pkinit-san (RFC 4556 section 3.2.2). @param {string} name @param {string} realm @param {number} type @param {string[]} parts */
const san = (name, realm, type, parts) => `[${name}]
realm=EXP:0,GeneralString:${realm}
principal_name=EXP:1,SEQUENCE:${name}_name
[${name}_name]
name_type=EXP:0,INTEGER:${type}
name_string=EXP:1,SEQUENCE:${name}_parts
[${name}_parts]
${parts.map((part, index) => `p${index}=GeneralString:${part}`).join("\n")}
`;
const OTHER_NAME = "otherName:1.3.6.1.5.2.2;SEQUENCE";

/** What each certificate has; `clients`, `kdcs` and `others` are the names of the sections above. @type {Record<string, string[]>} */
const KINDS = {
  kdc: [
    "keyUsage=digitalSignature,keyAgreement",
    `extendedKeyUsage=${PKINIT_KDC}`,
    `subjectAltName=${OTHER_NAME}:kdcs,DNS:localhost`,
  ],
  client: [
    "keyUsage=digitalSignature,keyAgreement",
    `extendedKeyUsage=${PKINIT_CLIENT}`,
    `subjectAltName=${OTHER_NAME}:clients`,
  ],
  // A user's certificate as Active Directory has it: a UPN, and the EKU of smart cards.
  upn: [
    "keyUsage=digitalSignature,keyEncipherment",
    "extendedKeyUsage=1.3.6.1.4.1.311.20.2.2,clientAuth",
    "subjectAltName=otherName:1.3.6.1.4.1.311.20.2.3;UTF8:USER@REALM",
  ],
  "client-nosan": ["keyUsage=digitalSignature"],
  // KDCs that are none: a web server's certificate of the same authority, one without EKU, one of another realm.
  "kdc-dns": [
    "keyUsage=digitalSignature,keyEncipherment",
    "extendedKeyUsage=serverAuth",
    "subjectAltName=DNS:kdc.example.test",
  ],
  "kdc-noeku": [`subjectAltName=${OTHER_NAME}:kdcs`],
  "kdc-other": [`extendedKeyUsage=${PKINIT_KDC}`, `subjectAltName=${OTHER_NAME}:others`],
};

/**
 * Makes them in `folder`. For KEY of `rsa` and `ec`: the authority `ca-KEY.pem`, and of each kind (kdc, client, upn, client-nosan,
 * kdc-dns, kdc-noeku, kdc-other) `KIND-KEY.pem` and `KIND-KEY.key`; `client-KEY.p12` (password of PKI_PASSPHRASE), `client-KEY-open.p12` (no password),
 * `client-KEY-legacy.p12` (3DES, as openssl 1 made them), `client-KEY-sealed.key` (PBES2)
 * and `client-KEY-scrypt.key` (with scrypt). `ca-other.pem` is an authority that signed none of them.
 *
 * @param {{ bin: (program: string) => string, env: Record<string, string> }} peer one that has openssl
 * @param {string} folder
 * @param {{ realm: string, user: string }} names
 * @returns {Promise<Pki>}
 */
export async function makePki(peer, folder, { realm, user }) {
  fs.mkdirSync(folder, { recursive: true });
  const file = (/** @type {string} */ name) => path.join(folder, name);
  const conf = [
    "[req]\ndistinguished_name=name\n[name]",
    "[ca]\nbasicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash",
    ...Object.entries(KINDS).map(([kind, lines]) =>
      [`[${kind}]`, "basicConstraints=CA:FALSE", ...lines].join("\n").replace("USER@REALM", `${user}@${realm}`),
    ),
    san("kdcs", realm, 2, ["krbtgt", realm]),
    san("others", "OTHER.TEST", 2, ["krbtgt", "OTHER.TEST"]),
    san("clients", realm, 1, [user]),
  ].join("\n");
  fs.writeFileSync(file("openssl.conf"), conf);
  const openssl = (/** @type {string[]} */ ...args) =>
    mustRun(peer.bin("openssl"), args, { env: { ...peer.env, OPENSSL_CONF: file("openssl.conf") }, cwd: folder });
  const newKey = (/** @type {string} */ key) => [
    ...["-nodes", "-newkey", ...(key === "rsa" ? ["rsa:2048"] : ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"])],
  ];
  const authority = (/** @type {string} */ name, /** @type {string} */ key) =>
    openssl(
      ...["req", "-x509", "-days", "3650", ...newKey(key), "-keyout", `ca-${name}.key`, "-out", `ca-${name}.pem`],
      ...["-subj", `/CN=test CA ${name}`, "-extensions", "ca"],
    );
  const certificate = async (/** @type {string} */ kind, /** @type {string} */ key) => {
    const name = `${kind}-${key}`;
    await openssl(
      "req",
      ...newKey(key),
      "-keyout",
      `${name}.key`,
      "-out",
      `${name}.csr`,
      "-subj",
      `/O=${realm}/CN=${user}`,
    );
    await openssl(
      ...["x509", "-req", "-in", `${name}.csr`, "-CA", `ca-${key}.pem`, "-CAkey", `ca-${key}.key`, "-days", "3650"],
      ...["-set_serial", String(1 + Object.keys(KINDS).indexOf(kind)), "-extfile", "openssl.conf", "-extensions", kind],
      ...["-out", `${name}.pem`],
    );
  };
  const sealed = async (/** @type {string} */ key) => {
    const from = ["-in", `client-${key}.pem`, "-inkey", `client-${key}.key`];
    await openssl("pkcs12", "-export", ...from, "-passout", `pass:${PKI_PASSPHRASE}`, "-out", `client-${key}.p12`);
    await openssl("pkcs12", "-export", ...from, "-passout", "pass:", "-out", `client-${key}-open.p12`);
    // The module with the old ciphers may not be where an unpacked openssl looks for it.
    const old = ["-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-3DES", "-macalg", "sha1"];
    await openssl(
      "pkcs12",
      "-export",
      ...old,
      ...from,
      "-passout",
      `pass:${PKI_PASSPHRASE}`,
      "-out",
      `client-${key}-legacy.p12`,
    );
    await openssl(
      ...["pkcs8", "-topk8", "-in", `client-${key}.key`, "-passout", `pass:${PKI_PASSPHRASE}`],
      ...["-out", `client-${key}-sealed.key`],
    );
    await openssl(
      ...["pkcs8", "-topk8", "-scrypt", "-in", `client-${key}.key`, "-passout", `pass:${PKI_PASSPHRASE}`],
      ...["-out", `client-${key}-scrypt.key`],
    );
  };
  const make = async () => {
    await Promise.all([authority("rsa", "rsa"), authority("ec", "ec"), authority("other", "rsa")]);
    for (const key of ["rsa", "ec"]) {
      await Promise.all(Object.keys(KINDS).map((kind) => certificate(kind, key)));
      await sealed(key);
    }
  };
  await fromTemplate(folder, `pki ${conf}`, [fileURLToPath(import.meta.url)], make, /\.(pem|key|p12)$/);
  return { folder, file };
}

/** Of each key and PKCS#12 file that is encrypted. */
export const PKI_PASSPHRASE = "pki-passphrase";
