// What the workloads run against: MIT's krb5kdc with Debian's remctld, and this package's own server in a process of its
// own for what would else measure how fast remctld forks.

import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { startMitBed, startRemctld } from "../beds/index.mjs";
import { ENCTYPE_NAMES } from "./names.mjs";
import { Side } from "./side.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));

/**
 * @typedef {object} Realm
 * @property {string} realm
 * @property {any} bed
 * @property {{ host: string, port: number, service: string }} remctld
 * @property {() => Promise<{ host: string, port: number, service: string, side: Side }>} embedded this package's server, started when first asked for
 * @property {Realm["embedded"]} freshServer one more, which has served nobody: what other rows' load took of memory counts in no figure of it
 * @property {() => Promise<{ principal: string, keytab: string, env: Record<string, string> }>} embeddedKdc this package's KDC, likewise
 * @property {Record<string, unknown>} client options of a client with a keytab
 * @property {(etype?: number) => Promise<{ env: Record<string, string>, client: Record<string, unknown> }>} pinned KDC and
 *   configuration where tickets and contexts have this enctype; without one, the realm's own
 * @property {() => Promise<void>} close
 */

/** @param {string} node the program that runs the embedded server @returns {Promise<Realm>} */
export async function startRealm(node) {
  /** @type {(() => Promise<unknown>)[]} */
  const closers = [];
  const close = async () => {
    for (const one of closers.reverse()) await one();
  };
  try {
    const bed = await startMitBed({ realm: "BENCH.EXAMPLE" });
    closers.push(bed.close);
    const robot = `robot@${bed.realm}`;
    const remctld = await startRemctld({
      bed,
      commands: [
        ["bench", "echo", 'echo "$2"'],
        ["bench", "zeros", 'head -c "$2" /dev/zero'],
      ],
      conf: [`bench swallow ${path.join(bed.dir, "swallow")} stdin=last ANYUSER`],
    });
    closers.push(remctld.close);
    fs.writeFileSync(path.join(bed.dir, "swallow"), "#!/bin/sh\nexec cat >/dev/null\n", { mode: 0o755 });
    const service = `host/localhost@${bed.realm}`;
    const client = {
      principal: robot,
      keytabFile: bed.keytab.robot,
      kdc: [`127.0.0.1:${bed.port}`],
      connectTimeoutMs: 60_000,
    };
    /** @type {Map<number, Promise<{ env: Record<string, string>, client: Record<string, unknown> }>>} */
    const pinned = new Map();
    /** @type {Promise<{ host: string, port: number, service: string, side: Side }> | undefined} */
    let embedded;
    const startServer = async () => {
      const server = new Side(node, [path.join(here, "embedded-server.mjs")]);
      closers.push(() => server.close());
      const port = Number(await server.ask(bed.keytab.service));
      return { host: "127.0.0.1", port, service, side: server };
    };
    /** @type {Promise<{ principal: string, keytab: string, env: Record<string, string> }> | undefined} */
    let embeddedKdc;
    return {
      realm: bed.realm,
      bed,
      remctld: { host: "127.0.0.1", port: remctld.port, service },
      embedded: () => {
        embedded ??= startServer();
        return embedded;
      },
      freshServer: startServer,
      embeddedKdc: () => {
        embeddedKdc ??= (async () => {
          const kdc = new Side(node, [path.join(here, "embedded-kdc.mjs")]);
          closers.push(() => kdc.close());
          const keytab = path.join(bed.dir, "embedded.keytab");
          const port = Number(await kdc.ask(keytab));
          const krb5Conf = path.join(bed.dir, "embedded.conf");
          const realms = `[realms]\nEMBEDDED.EXAMPLE = {\n  kdc = 127.0.0.1:${port}\n}\n`;
          const libdefaults = "[libdefaults]\ndefault_realm = EMBEDDED.EXAMPLE\ndns_lookup_kdc = false\n";
          fs.writeFileSync(krb5Conf, `${libdefaults}${realms}`);
          return { principal: "robot@EMBEDDED.EXAMPLE", keytab, env: { ...bed.env, KRB5_CONFIG: krb5Conf } };
        })();
        return embeddedKdc;
      },
      client,
      pinned: (etype = 0) => {
        let made = pinned.get(etype);
        if (made === undefined) {
          made = pin(bed, client, etype);
          pinned.set(etype, made);
        }
        return made;
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** @param {any} bed @param {Record<string, unknown>} client @param {number} etype */
async function pin(bed, client, etype) {
  const name = ENCTYPE_NAMES[etype];
  const kdc = name === undefined ? bed : await bed.startKdc({ permittedEnctypes: [name] });
  const krb5Conf = path.join(bed.dir, `bench-${etype}.conf`);
  const text = fs.readFileSync(kdc.krb5Conf, "utf8");
  // MIT takes an acceptor's sub-key from this list too: a ticket alone does not pin it.
  fs.writeFileSync(
    krb5Conf,
    name === undefined ? text : text.replace(/permitted_enctypes = .*/, `permitted_enctypes = ${name}`),
  );
  const login = await bed.kinit(client.principal, { keytab: client.keytabFile }, { krb5Conf });
  if (login.status !== 0) throw new Error(`kinit failed: ${login.text}`);
  const env = {
    ...bed.env,
    ...login.env,
    KRB5_CONFIG: krb5Conf,
    KRB5_KTNAME: bed.keytab.service,
    KRB5RCACHENAME: "none:",
  };
  const kdcs = [`127.0.0.1:${kdc.port}`];
  return { env, client: { ...client, kdc: kdcs, ...(name === undefined ? {} : { enctypes: [name] }) } };
}
