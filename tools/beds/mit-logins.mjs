// MIT's realm for logins beyond an encrypted timestamp: one database, and a KDC for each policy.

import path from "node:path";
import { ensurePeers } from "../peers/index.mjs";
import { startMitBed } from "./mit.mjs";
import { makePki } from "./pki.mjs";
import { makeFolder, removeFolder } from "./process.mjs";
import { startRadius } from "./radius.mjs";

/**
 * @typedef {import("./mit.mjs").Kdc} Kdc
 * @typedef {import("./mit.mjs").MoreLines} MoreLines
 *
 * @typedef {keyof ReturnType<typeof policiesOf>} Policy
 *
 * @typedef {import("./mit.mjs").MitBed & {
 *   pki: import("./pki.mjs").Pki,
 *   radius: Awaited<ReturnType<typeof startRadius>> | undefined,
 *   kdcOf: (policy: Policy) => Promise<Kdc>,
 *   kdcWith: (lines: MoreLines) => Promise<Kdc>,
 * }} MitLoginsBed
 */

/** More users than {@link import("./mit.mjs").PASSWORDS}: what they type, in a realm that has one-time codes. */
export const LOGIN_PASSWORDS = { otpuser: "otp-password", otptwo: "otp-password" };

const GROUPS = "edwards25519 P-256 P-384 P-521";

/** What each KDC asks for, and what its clients' krb5.conf says. @param {import("./pki.mjs").Pki} pki */
function policiesOf(pki) {
  const authorities = ["ca-rsa.pem", "ca-ec.pem"].map((name) => `pkinit_anchors = FILE:${pki.file(name)}`);
  const certificate = (/** @type {string} */ name) => [
    `pkinit_identity = FILE:${pki.file(`${name}.pem`)},${pki.file(`${name}.key`)}`,
    ...authorities,
  ];
  const clientRealm = authorities;
  const spake = (/** @type {string} */ groups) => ({
    libdefaults: [`spake_preauth_groups = ${groups}`],
    kdcpreauth: ["disable = encrypted_timestamp"],
  });
  return {
    /** Timestamp, SPAKE, PKINIT with an RSA certificate, anonymous; inside FAST also OTP. */
    all: { libdefaults: [`spake_preauth_groups = ${GROUPS}`], realm: certificate("kdc-rsa"), clientRealm },
    /** SPAKE in each group, and no timestamp; further down in one group. */
    spake: spake(GROUPS),
    "spake-edwards25519": spake("edwards25519"),
    "spake-P-256": spake("P-256"),
    "spake-P-384": spake("P-384"),
    "spake-P-521": spake("P-521"),
    /** An optimistic challenge of P-256; the client of its krb5.conf takes it. */
    optimistic: { ...spake("P-256 edwards25519"), kdcdefaults: ["spake_preauth_kdc_challenge = P-256"] },
    /** Encrypted challenge inside FAST alone. */
    fast: { kdcpreauth: ["enable_only = encrypted_challenge"] },
    /** A password is proven inside FAST alone; certificates, and anonymous tickets for armor. */
    "all-fast": {
      realm: [...certificate("kdc-rsa"), "restrict_anonymous_to_tgt = true"],
      kdcpreauth: ["enable_only = encrypted_challenge", "enable_only = pkinit"],
      clientRealm,
    },
    /** PKINIT, which needs a fresh token; anonymous tickets are for armor alone. */
    fresh: {
      realm: [...certificate("kdc-rsa"), "pkinit_require_freshness = true", "restrict_anonymous_to_tgt = true"],
      kdcpreauth: ["disable = encrypted_timestamp"],
      clientRealm,
    },
    /** The KDC's certificate has an EC key. */
    "kdc-ec": { realm: certificate("kdc-ec"), clientRealm },
    /** The KDC wants a curve, of this strength at least. MIT 1.22 has them. */
    "ecdh-256": { realm: [...certificate("kdc-rsa"), "pkinit_dh_min_bits = P-256"], clientRealm },
    "ecdh-384": { realm: [...certificate("kdc-ec"), "pkinit_dh_min_bits = P-384"], clientRealm },
    /** The KDC wants groups of 4,096 bits. */
    dh4096: { realm: [...certificate("kdc-rsa"), "pkinit_dh_min_bits = 4096"], clientRealm },
    /** KDCs that are none: the certificate of a web server, one of another realm, and one without EKU that is good. */
    "kdc-dns": { realm: certificate("kdc-dns-rsa"), clientRealm },
    "kdc-other": { realm: certificate("kdc-other-rsa"), clientRealm },
    "kdc-noeku": { realm: certificate("kdc-noeku-rsa"), clientRealm },
    /** One-time passwords inside FAST alone. */
    otp: { kdcpreauth: ["enable_only = otp"] },
  };
}

/**
 * Starts the realm, with the KDC that asks for anything; `kdcOf` starts the others, each when it is first asked for.
 * The certificates are those of `makePki` for the user alice. Users beyond those of every MIT bed: otpuser, otptwo (two tokens) and otpnokey (no
 * password) have one-time codes, which need `radius: true`; `nokey` has no password. Services: svc/pkinit is for those that
 * logged in by PKINIT, svc/armored by encrypted challenge, svc/spake by SPAKE.
 *
 * `peer: "mit-later"`: MIT Kerberos of the next Debian.
 *
 * @param {{ radius?: boolean, peer?: "mit" | "mit-later", realm?: string, kadmind?: boolean }} [options] the realm is LOGINS.TEST
 * @returns {Promise<MitLoginsBed>}
 */
export async function startMitLoginsBed(options = {}) {
  const { "mit-logins": peer } = await ensurePeers(["mit-logins"]);
  if (!peer.available) throw new Error(`the bed of logins needs MIT's plug-ins: ${peer.reason}`);
  const { realm = "LOGINS.TEST", kadmind = false } = options;
  const folder = makeFolder("pki");
  /** @type {{ close(): Promise<void> }[]} */
  const parts = [{ close: async () => removeFolder(folder) }];
  const close = async () => {
    for (const part of parts.splice(0).reverse()) await part.close();
  };
  try {
    const pki = await makePki(peer, path.join(folder, "pki"), { realm, user: "alice" });
    const radius = options.radius ? await startRadius() : undefined;
    if (radius) parts.push(radius);
    const sections = radius
      ? [
          `[otp]\n radius = {\n  server = 127.0.0.1:${radius.port}\n  secret = ${radius.secretFile}\n  strip_realm = true\n  timeout = 5\n  indicator = otp\n }`,
        ]
      : [];
    /** @param {MoreLines} lines @returns {MoreLines} */
    const complete = (lines) => ({
      ...lines,
      sections,
      realm: [
        ...(lines.realm ?? []),
        "encrypted_challenge_indicator = armored",
        "spake_preauth_indicator = spake",
        "pkinit_indicator = pkinit",
      ],
    });
    const policies = policiesOf(pki);
    // kadmin takes doubled quotation marks for one.
    const tokens = (/** @type {string} */ user, /** @type {object[]} */ list) =>
      `setstr ${user} otp "${JSON.stringify(list).replaceAll('"', '""')}"`;
    const type = "radius";
    const bed = await startMitBed({
      ...(options.peer === undefined ? {} : { peer: options.peer }),
      realm,
      kadmind,
      plugins: ["spake", "pkinit", "otp"],
      lines: complete(policies.all),
      principals: [
        "addprinc -randkey WELLKNOWN/ANONYMOUS",
        "addprinc -nokey +requires_preauth nokey",
        `addprinc -pw ${LOGIN_PASSWORDS.otpuser} +requires_preauth otpuser`,
        `addprinc -pw ${LOGIN_PASSWORDS.otptwo} +requires_preauth otptwo`,
        "addprinc -nokey +requires_preauth otpnokey",
        tokens("otpuser", [{ type }]),
        tokens("otpnokey", [{ type }]),
        tokens("otptwo", [
          { type, username: "one" },
          { type, username: "two" },
        ]),
        ...["pkinit", "armored", "spake"].flatMap((indicator) => [
          `addprinc -randkey svc/${indicator}`,
          `setstr svc/${indicator} require_auth ${indicator}`,
        ]),
      ].join("\n"),
    });
    parts.push(bed);
    /** @type {Map<Policy, Promise<Kdc>>} */
    const kdcs = new Map([["all", Promise.resolve(bed)]]);
    const kdcWith = (/** @type {MoreLines} */ lines) => bed.startKdc({ lines: complete(lines) });
    const kdcOf = (/** @type {Policy} */ policy) => {
      const kdc = kdcs.get(policy) ?? kdcWith(policies[policy]);
      kdcs.set(policy, kdc);
      return kdc;
    };
    return { ...bed, pki, radius, kdcOf, kdcWith, close };
  } catch (error) {
    await close();
    throw error;
  }
}
