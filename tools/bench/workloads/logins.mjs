// Logins beyond an encrypted timestamp, at MIT's KDC on loopback: each the first of its client, as with kinit.

import fs from "node:fs";
import { load } from "../library.mjs";

/** The least of libkrb5's time to ours, for each group of SPAKE. */
const GOALS = /** @type {const} */ ([
  ["edwards25519", 1 / 1.5],
  ["P-256", 1 / 2],
]);

/** @type {import("../bench.mjs").Workload} */
export const logins = {
  name: "logins",
  async rows() {
    const { startMitLoginsBed } = await import("../../beds/index.mjs");
    // It ends with this process.
    const bed = await startMitLoginsBed();
    const principal = `alice@${bed.realm}`;
    const password = String(bed.passwords.alice);
    const tcp = (/** @type {{ port: number }} */ { port }) => [`tcp://127.0.0.1:${port}`];
    const rows = [];
    for (const [group, goal] of GOALS) {
      const kdc = await bed.kdcOf(`spake-${group}`);
      rows.push({
        title: `AS exchange with SPAKE, ${group}`,
        peer: "libkrb5",
        goal: Math.round(goal * 100) / 100,
        args: { principal, password, kdc: tcp(kdc) },
        against: { program: "krb5", operation: "as-password", args: [principal, password], env: kdc.env },
      });
    }
    const { file } = bed.pki;
    for (const key of ["rsa", "ec"]) {
      const kdc = await bed.kdcOf("all");
      const [certificate, privateKey] = [file(`client-${key}.pem`), file(`client-${key}.key`)];
      rows.push({
        title: `AS exchange with PKINIT, ${key === "rsa" ? "RSA" : "P-256"}`,
        peer: "libkrb5",
        goal: 1,
        args: { principal, certificate, privateKey, anchors: file("ca-rsa.pem"), kdc: tcp(kdc) },
        against: {
          program: "krb5",
          operation: "as-pkinit",
          args: [principal, `FILE:${certificate},${privateKey}`],
          env: kdc.env,
        },
      });
    }
    const kdc = await bed.kdcOf("fast");
    // The armor's own login is at a KDC that takes keys.
    const armor = await bed.kinit(`robot@${bed.realm}`, { keytab: bed.keytab.robot });
    const cache = String(armor.env.KRB5CCNAME);
    rows.push({
      title: "AS exchange inside FAST, with the ticket of a cache",
      peer: "libkrb5",
      goal: 1,
      args: { principal, password, armor: cache, kdc: tcp(kdc) },
      against: { program: "krb5", operation: "as-fast", args: [principal, password, cache], env: kdc.env },
    });
    return rows;
  },
  ours: firstLogins,
};

/**
 * First logins, each of a world of its own: what libkrb5 reads for each of its, as the files of a certificate, is read for
 * each of ours too. @param {any} args @param {number} count @param {any} meter @returns {Promise<object>}
 */
async function firstLogins(
  { principal, password: secret, certificate: file, privateKey, anchors, armor, kdc },
  count,
  meter,
) {
  const { ccache, certificate, createKerberos, password } = await load("entry/index.js");
  // As libkrb5 reads them: with no change of threads.
  const text = (/** @type {string} */ name) => fs.readFileSync(name, "utf8");
  const worlds = Array.from({ length: count }, () =>
    createKerberos({ kdc, ...(armor === undefined ? {} : { armor: ccache(armor) }) }),
  );
  for (const world of worlds) await world.loadEncTypes();
  const credential = () =>
    file === undefined
      ? password(principal, secret)
      : certificate(principal, {
          certificate: text(file),
          key: text(privateKey),
          anchors: text(anchors),
        });
  return meter.time(async () => {
    for (const world of worlds) await world.login(credential());
  });
}
