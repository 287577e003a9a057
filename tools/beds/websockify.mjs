// Debian's websockify on a loopback port: TCP over WebSocket, for hosts that have no sockets.

import fs from "node:fs";
import path from "node:path";
import { ensurePeers } from "../peers/index.mjs";
import { acceptsTcp, freePort, makeFolder, removeFolder, startDaemon, waitUntil } from "./process.mjs";

/**
 * @typedef {object} WebsockifyOptions
 * @property {number} [target] a port of 127.0.0.1 that every connection goes to
 * @property {Record<string, number>} [tokens] instead of one target: ports of 127.0.0.1 by the `token` in the URL's query
 * @property {{ certificate: string, key: string }} [tls] PEM files: wss instead of ws
 *
 * @typedef {object} Websockify
 * @property {number} port on 127.0.0.1
 * @property {string} url ws://localhost:PORT/, or wss
 * @property {(token: string) => string} urlOf the URL of a token
 * @property {() => string} logs
 * @property {() => Promise<void>} close
 */

/** @param {WebsockifyOptions} options @returns {Promise<Websockify>} */
export async function startWebsockify(options) {
  const { websockify } = await ensurePeers(["websockify"]);
  if (!websockify.available) throw new Error(`the WebSocket bed needs websockify: ${websockify.reason}`);
  const { target, tokens, tls } = options;
  const dir = makeFolder("websockify");
  const tokenFile = path.join(dir, "tokens");
  const tokenLines = Object.entries(tokens ?? {}).map(([token, port]) => `${token}: 127.0.0.1:${port}\n`);
  fs.writeFileSync(tokenFile, tokenLines.join(""));
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    const daemon = startDaemon(
      websockify.bin("python3"),
      [
        ...["-u", "-B", "-W", "ignore", "-m", "websockify"],
        ...(tls ? ["--ssl-only", "--cert", tls.certificate, "--key", tls.key] : []),
        ...(tokens ? ["--token-plugin", "TokenFile", "--token-source", tokenFile] : []),
        `127.0.0.1:${port}`,
        ...(tokens ? [] : [`127.0.0.1:${target}`]),
      ],
      { env: websockify.env, cwd: dir },
    );
    try {
      await waitUntil(daemon, "websockify", () => acceptsTcp(port));
    } catch (error) {
      await daemon.stop();
      if (attempt < 3 && /in use/.test(daemon.output())) continue;
      removeFolder(dir);
      throw error;
    }
    const url = `${tls ? "wss" : "ws"}://localhost:${port}/`;
    return {
      port,
      url,
      urlOf: (token) => `${url}?token=${encodeURIComponent(token)}`,
      logs: daemon.output,
      close: async () => {
        await daemon.stop();
        removeFolder(dir);
      },
    };
  }
}
