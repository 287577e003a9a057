// libgssapi's acceptor behind a socket, for the tests of createInitiator. The protocol is in gss-acceptor.py.

import path from "node:path";
import { fileURLToPath } from "node:url";
import { ensurePeers } from "../peers/index.mjs";
import { clockOffsetEnv, freePort, makeFolder, removeFolder, startDaemon, waitUntil } from "./process.mjs";

/**
 * @typedef {object} GssAcceptorOptions
 * @property {{ realm: string, krb5Conf: string, keytab: { service: string } }} bed a realm bed, MIT or Heimdal
 * @property {string} [keytab] default the bed's service keytab
 * @property {Uint8Array} [channelBindings] application data the acceptor insists on
 * @property {number} [clockOffsetSeconds] moves the acceptor's clock (needs the peer "faketime")
 *
 * @typedef {object} GssAcceptor
 * @property {number} port on 127.0.0.1
 * @property {string} service host/localhost@REALM; the keytab also has HTTP/localhost
 * @property {() => string} logs
 * @property {() => Promise<void>} close
 */

/** What the acceptor sends for S, U and M. @param {number} size @returns {Uint8Array} */
export function acceptorData(size) {
  return Uint8Array.from({ length: size }, (_, index) => index % 251);
}

/** @param {GssAcceptorOptions} options @returns {Promise<GssAcceptor>} */
export async function startGssAcceptor(options) {
  const peers = await ensurePeers(["mit", "python-gssapi"]);
  const python = peers["python-gssapi"];
  if (!python.available) throw new Error(`the acceptor needs python3-gssapi: ${python.reason}`);
  const { bed } = options;
  const dir = makeFolder("gss");
  const clock = options.clockOffsetSeconds
    ? clockOffsetEnv((await ensurePeers(["faketime"])).faketime, options.clockOffsetSeconds)
    : {};
  const script = fileURLToPath(new URL("./gss-acceptor.py", import.meta.url));
  const bindings = options.channelBindings;
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    const daemon = startDaemon(
      python.bin("python3"),
      [
        ...["-u", "-B", script, "--port", String(port)],
        ...(bindings ? ["--bindings", Buffer.from(bindings).toString("hex")] : []),
      ],
      {
        env: {
          ...python.env,
          KRB5_CONFIG: bed.krb5Conf,
          KRB5_KTNAME: `FILE:${path.resolve(options.keytab ?? bed.keytab.service)}`,
          KRB5RCACHEDIR: dir,
          ...clock,
        },
        cwd: dir,
      },
    );
    try {
      await waitUntil(daemon, "the GSS acceptor", () => daemon.output().includes("listening"));
    } catch (error) {
      await daemon.stop();
      if (attempt < 3 && /in use/.test(daemon.output())) continue;
      removeFolder(dir);
      throw error;
    }
    return {
      port,
      service: `host/localhost@${bed.realm}`,
      logs: daemon.output,
      close: async () => {
        await daemon.stop();
        removeFolder(dir);
      },
    };
  }
}
