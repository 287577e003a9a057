// Debian's kdcproxy (MS-KKDCP) behind TLS, with a certificate of a private CA.

import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { ensurePeers } from "../peers/index.mjs";
import { makeCertificates } from "./certificates.mjs";
import { freePort, makeFolder, removeFolder, startDaemon, waitUntil } from "./process.mjs";

/**
 * @typedef {object} KdcproxyOptions
 * @property {{ realm: string, kdc: string[], kpasswd?: string | string[] }[]} beds the realms that it serves. `kdc` as the beds
 *   give it; only `tcp://` is used. `kpasswd` as `tcp://127.0.0.1:PORT`.
 * @property {Record<string, string>} [realms] more realms: name to a line of kdcproxy's configuration
 *
 * @typedef {object} Kdcproxy
 * @property {string} url https://localhost:PORT/KdcProxy
 * @property {number} port
 * @property {string} ca path of the CA's certificate: NODE_EXTRA_CA_CERTS (Node, Bun), DENO_CERT (Deno)
 * @property {string} caPem the same as text: `trustedCertificates` of workerd
 * @property {() => number} requests how many it has answered
 * @property {() => string} logs
 * @property {() => Promise<void>} close
 */

/**
 * Starts kdcproxy for realm beds. Takes half a second.
 * @param {KdcproxyOptions} options @returns {Promise<Kdcproxy>}
 */
export async function startKdcproxy(options) {
  const { kdcproxy } = await ensurePeers(["kdcproxy"]);
  if (!kdcproxy.available) throw new Error(`the proxy needs python3-kdcproxy: ${kdcproxy.reason}`);
  const dir = makeFolder("kdcproxy");
  const certificates = await makeCertificates(kdcproxy, dir);
  const config = path.join(dir, "kdcproxy.conf");
  fs.writeFileSync(
    config,
    [
      "[global]\nuse_dns = false\n",
      ...options.beds.map(({ realm, kdc, kpasswd }) => {
        const over = (/** @type {string} */ service, /** @type {string[]} */ urls) => {
          const servers = urls
            .filter((url) => url.startsWith("tcp://"))
            .map((url) => url.replace("tcp:", `${service}+tcp:`));
          return servers.length === 0 ? "" : `${service} = ${servers.join(" ")}\n`;
        };
        return `[${realm}]\n${over("kerberos", kdc)}${over("kpasswd", [kpasswd ?? []].flat())}`;
      }),
      ...Object.entries(options.realms ?? {}).map(([realm, line]) => `[${realm}]\n${line}\n`),
    ].join("\n"),
  );
  const script = fileURLToPath(new URL("./kdcproxy-server.py", import.meta.url));
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    const daemon = startDaemon(
      kdcproxy.bin("python3"),
      [
        ...["-u", "-B", script, "--port", String(port)],
        ...["--certificate", certificates.certificate, "--key", certificates.key],
      ],
      { env: { ...kdcproxy.env, KDCPROXY_CONFIG: config }, cwd: dir },
    );
    try {
      await waitUntil(daemon, "kdcproxy", () => daemon.output().includes("listening"));
    } catch (error) {
      await daemon.stop();
      if (attempt < 3 && /in use/.test(daemon.output())) continue;
      removeFolder(dir);
      throw error;
    }
    return {
      url: `https://localhost:${port}/KdcProxy`,
      port,
      ca: certificates.ca,
      caPem: fs.readFileSync(certificates.ca, "utf8"),
      requests: () => daemon.output().match(/^request /gm)?.length ?? 0,
      logs: daemon.output,
      close: async () => {
        await daemon.stop();
        removeFolder(dir);
      },
    };
  }
}
