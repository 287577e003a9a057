/**
 * The transited field with one more realm (RFC 4120 section 3.3.3.2). A realm is appended in full: the shorthand forms
 * are allowed, not required.
 */
export function addTransited(contents: string, realm: string): string {
  const listed = splitTransited(contents);
  if (listed.includes(realm)) return contents;
  return contents === "" ? quoteRealm(realm) : `${contents},${quoteRealm(realm)}`;
}

/** The realms of a field that has no shorthand in it. */
export function splitTransited(contents: string): string[] {
  const realms: string[] = [];
  let realm = "";
  for (let i = 0; i < contents.length; i++) {
    const character = contents[i] as string;
    if (character === "\\") realm += contents[++i] ?? "";
    else if (character === ",") {
      realms.push(realm);
      realm = "";
    } else realm += character;
  }
  return contents === "" ? [] : [...realms, realm];
}

/** A leading space or slash, a trailing dot, commas and backslashes would mean something: a backslash before each. */
function quoteRealm(realm: string): string {
  const quoted = realm.replace(/[\\,]/g, "\\$&").replace(/^ /, "\\ ").replace(/\.$/, "\\.");
  return quoted.startsWith("/") ? ` ${quoted}` : quoted;
}
