// A realm whose MIT KDC has its principals in a directory (slapd over a socket in the bed's folder): MIT's own database
// keeps no list of the services that another may delegate to.

import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { ensurePeers } from "../peers/index.mjs";
import { makePluginFolder, nativeLogin } from "./mit.mjs";
import {
  acceptsUnix,
  freePort,
  makeFolder,
  mustRun,
  readIfThere,
  removeFolder,
  startDaemon,
  waitUntil,
} from "./process.mjs";
import { fromTemplate } from "./template.mjs";

/**
 * @typedef {import("./mit.mjs").Kdc & {
 *   realm: string,
 *   dir: string,
 *   kind: "mit-ldap",
 *   passwords: typeof LDAP_PASSWORDS,
 *   keytab: { service: string, alice: string },
 *   bin: (program: string) => string,
 *   kinit: import("./mit.mjs").MitBed["kinit"],
 * }} LdapBed `keytab.service` has the keys of all services
 */

const REALM = "LDAP.TEST";

export const LDAP_PASSWORDS = {
  alice: "alice-password",
  /** May not be delegated. */
  nodeleg: "nodeleg-password",
};

/** Each may delegate to host/localhost; HTTP/localhost also for users that did not come to it with a ticket. */
const DELEGATING = ["HTTP/localhost", "HTTP/plain"];
const SERVICES = [...DELEGATING, "host/localhost", "host/other"];

const PRINCIPALS = [
  `addprinc -pw ${LDAP_PASSWORDS.alice} alice`,
  `addprinc -pw ${LDAP_PASSWORDS.nodeleg} nodeleg`,
  "modprinc -allow_forwardable nodeleg",
  ...SERVICES.map((service) => `addprinc -randkey ${service}`),
  "modprinc +ok_to_auth_as_delegate HTTP/localhost",
];

const ALLOWED = DELEGATING.map(
  (service) => `dn: krbPrincipalName=${service}@${REALM},cn=${REALM},cn=krb5
changetype: modify
add: krbAllowedToDelegateTo
krbAllowedToDelegateTo: host/localhost@${REALM}
`,
).join("\n");

/**
 * Starts the realm: LDAP.TEST.
 * @returns {Promise<LdapBed>}
 */
export async function startLdapBed() {
  const { mit, slapd, "mit-ldap": ldap } = await ensurePeers(["mit", "slapd", "mit-ldap"]);
  if (!ldap.available) throw new Error(`the LDAP bed needs slapd and MIT's KDC for it: ${ldap.reason}`);
  const dir = makeFolder("mit-ldap");
  const file = (/** @type {string} */ name) => path.join(dir, name);
  const keytab = { service: file("service.keytab"), alice: file("alice.keytab") };
  const plugins = makePluginFolder([mit], file("plugins"));
  fs.symlinkSync(
    /** @type {string} */ (ldap.find("lib/*/krb5/plugins/kdb/kldap.so")),
    path.join(plugins, "kdb/kldap.so"),
  );
  const url = `ldapi://${encodeURIComponent(file("sock"))}/`;
  const admin = ["-x", "-H", url, "-D", "cn=admin,cn=krb5", "-w", "admin"];

  const writeConfigs = (/** @type {number} */ port) => {
    fs.writeFileSync(
      file("slapd.conf"),
      `include ${path.join(slapd.root, "etc/ldap/schema/core.schema")}
include ${file("kerberos.schema")}
modulepath ${path.dirname(/** @type {string} */ (slapd.find("lib/ldap/back_mdb.so")))}
moduleload back_mdb
database mdb
suffix cn=krb5
rootdn cn=admin,cn=krb5
rootpw admin
directory ${file("directory")}
dbnosync
`,
    );
    fs.writeFileSync(
      file("krb5.conf"),
      `[libdefaults]
 default_realm = ${REALM}
 dns_lookup_kdc = false
 dns_lookup_realm = false
 dns_canonicalize_hostname = false
 rdns = false
 forwardable = true
 plugin_base_dir = ${plugins}
[realms]
 ${REALM} = {
  kdc = 127.0.0.1:${port}
 }
[domain_realm]
 localhost = ${REALM}
`,
    );
    fs.writeFileSync(
      file("kdc.conf"),
      `[kdcdefaults]
 kdc_listen = 127.0.0.1:${port}
 kdc_tcp_listen = 127.0.0.1:${port}
[realms]
 ${REALM} = {
  database_module = ldap
  key_stash_file = ${file("stash")}
  supported_enctypes = aes256-sha1:normal aes128-sha1:normal
  default_principal_flags = +preauth
 }
[dbmodules]
 db_module_dir = ${plugins}/kdb
 ldap = {
  db_library = kldap
  ldap_kerberos_container_dn = cn=krb5
  ldap_kdc_dn = cn=admin,cn=krb5
  ldap_kadmind_dn = cn=admin,cn=krb5
  ldap_service_password_file = ${file("stash-ldap")}
  ldap_servers = ${url}
 }
[logging]
 kdc = FILE:${file("kdc.log")}
`,
    );
  };
  const serverEnv = {
    ...ldap.env,
    KRB5_CONFIG: file("krb5.conf"),
    KRB5_KDC_PROFILE: file("kdc.conf"),
    KRB5RCACHEDIR: dir,
  };
  const runEnv = { env: serverEnv, cwd: dir };
  const run = (/** @type {string} */ program, /** @type {string[]} */ args, input = "") =>
    mustRun((program === "kadmin.local" ? mit : ldap).bin(program), args, { ...runEnv, input });

  /** @type {import("./process.mjs").Daemon[]} */
  const running = [];
  const startDirectory = async () => {
    const args = ["-d", "0", "-h", url, "-f", file("slapd.conf")];
    const daemon = startDaemon(slapd.bin("slapd"), args, { ...runEnv, env: slapd.env });
    running.push(daemon);
    await waitUntil(daemon, "slapd", () => acceptsUnix(file("sock")));
    return daemon;
  };
  const close = async () => {
    await Promise.all(running.map((daemon) => daemon.stop()));
    removeFolder(dir);
  };
  const make = async () => {
    fs.mkdirSync(file("directory"));
    const directory = await startDirectory();
    await run("kdb5_ldap_util", ["stashsrvpw", "-f", file("stash-ldap"), "cn=admin,cn=krb5"], "admin\nadmin\n");
    const create = ["create", "-subtrees", "cn=krb5", "-r", REALM, "-s", "-P", "master-password"];
    await run("kdb5_ldap_util", ["-D", "cn=admin,cn=krb5", "-w", "admin", "-H", url, ...create]);
    const queries = [
      ...PRINCIPALS,
      `ktadd -k ${keytab.service} ${SERVICES.join(" ")}`,
      `ktadd -norandkey -k ${keytab.alice} alice`,
    ];
    await run("kadmin.local", ["-p", `admin@${REALM}`, "-r", REALM], `${queries.join("\n")}\n`);
    await run("ldapmodify", admin, ALLOWED);
    await directory.stop();
  };

  try {
    const schema = /** @type {string} */ (ldap.find("share/doc/krb5-kdc-ldap/kerberos.schema.gz"));
    fs.writeFileSync(file("kerberos.schema"), gunzipSync(fs.readFileSync(schema)));
    writeConfigs(1);
    const recipe = JSON.stringify(["mit-ldap", REALM, PRINCIPALS, ALLOWED, readIfThere(`${ldap.root}/.complete`)]);
    const scripts = [fileURLToPath(import.meta.url)];
    await fromTemplate(dir, recipe, scripts, make, /^(directory|stash.*|.*\.keytab)$/);
    await startDirectory();
    for (let attempt = 1; ; attempt++) {
      const port = await freePort();
      writeConfigs(port);
      const daemon = startDaemon(mit.bin("krb5kdc"), ["-n", "-r", REALM], runEnv);
      running.push(daemon);
      const logs = () => `${daemon.output()}\n${readIfThere(file("kdc.log"))}`;
      try {
        await waitUntil(daemon, "krb5kdc", () => readIfThere(file("kdc.log")).includes("commencing operation"));
      } catch (error) {
        if (attempt < 3 && /in use/.test(logs())) continue;
        throw new Error(`${error instanceof Error ? error.message : error}\n${logs()}`);
      }
      const krb5Conf = file("krb5.conf");
      const env = { ...mit.env, KRB5_CONFIG: krb5Conf };
      return {
        kind: "mit-ldap",
        realm: REALM,
        dir,
        port,
        pid: daemon.pid,
        kdc: [`tcp://127.0.0.1:${port}`, `udp://127.0.0.1:${port}`],
        krb5Conf,
        env,
        passwords: LDAP_PASSWORDS,
        keytab,
        bin: mit.bin,
        kinit: (principal, secret, native = {}) => nativeLogin(mit, dir, { krb5Conf, env }, principal, secret, native),
        logs,
        close,
      };
    }
  } catch (error) {
    await close();
    throw error;
  }
}
