// PostgreSQL with GSSAPI, at a loopback port. It refuses to run as root: there it runs as the user nobody.

import fs from "node:fs";
import path from "node:path";
import { ensurePeers } from "../peers/index.mjs";
import { makeCertificates } from "./certificates.mjs";
import {
  acceptsTcp,
  freePort,
  makeFolder,
  mustRun,
  readIfThere,
  removeFolder,
  startDaemon,
  waitUntil,
} from "./process.mjs";

const NOBODY = 65_534;

/**
 * @typedef {object} PostgresOptions
 * @property {{ realm: string, krb5Conf: string, keytab: { service: string } }} bed a realm bed whose service keytab has
 *   postgres/localhost (`startMitBed({ services: ["postgres/localhost"] })`)
 * @property {string[]} [rules] lines of pg_hba.conf for 127.0.0.1. Default: GSSAPI, encrypted or not
 * @property {string[]} [roles] who may log in, each with a database of that name. Default: alice
 * @property {boolean} [tls] it has TLS too
 *
 * @typedef {object} Postgres
 * @property {number} port
 * @property {string | undefined} ca the path of the PEM of who signed its certificate, with `tls`
 * @property {(sql: string) => Promise<string>} run runs SQL as its superuser
 * @property {() => string} logs
 * @property {() => Promise<void>} close
 */

/** Lines of pg_hba.conf. @param {string} type @param {string} realm */
export function gssRule(type, realm) {
  return `${type} all all 127.0.0.1/32 gss include_realm=0 krb_realm=${realm}`;
}

/** Starts PostgreSQL. @param {PostgresOptions} options @returns {Promise<Postgres>} */
export async function startPostgres(options) {
  const { postgres } = await ensurePeers(["postgres"]);
  if (!postgres.available) throw new Error(`PostgreSQL needs Debian's package: ${postgres.reason}`);
  const { bed, roles = ["alice"] } = options;
  const rules = options.rules ?? ["hostgssenc", "hostnogssenc"].map((type) => gssRule(type, bed.realm));
  const dir = makeFolder("postgres");
  const file = (/** @type {string} */ name) => path.join(dir, name);
  fs.copyFileSync(bed.keytab.service, file("keytab"));
  fs.copyFileSync(bed.krb5Conf, file("krb5.conf"));
  fs.chmodSync(file("keytab"), 0o600);
  const certificates = options.tls ? await makeCertificates(postgres, dir) : undefined;
  const isRoot = process.getuid?.() === 0;
  const own = ["", "keytab", "krb5.conf"].map(file);
  if (certificates) own.push(certificates.certificate, certificates.key);
  if (isRoot) for (const one of own) fs.chownSync(one, NOBODY, NOBODY);
  if (certificates) fs.chmodSync(certificates.key, 0o600);
  const ssl = certificates
    ? `ssl = on\nssl_cert_file = '${certificates.certificate}'\nssl_key_file = '${certificates.key}'\n`
    : "";
  const program = (/** @type {string} */ name) => postgres.find(`lib/postgresql/*/bin/${name}`) ?? name;
  /** @param {string} name @param {string[]} args @returns {[string, string[]]} */
  const asUser = (name, args) =>
    isRoot
      ? ["setpriv", [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups", program(name), ...args]]
      : [program(name), args];
  const env = { ...postgres.env, HOME: dir, LC_ALL: "C", KRB5_CONFIG: file("krb5.conf"), KRB5RCACHETYPE: "none" };
  const port = await freePort();
  try {
    await mustRun(...asUser("initdb", ["-D", file("data"), "-A", "trust", "-U", "postgres", "-N"]), { env, cwd: dir });
    fs.appendFileSync(
      file("data/postgresql.conf"),
      `listen_addresses = '127.0.0.1'
port = ${port}
unix_socket_directories = '${dir}'
krb_server_keyfile = '${file("keytab")}'
fsync = off
log_connections = on
${ssl}`,
    );
    fs.writeFileSync(file("data/pg_hba.conf"), `local all postgres trust\n${rules.join("\n")}\n`);
  } catch (error) {
    removeFolder(dir);
    throw error;
  }
  const daemon = startDaemon(...asUser("postgres", ["-D", file("data")]), { env, cwd: dir });
  const logs = () => `${daemon.output()}${readIfThere(file("log"))}`;
  const close = async () => {
    await daemon.stop();
    removeFolder(dir);
  };
  const run = async (/** @type {string} */ sql) => {
    const args = ["-h", dir, "-p", String(port), "-U", "postgres", "-v", "ON_ERROR_STOP=1", "-qAt", "-c", sql];
    return (await mustRun(program("psql"), args, { env })).text;
  };
  try {
    await waitUntil(daemon, "PostgreSQL", () => acceptsTcp(port));
    for (let tries = 0; ; tries++) {
      try {
        await run(`CREATE ROLE ${roles[0]} LOGIN`);
        break;
      } catch (error) {
        if (tries === 50) throw error;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
    for (const role of roles.slice(1)) await run(`CREATE ROLE ${role} LOGIN`);
    for (const role of roles) await run(`CREATE DATABASE ${role} OWNER ${role}`);
  } catch (error) {
    await close();
    throw error;
  }
  return { port, ca: certificates?.ca, run, logs, close };
}
