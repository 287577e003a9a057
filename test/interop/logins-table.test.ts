// kinit beside MIT's, one table: each login with both against one KDC. The same status; where it is let in, the same
// remarks and tickets in caches that each reads; where it is not, words that name the same cause.

import { expect, it } from "vitest";
import { ONE_TIME_CODES, PKI_PASSPHRASE, runProgram, startMitLoginsBed } from "../../tools/beds/index.mjs";
import { runCli } from "../support/cli.ts";
import { describeLive, peers, useBed, wholeTable } from "../support/live.ts";

const PASSWORD = "alice-password";
/** Where the armor of a row comes from: the keys of a host, a login without a name, or a cache that is not there. */
type Armor = "keytab" | "anonymous" | "none there";

interface Row {
  /** The policy of the KDC that is asked. */
  readonly at: Parameters<Awaited<ReturnType<typeof startMitLoginsBed>>["kdcOf"]>[0];
  readonly what: string;
  /** After kinit; CERT(name) is the identity in two files, P12(name) one in a file, PEM(name) a path. */
  readonly args: readonly string[];
  /** What is typed. */
  readonly typed?: string;
  readonly armor?: Armor;
  /** What both say of a login that is refused; absent: it is let in. */
  readonly refused?: { readonly ours: RegExp; readonly mit: RegExp };
  /** A remark that MIT's kinit leaves out of its cache; `why` says why we do not. */
  readonly more?: string;
  readonly why?: string;
}

const both = (words: RegExp) => ({ ours: words, mit: words });
const WRONG = both(/Password incorrect while getting initial credentials/);
/** MIT's refuses the KDC's certificate, and goes on to ask for a password: it names no cause. */
const ASKS = /Cannot read password while getting initial credentials/;
const NOT_A_KDC = { ours: /it is not one of krbtgt\/LOGINS\.TEST/, mit: ASKS };
const NO_PROOF = both(/Generic preauthentication failure while getting initial credentials/);

const spake = (["spake-edwards25519", "spake-P-256", "spake-P-384", "spake-P-521", "optimistic"] as const).flatMap(
  (at): Row[] => [
    { at, what: "a password", args: ["alice"], typed: PASSWORD },
    { at, what: "a wrong password", args: ["alice"], typed: "wrong", refused: WRONG },
  ],
);
const fast = (["keytab", "anonymous"] as const).flatMap((armor): Row[] => [
  { at: "fast", what: "a password", args: ["alice"], typed: PASSWORD, armor },
  { at: "fast", what: "a wrong password", args: ["alice"], typed: "wrong", armor, refused: WRONG },
  { at: "all", what: "SPAKE inside", args: ["alice"], typed: PASSWORD, armor },
  { at: "all-fast", what: "a certificate inside", args: ["-X", "CERT(client-rsa)", "alice"], armor },
]);
const pkinit = (["all", "kdc-ec"] as const).flatMap((at) =>
  (["client-rsa", "client-ec"] as const).map(
    (name): Row => ({ at, what: name, args: ["-X", `CERT(${name})`, "alice"] }),
  ),
);

export const ROWS: readonly Row[] = [
  ...spake,
  ...fast,
  { at: "fast", what: "a password, with no armor", args: ["alice"], typed: PASSWORD, refused: NO_PROOF },
  {
    at: "fast",
    what: "a password",
    args: ["alice"],
    typed: PASSWORD,
    armor: "none there",
    refused: { ours: /no tickets in FILE:/, mit: /No credentials cache found/ },
  },
  ...pkinit,
  { at: "fresh", what: "a fresh token", args: ["-X", "CERT(client-rsa)", "alice"] },
  {
    at: "fresh",
    what: "no fresh token",
    args: ["-X", "CERT(client-rsa)", "-X", "disable_freshness=yes", "alice"],
    refused: both(/Preauthentication failed while getting initial credentials/),
  },
  {
    at: "fresh",
    what: "a fresh token, by another word than yes",
    args: ["-X", "CERT(client-rsa)", "-X", "disable_freshness=no", "alice"],
  },
  {
    at: "all",
    what: "no fresh token",
    args: ["-X", "CERT(client-rsa)", "-X", "disable_freshness=yes", "alice"],
  },
  {
    at: "dh4096",
    what: "a larger group",
    args: ["-X", "CERT(client-rsa)", "alice"],
    more: "pa_config_data",
    why: "MIT 1.20 forgets the certificate when the KDC names another group, so that -I cannot log in by its cache",
  },
  { at: "kdc-noeku", what: "a KDC without an EKU", args: ["-X", "CERT(client-ec)", "alice"] },
  { at: "all", what: "PKCS#12", args: ["-X", "P12(client-rsa)", "alice"], typed: PKI_PASSPHRASE },
  { at: "all", what: "PKCS#12 by 3DES", args: ["-X", "P12(client-rsa-legacy)", "alice"], typed: PKI_PASSPHRASE },
  {
    at: "all",
    what: "PKCS#12, wrong passphrase",
    args: ["-X", "P12(client-rsa)", "alice"],
    typed: "wrong",
    refused: { ours: /the passphrase is wrong/, mit: /Pre-authentication failed: Cannot read password/ },
  },
  {
    at: "all",
    what: "a key by scrypt",
    args: ["-X", "X509_user_identity=FILE:PEM(client-rsa.pem),PEM(client-rsa-scrypt.key)", "alice"],
    typed: PKI_PASSPHRASE,
  },
  { at: "all", what: "without a name", args: ["-n"] },
  { at: "kdc-other", what: "without a name", args: ["-n"], refused: NOT_A_KDC },
  { at: "kdc-dns", what: "a certificate", args: ["-X", "CERT(client-rsa)", "alice"], refused: NOT_A_KDC },
  { at: "kdc-other", what: "a certificate", args: ["-X", "CERT(client-rsa)", "alice"], refused: NOT_A_KDC },
  {
    at: "all",
    what: "a certificate without a name",
    args: ["-X", "CERT(client-nosan-rsa)", "alice"],
    refused: { ours: /KDC_ERR_INCONSISTENT_KEY_PURPOSE/, mit: /Inconsistent key purpose/ },
  },
  {
    at: "all",
    what: "another user's certificate",
    args: ["-X", "CERT(client-rsa)", "bob"],
    refused: { ours: /KDC_ERR_CLIENT_NAME_MISMATCH/, mit: /Client name mismatch/ },
  },
  {
    at: "all",
    what: "another authority",
    args: ["-X", "CERT(client-rsa)", "-X", "X509_anchors=FILE:PEM(ca-other.pem)", "alice"],
    refused: { ours: /no anchor that was given has issued it/, mit: /Pre-authentication failed: Cannot read password/ },
  },
  {
    at: "all",
    what: "a key that is another's",
    args: ["-X", "X509_user_identity=FILE:PEM(client-rsa.pem),PEM(client-ec.key)", "alice"],
    refused: { ours: /the private key does not fit the certificate/, mit: /Invalid signature/ },
  },
  {
    at: "all",
    what: "a certificate that is not there",
    args: ["-X", "X509_user_identity=FILE:/none.pem,/none.key", "alice"],
    refused: { ours: /\/none\.pem: the file does not exist/, mit: /Pre-authentication failed: Cannot read password/ },
  },
  { at: "otp", what: "a code", args: ["otpuser"], typed: ONE_TIME_CODES.otpuser, armor: "keytab" },
  {
    at: "otp",
    what: "a wrong code",
    args: ["otpuser"],
    typed: "654321",
    armor: "keytab",
    refused: both(/Preauthentication failed while getting initial credentials/),
  },
  { at: "otp", what: "a code, with no armor", args: ["otpuser"], typed: ONE_TIME_CODES.otpuser, refused: NO_PROOF },
  { at: "otp", what: "the second token's code", args: ["otptwo"], typed: ONE_TIME_CODES.two, armor: "anonymous" },
];

/** A plain `npm test` has one login and one refused. */
const rows = wholeTable ? ROWS : ROWS.slice(0, 2);

describeLive(
  wholeTable ? ["mit", "mit-logins", "freeradius"] : ["mit", "mit-logins"],
  "kinit beside MIT's, login by login",
  () => {
    const bed = useBed(() => startMitLoginsBed({ radius: wholeTable }), 60_000);
    type Tool = "ours" | "mit";
    let count = 0;

    async function run(tool: Tool, env: Readonly<Record<string, string>>, words: readonly string[], input = "") {
      if (tool === "ours") {
        const { status, stdout, stderr } = await runCli(words, { env, input });
        return { status, text: `${stdout}${stderr}`, stdout };
      }
      const [program = "", ...args] = words;
      const { status, text } = await runProgram(peers.mit.bin(program), args, {
        env: { ...env },
        input,
        cwd: bed().dir,
      });
      return { status, text, stdout: text };
    }
    const newCache = () => `FILE:${bed().dir}/table-${++count}`;
    const written = (arg: string): string => {
      const { file } = bed().pki;
      return arg
        .replace(/^CERT\((.*)\)$/, (_, name) => `X509_user_identity=FILE:${file(`${name}.pem`)},${file(`${name}.key`)}`)
        .replace(/^P12\((.*)\)$/, (_, name) => `X509_user_identity=PKCS12:${file(`${name}.p12`)}`)
        .replaceAll(/PEM\(([^)]*)\)/g, (_, name) => file(name));
    };
    const armors = new Map<Armor, Promise<string>>();
    const makeArmor = async (kind: Armor): Promise<string> => {
      const cache = newCache();
      const { env } = await bed().kdcOf("all");
      const how = kind === "keytab" ? ["-k", "-t", bed().keytab.robot, "robot"] : ["-n"];
      if (kind !== "none there") expect((await run("mit", env, ["kinit", "-c", cache, ...how])).status).toBe(0);
      return cache;
    };
    const armorOf = (kind: Armor): Promise<string> => {
      const made = armors.get(kind) ?? makeArmor(kind);
      armors.set(kind, made);
      return made;
    };
    /** What a cache has, as one tool reads it: its principal, its services, and MIT's remarks. */
    const contents = async (tool: Tool, cache: string): Promise<string[]> => {
      const { text } = await run(tool, bed().env, ["klist", "-C", cache]);
      const lines = text.split("\n").map((line) => line.trim().replace(/^(\S+ \S+ +){2}/, ""));
      return lines.filter((line) => /^(Default principal|config|krbtgt)/.test(line)).sort();
    };

    it.each(rows.map((row) => ({ ...row, title: `${row.at}, ${row.armor ?? "no"} armor: ${row.what}` })))(
      "$title",
      // Programs of their own, which a busy machine starts slowly.
      { timeout: 60_000 },
      async ({ at, args, typed, armor, refused, more }) => {
        const { env } = await bed().kdcOf(at);
        const armored = armor === undefined ? [] : ["-T", await armorOf(armor)];
        const [ours, mit] = [newCache(), newCache()];
        const login = (tool: Tool, cache: string) =>
          run(
            tool,
            env,
            ["kinit", "-c", cache, ...armored, ...args.map(written)],
            typed === undefined ? "" : `${typed}\n`,
          );
        const [mine, theirs] = [await login("ours", ours), await login("mit", mit)];
        if (refused !== undefined) {
          expect([mine.status, theirs.status], `${mine.text}\n${theirs.text}`).toEqual([1, 1]);
          expect(mine.text).toMatch(refused.ours);
          expect(theirs.text).toMatch(refused.mit);
          return;
        }
        expect([mine.status, theirs.status], `${mine.text}\n${theirs.text}`).toEqual([0, 0]);
        for (const tool of ["ours", "mit"] as const) {
          const lines = await contents(tool, ours);
          const same = lines.filter((line) => more === undefined || !line.startsWith(`config: ${more}`));
          expect(same).toEqual(await contents(tool, mit));
          expect(lines.length - same.length).toBe(more === undefined ? 0 : 1);
        }
      },
    );
  },
);
