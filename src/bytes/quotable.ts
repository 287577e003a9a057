/** A keytab in base64 begins so: its first octets are 5 and its version, 1 or 2. */
const ENCODED_KEYTAB = /^\s*BQ[EI]/;
const MAX_PATH = 1024;
/**
 * A name of a file that is longer, and of one kind of letters alone, is more likely octets in base64 or hexadecimal.
 */
const ENCODED_SEGMENT = /^[A-Za-z0-9+=_-]{41,}$/;
const ROOTED = /^(?:\.{0,2}\/|~\/|[A-Za-z]:[\\/])/;
const NAMED = /^[\w.-]+(?:\/[\w.-]+)*\.(?:keytab|kt|conf|ccache|cc|tab)$/i;

/** Whether a text begins as a keytab in base64 does, the natural mistake with an environment variable. */
export function isEncodedKeytab(text: string): boolean {
  return ENCODED_KEYTAB.test(text);
}

/**
 * Whether a text looks like the path of a file, so that a message may quote it. What a caller gave where a path belongs
 * may be the file's contents, or a password: those are never quoted.
 */
export function looksLikePath(text: string): boolean {
  if (text.length > MAX_PATH || isEncodedKeytab(text) || hasControl(text)) return false;
  if (text.split(/[\\/]/).some((segment) => ENCODED_SEGMENT.test(segment))) return false;
  return ROOTED.test(text) || NAMED.test(text);
}

/** A path for a message; other words for what does not look like one. */
export function shownPath(text: string, instead: string): string {
  return looksLikePath(text) ? text : instead;
}

/**
 * The error of a host for a file, as the cause of another: hosts quote the path, in their words and in fields. For a
 * text that must not be quoted its code is all that is kept.
 */
export function shownCause(cause: unknown, text: string): unknown {
  if (looksLikePath(text) || !(cause instanceof Error)) return cause;
  const code = String((cause as { readonly code?: unknown }).code ?? "");
  return code === "" ? undefined : Object.assign(new Error(code), { code });
}

/** A URL or endpoint for a message, without a user name, a password and what stands behind `?`, often a token. */
export function shownUrl(text: string): string {
  const [place = ""] = text.split(/[?#]/, 1);
  const [, scheme = "", rest = ""] = /^([A-Za-z][A-Za-z0-9+.-]*:\/\/)?(.*)$/s.exec(place) ?? [];
  const slash = rest.indexOf("/");
  const authority = slash < 0 ? rest : rest.slice(0, slash);
  return scheme + authority.slice(authority.lastIndexOf("@") + 1) + (slash < 0 ? "" : rest.slice(slash));
}

function hasControl(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) < 0x20) return true;
  return false;
}
