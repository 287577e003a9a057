// Dovecot's servers of IMAP and of submission with SASL on libgssapi, at loopback ports. Its programs look for each other below /usr, so that
// it runs with its tree laid over /usr, which needs root.

import fs from "node:fs";
import path from "node:path";
import { ensurePeers } from "../peers/index.mjs";
import { overUsr } from "../peers/overlay.mjs";
import { acceptsTcp, freePort, makeFolder, readIfThere, removeFolder, startDaemon, waitUntil } from "./process.mjs";

/**
 * @typedef {object} DovecotOptions
 * @property {{ realm: string, krb5Conf: string, keytab: { service: string } }} bed a realm bed whose service keytab has
 *   imap/localhost (`startMitBed({ services: ["imap/localhost"] })`), and submission/localhost for submission
 * @property {number} [relayPort] submission is on: where Dovecot passes mail on to
 * @property {string} [mechanisms] what it offers. Default "gssapi gss-spnego"
 *
 * @typedef {object} Dovecot
 * @property {number} port IMAP
 * @property {number} submissionPort SMTP; 0 if submission is off
 * @property {() => string} logs
 * @property {() => Promise<void>} close
 */

/** Starts Dovecot, which lets in each user of the realm. @param {DovecotOptions} options @returns {Promise<Dovecot>} */
export async function startDovecot(options) {
  const { dovecot } = await ensurePeers(["dovecot", "mit"]);
  if (!dovecot.available) throw new Error(`Dovecot needs Debian's packages: ${dovecot.reason}`);
  const { bed } = options;
  const dir = makeFolder("dovecot");
  const file = (/** @type {string} */ name) => path.join(dir, name);
  for (const name of ["run", "mail"]) fs.mkdirSync(file(name));
  // Its processes run as the user of a web server, who may enter here and read the keys.
  fs.chmodSync(dir, 0o755);
  fs.chmodSync(file("mail"), 0o777);
  fs.copyFileSync(bed.keytab.service, file("keytab"));
  fs.chmodSync(file("keytab"), 0o644);
  fs.copyFileSync(bed.krb5Conf, file("krb5.conf"));
  fs.chmodSync(file("krb5.conf"), 0o644);
  const port = await freePort();
  const { relayPort } = options;
  const submissionPort = relayPort === undefined ? 0 : await freePort();
  const submission =
    relayPort === undefined
      ? ""
      : `submission_relay_host = 127.0.0.1
submission_relay_port = ${relayPort}
hostname = localhost
service submission-login {
  inet_listener submission {
    port = ${submissionPort}
  }
  chroot =
}
`;
  // Those who were refused are not made to wait.
  const noPenalty = "unix_listener anvil-auth-penalty {\n    mode = 0\n  }\n";
  fs.writeFileSync(
    file("dovecot.conf"),
    `base_dir = ${file("run")}
state_dir = ${file("run")}
log_path = ${file("log")}
protocols = imap${relayPort === undefined ? "" : " submission"}
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_mechanisms = ${options.mechanisms ?? "gssapi gss-spnego"}
auth_gssapi_hostname = localhost
auth_krb5_keytab = ${file("keytab")}
auth_debug = yes
auth_failure_delay = 0
auth_realms = ${bed.realm}
auth_default_realm = ${bed.realm}
auth_username_format = %Ln
default_internal_user = www-data
default_internal_group = www-data
default_login_user = nobody
import_environment = KRB5_CONFIG=${file("krb5.conf")} KRB5RCACHETYPE=none
passdb {
  driver = static
  args = nopassword=y
}
userdb {
  driver = static
  args = uid=www-data gid=www-data home=${file("mail")}/%n
}
first_valid_uid = 1
mail_location = maildir:${file("mail")}/%n
service imap-login {
  inet_listener imap {
    port = ${port}
  }
  inet_listener imaps {
    port = 0
  }
  chroot =
}
${submission}service anvil {
  chroot =
  ${noPenalty}}
service stats {
  chroot =
}
`,
  );
  const tree = path.join(dovecot.root, "usr");
  const [command, args] = overUsr(tree, "/usr/sbin/dovecot", ["-F", "-c", file("dovecot.conf")]);
  const env = { KRB5_CONFIG: file("krb5.conf"), KRB5RCACHETYPE: "none" };
  const daemon = startDaemon(command, args, { env, cwd: dir });
  const logs = () => `${daemon.output()}${readIfThere(file("log"))}`;
  const close = async () => {
    await daemon.stop();
    removeFolder(dir);
  };
  try {
    await waitUntil(daemon, "Dovecot", async () => {
      return (await acceptsTcp(port)) && (submissionPort === 0 || (await acceptsTcp(submissionPort)));
    });
  } catch (error) {
    await close();
    throw error;
  }
  return { port, submissionPort, logs, close };
}
