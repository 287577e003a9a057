import { ConfigError } from "../errors.ts";
import type { Section } from "./profile.ts";

/** What a line outside the grammar of sections asks for. */
export interface Directive {
  readonly type: "include" | "includedir" | "module";
  readonly path: string;
  readonly line: number;
}

/** A file's text with what its errors call it. */
export interface ProfileText {
  readonly text: string;
  readonly file?: string | undefined;
}

const MAX_DEPTH = 32;
const MAX_LINE_LENGTH = 65_536;
const MAX_PATH_LENGTH = 4_096;
const MAX_VALUES = 50_000;

/**
 * Reads the text of one file into `root`, in the grammar of MIT's krb5.conf. Yields each directive where it stands, so
 * that a caller that has files can read the included one into the same root before this goes on; this does no I/O. What
 * does not read and MIT's library passes over goes to `onOdd`.
 *
 * Throws ConfigError with file and line.
 */
export function* parseProfileText(
  { text: whole, file }: ProfileText,
  root: Section,
  onOdd: (what: string) => void = () => {},
): Generator<Directive, void> {
  /** The open sections; the first is a `[section]`, the rest are braces with the line that opened each. */
  const open: { section: Section; line: number }[] = [];
  let wantsBrace = false;
  let lineNumber = 0;
  let values = 0;
  const fail = (message: string, line = lineNumber): never => {
    throw new ConfigError(message, { line, path: file });
  };

  const text = withoutNulsAtEnd(whole);
  if (text.length < whole.length) onOdd(`${file ?? "krb5.conf"}: the NULs at its end are passed over`);
  for (const raw of lines(text)) {
    lineNumber++;
    if (raw.length > MAX_LINE_LENGTH) fail(`a line of ${raw.length} characters; at most ${MAX_LINE_LENGTH}`);
    if (raw.includes("\0")) fail("a NUL character");

    const directive = directiveOf(raw);
    if (directive !== undefined && (directive.type !== "module" || open.length === 0)) {
      if (directive.path.length > MAX_PATH_LENGTH) fail(`a path of ${directive.path.length} characters`);
      yield { ...directive, line: lineNumber };
      continue;
    }
    // What comes before the first section is a comment.
    if (open.length === 0 && !raw.startsWith("[")) continue;
    const line = raw.trim();
    if (line === "" || line.startsWith("#") || line.startsWith(";")) continue;
    if (wantsBrace) {
      if (!line.startsWith("{")) fail("expected a line with { after a tag without a value");
      wantsBrace = false;
      continue;
    }
    if (line.startsWith("[")) {
      if (open.length > 1) fail(`a section inside the braces opened at line ${open.at(-1)?.line}; is a } missing?`);
      const heading = /^\[([^\]]*)\](\*?)\s*$/.exec(line);
      if (heading === null) return fail("expected [section] and nothing after it");
      const section = root.open(heading[1] as string);
      if (heading[2] === "*") section.isFinal = true;
      open.length = 0;
      open.push({ section, line: lineNumber });
      continue;
    }
    const current = open.at(-1) as { section: Section };
    if (line.startsWith("}")) {
      if (open.length === 1) fail("a } that no { opened");
      if (line[1] === "*") current.section.isFinal = true;
      open.pop();
      continue;
    }
    if (++values > MAX_VALUES) fail(`more than ${MAX_VALUES} values`);
    const equals = line.indexOf("=");
    const tag = line.slice(0, Math.max(equals, 0)).trim();
    if (equals < 0 || tag === "" || /\s/.test(tag)) return fail("expected tag = value, tag = {, [section] or }");
    // A `*` makes a sub-section final. Of a value MIT's library drops it, and takes all the others too.
    const name = tag.split("*", 1)[0] as string;
    const value = line.slice(equals + 1).trim();
    if (value === "" || value === "{") {
      if (open.length > MAX_DEPTH) fail(`braces nested more than ${MAX_DEPTH} deep`);
      const section = current.section.open(name);
      if (tag.includes("*")) section.isFinal = true;
      open.push({ section, line: lineNumber });
      wantsBrace = value === "";
      continue;
    }
    current.section.add({
      name,
      value: value.startsWith('"') ? unquote(value) : value,
      line: lineNumber,
      ...(file === undefined ? {} : { file }),
    });
  }
  if (open.length > 1) onOdd(`${file ?? "krb5.conf"}:${open.at(-1)?.line}: the { opened here is never closed`);
}

/** A disk that lost its power leaves NULs behind a file; to MIT's library, which reads lines of C, they are nothing. */
function withoutNulsAtEnd(text: string): string {
  const first = text.indexOf("\0");
  return first < 0 || !/^[\0\s]*$/.test(text.slice(first)) ? text : text.slice(0, first);
}

/** Only at the very start of a line. `module` asks to load a program and counts before the first section alone. */
function directiveOf(line: string): Omit<Directive, "line"> | undefined {
  const keyword = /^(?:include|includedir|module)(?=\s)/.exec(line)?.[0];
  if (keyword === undefined) return undefined;
  return { type: keyword as Directive["type"], path: line.slice(keyword.length).trim() };
}

function* lines(text: string): Generator<string> {
  let start = text.startsWith("\ufeff") ? 1 : 0;
  while (start < text.length) {
    const end = text.indexOf("\n", start);
    const stop = end < 0 ? text.length : end;
    yield text.slice(start, text[stop - 1] === "\r" && stop > start ? stop - 1 : stop);
    if (end < 0) return;
    start = end + 1;
  }
}

/** A quoted value ends at the next quote, or at the end of the line; `\n`, `\t` and `\b` are what they are in C. */
function unquote(value: string): string {
  const escapes: Readonly<Record<string, string>> = { n: "\n", t: "\t", b: "\b" };
  const parts: string[] = [];
  let start = 1;
  let at = 1;
  for (; at < value.length && value[at] !== '"'; at++) {
    if (value[at] !== "\\") continue;
    const next = value[at + 1];
    parts.push(value.slice(start, at), next === undefined ? "" : (escapes[next] ?? next));
    start = ++at + 1;
  }
  parts.push(value.slice(start, at));
  // Joined at once: a string that grows by a character keeps each of its steps in memory.
  return parts.join("");
}
