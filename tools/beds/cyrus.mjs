// Cyrus SASL with its mechanisms on libgssapi, as slapd, mongod and librdkafka have it; and its sample server, which
// speaks SASL alone, in lines of base64.

import { spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { ensurePeers } from "../peers/index.mjs";
import { makeFolder, mustRun, removeFolder } from "./process.mjs";

/**
 * @typedef {object} CyrusOptions
 * @property {{ krb5Conf: string, keytab: { service: string } }} bed a realm bed whose service keytab has SERVICE/localhost
 * @property {string} [service] default "host"
 * @property {string} [mechanism] default "GSSAPI"
 * @property {string} [user] who is in the server's database, where GS2 looks for clients; default nobody
 * @property {string[]} [args] more of its arguments, for example `-b min=56` to ask for confidentiality
 *
 * @typedef {object} CyrusPeer one exchange with a sample program
 * @property {(octets: Uint8Array) => void} send
 * @property {() => Promise<Buffer>} receive the next message that it sends; rejects with its output when it ends
 * @property {(pattern: RegExp) => Promise<RegExpExecArray>} says waits for a line of its output
 * @property {() => string} logs
 * @property {() => Promise<void>} close
 */

/**
 * The environment of a program with Cyrus SASL.
 * @param {{ env: Record<string, string>, find: (relative: string) => string | undefined }} peer
 * @param {{ krb5Conf: string, keytab: { service: string } }} bed
 * @param {string} dir a folder of the bed
 * @param {string} program the name that its configuration has
 * @param {readonly string[]} mechanisms
 */
export function saslEnv(peer, bed, dir, program, mechanisms) {
  const configuration = path.join(dir, "sasl");
  fs.mkdirSync(configuration);
  const lines = [`mech_list: ${mechanisms.join(" ")}`, `keytab: ${bed.keytab.service}`];
  fs.writeFileSync(path.join(configuration, `${program}.conf`), `${lines.join("\n")}\n`);
  return {
    ...peer.env,
    KRB5_CONFIG: bed.krb5Conf,
    KRB5_KTNAME: `FILE:${bed.keytab.service}`,
    KRB5RCACHEDIR: dir,
    SASL_CONF_PATH: configuration,
    SASL_PATH: path.dirname(peer.find("lib/*/sasl2/libgssapiv2.so") ?? ""),
  };
}

/**
 * Starts Cyrus's sample server for one exchange. It sends the list of its mechanisms first; the client answers with the
 * name of one, a NUL and the initial response. After the negotiation the client sends "client message 1" through the
 * layer, and the server "srv message 1".
 *
 * @param {CyrusOptions} options @returns {Promise<CyrusPeer>}
 */
export async function startCyrusServer(options) {
  const { mechanism = "GSSAPI", service = "host", args = [] } = options;
  return await startSample("sasl-sample-server", ["-s", service, "-d", "localhost", "-m", mechanism, ...args], options);
}

/**
 * Starts Cyrus's sample client for one exchange: the same conversation from the other side.
 *
 * @param {CyrusOptions & { env: Record<string, string> }} options `env` of a native login, with its cache
 * @returns {Promise<CyrusPeer>}
 */
export async function startCyrusClient(options) {
  const { mechanism = "GSSAPI", service = "host", args = [] } = options;
  return await startSample("sasl-sample-client", ["-s", service, "-n", "localhost", "-m", mechanism, ...args], options);
}

/** A plug-in of the system's Cyrus SASL. @param {string} name */
function systemPlugin(name) {
  const found = fs.readdirSync("/usr/lib").map((folder) => path.join("/usr/lib", folder, "sasl2", name));
  return found.find((file) => fs.existsSync(file)) ?? name;
}

/**
 * @param {string} program @param {string[]} args @param {CyrusOptions & { env?: Record<string, string> }} options
 * @returns {Promise<CyrusPeer>}
 */
async function startSample(program, args, options) {
  const { slapd } = await ensurePeers(["slapd", "mit"]);
  if (!slapd.available) throw new Error(`Cyrus's samples need Debian's package: ${slapd.reason}`);
  const dir = makeFolder("cyrus");
  const env = saslEnv(slapd, options.bed, dir, "sample", [options.mechanism ?? "GSSAPI"]);
  const folders = [env.SASL_PATH];
  if (options.user !== undefined) {
    // Of libsasl2-modules-db, which comes with the library, of the system or unpacked.
    folders.push(path.dirname(slapd.find("lib/*/sasl2/libsasldb.so") ?? systemPlugin("libsasldb.so")));
    const database = path.join(dir, "sasldb2");
    fs.appendFileSync(
      path.join(env.SASL_CONF_PATH, "sample.conf"),
      `auxprop_plugin: sasldb\nsasldb_path: ${database}\n`,
    );
    await mustRun(slapd.bin("saslpasswd2"), ["-c", "-p", "-f", database, "-u", "localhost", options.user], {
      env,
      input: "not used\n",
    });
  }
  // They flush lines only to a terminal. SASL_PATH means nothing to them.
  const child = spawn("stdbuf", ["-o0", slapd.bin(program), "-p", folders.join(":"), ...args], {
    cwd: dir,
    env: { PATH: process.env.PATH, LC_ALL: "C", ...options.env, ...env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  let logs = "";
  let isEnded = false;
  /** @type {Set<() => void>} */
  const waiting = new Set();
  const wake = () => {
    for (const one of waiting) one();
    waiting.clear();
  };
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on("line", (line) => {
      logs += `${line}\n`;
      wake();
    });
  }
  child.on("error", (error) => {
    logs += error.message;
  });
  const ended = new Promise((resolve) => {
    child.on("close", () => {
      isEnded = true;
      wake();
      resolve(undefined);
    });
  });
  child.stdin.on("error", () => {
    // It has ended: its output says why.
  });
  let at = 0;
  /** @type {CyrusPeer["says"]} */
  const says = async (pattern) => {
    for (;;) {
      const found = pattern.exec(logs.slice(at));
      if (found) {
        at += found.index + found[0].length;
        return found;
      }
      if (isEnded) throw new Error(`Cyrus's ${program} ended: ${logs}`);
      await new Promise((resolve) => waiting.add(() => resolve(undefined)));
    }
  };
  const [theirs, ours] = program.endsWith("server") ? ["S", "C"] : ["C", "S"];
  return {
    says,
    send: (octets) => void child.stdin.write(`${ours}: ${Buffer.from(octets).toString("base64")}\n`),
    receive: async () => Buffer.from((await says(new RegExp(`^${theirs}: (.*)\n`, "m")))[1] ?? "", "base64"),
    logs: () => logs,
    close: async () => {
      child.kill("SIGKILL");
      await ended;
      removeFolder(dir);
    },
  };
}
