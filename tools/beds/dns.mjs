// A DNS server on loopback: NLnet Labs' nsd with zones of the test's, and dnsdist before it for DNS over HTTPS.

import fs from "node:fs";
import path from "node:path";
import { ensurePeers } from "../peers/index.mjs";
import { makeCertificates } from "./certificates.mjs";
import { acceptsTcp, freePort, makeFolder, readIfThere, removeFolder, startDaemon, waitUntil } from "./process.mjs";

/**
 * @typedef {object} DnsBed
 * @property {string} address 127.0.0.1:PORT, by UDP and TCP: the library's option `dns`
 * @property {() => string} logs
 * @property {() => Promise<void>} close
 *
 * @typedef {object} DohBed
 * @property {string} url https://localhost:PORT/dns-query: the library's option `dns`
 * @property {string} ca path of the CA's certificate
 * @property {string} caPem the same as text
 * @property {() => string} logs
 * @property {() => Promise<void>} close
 */

/**
 * Starts an authoritative server. Takes a tenth of a second. Each zone gets an SOA record (lifetime 60 s) and an NS record.
 *
 * @param {Record<string, string[]>} zones by name, lines of a zone file, as `_kerberos._udp SRV 0 0 88 kdc`
 * @returns {Promise<DnsBed>}
 */
export async function startDnsBed(zones) {
  const { nsd } = await ensurePeers(["nsd"]);
  if (!nsd.available) throw new Error(`the DNS bed needs nsd: ${nsd.reason}`);
  const dir = makeFolder("dns");
  const file = (/** @type {string} */ name) => path.join(dir, name);
  const clauses = Object.entries(zones).map(([zone, lines], index) => {
    const head = [
      "$TTL 60",
      `$ORIGIN ${zone}.`,
      "@ SOA ns hostmaster 1 3600 600 86400 60",
      "@ NS ns",
      "ns A 127.0.0.1",
    ];
    fs.writeFileSync(file(`${index}.zone`), `${[...head, ...lines].join("\n")}\n`);
    return `zone:\n name: "${zone}"\n zonefile: "${file(`${index}.zone`)}"\n`;
  });
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    fs.writeFileSync(
      file("nsd.conf"),
      `server:
 ip-address: 127.0.0.1@${port}
 server-count: 1
 username: ""
 database: ""
 zonesdir: "${dir}"
 pidfile: "${file("nsd.pid")}"
 xfrdfile: "${file("xfrd.state")}"
 xfrdir: "${dir}"
 zonelistfile: "${file("zone.list")}"
 logfile: "${file("nsd.log")}"
 log-only-syslog: no
remote-control:
 control-enable: no
${clauses.join("")}`,
    );
    const daemon = startDaemon(nsd.bin("nsd"), ["-d", "-c", file("nsd.conf")], { env: nsd.env, cwd: dir });
    const logs = () => `${daemon.output()}\n${readIfThere(file("nsd.log"))}`;
    try {
      await waitUntil(daemon, "nsd", async () => /nsd started/.test(logs()) && (await acceptsTcp(port)));
    } catch (error) {
      await daemon.stop();
      if (attempt < 3 && /in use/.test(logs())) continue;
      const text = `${error instanceof Error ? error.message : error}\n${logs()}`;
      removeFolder(dir);
      throw new Error(text);
    }
    if (/error:/i.test(logs())) throw new Error(`nsd does not like a zone: ${logs()}`);
    return {
      address: `127.0.0.1:${port}`,
      logs,
      close: async () => {
        await daemon.stop();
        removeFolder(dir);
      },
    };
  }
}

/**
 * Starts DNS over HTTPS (RFC 8484) before a server, with a certificate of a private CA. Takes half a second.
 * @param {{ address: string }} dns @returns {Promise<DohBed>}
 */
export async function startDohBed({ address }) {
  const { dnsdist } = await ensurePeers(["dnsdist"]);
  if (!dnsdist.available) throw new Error(`the DoH bed needs dnsdist: ${dnsdist.reason}`);
  const dir = makeFolder("doh");
  const certificates = await makeCertificates(dnsdist, dir);
  for (let attempt = 1; ; attempt++) {
    const [plain, port] = [await freePort(), await freePort()];
    const config = path.join(dir, "dnsdist.conf");
    fs.writeFileSync(
      config,
      `setLocal("127.0.0.1:${plain}")
setSecurityPollSuffix("")
newServer({address="${address}", healthCheckMode="up"})
addDOHLocal("127.0.0.1:${port}", "${certificates.certificate}", "${certificates.key}", "/dns-query")
`,
    );
    const daemon = startDaemon(dnsdist.bin("dnsdist"), ["--supervised", "--disable-syslog", "-C", config], {
      env: dnsdist.env,
      cwd: dir,
    });
    try {
      await waitUntil(daemon, "dnsdist", () => acceptsTcp(port));
    } catch (error) {
      await daemon.stop();
      if (attempt < 3 && /in use/.test(daemon.output())) continue;
      removeFolder(dir);
      throw error;
    }
    return {
      url: `https://localhost:${port}/dns-query`,
      ca: certificates.ca,
      caPem: fs.readFileSync(certificates.ca, "utf8"),
      logs: daemon.output,
      close: async () => {
        await daemon.stop();
        removeFolder(dir);
      },
    };
  }
}
