// A certification authority of the beds' own, and a server certificate for localhost that it signed.

import fs from "node:fs";
import path from "node:path";
import { mustRun } from "./process.mjs";

/**
 * @typedef {object} Certificates paths of PEM files
 * @property {string} ca
 * @property {string} certificate for localhost, 127.0.0.1 and ::1
 * @property {string} key
 */

/**
 * Makes a CA and a certificate in `folder`, P-256, valid for two days.
 * @param {{ bin: (program: string) => string, env: Record<string, string> }} peer one that has openssl
 * @param {string} folder
 * @returns {Promise<Certificates>}
 */
export async function makeCertificates(peer, folder) {
  const file = (/** @type {string} */ name) => path.join(folder, name);
  const openssl = (/** @type {string[]} */ ...args) =>
    mustRun(peer.bin("openssl"), args, { env: { ...peer.env, OPENSSL_CONF: file("openssl.conf") }, cwd: folder });
  fs.writeFileSync(
    file("openssl.conf"),
    [
      "[req]\ndistinguished_name=name\n[name]",
      "[ca]\nbasicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash",
      "[server]\nbasicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth",
      "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1\nauthorityKeyIdentifier=keyid\nsubjectKeyIdentifier=hash\n",
    ].join("\n"),
  );
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  await openssl(
    ...["req", "-x509", "-days", "2", ...newKey, "-keyout", "ca.key", "-out", "ca.pem"],
    ...["-subj", "/CN=krb5-remctl test CA", "-extensions", "ca"],
  );
  await openssl("req", ...newKey, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=localhost");
  await openssl(
    ...["x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2"],
    ...["-extfile", "openssl.conf", "-extensions", "server", "-out", "server.pem"],
  );
  return { ca: file("ca.pem"), certificate: file("server.pem"), key: file("server.key") };
}
