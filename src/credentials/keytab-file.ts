import { encodeHex, looksLikePath, shownCause } from "../bytes/index.ts";
import { CredentialError, hasCode } from "../errors.ts";
import { type Files, notingWriters } from "../host/index.ts";
import { checkReadable } from "./ccache/file-trust.ts";
import { decodeKeytab, encodeKeytab, type Keytab } from "./keytab.ts";
import type { KeytabReadOptions } from "./keytab-format.ts";
import { refuseEncodedKeytab } from "./keytab-text.ts";

const MAX_BYTES = 16 * 1024 * 1024;
const MODE = 0o600;

/**
 * Reads a keytab by its name: `FILE:/path`, `WRFILE:/path` or a path.
 *
 * Throws CredentialError `KEYTAB`, with the name and what to do: the file is missing, it cannot be read, or it is
 * damaged (then `cause` is the DecodeError with the offset).
 *
 * ```ts
 * const keytab = await readKeytabFile("FILE:/etc/krb5.keytab", files);
 * ```
 */
export async function readKeytabFile(
  name: string,
  files: Pick<Files, "read">,
  options: KeytabReadOptions = {},
): Promise<Keytab> {
  const path = pathOf(name);
  let octets: Uint8Array | undefined;
  try {
    octets = await files.read(path, { maxBytes: MAX_BYTES, ...notingWriters(options.onWarning) });
  } catch (cause) {
    const { code } = cause as { readonly code?: string };
    const advice = code === "EACCES" ? "; run as the user it belongs to, or name another with KRB5_KTNAME" : "";
    throw keytabError(name, `cannot be read: ${hostWords(name, cause)}${advice}`, "unreadable", cause);
  }
  if (octets === undefined) {
    const message = "the keytab does not exist; make one with kadmin's ktadd, or name another with KRB5_KTNAME";
    throw keytabError(name, message, "missing");
  }
  try {
    return decodeKeytab(octets, options);
  } catch (cause) {
    if (!hasCode(cause, "DECODE")) throw cause;
    const message = `it is damaged, or not a keytab: ${cause.message}`;
    throw new CredentialError("KEYTAB", `${shownKeytab(name)}: ${message}`, {
      path: shownKeytab(name) === name ? name : undefined,
      reason: "damaged",
      cause,
    });
  }
}

/**
 * Writes a keytab as a file of mode 0600, whole or not at all: what was there stays until all is on the disk. A keytab
 * that was closed to all but its owner and group stays theirs, or the service of that group could not read it any more.
 * A link is followed (rule CC14: none that anybody could have put there). Throws CredentialError `KEYTAB`, and
 * `RangeError` for an entry that the format cannot hold.
 */
export async function writeKeytabFile(
  name: string,
  keytab: Keytab,
  host: {
    readonly files: Pick<Files, "writeExclusive" | "rename" | "erase" | "realPath" | "read" | "uid">;
    readonly randomBytes: (length: number) => Uint8Array;
  },
): Promise<void> {
  const octets = encodeKeytab(keytab);
  const { path, like } = await placeOf(pathOf(name), host.files);
  const at = path.lastIndexOf("/") + 1;
  const temporary = `${path.slice(0, at)}.${path.slice(at)}.${encodeHex(host.randomBytes(8))}.tmp`;
  try {
    await host.files.writeExclusive(temporary, octets, { mode: MODE, ...(like === undefined ? {} : { like }) });
    try {
      await host.files.rename(temporary, path);
    } catch (error) {
      await host.files.erase(temporary).catch(() => false);
      throw error;
    }
  } catch (cause) {
    throw keytabError(name, `cannot be written: ${hostWords(name, cause)}`, "unwritable", cause);
  }
}

/**
 * The file that a name leads to, and whose owner and mode the new one shall have: of none that another user could have
 * put there (rule CC14).
 */
async function placeOf(
  path: string,
  { read, realPath, uid }: Pick<Files, "read" | "realPath" | "uid">,
): Promise<{ readonly path: string; readonly like?: string }> {
  if (realPath === undefined) return { path };
  // Root is not let off here: it would give its keys to the owner of what stands there.
  const user = { uid: uid === 0 ? -1 : uid, trustOwner: 0 };
  try {
    await read(path, { maxBytes: MAX_BYTES, check: (opened) => checkReadable(path, opened, user) });
    const real = await realPath(path);
    return { path: real, like: real };
  } catch {
    // What may not be read or followed is replaced, if the host lets this user.
    return { path };
  }
}

function pathOf(name: string): string {
  const type = /^([A-Za-z]{2,}):/.exec(name)?.[1];
  const path = type === undefined ? name : name.slice(type.length + 1);
  refuseEncodedKeytab(path);
  if (type === undefined || type === "FILE" || type === "WRFILE") return path;
  // What stands before a colon may be anything.
  const shown = /^[A-Z]{2,10}$/.test(type) ? `${type} is` : "what stands before its colon is";
  const message = `${shown} not a type of keytab that this program has: use FILE:, or pass the keytab's octets`;
  throw keytabError(name, message, "type");
}

/** A keytab's name for a message; other words for what does not look like one. */
export function shownKeytab(name: string): string {
  const [, type = "", path = ""] = /^((?:WR)?FILE:)?(.*)$/s.exec(name) ?? [];
  return looksLikePath(path) ? type + path : "the keytab that is named here";
}

function hostWords(name: string, cause: unknown): string {
  const shown = shownCause(cause, shownKeytab(name) === name ? name.replace(/^(?:WR)?FILE:/, "") : "");
  return shown instanceof Error ? shown.message : "the host refuses";
}

function keytabError(
  name: string,
  message: string,
  reason: CredentialError["reason"],
  cause?: unknown,
): CredentialError {
  const shown = shownKeytab(name);
  const isShown = shown === name;
  return new CredentialError("KEYTAB", `${shown}: ${message}`, {
    reason,
    path: isShown ? name : undefined,
    cause: isShown ? cause : shownCause(cause, ""),
  });
}
