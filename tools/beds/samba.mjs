// An Active Directory domain served by Samba's domain controller (Heimdal's KDC on an LDAP database) on loopback ports of
// its own. Samba has its paths built in, so that it runs with its tree laid over /usr, which needs root.

import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { ensurePeers } from "../peers/index.mjs";
import { overUsr } from "../peers/overlay.mjs";
import { nativeLogin } from "./mit.mjs";
import {
  acceptsTcp,
  freePort,
  listensUdp,
  makeFolder,
  mustRun,
  readIfThere,
  removeFolder,
  startDaemon,
  waitUntil,
} from "./process.mjs";
import { SAMBA_DOMAIN, SAMBA_LATER_DOMAIN, SAMBA_PASSWORDS, SAMBA_REALM } from "./samba-domain.mjs";
import { fromTemplate } from "./template.mjs";

/**
 * @typedef {import("./mit.mjs").Kdc & {
 *   realm: string,
 *   netbios: string,
 *   dir: string,
 *   kind: "samba",
 *   passwords: typeof SAMBA_PASSWORDS,
 *   keytab: { service: string, account: string, alice: string, back: string, pc: string, krbtgt: string },
 *   bin: (program: string) => string,
 *   kpasswd: string[],
 *   modify: (ldif: string, how?: { unchecked: true }) => Promise<void>,
 *   add: (part: object) => Promise<void>,
 *   sidsOf: (filter: string) => Promise<string[]>,
 *   tool: (args: string[]) => Promise<string>,
 *   kinit: import("./mit.mjs").MitBed["kinit"],
 * }} SambaBed `env`, `krb5Conf`, `bin` and `kinit` are MIT's client programs, which every bed's checks use. `modify`
 *   changes the directory while it is served; names end in DC=ad,DC=test; `unchecked`: also what Samba refuses. `add` puts more into it, of the form of
 *   ./samba-domain.mjs, in one go; keytabs go into the bed's folder. `sidsOf` gives the SIDs
 *   of what an LDAP filter finds, in the directory's own words; `tool` runs samba-tool on the directory and gives what it
 *   says. The keytabs from `back` on are those of a later Samba alone
 */

/**
 * Starts the domain of ./samba-domain.mjs. The first start on a machine takes half a minute, others half a second.
 * @param {{ peer?: "samba" | "samba-later", names?: { realm: string, netbios: string } }} [options] a later Samba has the
 *   functional level 2016; `names` for a second domain
 * @returns {Promise<SambaBed>}
 */
export async function startSambaBed({ peer = "samba", names = SAMBA_REALM } = {}) {
  const { [peer]: samba, mit } = await ensurePeers([peer, "mit"]);
  const isLater = peer === "samba-later";
  const { realm, netbios } = names;
  const dnsName = realm.toLowerCase();
  const text = JSON.stringify(isLater ? SAMBA_LATER_DOMAIN : SAMBA_DOMAIN);
  const { realm: usual } = SAMBA_REALM;
  const domain = JSON.parse(text.replaceAll(usual, realm).replaceAll(usual.toLowerCase(), dnsName));
  const level = isLater ? ["ad dc functional level = 2016"] : [];
  if (!samba.available) throw new Error(`the Samba bed needs Samba's packages: ${samba.reason}`);
  if (!mit.available) throw new Error(`the Samba bed is checked with MIT's programs: ${mit.reason}`);
  const dir = makeFolder("samba");
  const file = (/** @type {string} */ name) => path.join(dir, name);
  const tree = path.join(samba.root, "usr");
  const runEnv = { env: { KRB5_CONFIG: file("server.krb5.conf") }, cwd: dir, timeoutMs: 240_000 };
  /** @param {string} program @param {string[]} args @param {string} [input] */
  const run = (program, args, input = "") =>
    mustRun(...overUsr(tree, samba.bin(program).replace(tree, "/usr"), args, isLater), { ...runEnv, input });

  /** @param {number} port @param {number} kpasswdPort */
  const writeConfigs = (port, kpasswdPort) => {
    fs.writeFileSync(
      file("smb.conf"),
      `[global]
 netbios name = DC1
 realm = ${realm}
 workgroup = ${netbios}
 server role = active directory domain controller
 server services = kdc
 interfaces = lo
 bind interfaces only = yes
 krb5 port = ${port}
 kpasswd port = ${kpasswdPort}
 kdc enable fast = yes
${level.map((line) => ` ${line}\n`).join("")} ldb:nosync = true
 private dir = ${file("domain/private")}
 lock directory = ${file("domain")}
 state directory = ${file("domain/state")}
 cache directory = ${file("domain/cache")}
 binddns dir = ${file("domain/bind-dns")}
 pid directory = ${file("run")}
 ncalrpc dir = ${file("run/ncalrpc")}
 ntp signd socket directory = ${file("run/ntp")}
 winbindd socket directory = ${file("run/winbindd")}
 log file = ${file("samba.log")}
 log level = 1 kerberos:3
`,
    );
    const libdefaults = [
      "[libdefaults]",
      ` default_realm = ${realm}`,
      " dns_lookup_kdc = false",
      " dns_lookup_realm = false",
      " dns_canonicalize_hostname = false",
      " rdns = false",
    ];
    fs.writeFileSync(file("server.krb5.conf"), `${libdefaults.join("\n")}\n`);
    fs.writeFileSync(
      file("krb5.conf"),
      [
        ...libdefaults,
        "[realms]",
        ` ${realm} = {`,
        `  kdc = 127.0.0.1:${port}`,
        `  kpasswd_server = 127.0.0.1:${kpasswdPort}`,
        " }",
        "[domain_realm]",
        ` localhost = ${realm}`,
        ` .${dnsName} = ${realm}`,
        "",
      ].join("\n"),
    );
  };

  const make = async () => {
    await run("samba-tool", [
      ...["domain", "provision", `--realm=${realm}`, `--domain=${netbios}`, "--server-role=dc", "--dns-backend=NONE"],
      ...["--adminpass=Administrator-1", "--host-name=dc1", "--host-ip=127.0.0.1", `--targetdir=${file("domain")}`],
      ...(isLater ? ["--function-level=2016"] : []),
      ...[
        ...level,
        "interfaces=lo",
        "bind interfaces only=yes",
        "ldb:nosync=true",
        `winbindd socket directory=${file("run")}`,
      ].map((option) => `--option=${option}`),
    ]);
    await fill(domain);
  };

  /** @param {object} part */
  const fill = async (part) => {
    fs.writeFileSync(file("domain.json"), JSON.stringify(part));
    const script = fileURLToPath(new URL("./samba-domain.py", import.meta.url));
    await run("python3", [script, file("smb.conf"), file("domain.json")]);
  };

  /** @type {import("./process.mjs").Daemon | undefined} */
  let daemon;
  const close = async () => {
    await daemon?.stop();
    removeFolder(dir);
  };

  try {
    fs.mkdirSync(file("run"), { mode: 0o755 });
    writeConfigs(1, 1);
    const recipe = JSON.stringify([peer, names, domain, readIfThere(`${samba.root}/.complete`)]);
    const scripts = ["./samba.mjs", "./samba-domain.py"].map((name) => fileURLToPath(new URL(name, import.meta.url)));
    await fromTemplate(dir, recipe, scripts, make, /^(domain|.*\.keytab)$/);

    for (let attempt = 1; ; attempt++) {
      const port = await freePort();
      const kpasswdPort = await freePort();
      writeConfigs(port, kpasswdPort);
      const args = ["-F", "--no-process-group", "-M", "single", "-s", file("smb.conf")];
      const started = startDaemon(...overUsr(tree, samba.bin("samba").replace(tree, "/usr"), args, isLater), runEnv);
      daemon = started;
      const logs = () => `${started.output()}\n${readIfThere(file("samba.log"))}`;
      try {
        await waitUntil(
          started,
          "samba",
          async () => (await acceptsTcp(kpasswdPort)) && listensUdp(port) && listensUdp(kpasswdPort),
        );
      } catch (error) {
        if (attempt < 3 && /in use/i.test(logs())) continue;
        throw new Error(`${error instanceof Error ? error.message : error}\n${logs()}`);
      }
      const krb5Conf = file("krb5.conf");
      const env = { ...mit.env, KRB5_CONFIG: krb5Conf };
      return {
        kind: "samba",
        realm,
        netbios,
        dir,
        port,
        pid: started.pid,
        kdc: [`tcp://127.0.0.1:${port}`, `udp://127.0.0.1:${port}`],
        kpasswd: [`tcp://127.0.0.1:${kpasswdPort}`, `udp://127.0.0.1:${kpasswdPort}`],
        krb5Conf,
        env,
        passwords: SAMBA_PASSWORDS,
        keytab: {
          service: file("service.keytab"),
          account: file("account.keytab"),
          alice: file("alice.keytab"),
          back: file("back.keytab"),
          pc: file("pc.keytab"),
          krbtgt: file("krbtgt.keytab"),
        },
        bin: mit.bin,
        modify: async (ldif, how) => {
          // The file behind the directory, which nothing checks.
          const base = `DC=${realm.replaceAll(".", ",DC=")}`;
          const store = how?.unchecked ? `sam.ldb.d/${base}.ldb` : "sam.ldb";
          await run("ldbmodify", ["-H", file(`domain/private/${store}`)], ldif);
        },
        add: fill,
        sidsOf: async (filter) => {
          const { text } = await run("ldbsearch", ["-H", file("domain/private/sam.ldb"), filter, "objectSid"]);
          return [...text.matchAll(/^objectSid: (S-[\d-]+)$/gm)].map(([, sid]) => /** @type {string} */ (sid));
        },
        tool: async (args) => {
          const where = ["-s", file("smb.conf"), "-H", file("domain/private/sam.ldb")];
          return String((await run("samba-tool", [...args, ...where])).stdout);
        },
        kinit: (principal, secret, native = {}) => nativeLogin(mit, dir, { krb5Conf, env }, principal, secret, native),
        logs,
        close,
      };
    }
  } catch (error) {
    await close();
    throw error;
  }
}
