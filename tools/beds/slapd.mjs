// OpenLDAP's server with SASL on libgssapi (Cyrus): LDAP and LDAP over TLS at loopback ports.

import fs from "node:fs";
import path from "node:path";
import { ensurePeers } from "../peers/index.mjs";
import { makeCertificates } from "./certificates.mjs";
import { saslEnv } from "./cyrus.mjs";
import { acceptsTcp, freePort, makeFolder, mustRun, removeFolder, startDaemon, waitUntil } from "./process.mjs";

/**
 * @typedef {object} SlapdOptions
 * @property {{ realm: string, krb5Conf: string, keytab: { service: string } }} bed a realm bed whose service keytab has
 *   ldap/localhost (`startMitBed({ services: ["ldap/localhost"] })`)
 * @property {string} [secProps] `sasl-secprops`: which layers it offers, and asks for. Default "none": all of them.
 *   "minssf=56" refuses a bind without confidentiality, "maxssf=0" offers no layer
 * @property {string[]} [mechanisms] what it announces. Default: GSSAPI and what stands on it; with an empty list it has none
 * @property {"none" | "tls-endpoint" | "tls-unique"} [channelBindings] `sasl-cbinding`. Default "none"
 *
 * @typedef {object} Slapd
 * @property {number} port LDAP
 * @property {number} tlsPort LDAP over TLS
 * @property {string} ca path of the CA's certificate
 * @property {string} certificate path of the server's, signed with ecdsa-with-SHA256
 * @property {string} baseDn the directory: a domain with `people` people, uid=userN
 * @property {number} people
 * @property {() => string} logs
 * @property {() => Promise<void>} close
 */

const BASE_DN = "dc=example,dc=test";
/** So many that an answer takes several frames of a security layer. */
const PEOPLE = 200;

/** Starts slapd. Takes half a second. @param {SlapdOptions} options @returns {Promise<Slapd>} */
export async function startSlapd(options) {
  const { slapd } = await ensurePeers(["slapd", "mit"]);
  if (!slapd.available) throw new Error(`slapd needs Debian's package: ${slapd.reason}`);
  const dir = makeFolder("slapd");
  const file = (/** @type {string} */ name) => path.join(dir, name);
  const { bed } = options;
  const certificates = await makeCertificates(slapd, dir);
  const modules = path.dirname(slapd.find("lib/ldap/back_mdb.so") ?? "");
  const schema = path.join(slapd.root, "etc/ldap/schema");
  const schemas = ["core", "cosine", "inetorgperson"].map((name) => `include ${schema}/${name}.schema\n`);
  fs.mkdirSync(file("data"));
  fs.writeFileSync(
    file("slapd.conf"),
    `${schemas.join("")}
pidfile ${file("slapd.pid")}
modulepath ${modules}
moduleload back_mdb
sasl-host localhost
sasl-realm ${bed.realm}
sasl-secprops ${options.secProps ?? "none"}
sasl-cbinding ${options.channelBindings ?? "none"}
TLSCertificateFile ${certificates.certificate}
TLSCertificateKeyFile ${certificates.key}
access to * by * read
database mdb
suffix ${BASE_DN}
directory ${file("data")}
`,
  );
  fs.writeFileSync(file("people.ldif"), people());
  const { mechanisms = ["GSSAPI", "GSS-SPNEGO", "GS2-KRB5", "GS2-KRB5-PLUS"] } = options;
  const env = {
    ...saslEnv(slapd, bed, dir, "slapd", mechanisms),
    OPENSSL_CONF: file("openssl.conf"),
    // The list is what it announces; it has what it finds.
    ...(mechanisms.length === 0 && { SASL_PATH: dir }),
  };
  const program = slapd.bin("slapd");
  await mustRun(program, ["-T", "add", "-q", "-f", file("slapd.conf"), "-l", file("people.ldif")], { env, cwd: dir });
  const [port, tlsPort] = [await freePort(), await freePort()];
  const urls = `ldap://127.0.0.1:${port} ldaps://127.0.0.1:${tlsPort}`;
  const daemon = startDaemon(program, ["-d", "stats", "-f", file("slapd.conf"), "-h", urls], { env, cwd: dir });
  try {
    await waitUntil(daemon, "slapd", () => acceptsTcp(port));
  } catch (error) {
    await daemon.stop();
    removeFolder(dir);
    throw error;
  }
  return {
    port,
    tlsPort,
    ca: certificates.ca,
    certificate: certificates.certificate,
    baseDn: BASE_DN,
    people: PEOPLE,
    logs: daemon.output,
    close: async () => {
      await daemon.stop();
      removeFolder(dir);
    },
  };
}

function people() {
  const entries = [`dn: ${BASE_DN}\nobjectClass: domain\ndc: example\n`];
  for (let number = 1; number <= PEOPLE; number++) {
    const uid = `user${number}`;
    entries.push(
      `dn: uid=${uid},${BASE_DN}\nobjectClass: inetOrgPerson\nuid: ${uid}\ncn: ${uid}\nsn: ${uid}\ndescription: ${"x".repeat(900)}\n`,
    );
  }
  return entries.join("\n");
}
