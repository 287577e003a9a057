/** A keytab in base64 begins so: its first octets are 5 and its version, 1 or 2. */
const ENCODED_KEYTAB = /^\s*BQ[EI]/;
const MAX_PATH = 1024;
const MAX_PLACE = 300;
const ENCODED_RUN = /[A-Za-z0-9+=]{20,}/g;
/** A longer name of letters and digits alone is more likely octets in base64 or hexadecimal. */
const LONG_RUN = 41;
/** Hosts, addresses and paths have none of these; passwords have. */
const UNLIKE_PLACE = /[!$&'"();<>\\^`{|}]/;
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
  if (isEncoded(text)) return false;
  return ROOTED.test(text) || NAMED.test(text);
}

/**
 * Whether a text is more likely octets in base64 or hexadecimal than the name of a file; one that begins with `/` or
 * `./` is a path.
 */
export function looksEncoded(text: string): boolean {
  return !ROOTED.test(text) && (isEncodedKeytab(text) || isEncoded(text));
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
  if (looksLikePath(text)) return cause;
  if (!(cause instanceof Error)) return undefined;
  const code = String((cause as { readonly code?: unknown }).code ?? "");
  return code === "" ? undefined : Object.assign(new Error(code), { code });
}

/** A host, address or URL for a message, as it was given; something else may be a secret, and is not quoted. */
export function shownPlace(text: string): string {
  const shown = shownUrl(text);
  const isStrange = UNLIKE_PLACE.test(shown) || hasControl(text) || shown.length > MAX_PLACE;
  return isStrange || isEncoded(shown) || isEncodedKeytab(text) ? "..." : shown;
}

/** A URL or endpoint for a message, without a user name, a password and what stands behind `?`, often a token. */
function shownUrl(text: string): string {
  const [place = ""] = text.split(/[?#]/, 1);
  const [, scheme = "", rest = ""] = /^([A-Za-z][A-Za-z0-9+.-]*:\/\/)?(.*)$/s.exec(place) ?? [];
  const slash = rest.indexOf("/");
  const authority = slash < 0 ? rest : rest.slice(0, slash);
  // A password may have a "/", "?" or "#" that belongs in percents: then the "@" of its URL comes after what looks like
  // the authority, and a part of the password in it.
  if (/[:@]/.test(authority) && text.indexOf("@", scheme.length + authority.length) >= 0) return "...";
  return scheme + authority.slice(authority.lastIndexOf("@") + 1) + (slash < 0 ? "" : rest.slice(slash));
}

/** Whether a part of a text looks like octets in base64 or hexadecimal. Base64 may begin with a slash, like a path. */
function isEncoded(text: string): boolean {
  return [...text.matchAll(ENCODED_RUN)].some(([run]) => run.length >= LONG_RUN || isMixed(run));
}

/** Names of files seldom have capitals, small letters and digits in one long word. */
function isMixed(word: string): boolean {
  return /[A-Z]/.test(word) && /[a-z]/.test(word) && /[0-9]/.test(word);
}

function hasControl(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) < 0x20) return true;
  return false;
}
