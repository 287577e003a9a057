// The LDAP server of Samba's domain controller, on the directory of a Samba bed. Its ports are fixed, so that it runs in
// a network namespace of its own and is reached through loopback ports here.

import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { ensurePeers } from "../peers/index.mjs";
import { overUsr } from "../peers/overlay.mjs";
import { makeCertificates } from "./certificates.mjs";
import { makeFolder, removeFolder, startDaemon, waitUntil } from "./process.mjs";

/**
 * @typedef {object} SambaLdapOptions
 * @property {import("./samba.mjs").SambaBed} bed
 * @property {"yes" | "allow_sasl_over_tls" | "no"} [strongAuth] `ldap server require strong auth`. Default "yes", which
 *   is Samba's: without TLS what follows a login is signed or encrypted, and within TLS SASL is refused
 *
 * @typedef {object} SambaLdap
 * @property {number} port LDAP
 * @property {number} tlsPort LDAP over TLS
 * @property {string} ca path of the CA's certificate, for localhost
 * @property {string} host what its principal has: ldap/HOST
 * @property {() => string} logs
 * @property {() => Promise<void>} close
 */

const HOST = "dc1.ad.test";
/** Those whose domain controller has its LDAP principal: it adds it by itself where it looks after DNS. */
const named = new WeakSet();

/** Starts it. Takes a second. @param {SambaLdapOptions} options @returns {Promise<SambaLdap>} */
export async function startSambaLdap({ bed, strongAuth = "yes" }) {
  const { samba, slapd } = await ensurePeers(["samba", "slapd"]);
  if (!slapd.available) throw new Error(`certificates are made with openssl: ${slapd.reason}`);
  if (!named.has(bed)) {
    named.add(bed);
    const name = "servicePrincipalName";
    await bed.modify(
      `dn: CN=DC1,OU=Domain Controllers,DC=ad,DC=test\nchangetype: modify\nadd: ${name}\n${name}: ldap/${HOST}\n`,
    );
  }
  const dir = makeFolder("samba-ldap");
  const file = (/** @type {string} */ name) => path.join(dir, name);
  const { ca, certificate, key } = await makeCertificates(slapd, dir);
  fs.mkdirSync(file("run"), { mode: 0o755 });
  const settings = fs
    .readFileSync(path.join(bed.dir, "smb.conf"), "utf8")
    .replace(/^ server services = .*$/m, " server services = ldap")
    .replace(/^ pid directory = .*$/m, ` pid directory = ${file("run")}`)
    .replace(/^ ncalrpc dir = .*$/m, ` ncalrpc dir = ${file("run/ncalrpc")}`)
    .replace(/^ log file = .*$/m, ` log file = ${file("samba.log")}`);
  fs.writeFileSync(
    file("smb.conf"),
    `${settings} ldap server require strong auth = ${strongAuth}
 tls cafile = ${ca}
 tls certfile = ${certificate}
 tls keyfile = ${key}
`,
  );
  fs.chmodSync(key, 0o600);
  const tree = path.join(samba.root, "usr");
  const script = fileURLToPath(new URL("./samba-ldap.py", import.meta.url));
  const inTree = (/** @type {string} */ program) => samba.bin(program).replace(tree, "/usr");
  const server = [inTree("samba"), "-F", "--no-process-group", "-M", "single", "-s", file("smb.conf")];
  const [command, args] = overUsr(tree, inTree("python3"), [script, dir, ...server]);
  const env = { KRB5_CONFIG: path.join(bed.dir, "server.krb5.conf") };
  const daemon = startDaemon("unshare", ["-n", command, ...args], { env, cwd: dir });
  const logs = () =>
    `${daemon.output()}\n${fs.existsSync(file("samba.log")) ? fs.readFileSync(file("samba.log"), "utf8") : ""}`;
  /** @type {net.Server[]} */
  const listeners = [];
  const close = async () => {
    for (const one of listeners) one.close();
    await daemon.stop();
    removeFolder(dir);
  };
  try {
    await waitUntil(daemon, "Samba's LDAP server", () => answers(file("389.sock")));
    const ports = [];
    for (const name of ["389.sock", "636.sock"]) {
      const listener = await forward(file(name));
      listeners.push(listener);
      ports.push(/** @type {net.AddressInfo} */ (listener.address()).port);
    }
    const [port = 0, tlsPort = 0] = ports;
    return { port, tlsPort, ca, host: HOST, logs, close };
  } catch (error) {
    const said = logs();
    await close();
    throw new Error(`${error instanceof Error ? error.message : error}\n${said}`);
  }
}

/** A search of the root DSE (RFC 4512 section 5.1), which needs no login. */
const ROOT_DSE = Buffer.from("3025020101632004000a01000a0100020100020100010100870b6f626a656374436c6173733000", "hex");

/** Whether the server behind the socket answers. @param {string} file @returns {Promise<boolean>} */
function answers(file) {
  return new Promise((resolve) => {
    const socket = net.connect(file);
    socket.write(ROOT_DSE);
    socket.once("data", () => {
      resolve(true);
      socket.destroy();
    });
    socket.once("error", () => resolve(false));
    socket.once("close", () => resolve(false));
  });
}

/** A loopback port that leads to a Unix socket. @param {string} file @returns {Promise<net.Server>} */
async function forward(file) {
  const listener = net.createServer((socket) => {
    const inner = net.connect(file);
    socket.pipe(inner).pipe(socket);
    socket.on("error", () => inner.destroy()).on("close", () => inner.destroy());
    inner.on("error", () => socket.destroy());
  });
  await new Promise((resolve) => listener.listen(0, "127.0.0.1", () => resolve(undefined)));
  listener.unref();
  return listener;
}
