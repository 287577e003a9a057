// A realm served by MIT's krb5kdc on loopback ports of its own.

import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { ensurePeers } from "../peers/index.mjs";
import {
  clockOffsetEnv,
  freePort,
  makeFolder,
  mustRun,
  readIfThere,
  removeFolder,
  runProgram,
  startDaemon,
  waitUntil,
} from "./process.mjs";
import { fromTemplate } from "./template.mjs";

/**
 * @typedef {"aes256-sha2" | "aes128-sha2" | "aes256-sha1" | "aes128-sha1"} MitEnctype MIT's short names for 20, 19, 18, 17
 *
 * @typedef {object} KdcOptions one krb5kdc process
 * @property {boolean} [udp] default true
 * @property {boolean} [tcp] default true
 * @property {number} [maxDgramReplySize] octets; a longer reply over UDP becomes KRB_ERR_RESPONSE_TOO_BIG
 * @property {number} [clockOffsetSeconds] moves this KDC's clock (needs the peer "faketime")
 * @property {MitEnctype[]} [permittedEnctypes] what this KDC may use. It takes the session key's enctype from this
 *   list (`permitted_enctypes` of its krb5.conf), whatever a client offers first: one entry pins the session key, and
 *   with it the sub-key of an acceptor, which follows the session key. Default: all four.
 * @property {boolean} [isReplica] it serves a copy of the database as it was when this KDC started
 * @property {{ module: string, env: Record<string, string> }} [database] a module over db2 (see ./kdb-delegation.mjs), and
 *   what it is told
 * @property {MoreLines} [lines] more lines of its configuration
 *
 * @typedef {object} MoreLines
 * @property {string[]} [libdefaults] of [libdefaults], for this KDC and the clients of its `krb5Conf`
 * @property {string[]} [clientRealm] of the realm in [realms] of that krb5.conf
 * @property {string[]} [kdcdefaults] of [kdcdefaults]
 * @property {string[]} [realm] of the realm in [realms] of its kdc.conf
 * @property {string[]} [kdcpreauth] of kdcpreauth in [plugins] of its kdc.conf
 * @property {string[]} [sections] whole sections of its kdc.conf
 *
 * @typedef {object} MitOptions
 * @property {string} [realm] default EXAMPLE.TEST
 * @property {"mit" | "mit-later"} [peer] whose programs serve it: the machine's Debian's (default), or the next one's
 * @property {string} [principals] extra lines for kadmin.local, one query a line (addprinc, ktadd, modprinc)
 * @property {string[]} [services] extra service principals with random keys, all put into the service keytab
 * @property {string} [maxLife] longest ticket of the realm, default "10h"
 * @property {string} [maxRenewableLife] default "7d"
 * @property {{ realm: string, password: string, kdcPort?: number, enctypes?: string }[]} [trust] cross-realm keys both
 *   ways with each realm, of all enctypes or the named ones; give the other bed's port too, or call `bed.addRealm(other)` when it has started
 * @property {Capaths} [capaths] more of [capaths], for clients and KDCs: client realm to server realm to the realms between
 * @property {Capaths} [kdcCapaths] the same for the KDC's own configuration alone, instead of `capaths`
 * @property {Record<string, string>} [kdcDomainRealm] [domain_realm] of the KDC's own configuration: what it refers clients to
 * @property {string[]} [plugins] pre-authentication plug-ins that the KDCs and clients may load: "spake", "pkinit", "otp"
 * @property {boolean} [spake] the KDC offers SPAKE too (MIT's default is not to); the encrypted timestamp stays offered
 * @property {boolean} [fresh] new random keys; otherwise beds started with the same options share theirs
 * @property {boolean} [kadmind] kadmind runs too: password changes at `bed.kpasswd`, and kpasswd_server in `krb5Conf`
 * @property {string[]} [krb5ConfLibdefaults] extra lines for [libdefaults]
 *
 * @typedef {Record<string, Record<string, string[]>>} Capaths
 *
 * @typedef {object} Kdc
 * @property {number} port
 * @property {number} pid
 * @property {string[]} kdc the library's endpoints: tcp://127.0.0.1:PORT and udp://127.0.0.1:PORT as it serves them
 * @property {string} krb5Conf path of a krb5.conf whose KDC is this process
 * @property {Record<string, string>} env for MIT's own clients: KRB5_CONFIG and the library path
 * @property {() => string} logs
 * @property {(away?: () => Promise<void>) => Promise<void>} [restart] ends the process and starts it anew at its ports,
 *   once what is done while it is away has ended; MIT's alone
 * @property {() => Promise<void>} close
 *
 * @typedef {Kdc & {
 *   realm: string,
 *   dir: string,
 *   kind: "mit",
 *   passwords: Record<string, string>,
 *   keytab: { service: string, oldService: string, alice: string, robot: string },
 *   bin: (program: string) => string,
 *   startKdc: (options?: KdcOptions) => Promise<Kdc>,
 *   kpasswd: string[],
 *   kadmin: (queries: string) => Promise<string>,
 *   kinit: (principal: string, secret: { password: string } | { keytab: string }, options?: NativeOptions)
 *     => Promise<NativeLogin>,
 *   addRealm: (other: { realm: string, port: number }) => void,
 * }} MitBed
 *
 * @typedef {object} NativeOptions
 * @property {string} [krb5Conf] default the bed's
 * @property {string[]} [args] more arguments for kinit
 *
 * @typedef {object} NativeLogin
 * @property {number} status kinit's exit status
 * @property {string} text what it printed
 * @property {Record<string, string>} env has KRB5CCNAME set to the new cache
 */

export const ALL_ENCTYPES = /** @type {const} */ (["aes256-sha2", "aes128-sha2", "aes256-sha1", "aes128-sha1"]);

/** Every bed has these users; the value is the password. */
export const PASSWORDS = {
  alice: "alice-password",
  bob: "bob-password",
  // One for each enctype of the CLIENT's long-term key; their tickets and session keys are as everyone's.
  "bob-aes128sha1": "bob-password",
  "bob-aes256sha1": "bob-password",
  "bob-aes128sha2": "bob-password",
  "bob-aes256sha2": "bob-password",
  nopreauth: "nopreauth-password",
  expired: "expired-password",
  pwexpired: "pwexpired-password",
  locked: "locked-password",
  shortlived: "shortlived-password",
  // A non-ASCII password and name: KerberosString is octets, and everyone sends UTF-8.
  jürgen: "pässwörd-€",
};

/** @param {string} realm */
function queries(realm) {
  const p = PASSWORDS;
  const enctypes = {
    aes128sha1: "aes128-sha1",
    aes256sha1: "aes256-sha1",
    aes128sha2: "aes128-sha2",
    aes256sha2: "aes256-sha2",
  };
  const quote = (/** @type {string} */ text) => `"${text}"`;
  return [
    `addprinc -pw ${p.alice} +requires_preauth alice`,
    `addprinc -pw ${p.bob} +requires_preauth bob`,
    ...Object.entries(enctypes).map(
      ([name, enctype]) => `addprinc -e ${enctype}:normal -pw ${p.bob} +requires_preauth bob-${name}`,
    ),
    `addprinc -pw ${p.nopreauth} -requires_preauth nopreauth`,
    `addprinc -pw ${p.expired} -expire "2020-01-01 00:00:00" +requires_preauth expired`,
    `addprinc -pw ${p.pwexpired} -pwexpire "2020-01-01 00:00:00" +requires_preauth pwexpired`,
    `addprinc -pw ${p.locked} -allow_tix +requires_preauth locked`,
    `addprinc -pw ${p.shortlived} -maxlife "1 minute" +requires_preauth shortlived`,
    `addprinc -pw ${quote(p.jürgen)} +requires_preauth ${quote("jürgen")}`,
    "addprinc -randkey +requires_preauth robot",
    `addprinc -pw admin-password admin/admin@${realm}`,
  ];
}

/**
 * Starts a realm. Takes about a second; several may run at once.
 *
 * Passwords are in `bed.passwords`. Services: host/localhost, host/127.0.0.1 and HTTP/localhost have their keys in
 * `bed.keytab.service`; host/changed got a new key after `bed.keytab.oldService` was written (a server that missed a key
 * change), host/replaced another key of the same version; host/nokeytab is known to the KDC only. `robot` has no password, only `bed.keytab.robot`.
 *
 * @param {MitOptions & KdcOptions} [options]
 * @returns {Promise<MitBed>}
 */
export async function startMitBed(options = {}) {
  const { peer = "mit" } = options;
  const { [peer]: mit } = await ensurePeers([peer]);
  if (!mit.available) throw new Error(`the MIT bed needs the MIT packages: ${mit.reason}`);
  const realm = options.realm ?? "EXAMPLE.TEST";
  const dir = makeFolder("mit");
  const file = (/** @type {string} */ name) => path.join(dir, name);
  const preauth = [...(options.spake ? ["spake"] : []), ...(options.plugins ?? [])];
  // The later one has its own plug-ins beside it.
  const { "mit-logins": more } = peer === "mit" ? await ensurePeers(["mit-logins"]) : { "mit-logins": mit };
  const plugins = makePluginFolder([mit, more], file("plugins"), preauth);
  const toolEnv = preauth.some((plugin) => plugin !== "spake") ? more.env : mit.env;
  /** @type {Map<string, number>} */
  const otherRealms = new Map();
  for (const trust of options.trust ?? []) if (trust.kdcPort) otherRealms.set(trust.realm, trust.kdcPort);
  const keytab = {
    service: file("service.keytab"),
    oldService: file("old-service.keytab"),
    alice: file("alice.keytab"),
    robot: file("robot.keytab"),
  };

  /** @type {{ stop(): Promise<void> }[]} */
  const running = [];
  let count = 0;
  /** @type {{ kadmin: number, kpasswd: number } | undefined} */
  let adminPorts;

  /**
   * @param {string} name @param {number} port @param {KdcOptions} kdcOptions
   */
  const writeConfigs = (name, port, kdcOptions) => {
    const { lines = {} } = kdcOptions;
    const permitted = kdcOptions.permittedEnctypes ?? [...ALL_ENCTYPES];
    const udp = kdcOptions.udp === false ? '""' : `127.0.0.1:${port}`;
    const tcp = kdcOptions.tcp === false ? '""' : `127.0.0.1:${port}`;
    const libdefaults = [
      `default_realm = ${realm}`,
      "dns_lookup_kdc = false",
      "dns_lookup_realm = false",
      "dns_canonicalize_hostname = false",
      "rdns = false",
      `plugin_base_dir = ${plugins}`,
      ...(options.spake ? ["spake_preauth_groups = edwards25519"] : []),
      ...(options.krb5ConfLibdefaults ?? []),
      ...(lines.libdefaults ?? []),
    ];
    const own = adminPorts
      ? `\n  kpasswd_server = 127.0.0.1:${adminPorts.kpasswd}\n  admin_server = 127.0.0.1:${adminPorts.kadmin}`
      : "";
    const ours = [own, ...(lines.clientRealm ?? []).map((line) => `\n  ${line}`)].join("");
    const realms = [[realm, port], ...otherRealms].map(
      ([of, at]) => ` ${of} = {\n  kdc = 127.0.0.1:${at}${of === realm ? ours : ""}\n }`,
    );
    /** @param {string[]} more @param {Capaths} capaths @param {Record<string, string>} domainRealm */
    const conf = (more, capaths, domainRealm) =>
      [
        "[libdefaults]",
        ...[...libdefaults, ...more].map((line) => ` ${line}`),
        "[realms]",
        ...realms,
        "[domain_realm]",
        ` localhost = ${realm}`,
        ` 127.0.0.1 = ${realm}`,
        ...Object.entries(domainRealm).map(([domain, of]) => ` ${domain} = ${of}`),
        "[capaths]",
        ...[...otherRealms.keys()]
          .filter((other) => capaths[realm]?.[other] === undefined && capaths[other]?.[realm] === undefined)
          .flatMap((other) => [` ${realm} = {\n  ${other} = .\n }`, ` ${other} = {\n  ${realm} = .\n }`]),
        ...Object.entries(capaths).flatMap(([client, servers]) =>
          Object.entries(servers).map(
            ([server, between]) => ` ${client} = {\n${between.map((one) => `  ${server} = ${one}\n`).join("")} }`,
          ),
        ),
        "",
      ].join("\n");
    // The KDC's own view is a file of its own: pinning happens there, and clients stay as they are.
    const { capaths = {}, kdcCapaths = capaths, kdcDomainRealm = {} } = options;
    fs.writeFileSync(file(`${name}.krb5.conf`), conf([`permitted_enctypes = ${ALL_ENCTYPES.join(" ")}`], capaths, {}));
    fs.writeFileSync(
      file(`${name}.server.krb5.conf`),
      conf([`permitted_enctypes = ${permitted.join(" ")}`], kdcCapaths, kdcDomainRealm),
    );
    fs.writeFileSync(
      file(`${name}.kdc.conf`),
      `[kdcdefaults]
 kdc_listen = ${udp}
 kdc_tcp_listen = ${tcp}
${kdcOptions.maxDgramReplySize ? ` kdc_max_dgram_reply_size = ${kdcOptions.maxDgramReplySize}\n` : ""}${(lines.kdcdefaults ?? []).map((line) => ` ${line}\n`).join("")}[realms]
 ${realm} = {
  database_name = ${file(kdcOptions.isReplica ? `${name}.principal` : "principal")}
  key_stash_file = ${file("stash")}
  acl_file = ${file("kadm5.acl")}
  iprop_enable = false
${adminPorts ? `  kadmind_listen = 127.0.0.1:${adminPorts.kadmin}\n  kpasswd_listen = 127.0.0.1:${adminPorts.kpasswd}\n` : ""}  max_life = ${options.maxLife ?? "10h"}
  max_renewable_life = ${options.maxRenewableLife ?? "7d"}
  master_key_type = aes256-sha1
  supported_enctypes = ${ALL_ENCTYPES.map((enctype) => `${enctype}:normal`).join(" ")}
${kdcOptions.database ? "  database_module = over\n" : ""}${(lines.realm ?? []).map((line) => `  ${line}\n`).join("")} }
${(lines.sections ?? []).map((section) => `${section}\n`).join("")}[plugins]
 kdcpreauth = {
${(lines.kdcpreauth ?? []).map((line) => `  ${line}\n`).join("")} }
[dbmodules]
 db_module_dir = ${plugins}/kdb
${kdcOptions.database ? " over = {\n  db_library = over\n }\n" : ""}[logging]
 kdc = FILE:${file(`${name}.log`)}
 admin_server = FILE:${file("kadmin.log")}
`,
    );
    return {
      clientEnv: { ...toolEnv, KRB5_CONFIG: file(`${name}.krb5.conf`) },
      serverEnv: {
        ...toolEnv,
        KRB5_CONFIG: file(`${name}.server.krb5.conf`),
        KRB5_KDC_PROFILE: file(`${name}.kdc.conf`),
        KRB5RCACHEDIR: dir,
      },
    };
  };

  /** @param {KdcOptions} [kdcOptions] @returns {Promise<Kdc>} */
  const startKdc = async (kdcOptions = {}) => {
    const clock = kdcOptions.clockOffsetSeconds
      ? clockOffsetEnv((await ensurePeers(["faketime"])).faketime, kdcOptions.clockOffsetSeconds)
      : {};
    const { database } = kdcOptions;
    if (database !== undefined) fs.cpSync(database.module, path.join(plugins, "kdb/over.so"));
    const name = `kdc${count++}`;
    if (kdcOptions.isReplica) {
      for (const one of fs.readdirSync(dir).filter((entry) => /^principal(\.|$)/.test(entry))) {
        fs.copyFileSync(file(one), file(`${name}.${one}`));
      }
    }
    for (let attempt = 1; ; attempt++) {
      const port = await freePort();
      const { clientEnv, serverEnv } = writeConfigs(name, port, kdcOptions);
      const log = () => readIfThere(file(`${name}.log`));
      const launch = () => {
        const started = startDaemon(mit.bin("krb5kdc"), ["-n", "-r", realm], {
          env: { ...serverEnv, ...clock, ...database?.env, KDB_DB2: path.join(plugins, "kdb/db2.so") },
          cwd: dir,
        });
        running.push(started);
        return started;
      };
      let daemon = launch();
      // It says so in its log once all its sockets are open.
      const opened = (/** @type {number} */ times) =>
        waitUntil(daemon, "krb5kdc", () => log().split("commencing operation").length > times);
      const logs = () => `${daemon.output()}\n${log()}`;
      try {
        await opened(1);
      } catch (error) {
        if (attempt < 3 && /in use/.test(logs())) continue;
        throw new Error(`${error instanceof Error ? error.message : error}\n${logs()}`);
      }
      return {
        port,
        pid: daemon.pid,
        kdc: [
          ...(kdcOptions.tcp === false ? [] : [`tcp://127.0.0.1:${port}`]),
          ...(kdcOptions.udp === false ? [] : [`udp://127.0.0.1:${port}`]),
        ],
        krb5Conf: file(`${name}.krb5.conf`),
        env: clientEnv,
        logs,
        async restart(away = async () => {}) {
          const times = log().split("commencing operation").length;
          await daemon.stop();
          await away();
          daemon = launch();
          await opened(times);
        },
        close: () => daemon.stop(),
      };
    }
  };

  /** Password changes and administration. @returns {Promise<void>} */
  const startKadmind = async () => {
    for (let attempt = 1; ; attempt++) {
      adminPorts = { kadmin: await freePort(), kpasswd: await freePort() };
      const { serverEnv } = writeConfigs("kadmind", 1, {});
      const daemon = startDaemon(mit.bin("kadmind"), ["-nofork", "-r", realm], { env: serverEnv, cwd: dir });
      running.push(daemon);
      try {
        await waitUntil(daemon, "kadmind", () => readIfThere(file("kadmin.log")).includes("starting"));
        return;
      } catch (error) {
        const logs = `${daemon.output()}\n${readIfThere(file("kadmin.log"))}`;
        if (attempt < 3 && /in use/.test(logs)) continue;
        throw new Error(`${error instanceof Error ? error.message : error}\n${logs}`);
      }
    }
  };

  // The database is made with all enctypes, so that each principal has a key of each; a KDC then may use fewer.
  const { serverEnv: adminEnv } = writeConfigs("admin", 1, {});
  const runEnv = { env: adminEnv, cwd: dir };
  const kadmin = async (/** @type {string} */ text) =>
    (await mustRun(mit.bin("kadmin.local"), ["-p", `admin@${realm}`, "-r", realm], { ...runEnv, input: `${text}\n` }))
      .text;

  const close = async () => {
    await Promise.all(running.map((daemon) => daemon.stop()));
    removeFolder(dir);
  };

  try {
    fs.writeFileSync(file("kadm5.acl"), `admin/admin@${realm} *\n`);
    const services = ["host/localhost", "host/127.0.0.1", "HTTP/localhost", ...(options.services ?? [])];
    const recipe = [
      ...queries(realm),
      ...services.map((service) => `addprinc -randkey ${service}`),
      `ktadd -k ${keytab.service} ${services.join(" ")}`,
      "addprinc -randkey host/nokeytab",
      "addprinc -randkey host/changed",
      `ktadd -k ${keytab.oldService} host/changed`,
      "cpw -randkey host/changed",
      // The same key version with another key: the ticket cannot be decrypted, rather than its key not be found.
      "addprinc -randkey host/replaced",
      `ktadd -k ${keytab.oldService} host/replaced`,
      "delprinc -force host/replaced",
      "addprinc -randkey host/replaced",
      "cpw -randkey host/replaced",
      `ktadd -norandkey -k ${keytab.alice} alice`,
      `ktadd -norandkey -k ${keytab.robot} robot`,
      ...(options.trust ?? []).flatMap((trust) => [
        ...[`krbtgt/${trust.realm}@${realm}`, `krbtgt/${realm}@${trust.realm}`].map(
          (name) => `addprinc ${trust.enctypes ? `-e ${trust.enctypes}:normal ` : ""}-pw ${trust.password} ${name}`,
        ),
      ]),
      ...(options.principals ? [options.principals] : []),
    ].join("\n");
    const make = async () => {
      await mustRun(mit.bin("kdb5_util"), ["-r", realm, "create", "-s", "-P", "master-password"], runEnv);
      const text = await kadmin(recipe);
      // kadmin.local reports a failed query and goes on.
      const failed = text
        .split("\n")
        .filter(
          (line) =>
            /^(add_principal|ktadd|kadmin\.local|change_password|modify_principal|setstr):? .*while/.test(line) ||
            /^usage|Unknown request/.test(line),
        );
      if (failed.length > 0) throw new Error(`the realm's principals were not all made: ${failed.join("; ")}`);
    };
    const settings = JSON.stringify([
      realm,
      options.maxLife,
      options.maxRenewableLife,
      readIfThere(`${mit.root}/.complete`),
    ]);
    if (options.fresh) await make();
    else {
      const scripts = [fileURLToPath(import.meta.url)];
      await fromTemplate(dir, `mit ${settings}\n${recipe}`, scripts, make, /^(principal.*|stash|.*\.keytab)$/);
    }
    if (options.kadmind) await startKadmind();
    const kdc = await startKdc(options);
    const ports = /** @type {{ kpasswd: number } | undefined} */ (adminPorts);
    return {
      ...kdc,
      kpasswd: ports ? [`tcp://127.0.0.1:${ports.kpasswd}`, `udp://127.0.0.1:${ports.kpasswd}`] : [],
      kind: "mit",
      realm,
      dir,
      passwords: PASSWORDS,
      keytab,
      bin: mit.bin,
      startKdc,
      kadmin,
      close,
      kinit: (principal, secret, native = {}) => nativeLogin(mit, dir, kdc, principal, secret, native),
      addRealm: (other) => {
        otherRealms.set(other.realm, other.port);
        // Clients read the file anew each time; a KDC needs only its database for its side of the trust, but for the
        // transited check it reads [capaths], so start further KDCs after this.
        writeConfigs("kdc0", kdc.port, options);
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

let caches = 0;

/**
 * @param {import("../peers/index.mjs").Peer} mit @param {string} dir @param {{ krb5Conf: string, env: Record<string, string> }} kdc
 * @param {string} principal @param {{ password: string } | { keytab: string }} secret @param {NativeOptions} native
 * @returns {Promise<NativeLogin>}
 */
export async function nativeLogin(mit, dir, kdc, principal, secret, native) {
  const cache = path.join(dir, `cache-${++caches}`);
  const env = { ...kdc.env, KRB5_CONFIG: native.krb5Conf ?? kdc.krb5Conf, KRB5CCNAME: `FILE:${cache}` };
  const how = "keytab" in secret ? ["-k", "-t", secret.keytab] : [];
  const result = await runProgram(mit.bin("kinit"), [...how, ...(native.args ?? []), principal], {
    env,
    cwd: dir,
    input: "password" in secret ? `${secret.password}\n` : "",
  });
  return { status: result.status, text: result.text, env };
}

/**
 * MIT looks for plug-ins in one folder; ours may come from the trees or from the system.
 * @param {import("../peers/index.mjs").Peer[]} peers where to look @param {string} folder @param {string[]} [preauth]
 */
export function makePluginFolder(peers, folder, preauth = []) {
  for (const plugin of ["kdb/db2.so", ...preauth.map((name) => `preauth/${name}.so`)]) {
    const [target] = peers.flatMap((peer) => peer.find(`lib/*/krb5/plugins/${plugin}`) ?? []);
    fs.mkdirSync(path.join(folder, path.dirname(plugin)), { recursive: true });
    if (target) fs.symlinkSync(target, path.join(folder, plugin));
  }
  return folder;
}
