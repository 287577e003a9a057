import { CredentialError, hasName, isKerberosError } from "../../errors.ts";

/** The error of a cache that cannot be used. */
export function cacheError(name: string, message: string, cause?: unknown): CredentialError {
  return new CredentialError("CCACHE", `${name}: ${message}`, cause === undefined ? {} : { cause });
}

/** The error of an operation that needs a cache where there is none. */
export function noCache(name: string): CredentialError {
  return cacheError(name, "there is no credential cache here; make one with kinit, or name another with KRB5CCNAME");
}

/** Runs an operation of a host, and says of its failure which cache it was for. */
export async function onCache<T>(name: string, doing: string, operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    if (hasName(error, "CredentialError") || error instanceof RangeError || error instanceof TypeError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    const advice = isKerberosError(error) ? "" : advise((error as { code?: string }).code, doing);
    throw cacheError(name, `${doing} failed: ${reason}${advice}`, error);
  }
}

function advise(code: string | undefined, doing: string): string {
  if (code === "EFBIG" && doing.startsWith("reading")) return "; no cache is as large: name another with KRB5CCNAME";
  switch (code) {
    case "EACCES":
    case "EPERM":
      return "; it belongs to someone else, or its directory does: name another cache with KRB5CCNAME";
    case "EROFS":
      return "; its directory cannot be written: name another cache with KRB5CCNAME";
    case "ENOENT":
    case "ENOTDIR":
      return "; its directory is not there: make it, or name another cache with KRB5CCNAME";
    case "ENOSPC":
    case "EDQUOT":
    case "EFBIG":
      return "; the cache is as it was: make room and try again";
    default:
      return "";
  }
}
