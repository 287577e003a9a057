// The rows of logins-odd.test.ts.

import { ONE_TIME_CODES, type startMitLoginsBed } from "../../tools/beds/index.mjs";

/** Of those whom {@link NAMES} adds. */
export const MADE_PASSWORD = "odd-password";
/** As they are typed: quoted characters, letters of other alphabets, many components. */
export const NAMES = [
  "o'brien",
  "a\\/b",
  "user\\@dom",
  "zo\u00eb",
  "one/two/three/four/five",
  "-dash",
  "a b",
  "back\\\\slash",
  "#7",
  "x\\@y/admin",
] as const;

export type Armor = keyof typeof ARMORS;

/** Arguments of kinit, and how long to wait then. */
export interface ArmorRow {
  readonly args: readonly string[];
  readonly waitMs?: number;
}

const KEYTAB = ["-k", "-t", "ROBOT", "robot"];
export const ARMORS = {
  keytab: { args: KEYTAB },
  anonymous: { args: ["-n"] },
  "two keys": { args: ["-k", "-t", "BOTH", "armor"] },
  "half a minute": { args: ["-l", "30s", ...KEYTAB] },
  ended: { args: ["-l", "2s", ...KEYTAB], waitMs: 3500 },
  "same user": { args: ["-k", "-t", "ALICE", "alice"] },
  "service ticket": { args: ["-S", "host/localhost", ...KEYTAB] },
} as const satisfies Readonly<Record<string, ArmorRow>>;

interface Row {
  readonly at: Parameters<Awaited<ReturnType<typeof startMitLoginsBed>>["kdcOf"]>[0];
  readonly what: string;
  /** After kinit; ID is a certificate, ROBOT, ALICE, BOTH and OLD are keytabs. */
  readonly args: readonly string[];
  readonly typed?: string;
  readonly armor?: Armor;
  /** spake_preauth_groups of the client. */
  readonly groups?: string;
  readonly status: 0 | 1;
}

const alice = { args: ["alice"], typed: "alice-password" };
const groups = (at: Row["at"], list: string, status: 0 | 1): Row => ({
  at,
  what: `groups ${list}`,
  ...alice,
  groups: list,
  status,
});

const spake: readonly Row[] = [
  groups("spake", "P-521 P-256 edwards25519", 0),
  groups("spake", "P-384", 0),
  groups("spake", "P-256 P-256", 0),
  groups("spake", "p-256", 0),
  groups("spake", "nonsense P-256", 0),
  groups("spake", "nonsense", 1),
  groups("spake-P-521", "edwards25519 P-521", 0),
  groups("spake-P-521", "edwards25519", 1),
  groups("optimistic", "edwards25519", 0),
  groups("optimistic", "P-384 P-256", 0),
  groups("optimistic", "P-384", 1),
  { at: "spake", what: "no pre-authentication", args: ["nopreauth"], typed: "nopreauth-password", status: 0 },
  { at: "spake", what: "letters of other alphabets", args: ["jürgen"], typed: "pässwörd-€", status: 0 },
  { at: "spake", what: "an empty password", args: ["alice"], typed: "", status: 1 },
  { at: "spake", what: "a password of 900 letters", args: ["alice"], typed: "x".repeat(900), status: 1 },
  { at: "spake", what: "a user without a key", args: ["nokey"], typed: "x", status: 1 },
  { at: "spake", what: "a keytab", args: KEYTAB, status: 0 },
  { at: "spake", what: "a keytab with an older key too", args: ["-k", "-t", "BOTH", "armor"], status: 0 },
  { at: "spake", what: "a keytab with an older key alone", args: ["-k", "-t", "OLD", "armor"], status: 1 },
  { at: "all", what: "kadmin/changepw", ...alice, args: ["-S", "kadmin/changepw", "alice"], status: 0 },
  { at: "all", what: "an enterprise name", ...alice, args: ["-E", "alice@LOGINS.TEST"], status: 1 },
];

const fast: readonly Row[] = [
  ...(["two keys", "half a minute", "same user", "anonymous", "ended", "service ticket"] as const).flatMap((armor) =>
    (["fast", "spake-P-256"] as const).map(
      (at): Row => ({
        at,
        what: "a password",
        ...alice,
        armor,
        status: armor === "ended" || armor === "service ticket" ? 1 : 0,
      }),
    ),
  ),
  { at: "fast", what: "an expired user", args: ["expired"], typed: "expired-password", armor: "keytab", status: 1 },
  { at: "fast", what: "a locked user", args: ["locked"], typed: "locked-password", armor: "keytab", status: 1 },
  { at: "fast", what: "a name that is not there", args: ["nobody"], typed: "x", armor: "keytab", status: 1 },
  { at: "fast", what: "no proof asked", args: ["nopreauth"], typed: "nopreauth-password", armor: "keytab", status: 0 },
  { at: "fast", what: "a keytab", args: KEYTAB, armor: "anonymous", status: 0 },
  { at: "fast", what: "a keytab", args: KEYTAB, status: 1 },
  { at: "all", what: "a user without a key", args: ["nokey"], typed: "x", armor: "keytab", status: 1 },
  { at: "all", what: "a service", ...alice, args: ["-S", "host/localhost", "alice"], armor: "keytab", status: 0 },
];

const anonymous: readonly Row[] = [
  { at: "all", what: "the realm", args: ["-n", "@LOGINS.TEST"], status: 0 },
  { at: "all", what: "another realm", args: ["-n", "@OTHER.TEST"], status: 1 },
  { at: "all", what: "nobody, for a service", args: ["-n", "-S", "host/localhost"], status: 0 },
  { at: "fresh", what: "nobody, for a service that is not theirs", args: ["-n", "-S", "host/localhost"], status: 1 },
  { at: "all", what: "nobody, with flags", args: ["-n", "-f", "-p", "-l", "1h", "-r", "2h"], status: 0 },
  { at: "all", what: "nobody, canonical", args: ["-n", "-C"], status: 0 },
  { at: "all", what: "nobody, with a certificate", args: ["-n", "-X", "ID"], status: 0 },
  { at: "all", what: "a certificate, with flags", args: ["-X", "ID", "-l", "2h", "-f", "alice"], status: 0 },
];

const otp: readonly Row[] = [
  { at: "otp", what: "no code", args: ["otpuser"], typed: "", armor: "keytab", status: 1 },
  { at: "otp", what: "a code of 500 digits", args: ["otpuser"], typed: "1".repeat(500), armor: "keytab", status: 1 },
  { at: "otp", what: "the first of two", args: ["otptwo"], typed: ONE_TIME_CODES.one, armor: "anonymous", status: 0 },
  { at: "otp", what: "no password", args: ["otpnokey"], typed: ONE_TIME_CODES.otpnokey, armor: "keytab", status: 0 },
  { at: "otp", what: "a user without codes", ...alice, armor: "keytab", status: 1 },
];

const names = NAMES.flatMap((name): Row[] => {
  // Else it would be an option.
  const args = name.startsWith("-") ? ["--", name] : [name];
  const row = { what: `the name ${name}`, args, typed: MADE_PASSWORD, status: 0 } as const;
  return [
    { at: "spake-edwards25519", ...row },
    { at: "fast", ...row, armor: "keytab" },
  ];
});

export const ROWS: readonly Row[] = [...spake, ...fast, ...anonymous, ...otp, ...names];
