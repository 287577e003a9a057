import { decodeText, shownCause, shownPath, trimEndOf } from "../bytes/index.ts";
import { type Checks, checkFunction, checkOptions, checkText, refuse } from "../checks/index.ts";
import { ConfigError, hasName } from "../errors.ts";
import { type Files, notingWriters } from "../host/index.ts";
import { createTrace, type Trace, type TraceListener } from "../trace.ts";
import { Krb5Config } from "./krb5-config.ts";
import { noteUnsupported } from "./notes.ts";
import { Profile, Section } from "./profile.ts";
import { type Directive, type ProfileText, parseProfileText } from "./profile-parser.ts";

/** Options for {@link parseKrb5Conf}. */
export interface ParseOptions {
  /** What errors call the text. */
  readonly file?: string | undefined;
  /** Takes notes of what is not supported. */
  readonly onTrace?: TraceListener | undefined;
}

const parseChecks: Checks<ParseOptions> = { file: checkText, onTrace: checkFunction };

/**
 * Whether a value is the text of a krb5.conf: a name of a file would be taken for one that sets nothing, since what is
 * before the first section is passed over.
 */
export function isConfText(value: unknown): value is string {
  if (typeof value !== "string") return false;
  return /^\s*$|^\s*[#;]|[\n[]|^\s*(?:include|includedir|module)\s/.test(value);
}

/** Options for {@link loadKrb5Config}. */
export interface LoadOptions {
  readonly files: Pick<Files, "read" | "list" | "stat">;
  /**
   * Files, and directories of files, in the order of preference, as `KRB5_CONFIG` has them. One that is not there is
   * ignored; that none is there is an error unless `allowNone` is true.
   */
  readonly paths: readonly string[];
  readonly allowNone?: boolean;
  readonly trace?: Trace;
}

const MAX_FILE_BYTES = 1_048_576;
const MAX_TOTAL_BYTES = 8_388_608;
const MAX_INCLUDE_DEPTH = 10;
const MAX_FILES = 1_000;

/**
 * Reads configuration in the grammar of MIT's krb5.conf from text. `include` and `includedir` need files: they are a
 * ConfigError here. An unknown section or tag is kept, and is not an error. Values are looked at when they are asked
 * for.
 *
 * @param text the text of a krb5.conf
 * @param options what errors call the text
 * @returns the configuration, for the option `config`
 * @throws ConfigError with the line for a syntax error: the file's fault; TypeError for the name of a file, which is
 *   not a text of one
 * @example
 * ```ts
 * import { parseKrb5Conf } from "krb5-remctl";
 *
 * const config = parseKrb5Conf("[libdefaults]\n default_realm = EXAMPLE.ORG\n");
 * config.libdefaults.defaultRealm; // "EXAMPLE.ORG"
 * ```
 */
export function parseKrb5Conf(text: string, options: ParseOptions = {}): Krb5Config {
  if (!isConfText(text)) {
    refuse(
      "text",
      text,
      "what is in a krb5.conf, and not its name: read the file, or give the option config { files: [...] }",
    );
  }
  checkOptions("parseKrb5Conf", options, parseChecks);
  const root = new Section("");
  const trace = createTrace(options.onTrace);
  const odd: string[] = [];
  if (text.length > MAX_FILE_BYTES) throw tooLarge(options.file);
  for (const directive of parseProfileText({ text, file: options.file }, root, (what) => odd.push(what))) {
    if (directive.type === "module") noteModule(directive, options.file, trace);
    else {
      throw new ConfigError(`${directive.type} needs files: give the option config as { files: [...] }`, {
        line: directive.line,
        ...(options.file === undefined ? {} : { path: options.file }),
      });
    }
  }
  return noted(new Krb5Config(new Profile([root]), odd), trace);
}

/**
 * Reads configuration from files, with what they include.
 *
 * Throws ConfigError with `path` and `line`: for a syntax error, for an included file that is not there, for a file
 * that includes itself, and for more or larger files than any configuration has.
 *
 * ```ts
 * const config = await loadKrb5Config({ files, paths: ["/etc/krb5.conf"] });
 * ```
 */
export async function loadKrb5Config(options: LoadOptions): Promise<Krb5Config> {
  const loader = new Loader(options);
  const roots: Section[] = [];
  let refusal: ConfigError | undefined;
  for (const path of options.paths) {
    const root = new Section("");
    try {
      if (await loader.readTop(path, root)) roots.push(root);
    } catch (error) {
      // As with MIT: a file of several that may not be read is ignored, as one is that is not there.
      if (!hasName(error, "ConfigError") || error.path !== shownFile(path) || !isDenied(error.cause)) throw error;
      refusal ??= error;
      loader.warnings.push(`${error.message}; it is passed over`);
    }
  }
  if (roots.length === 0 && refusal !== undefined) throw refusal;
  if (roots.length === 0 && options.allowNone !== true) {
    throw new ConfigError(
      `no configuration file found (tried ${options.paths.map(shownFile).join(", ") || "none"}); set KRB5_CONFIG or pass the configuration as a value`,
    );
  }
  return noted(new Krb5Config(new Profile(roots), loader.warnings), options.trace);
}

/** A file's name for a message: what was given in its place may be anything. */
function shownFile(path: string): string {
  return shownPath(path, "a file that is named here");
}

class Loader {
  /** What was ignored. */
  readonly warnings: string[] = [];
  readonly #files: LoadOptions["files"];
  readonly #trace: Trace | undefined;
  #count = 0;
  #bytes = 0;

  constructor({ files, trace }: LoadOptions) {
    this.#files = files;
    this.#trace = trace;
  }

  /** False if there is nothing at the path. */
  async readTop(path: string, root: Section): Promise<boolean> {
    if ((await this.#ask(path, () => this.#files.stat(path)))?.kind === "directory") {
      await this.#readDirectory(path, root, []);
      return true;
    }
    return await this.#readFile(path, root, []);
  }

  async #readFile(path: string, root: Section, stack: readonly string[]): Promise<boolean> {
    if (++this.#count > MAX_FILES)
      throw new ConfigError(`more than ${MAX_FILES} configuration files: name fewer`, { path: shownFile(path) });
    const note = (text: string): void => this.#trace?.({ type: "note", text: `${shownFile(path)}: ${text}` });
    const how = { maxBytes: MAX_FILE_BYTES, ...notingWriters(note) };
    const octets = await this.#ask(path, () => this.#files.read(path, how));
    if (octets === undefined) return false;
    this.#bytes += octets.length;
    if (this.#bytes > MAX_TOTAL_BYTES) throw tooLarge(shownFile(path));
    const source: ProfileText = { text: decodeText(octets), file: shownFile(path) };
    const inner = [...stack, path];
    for (const directive of parseProfileText(source, root, (what) => this.warnings.push(what))) {
      if (directive.type === "module") noteModule(directive, path, this.#trace);
      else await this.#include(directive, root, inner);
    }
    return true;
  }

  async #include(directive: Directive, root: Section, stack: readonly string[]): Promise<void> {
    const { type, path, line } = directive;
    const file = shownFile(stack.at(-1) as string);
    if (stack.includes(path))
      throw new ConfigError(`${shownFile(path)} includes itself: take that line out`, { path: file, line });
    if (stack.length > MAX_INCLUDE_DEPTH) {
      throw new ConfigError(`files included more than ${MAX_INCLUDE_DEPTH} deep: include fewer`, { path: file, line });
    }
    const there =
      type === "include" ? await this.#readFile(path, root, stack) : await this.#readDirectory(path, root, stack);
    if (!there) {
      throw new ConfigError(
        `${type} ${shownFile(path)}: the file or directory is missing; make it, or take that line out`,
        { path: file, line },
      );
    }
  }

  async #readDirectory(path: string, root: Section, stack: readonly string[]): Promise<boolean> {
    const names = await this.#ask(path, () => this.#files.list(path));
    if (names === undefined) return false;
    // Alphabetical, and only what a package manager or an administrator means: no dot files, no editor's copies.
    for (const name of [...names].sort()) {
      if (!/^[A-Za-z0-9_-]+$/.test(name) && !/^[^.].*\.conf$/.test(name)) continue;
      const file = `${trimEndOf(path, "/")}/${name}`;
      if (stack.includes(file))
        throw new ConfigError(`${shownFile(file)} includes itself: take that line out`, {
          path: shownFile(stack.at(-1) as string),
        });
      if ((await this.#ask(file, () => this.#files.stat(file)))?.kind !== "file") continue;
      await this.#readFile(file, root, stack);
    }
    return true;
  }

  /** Asks the host for a file; its errors quote the path. */
  async #ask<T>(path: string, operation: () => Promise<T>): Promise<T> {
    try {
      return await operation();
    } catch (cause) {
      const shown = shownCause(cause, path);
      const reason = shown instanceof Error ? shown.message : "the host refuses";
      throw new ConfigError(`cannot be read: ${reason}`, { path: shownFile(path), cause: shown });
    }
  }
}

function isDenied(cause: unknown): boolean {
  const { code, name } = (cause ?? {}) as { readonly code?: unknown; readonly name?: unknown };
  // Deno's errors have a name where Node's have a code.
  return code === "EACCES" || code === "EPERM" || name === "PermissionDenied";
}

function noted(config: Krb5Config, trace: Trace | undefined): Krb5Config {
  if (trace !== undefined) noteUnsupported(config, trace);
  return config;
}

function noteModule({ path }: Directive, file: string | undefined, trace: Trace | undefined): void {
  trace?.({ type: "note", text: `${file ?? "krb5.conf"}: module ${path} passed over: modules are not supported` });
}

function tooLarge(file: string | undefined): ConfigError {
  return new ConfigError(
    `more than ${MAX_FILE_BYTES} octets in a configuration file, or ${MAX_TOTAL_BYTES} in all: shorten it`,
    {
      path: file,
    },
  );
}
