// squid, an HTTP proxy that asks for Negotiate, at a loopback port.

import fs from "node:fs";
import path from "node:path";
import { ensurePeers } from "../peers/index.mjs";
import { acceptsTcp, freePort, makeFolder, readIfThere, removeFolder, startDaemon, waitUntil } from "./process.mjs";

/**
 * @typedef {object} Squid
 * @property {string} url http://localhost:PORT
 * @property {() => string} requests one line for each request that it has answered, with the client's name
 * @property {() => string} logs
 * @property {() => Promise<void>} close
 */

/**
 * Starts squid with the keys of HTTP/localhost of a realm bed. Who has a ticket may go to every port.
 * @param {{ bed: { realm: string, krb5Conf: string, keytab: { service: string } } }} options @returns {Promise<Squid>}
 */
export async function startSquid({ bed }) {
  const { squid, mit } = await ensurePeers(["squid", "mit"]);
  if (!squid.available) throw new Error(`squid needs Debian's packages: ${squid.reason}`);
  const dir = makeFolder("squid");
  const file = (/** @type {string} */ name) => path.join(dir, name);
  // Where it is in truth: a folder on the way there may be closed to the user that it becomes.
  const of = (/** @type {string} */ relative) => {
    const name = squid.find(relative) ?? relative;
    const real = fs.realpathSync(name);
    return /\s/.test(real) ? name : real;
  };
  fs.copyFileSync(bed.krb5Conf, file("krb5.conf"));
  fs.copyFileSync(bed.keytab.service, file("keytab"));
  // Where root starts it, it becomes another user.
  fs.chmodSync(dir, 0o777);
  fs.chmodSync(file("keytab"), 0o644);
  fs.chmodSync(file("krb5.conf"), 0o644);
  const port = await freePort();
  const helper = of("lib/squid/negotiate_kerberos_auth");
  fs.writeFileSync(
    file("squid.conf"),
    `http_port 127.0.0.1:${port}
pid_filename ${file("squid.pid")}
cache_log ${file("cache.log")}
access_log stdio:${file("access.log")}
cache deny all
cache_mem 8 MB
coredump_dir ${dir}
visible_hostname localhost
cache_effective_user proxy
mime_table ${of("share/squid/mime.conf")}
icon_directory ${of("share/squid/icons")}
error_directory ${of("share/squid/errors/templates")}
unlinkd_program ${of("lib/squid/unlinkd")}
logfile_daemon ${of("lib/squid/log_file_daemon")}
diskd_program ${of("lib/squid/diskd")}
pinger_enable off
max_filedescriptors 256
auth_param negotiate program ${helper} -k ${file("keytab")} -s HTTP/localhost@${bed.realm}
auth_param negotiate children 2 startup=1
auth_param negotiate keep_alive on
acl known proxy_auth REQUIRED
http_access allow known
http_access deny all
shutdown_lifetime 1 second
`,
  );
  const folders = (squid.env.LD_LIBRARY_PATH ?? "").split(":").filter((one) => fs.existsSync(one));
  const libraries = folders.map((one) => fs.realpathSync(one)).join(":");
  const env = {
    ...mit.env,
    ...squid.env,
    LD_LIBRARY_PATH: libraries,
    KRB5_CONFIG: file("krb5.conf"),
    KRB5RCACHETYPE: "none",
  };
  const daemon = startDaemon(squid.bin("squid"), ["-N", "-f", file("squid.conf")], { env, cwd: dir });
  const logs = () => `${daemon.output()}\n${readIfThere(file("cache.log"))}`;
  try {
    await waitUntil(daemon, "squid", () => acceptsTcp(port));
  } catch (error) {
    await daemon.stop();
    const said = logs();
    removeFolder(dir);
    throw new Error(`${error instanceof Error ? error.message : error}\n${said}`);
  }
  return {
    url: `http://localhost:${port}`,
    requests: () => readIfThere(file("access.log")),
    logs,
    close: async () => {
      await daemon.stop();
      removeFolder(dir);
    },
  };
}
