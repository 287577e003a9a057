// Which room of src may import which: the design as a table. A new room gets its line here.

/** A room, or a file at the top of src, and its layer: it imports lower ones and itself. @type {Record<string, number>} */
export const LAYERS = {
  "errors.ts": 0,
  "trace.ts": 0,
  failures: 0,
  bytes: 0,
  checks: 0,
  iana: 0,
  host: 1,
  diagram: 1,
  asn1: 1,
  crypto: 1,
  curves: 1,
  krb5: 2,
  "legacy-enctypes": 2,
  x509: 2,
  websocket: 2,
  pac: 3,
  config: 3,
  credentials: 3,
  transport: 3,
  "remctl-wire": 3,
  discovery: 4,
  preauth: 4,
  client: 5,
  gssapi: 5,
  "legacy-tokens": 6,
  spnego: 6,
  sasl: 6,
  remctl: 6,
  library: 6,
  "remctl-client": 7,
  inspect: 7,
  server: 7,
  testing: 7,
  http: 8,
  kerberos: 8,
  drivers: 8,
  runtime: 8,
  entry: 9,
  cli: 10,
};

/** Published doors: re-exports only. */
export const ENTRY = "entry";

/** Files that may stand at the top of src. */
export const LOOSE = new Set(["errors.ts", "trace.ts"]);

/** The one file of a room that chooses the host, and so may import `runtime`. */
export const ON_HOST = "on-host.ts";
/** Rooms that may enter another through its `on-host.ts`, too. */
export const SECOND_DOORS = new Set([ENTRY, "cli"]);

/**
 * What the layers alone would allow, and is not reached through other files either, but for those of one room.
 * [importer's path starts with, forbidden room, why, the room that it may be reached through]
 * @type {[string, string, string, string?][]}
 */
export const FORBIDDEN = [
  ["testing/kdc", "client", "one misreading must not hide in both ends of a test"],
  ["testing/kdc", "preauth", "one misreading must not hide in both ends of a test"],
  ["remctl/", "krb5", "remctl speaks through gssapi", "gssapi"],
];

/** Packages that one room alone imports. [package, room, why] @type {[string, string, string][]} */
export const OWNED_PACKAGES = [
  ["@noble/curves", "curves", "one file multiplies secrets, and a bundle has the groups that it names"],
];

/** Rooms that may use the host's own modules and globals. */
export const HOST_ROOMS = new Set(["runtime", "cli"]);

export const MAX_LINES = 500;
/** Characters of a line; the formatter wraps code, and not comments. */
export const MAX_WIDTH = 120;
