// The C peers: compiled from peers/*.c when there are a compiler and the headers, which are fetched as the tests fetch theirs.

import { execFile } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { ROOT } from "../bootstrap.mjs";
import { ensurePeers } from "../peers/index.mjs";

const run = promisify(execFile);
const sources = path.resolve(fileURLToPath(new URL("./peers/", import.meta.url)));

/** @type {Record<string, string[]>} */
const libraries = {
  remctl: ["libremctl.so.1"],
  gss: ["libgssapi_krb5.so.2"],
  krb5: ["libkrb5.so.3", "libk5crypto.so.3", "libcom_err.so.2"],
  // No peer: a link between one and its server.
  far: [],
  curl: ["libcurl.so.4"],
  sasl: ["libsasl2.so.2"],
  pq: ["libpq.so.5"],
};

/**
 * @typedef {object} Peers
 * @property {(name: string) => string | undefined} program the path of a peer; undefined if it could not be built
 * @property {(name: string) => string} reason why not
 * @property {Record<string, string>} env the library path
 * @property {string} build what libk5crypto this is, and whether it uses the processor's AES
 */

/** @param {(line: string) => void} log @returns {Promise<Peers>} */
export async function buildPeers(log) {
  /** @type {Record<string, string>} */
  const built = {};
  /** @type {Record<string, string>} */
  const reasons = {};
  const names = /** @type {const} */ (["mit", "c-headers", "sasl-curl-headers", "curl", "slapd", "requests"]);
  const {
    mit,
    "c-headers": headers,
    "sasl-curl-headers": more,
    curl,
    slapd,
    requests,
  } = await ensurePeers(names, { log });
  const env = { ...mit.env };
  if (!headers.available) {
    for (const name of Object.keys(libraries)) reasons[name] = headers.reason ?? "no headers";
  } else {
    const out = path.join(ROOT, ".cache", "bench");
    fs.mkdirSync(out, { recursive: true });
    const include = path.dirname(headers.find("include/krb5.h") ?? "");
    const ofSasl = path.resolve(more.find("include/sasl/sasl.h") ?? "", "../..");
    const ofCurl = path.resolve(more.find("include/*/curl/curl.h") ?? "", "../..");
    const folders = [...new Set([mit, headers, curl, slapd].map(({ libDir }) => libDir).concat(systemLibraries()))];
    for (const [name, names] of Object.entries(libraries)) {
      const file = path.join(out, name);
      const args = [
        "-O2",
        "-Wall",
        `-I${include}`,
        `-I${path.join(include, "mit-krb5")}`,
        `-I${ofSasl}`,
        `-I${ofCurl}`,
        "-o",
        file,
      ];
      const link = [
        ...folders.flatMap((dir) => [`-L${dir}`, `-Wl,-rpath-link,${dir}`]),
        ...names.map((l) => `-l:${l}`),
      ];
      try {
        await run("cc", [...args, path.join(sources, `${name}.c`), ...link]);
        built[name] = file;
      } catch (error) {
        const text = /** @type {any} */ (error).stderr || /** @type {Error} */ (error).message;
        reasons[name] = `not compiled: ${String(text).trim().split("\n").slice(0, 3).join(" ")}`;
        log(`peer ${name}: ${reasons[name]}`);
      }
    }
  }
  if (requests.available) built.requests = path.join(sources, "requests-kerberos.py");
  else reasons.requests = requests.reason ?? "no requests-kerberos";
  return {
    program: (name) => built[name],
    reason: (name) => reasons[name] ?? "not built",
    env,
    build: await describe(mit),
  };
}

/** @param {import("../peers/index.mjs").Peer} mit */
async function describe(mit) {
  const library = mit.find("lib/*/libk5crypto.so.3");
  if (!library) return "no libk5crypto found";
  const version = await run("strings", ["-a", mit.find("lib/*/libkrb5.so.3") ?? library], { maxBuffer: 1 << 26 })
    .then(({ stdout }) => /KRB5_BRAND: (\S+)/.exec(stdout)?.[1])
    .catch(() => undefined);
  const aes = await countAes(library);
  const openssl = await run("ldd", [library])
    .then(({ stdout }) => /libcrypto/.test(stdout))
    .catch(() => false);
  const how = openssl ? "uses OpenSSL" : "has its own AES";
  const instructions = aes === undefined ? "AES instructions: unknown (no objdump)" : `${aes} AES instructions`;
  return `MIT ${version ?? "krb5"}; libk5crypto ${how}, ${instructions}`;
}

/** @param {string} library @returns {Promise<number | undefined>} */
async function countAes(library) {
  try {
    const { stdout } = await run("objdump", ["-d", "--no-show-raw-insn", library], { maxBuffer: 1 << 28 });
    return stdout.match(/\bv?aes(enc|dec)/g)?.length ?? 0;
  } catch {
    return undefined;
  }
}

function systemLibraries() {
  try {
    return fs
      .readdirSync("/usr/lib")
      .filter((name) => name.includes("-linux-"))
      .map((name) => path.join("/usr/lib", name));
  } catch {
    return [];
  }
}
