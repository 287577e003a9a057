import { encodeHex, equal, looksLikePath, shownCause } from "../bytes/index.ts";
import { CredentialError, hasCode } from "../errors.ts";
import { type Files, notingWriters } from "../host/index.ts";
import { checkReadable } from "./ccache/file-trust.ts";
import { decodeKeytab, encodeKeytab, type Keytab } from "./keytab.ts";
import type { KeytabReadOptions } from "./keytab-format.ts";
import { refuseEncodedKeytab } from "./keytab-text.ts";

const MAX_BYTES = 16 * 1024 * 1024;
const MODE = 0o600;
/** What is waited for another program that changes the same keytab, and how long it may take. */
const LOOK_AGAIN_MS = 10;
const MAX_WAIT_MS = 30_000;
/** A new keytab of this age that did not take the old one's place has no writer any more. */
const LEFTOVER_MS = 10_000;

type KeytabFiles = Pick<Files, "writeExclusive" | "rename" | "erase" | "realPath" | "read" | "uid">;

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
  host: { readonly files: KeytabFiles; readonly randomBytes: (length: number) => Uint8Array },
): Promise<void> {
  const octets = encodeKeytab(keytab);
  const place = await placeOf(pathOf(name), host.files);
  await writing(name, () => putInPlace(besides(place.path, encodeHex(host.randomBytes(8))), octets, place, host.files));
}

/**
 * Changes a keytab that others may change at the same moment: none of their keys is lost. `change` reads the keytab and
 * gives the new one; it runs again where another program was faster. Otherwise as {@link writeKeytabFile}.
 *
 * MIT's tools lock the keytab with fcntl, which JavaScript lacks. Here the new keytab has one name, beside the old one,
 * so that who makes it goes first; it takes the old one's place only where that is as it was read.
 */
export async function changeKeytabFile(
  name: string,
  change: () => Promise<Keytab>,
  files: KeytabFiles & Pick<Files, "stat">,
): Promise<void> {
  const place = await placeOf(pathOf(name), files);
  const next = besides(place.path, "next");
  const now = (): Promise<Uint8Array | undefined> => files.read(place.path, { maxBytes: MAX_BYTES });
  for (const startMs = performance.now(); ; ) {
    // `change` says what is wrong with one that cannot be read.
    const before = await now().catch(() => undefined);
    const octets = encodeKeytab(await change());
    const isDone = await writing(name, async () => {
      try {
        return await putInPlace(next, octets, place, files, async () => same(before, await now()));
      } catch (error) {
        // ENOENT: another program took it for one that was left.
        const { code } = error as { readonly code?: string };
        if (code !== "EEXIST" && code !== "ENOENT") throw error;
        if (code === "ENOENT" && before === undefined) throw error;
        if (performance.now() - startMs < MAX_WAIT_MS) return false;
        const words = `another program has been changing it for ${MAX_WAIT_MS / 1000} s; if none runs, remove ${next}`;
        throw Object.assign(new Error(words), { code: "EBUSY" });
      }
    });
    if (isDone) return;
    const { modified } = (await files.stat(next)) ?? {};
    if (modified !== undefined && Date.now() - modified.getTime() > LEFTOVER_MS) {
      await writing(name, () => files.erase(next));
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS * (1 + Math.random())));
  }
}

interface KeytabPlace {
  readonly path: string;
  /** Whose owner and mode the new one has. */
  readonly like?: string;
}

/** Writes beside a keytab, and puts that in its place unless `mayReplace` says no; then it gives false. */
async function putInPlace(
  temporary: string,
  octets: Uint8Array,
  { path, like }: KeytabPlace,
  files: KeytabFiles,
  mayReplace?: () => Promise<boolean>,
): Promise<boolean> {
  await files.writeExclusive(temporary, octets, { mode: MODE, ...(like === undefined ? {} : { like }) });
  try {
    if ((await mayReplace?.()) === false) {
      await files.erase(temporary);
      return false;
    }
    await files.rename(temporary, path);
    return true;
  } catch (error) {
    await files.erase(temporary).catch(() => false);
    throw error;
  }
}

async function writing<T>(name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw keytabError(name, `cannot be written: ${hostWords(name, cause)}`, "unwritable", cause);
  }
}

/** A file in the keytab's directory, since a rename stays in one file system. */
function besides(path: string, what: string): string {
  const at = path.lastIndexOf("/") + 1;
  return `${path.slice(0, at)}.${path.slice(at)}.${what}.tmp`;
}

function same(one: Uint8Array | undefined, other: Uint8Array | undefined): boolean {
  return one === undefined || other === undefined ? one === other : equal(one, other);
}

/**
 * The file that a name leads to, and whose owner and mode the new one shall have: of none that another user could have
 * put there (rule CC14).
 */
async function placeOf(
  path: string,
  { read, realPath, uid }: Pick<Files, "read" | "realPath" | "uid">,
): Promise<KeytabPlace> {
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
