// MariaDB with the plug-in auth_gssapi and TLS, at a loopback port. It runs from its tree.

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

/**
 * @typedef {object} MariadbOptions
 * @property {{ realm: string, krb5Conf: string, keytab: { service: string } }} bed a realm bed whose service keytab has
 *   mariadb/localhost (`startMitBed({ services: ["mariadb/localhost"] })`)
 *
 * @typedef {object} Mariadb
 * @property {number} port
 * @property {string} ca the path of the PEM of who signed its certificate
 * @property {() => string} logs
 * @property {() => Promise<void>} close
 */

/** Starts MariaDB, where alice and bob log in by Kerberos, and robot by a password. @param {MariadbOptions} options @returns {Promise<Mariadb>} */
export async function startMariadb(options) {
  const { mariadb } = await ensurePeers(["mariadb", "mit"]);
  if (!mariadb.available) throw new Error(`MariaDB needs Debian's packages: ${mariadb.reason}`);
  const { bed } = options;
  const dir = makeFolder("mariadb");
  const file = (/** @type {string} */ name) => path.join(dir, name);
  fs.mkdirSync(file("data"));
  const certificates = await makeCertificates(mariadb, dir);
  const usr = path.dirname(path.dirname(mariadb.find("share/mysql/mysql_system_tables.sql") ?? ""));
  const base = path.dirname(usr);
  const env = { ...mariadb.env, HOME: dir, KRB5_CONFIG: bed.krb5Conf, KRB5RCACHETYPE: "none" };
  const common = [
    "--no-defaults",
    `--basedir=${base}`,
    `--datadir=${file("data")}`,
    `--lc-messages-dir=${path.join(usr, "mysql")}`,
    "--user=root",
    "--innodb-buffer-pool-size=8M",
    "--innodb-log-file-size=4M",
  ];
  const share = (/** @type {string} */ name) => fs.readFileSync(path.join(usr, "mysql", name), "utf8");
  const tables = ["mysql_system_tables.sql", "mysql_system_tables_data.sql"].map(share);
  const input = `create database mysql;\nuse mysql;\n${tables.join("\n")}`;
  const timeoutMs = 180_000; // it takes a second, but half a minute where fifty programs run
  await mustRun(mariadb.bin("mariadbd"), [...common, "--bootstrap"], { env, cwd: dir, input, timeoutMs });
  fs.writeFileSync(
    file("init.sql"),
    `create user alice identified via gssapi as 'alice@${bed.realm}';\ncreate user bob identified via gssapi as 'bob@${bed.realm}';\ncreate user robot identified via mysql_native_password using password('robot');\n`,
  );
  const port = await freePort();
  const daemon = startDaemon(
    mariadb.bin("mariadbd"),
    [
      ...common,
      `--port=${port}`,
      "--bind-address=127.0.0.1",
      // It ends a connection whose login takes longer, with a reset: 10 s by default, which a busy machine may need.
      "--connect-timeout=120",
      `--socket=${file("socket")}`,
      `--pid-file=${file("pid")}`,
      `--plugin-dir=${path.dirname(mariadb.find("lib/mysql/plugin/auth_gssapi.so") ?? "")}`,
      "--plugin-load-add=auth_gssapi",
      `--gssapi-keytab-path=${bed.keytab.service}`,
      `--gssapi-principal-name=mariadb/localhost@${bed.realm}`,
      `--ssl-ca=${certificates.ca}`,
      `--ssl-cert=${certificates.certificate}`,
      `--ssl-key=${certificates.key}`,
      `--init-file=${file("init.sql")}`,
      `--log-error=${file("log")}`,
    ],
    { env, cwd: dir },
  );
  const logs = () => `${daemon.output()}${readIfThere(file("log"))}`;
  const close = async () => {
    await daemon.stop("SIGKILL");
    removeFolder(dir);
  };
  try {
    await waitUntil(daemon, "MariaDB", () => acceptsTcp(port));
  } catch (error) {
    const said = logs();
    await close();
    throw new Error(`${error instanceof Error ? error.message : error}\n${said}`);
  }
  return { port, ca: certificates.ca, logs, close };
}
