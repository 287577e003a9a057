// A RADIUS server for one-time passwords (RFC 6560): MIT's KDC asks it whether a code is right.

import fs from "node:fs";
import path from "node:path";
import { ensurePeers } from "../peers/index.mjs";
import { freePort, listensUdp, makeFolder, readIfThere, removeFolder, startDaemon, waitUntil } from "./process.mjs";

/** The code of each user of the server. It takes a code any number of times; what it was asked is in `logs()`. */
export const ONE_TIME_CODES = { otpuser: "123456", otpnokey: "123456", one: "123456", two: "222222" };

/**
 * Starts freeradius from its tree.
 * @returns {Promise<{ port: number, secretFile: string, logs: () => string, close: () => Promise<void> }>}
 */
export async function startRadius() {
  const { freeradius } = await ensurePeers(["freeradius"]);
  if (!freeradius.available) throw new Error(`the RADIUS server needs its packages: ${freeradius.reason}`);
  const dir = makeFolder("radius");
  const file = (/** @type {string} */ name) => path.join(dir, name);
  const modules = path.join(freeradius.root, "usr/lib/freeradius");
  const port = await freePort();
  fs.mkdirSync(file("run"));
  fs.writeFileSync(file("secret"), "radius-secret");
  fs.writeFileSync(
    file("users"),
    Object.entries(ONE_TIME_CODES)
      .map(([user, code]) => `${user} Cleartext-Password := "${code}"\n`)
      .join(""),
  );
  fs.writeFileSync(
    file("radiusd.conf"),
    `prefix = ${dir}
raddbdir = ${dir}
libdir = ${modules}
name = radiusd
run_dir = ${file("run")}
logdir = ${dir}
db_dir = ${dir}
pidfile = ${file("radiusd.pid")}
max_request_time = 5
hostname_lookups = no
log {
 destination = files
 file = ${file("radius.log")}
 auth = yes
}
security {
 allow_core_dumps = no
 max_attributes = 200
 reject_delay = 0
 status_server = no
}
modules {
 files {
  filename = ${file("users")}
 }
 pap {
 }
}
client lo {
 ipaddr = 127.0.0.1
 secret = radius-secret
 require_message_authenticator = no
}
server default {
 listen {
  type = auth
  ipaddr = 127.0.0.1
  port = ${port}
 }
 authorize {
  files
  pap
 }
 authenticate {
  Auth-Type PAP {
   pap
  }
 }
}
`,
  );
  const dictionaries = freeradius.find("share/freeradius") ?? "";
  const args = ["-f", "-d", dir, "-D", dictionaries, "-l", file("radius.log"), "-n", "radiusd"];
  const daemon = startDaemon(freeradius.bin("freeradius"), args, { env: freeradius.env, cwd: dir });
  const logs = () => `${daemon.output()}\n${readIfThere(file("radius.log"))}`;
  const close = async () => {
    await daemon.stop();
    removeFolder(dir);
  };
  try {
    await waitUntil(daemon, "freeradius", () => listensUdp(port));
  } catch (error) {
    const text = `${error instanceof Error ? error.message : error}\n${logs()}`;
    await close();
    throw new Error(text);
  }
  return { port, secretFile: file("secret"), logs, close };
}
