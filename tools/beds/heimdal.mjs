// A realm served by Heimdal's kdc on a loopback port of its own.

import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { ensurePeers } from "../peers/index.mjs";
import { makePluginFolder, nativeLogin } from "./mit.mjs";
import {
  acceptsTcp,
  clockOffsetEnv,
  freePort,
  listensUdp,
  makeFolder,
  mustRun,
  readIfThere,
  removeFolder,
  startDaemon,
  waitUntil,
} from "./process.mjs";
import { fromTemplate } from "./template.mjs";

/**
 * @typedef {"aes256-cts-hmac-sha384-192" | "aes128-cts-hmac-sha256-128" | "aes256-cts-hmac-sha1-96" |
 *   "aes128-cts-hmac-sha1-96"} HeimdalEnctype
 *
 * @typedef {object} HeimdalOptions
 * @property {string} [realm] default HEIM.TEST
 * @property {HeimdalEnctype[]} [enctypes] the enctypes of every key of the realm, default all four. Heimdal takes the
 *   session key's enctype from what the client offers, in the client's order, as far as the service has a key of it; so
 *   a client that offers one gets that one, and a realm with keys of one enctype pins it for every client.
 * @property {string[]} [services] extra service principals, put into the service keytab
 * @property {string} [principals] extra lines for `kadmin -l`
 * @property {boolean} [fresh] new random keys; otherwise beds started with the same options share theirs
 * @property {number} [clockOffsetSeconds] moves the KDC's clock (needs the peer "faketime")
 * @property {{ realm: string, password: string }[]} [trust] cross-realm keys both ways, of the SHA-1 enctypes: give the MIT
 *   realm `enctypes: "aes256-sha1"` in its `trust`
 * @property {import("./pki.mjs").Pki} [pki] PKINIT with these certificates, and anonymous tickets
 * @property {boolean} [kpasswdd] kpasswdd runs too: password changes at `bed.kpasswd`
 *
 * @typedef {import("./mit.mjs").Kdc & {
 *   realm: string,
 *   dir: string,
 *   kind: "heimdal",
 *   passwords: Record<string, string>,
 *   keytab: { service: string, oldService: string, alice: string, robot: string },
 *   bin: (program: string) => string,
 *   kpasswd: string[],
 *   kadmin: (commands: string[]) => Promise<string>,
 *   kinit: import("./mit.mjs").MitBed["kinit"],
 *   krb5ConfFor: (permitted: import("./mit.mjs").MitEnctype[]) => string,
 *   heimdalEnv: Record<string, string>,
 * }} HeimdalBed `env`, `krb5Conf`, `bin` and `kinit` are MIT's client programs, which every bed's checks use;
 *   `heimdalEnv` is for Heimdal's own; `krb5ConfFor` gives a configuration of an MIT client that offers only these
 */

export const HEIMDAL_ENCTYPES = /** @type {const} */ ([
  "aes256-cts-hmac-sha384-192",
  "aes128-cts-hmac-sha256-128",
  "aes256-cts-hmac-sha1-96",
  "aes128-cts-hmac-sha1-96",
]);

const PASSWORDS = {
  alice: "alice-password",
  bob: "bob-password",
  "bob-aes128sha1": "bob-password",
  "bob-aes256sha1": "bob-password",
  "bob-aes128sha2": "bob-password",
  "bob-aes256sha2": "bob-password",
  nopreauth: "nopreauth-password",
  expired: "expired-password",
  pwexpired: "pwexpired-password",
  locked: "locked-password",
  shortlived: "shortlived-password",
  jürgen: "pässwörd-€",
};

/** @type {Record<string, HeimdalEnctype>} */
const KEY_ENCTYPE = {
  "bob-aes128sha1": "aes128-cts-hmac-sha1-96",
  "bob-aes256sha1": "aes256-cts-hmac-sha1-96",
  "bob-aes128sha2": "aes128-cts-hmac-sha256-128",
  "bob-aes256sha2": "aes256-cts-hmac-sha384-192",
};

/**
 * Starts a realm, with the same users and services as startMitBed.
 * @param {HeimdalOptions} [options]
 * @returns {Promise<HeimdalBed>}
 */
export async function startHeimdalBed(options = {}) {
  const { heimdal, mit } = await ensurePeers(["heimdal", "mit"]);
  if (!heimdal.available) throw new Error(`the Heimdal bed needs the Heimdal packages: ${heimdal.reason}`);
  if (!mit.available) throw new Error(`the Heimdal bed is checked with MIT's programs: ${mit.reason}`);
  const realm = options.realm ?? "HEIM.TEST";
  const enctypes = options.enctypes ?? [...HEIMDAL_ENCTYPES];
  const dir = makeFolder("heimdal");
  const file = (/** @type {string} */ name) => path.join(dir, name);
  const plugins = makePluginFolder([mit], file("plugins"));
  const clock = options.clockOffsetSeconds
    ? clockOffsetEnv((await ensurePeers(["faketime"])).faketime, options.clockOffsetSeconds)
    : {};
  const keytab = {
    service: file("service.keytab"),
    oldService: file("old-service.keytab"),
    alice: file("alice.keytab"),
    robot: file("robot.keytab"),
  };

  const pkinit =
    options.pki === undefined
      ? []
      : [
          "enable-pkinit = yes",
          `pkinit_identity = FILE:${options.pki.file("kdc-rsa.pem")},${options.pki.file("kdc-rsa.key")}`,
          `pkinit_anchors = FILE:${options.pki.file("ca-rsa.pem")}`,
          `pkinit_anchors = FILE:${options.pki.file("ca-ec.pem")}`,
          "pkinit_principal_in_certificate = yes",
          "allow-anonymous = true",
        ];

  /** @param {string} name @param {number} port */
  const writeHeimdal = (name, port) => {
    fs.writeFileSync(
      file(name),
      `[libdefaults]
 default_realm = ${realm}
 dns_lookup_kdc = false
 dns_lookup_realm = false
 dns_canonicalize_hostname = false
 rdns = false
 plugin_dir = ${heimdal.libDir}/heimdal
 default_etypes = ${HEIMDAL_ENCTYPES.join(" ")}
[realms]
 ${realm} = {
  kdc = 127.0.0.1:${port}
 }
[domain_realm]
 localhost = ${realm}
[kdc]
 database = {
  dbname = ${file("heimdal")}
  realm = ${realm}
  mkey_file = ${file("m-key")}
  acl_file = ${file("kadmind.acl")}
  log_file = ${file("db.log")}
 }
 require-preauth = true
 signal_socket = ${file("signal")}
${pkinit.map((line) => ` ${line}\n`).join("")}[kadmin]
 default_keys = ${enctypes.map((enctype) => `${enctype}:pw-salt`).join(" ")}
[logging]
 kdc = 0-/FILE:${file("kdc.log")}
 default = 0-/FILE:${file("default.log")}
`,
    );
    return file(name);
  };
  /** @param {string} name @param {number} port @param {readonly string[]} permitted */
  const writeMit = (name, port, permitted) => {
    fs.writeFileSync(
      file(name),
      `[libdefaults]
 default_realm = ${realm}
 dns_lookup_kdc = false
 dns_lookup_realm = false
 dns_canonicalize_hostname = false
 rdns = false
 plugin_base_dir = ${plugins}
 permitted_enctypes = ${permitted.join(" ")}
[realms]
 ${realm} = {
  kdc = 127.0.0.1:${port}
 }
[domain_realm]
 localhost = ${realm}
 127.0.0.1 = ${realm}
`,
    );
    return file(name);
  };
  const mitNames = ["aes256-sha2", "aes128-sha2", "aes256-sha1", "aes128-sha1"];

  const setup = writeHeimdal("setup.conf", 1);
  /** @param {string[]} commands */
  const kadmin = async (commands) => {
    const { text } = await mustRun(heimdal.bin("kadmin"), ["-l", "-c", setup, "-r", realm], {
      env: { ...heimdal.env, KRB5_CONFIG: setup },
      cwd: dir,
      input: `${commands.join("\n")}\n`,
    });
    // A failed command is reported and the next one read.
    const failed = text
      .split("\n")
      .filter((line) => /^(kadmin|add|modify|delete|ext|cpw|del_enctype|init)\b.*: /.test(line));
    if (failed.length > 0) throw new Error(`kadmin: ${failed.join("; ")}`);
    return text;
  };

  /** @type {import("./process.mjs").Daemon | undefined} */
  let daemon;
  /** @type {import("./process.mjs").Daemon | undefined} */
  let passwords;
  /** Password changes. @returns {Promise<string[]>} */
  const startKpasswdd = async () => {
    for (let attempt = 1; ; attempt++) {
      const port = await freePort();
      const args = [`--config-file=${setup}`, `--realm=${realm}`, "--addresses=127.0.0.1", `--port=${port}`];
      const started = startDaemon(heimdal.bin("kpasswdd"), args, {
        env: { ...heimdal.env, KRB5_CONFIG: setup },
        cwd: dir,
      });
      passwords = started;
      try {
        await waitUntil(started, "kpasswdd", () => listensUdp(port));
        return [`udp://127.0.0.1:${port}`];
      } catch (error) {
        const logs = `${started.output()}\n${readIfThere(file("default.log"))}`;
        if (attempt < 3 && /in use/.test(logs)) continue;
        throw new Error(`${error instanceof Error ? error.message : error}\n${logs}`);
      }
    }
  };
  const close = async () => {
    await Promise.all([daemon?.stop(), passwords?.stop()]);
    removeFolder(dir);
  };

  try {
    fs.writeFileSync(file("kadmind.acl"), `admin/admin@${realm} all\n`);
    const services = ["host/localhost", "host/127.0.0.1", "HTTP/localhost", ...(options.services ?? [])];
    const notKept = (/** @type {string} */ kept) => enctypes.filter((enctype) => enctype !== kept).join(" ");
    // One kadmin reads them all: starting it for each takes seconds.
    const recipe = [
      `init --realm-max-ticket-life=1d --realm-max-renewable-life=7d ${realm}`,
      ...Object.entries(PASSWORDS)
        .filter(([name]) => /^[\x20-\x7e]+$/.test(name))
        .map(([name, password]) => `add -p ${password} --use-defaults ${name}`),
      ...Object.entries(KEY_ENCTYPE)
        .filter(([, kept]) => enctypes.includes(kept) && enctypes.length > 1)
        .map(([name, kept]) => `del_enctype ${name} ${notKept(kept)}`),
      "modify --attributes=-requires-pre-auth nopreauth",
      "modify --expiration-time=2020-01-01 expired",
      "modify --pw-expiration-time=2020-01-01 pwexpired",
      "modify --attributes=+disallow-all-tix locked",
      "modify --max-ticket-life=1minute shortlived",
      `add -r --use-defaults ${services.join(" ")} host/nokeytab host/changed host/replaced robot`,
      `ext_keytab -k ${keytab.service} ${services.join(" ")}`,
      `ext_keytab -k ${keytab.oldService} host/changed host/replaced`,
      "cpw -r host/changed",
      "delete host/replaced",
      "add -r --use-defaults host/replaced",
      `ext_keytab -k ${keytab.alice} alice`,
      `ext_keytab -k ${keytab.robot} robot`,
      ...(options.trust ?? []).flatMap((trust) =>
        // One by one: kadmin wipes the password after the first. Its salts for SHA-2 are random, so that nobody else makes
        // these keys from the password.
        [`krbtgt/${trust.realm}@${realm}`, `krbtgt/${realm}@${trust.realm}`].flatMap((name) => [
          `add -p ${trust.password} --use-defaults ${name}`,
          ...enctypes
            .filter((enctype) => /-sha(256|384)-/.test(enctype))
            .map((enctype) => `del_enctype ${name} ${enctype}`),
        ]),
      ),
      ...(options.principals ? [options.principals] : []),
    ];
    const make = async () => {
      await mustRun(
        heimdal.bin("kstash"),
        [`--key-file=${file("m-key")}`, "--random-key", "-e", "aes256-cts-hmac-sha1-96"],
        {
          env: { ...heimdal.env, KRB5_CONFIG: setup },
          cwd: dir,
        },
      );
      await kadmin(recipe);
      // Its command reader drops octets outside ASCII; its arguments do not.
      const jürgen = ["add", "-p", PASSWORDS.jürgen, "--use-defaults", "jürgen"];
      await mustRun(heimdal.bin("kadmin"), ["-l", "-c", setup, "-r", realm, ...jürgen], {
        env: { ...heimdal.env, KRB5_CONFIG: setup },
        cwd: dir,
      });
    };
    const settings = JSON.stringify([realm, enctypes, readIfThere(`${heimdal.root}/.complete`)]);
    if (options.fresh) await make();
    else {
      const scripts = [fileURLToPath(import.meta.url)];
      await fromTemplate(
        dir,
        `heimdal ${settings}\n${recipe.join("\n")}`,
        scripts,
        make,
        /^(heimdal\b.*|m-key|.*\.keytab)$/,
      );
    }

    const kpasswd = options.kpasswdd ? await startKpasswdd() : [];
    for (let attempt = 1; ; attempt++) {
      const port = await freePort();
      const conf = writeHeimdal("krb5-heimdal.conf", port);
      const krb5Conf = writeMit("krb5.conf", port, mitNames);
      const started = startDaemon(
        heimdal.bin("kdc"),
        [`--config-file=${conf}`, "--addresses=127.0.0.1", "-P", String(port)],
        { env: { ...heimdal.env, KRB5_CONFIG: conf, ...clock }, cwd: dir },
      );
      daemon = started;
      const logs = () => `${started.output()}\n${readIfThere(file("kdc.log"))}`;
      try {
        await waitUntil(started, "Heimdal's kdc", () => acceptsTcp(port));
      } catch (error) {
        if (attempt < 3 && /in use/.test(logs())) continue;
        throw new Error(`${error instanceof Error ? error.message : error}\n${logs()}`);
      }
      const env = { ...mit.env, KRB5_CONFIG: krb5Conf };
      return {
        kind: "heimdal",
        realm,
        dir,
        port,
        pid: started.pid,
        kpasswd,
        kdc: [`tcp://127.0.0.1:${port}`, `udp://127.0.0.1:${port}`],
        krb5Conf,
        env,
        heimdalEnv: { ...heimdal.env, KRB5_CONFIG: conf },
        passwords: PASSWORDS,
        keytab,
        bin: mit.bin,
        kadmin,
        kinit: (principal, secret, native = {}) => nativeLogin(mit, dir, { krb5Conf, env }, principal, secret, native),
        krb5ConfFor: (permitted) => writeMit(`krb5-${permitted.join("-")}.conf`, port, permitted),
        logs,
        close,
      };
    }
  } catch (error) {
    await close();
    throw error;
  }
}
