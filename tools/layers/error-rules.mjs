// How errors are told apart: by their mark, code and fields, so that another copy's are known; never by their words.

const CLASSES =
  "KerberosError|DecodeError|CryptoError|ConfigError|CredentialError|TransportError|UnsupportedError|ProtocolError|" +
  "KdcError|PreauthError|PasswordChangeError|GssError|ServiceError|RemctlError|RemctlServerError|RemctlProtocolError";
const BY_CLASS = new RegExp(`\\binstanceof\\s+(?:${CLASSES})\\b`, "g");

const SENTENCE = String.raw`(?:[\w$]+(?:\?|!)?\.)*(?:message|reason|detail|advice)\b|messageOf\([^()]*\)`;
const MADE = new RegExp(String.raw`\bconst\s+([\w$]+)\s*=\s*(?:${SENTENCE})\s*;`, "g");

/**
 * Texts of strangers on their way into a message: the command line makes all that it writes fit at once.
 * @param {string} code
 * @returns {{ index: number, message: string }[]}
 */
function rawTexts(code) {
  const found = [...code.matchAll(/\$\{formatPrincipal\(/g)].map(({ index }) => ({
    index,
    message: "a principal in a message may be a stranger's: printableName",
  }));
  const own = /\bclass\s+[\w$]+(?:<[^{]*>)?\s+extends\s+(?:Error|TypeError|RangeError)\b/g;
  if (/\bsuper\(plainLine\(/.test(code)) return found;
  for (const { index, 0: text } of code.matchAll(own)) {
    found.push({ index, message: `${text}: its message may have a stranger's text: super(plainLine(message))` });
  }
  return found;
}

/**
 * What breaks the rules in a file.
 * @param {string} code the file without its comments
 * @param {boolean} isTool whether it is of the command line, which reads fields
 * @returns {{ index: number, message: string }[]}
 */
export function errorBreaches(code, isTool) {
  const found = [...code.matchAll(BY_CLASS)].map(({ index, 0: text }) => ({
    index,
    message: `${text}: another copy's errors are not of this class: use isKerberosError, hasCode or hasName`,
  }));
  if (!isTool) return [...found, ...rawTexts(code)];
  const named = [...code.matchAll(MADE)].map(([, name]) => String(name).replaceAll("$", "\\$"));
  const words = [SENTENCE, ...named.map((name) => String.raw`\b${name}\b`)].join("|");
  const patterns = [
    new RegExp(String.raw`\.(?:test|exec)\(\s*(?:${words})`, "g"),
    new RegExp(
      String.raw`(?:${words})\s*\??\.(?:match|matchAll|search|replace|replaceAll|split)\(\s*(?:/|[A-Z_]+\b)`,
      "g",
    ),
  ];
  for (const pattern of patterns) {
    for (const { index, 0: text } of code.matchAll(pattern)) {
      found.push({ index, message: `${text}: an error's words are for people: read its fields` });
    }
  }
  return found;
}
