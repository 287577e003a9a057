import { isEncodedKeytab, looksLikePath, shownCause } from "../../bytes/index.ts";
import { CredentialError, hasCode, hasName, isKerberosError } from "../../errors.ts";

/** The error of a cache that cannot be used. */
export function cacheError(
  name: string,
  message: string,
  fields: { readonly reason?: CredentialError["reason"]; readonly cause?: unknown } = {},
): CredentialError {
  const shown = shownCache(name);
  return new CredentialError("CCACHE", `${shown}: ${message}`, { path: shown === name ? name : undefined, ...fields });
}

/**
 * A cache's name for a message. What stands where a path or a label belongs may be a secret by mistake: then it is not
 * quoted.
 */
export function shownCache(name: string): string {
  const [, type = "", rest = ""] = /^([A-Z]{2,10}:{1,2})?(.*)$/s.exec(name) ?? [];
  const isFile = type === "" || type.startsWith("FILE:") || type.startsWith("DIR:");
  if (isFile ? looksLikePath(rest) : LABEL.test(rest) && !isEncodedKeytab(rest)) return name;
  return "the cache that is named here";
}

/** What a KCM, MEMORY or store cache is called. */
const LABEL = /^[\w.:@%/ +-]{0,64}$/;

/**
 * The path of a file cache; for another kind of cache one that may be quoted, since its host quotes none of the name.
 */
function pathOf(name: string): string {
  return shownCache(name) === name ? "/" : "";
}

/** The error of an operation whose cache is absent. */
export function noCache(name: string): CredentialError {
  return cacheError(name, "there is no credential cache here; make one with kinit, or name another with KRB5CCNAME", {
    reason: "missing",
  });
}

/** Runs an operation of a host, and says of its failure which cache it was for. */
export async function onCache<T>(name: string, doing: string, operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    if (hasName(error, "CredentialError") || error instanceof RangeError || error instanceof TypeError) throw error;
    const cause = isKerberosError(error) ? error : shownCause(error, pathOf(name));
    // A host of a program's own may throw anything, and not all of it is an object or becomes a text.
    const reason = cause instanceof Error ? cause.message : typeof cause === "string" ? cause : "the host refuses";
    const advice = isKerberosError(error) ? "" : advise((Object(error) as { code?: string }).code, doing);
    throw cacheError(name, `${doing} failed: ${reason}${advice}`, { reason: reasonOf(error, doing), cause });
  }
}

function reasonOf(error: unknown, doing: string): CredentialError["reason"] {
  if (hasCode(error, "DECODE")) return "damaged";
  return /^(?:read|list)ing/.test(doing) ? "unreadable" : "unwritable";
}

function advise(code: string | undefined, doing: string): string {
  if (code === "EFBIG" && doing.startsWith("reading"))
    return "; it is too large for a cache: name another with KRB5CCNAME";
  switch (code) {
    case "EACCES":
    case "EPERM":
      return "; it belongs to someone else, or its directory does: name another cache with KRB5CCNAME";
    case "ELOOP":
      return "; it is a symbolic link, and nothing is written through one: name the file itself with KRB5CCNAME";
    case "EROFS":
      return "; its directory cannot be written: name another cache with KRB5CCNAME";
    case "ENOENT":
    case "ENOTDIR":
      return "; its directory is not there: make it, or name another cache with KRB5CCNAME";
    case "ENOSPC":
    case "EDQUOT":
    case "EFBIG":
      return "; the cache is unchanged: free some space and try again";
    default:
      return "";
  }
}
