// OpenSSH's server with GSSAPIAuthentication, at a loopback port. It asks for users of the machine and for folders of root, so it
// runs in a mount namespace of its own, where its tree lies over /usr, and the users are those of the bed.

import fs from "node:fs";
import path from "node:path";
import { ensurePeers } from "../peers/index.mjs";
import { overUsr } from "../peers/overlay.mjs";
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

/** The account of those who log in: that of nobody, whom no file belongs to. */
const NOBODY = 65_534;

/**
 * @typedef {object} SshdOptions
 * @property {{ realm: string, krb5Conf: string, keytab: { service: string } }} bed a realm bed, whose service keytab has
 *   host/localhost. alice and bob have accounts
 * @property {string[]} [lines] more lines of sshd_config
 *
 * @typedef {object} Sshd
 * @property {number} port
 * @property {string} hostKey the public key of the host, in base64
 * @property {() => string} logs
 * @property {() => Promise<void>} close
 */

/** Starts it. @param {SshdOptions} options @returns {Promise<Sshd>} */
export async function startSshd(options) {
  const { sshd } = await ensurePeers(["sshd", "mit"]);
  if (!sshd.available) throw new Error(`sshd needs Debian's packages: ${sshd.reason}`);
  const { bed, lines = [] } = options;
  const dir = makeFolder("sshd");
  const file = (/** @type {string} */ name) => path.join(dir, name);
  const env = {
    ...sshd.env,
    KRB5_CONFIG: bed.krb5Conf,
    KRB5_KTNAME: `FILE:${bed.keytab.service}`,
    KRB5RCACHETYPE: "none",
  };
  await mustRun(sshd.bin("ssh-keygen"), ["-q", "-t", "ed25519", "-N", "", "-f", file("hostkey")], { env, cwd: dir });
  const users = ["alice", "bob"].map((name) => `${name}:x:${NOBODY}:${NOBODY}::/:/bin/sh`);
  const passwd = ["root:x:0:0::/:/bin/sh", "sshd:x:65533:65533::/run/sshd:/usr/sbin/nologin", ...users];
  fs.writeFileSync(file("passwd"), `${passwd.join("\n")}\n`);
  // An account with "!" would be locked.
  fs.writeFileSync(file("shadow"), `${passwd.map((line) => `${line.split(":")[0]}:*:19000::::::`).join("\n")}\n`);
  const port = await freePort();
  fs.writeFileSync(
    file("config"),
    `Port ${port}
ListenAddress 127.0.0.1
HostKey ${file("hostkey")}
PidFile none
GSSAPIAuthentication yes
GSSAPIStrictAcceptorCheck no
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
UseDNS no
StrictModes no
LogLevel DEBUG
${lines.map((line) => `${line}\n`).join("")}`,
  );
  // A namespace in any case: where sshd is installed there is no tree, and no namespace for one.
  const script = `mount --make-rprivate / || exit
for one in passwd shadow; do mount --bind "$1/$one" "/etc/$one" || exit; done
mount -t tmpfs tmpfs /run && mkdir -m 755 /run/sshd && exec /usr/sbin/sshd -D -e -f "$1/config"`;
  const inside = ["-m", "/bin/sh", "-c", script, "sh", dir];
  const [command, args] = overUsr(path.join(sshd.root, "usr"), "unshare", inside);
  const daemon = startDaemon(command, args, { env, cwd: dir });
  const close = async () => {
    await daemon.stop();
    removeFolder(dir);
  };
  try {
    await waitUntil(daemon, "sshd", () => acceptsTcp(port));
  } catch (error) {
    await close();
    throw error;
  }
  const hostKey = readIfThere(file("hostkey.pub")).split(" ")[1] ?? "";
  return { port, hostKey, logs: daemon.output, close };
}
