import { decodeText, encodeText, shownCause } from "../bytes/index.ts";
import { ConfigError, hasName } from "../errors.ts";
import type { Files, OpenedFile } from "../host/index.ts";

/** One authenticator in a file. */
export interface ReplayLine {
  readonly tag: string;
  /** Whose line it is, so that a process knows its own. */
  readonly id: string;
  readonly share: string;
}

const NAME = /^(\d{1,12})-[0-9a-f]$/;
const TAG_DIGITS = 32;
const ID_DIGITS = 16;
const HEAD = /^[0-9a-f]{32} [0-9a-f]{16} "$/;
const MAX_FILE_BYTES = 64 * 2 ** 20;
/** A file that is removed between two steps is made anew: not for ever. */
const TRIES = 5;
const OTHERS = 0o077;
const OTHERS_WRITE = 0o022;

/** The files of a replay cache: lines that are only ever added, in files that are only ever removed. */
export class ReplayFiles {
  readonly #directory: string;
  readonly #files: Files;

  constructor(directory: string, files: Files) {
    this.#directory = directory;
    this.#files = files;
  }

  /** The whole lines of a file; none if it is not there. Rejects with ConfigError if others could have written it. */
  async read(name: string): Promise<readonly ReplayLine[]> {
    const octets = await this.#used(
      this.#files.read(this.#path(name), { maxBytes: MAX_FILE_BYTES, check: this.#check }),
    );
    return octets === undefined ? [] : decodeText(octets).split("\n").flatMap(parseLine);
  }

  /** Adds a line with one write, and syncs. */
  async add(name: string, line: ReplayLine): Promise<void> {
    await this.#used(this.#append(name, line));
  }

  async #append(name: string, { tag, id, share }: ReplayLine): Promise<void> {
    // A newline first: what a process that was killed left of its line ends here.
    const line = encodeText(`\n${tag} ${id} ${JSON.stringify(share)}\n`);
    let refusal: unknown;
    for (let i = 0; i < TRIES; i++) {
      // "replaced": the file is too old, and what is in it is not accepted any more.
      if ((await this.#files.append(this.#path(name), line, { check: this.#check })) !== "missing") return;
      await this.#files.makeDirectory(this.#directory, { mode: 0o700 });
      try {
        await this.#files.writeExclusive(this.#path(name), new Uint8Array(0), { mode: 0o600 });
      } catch (error) {
        // Another process has made it.
        refusal = error;
      }
    }
    throw refusal;
  }

  /** The files that are there, and their slots. */
  async list(): Promise<readonly { readonly slot: number; readonly name: string }[]> {
    const names = (await this.#used(this.#files.list(this.#directory))) ?? [];
    return names.flatMap((name) => {
      const [, slot] = NAME.exec(name) ?? [];
      return slot === undefined ? [] : [{ slot: Number(slot), name }];
    });
  }

  async remove(name: string): Promise<void> {
    await this.#used(this.#files.remove(this.#path(name)));
  }

  /** What the host refuses (a directory that is missing, a full disk) says what it is about, and what to do. */
  async #used<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      if (hasName(error, "ConfigError")) throw error;
      const shown = shownCause(error, this.#directory);
      const words = shown instanceof Error ? shown.message : "the host refuses";
      throw new ConfigError(
        `the replay cache cannot be used: ${words}; give a directory that this program may make and write to`,
        { path: this.#directory, cause: shown },
      );
    }
  }

  #path(name: string): string {
    return `${this.#directory}/${name}`;
  }

  /** Who could write to the cache could empty it, and have a request accepted again. An append follows no link. */
  readonly #check = ({ kind, mode, uid, directory }: OpenedFile): void => {
    const own = this.#files.uid;
    if (kind !== "file") throw this.#refused("a file of it is not a file");
    if (own === undefined || uid === undefined || mode === undefined) return;
    if (uid !== own) throw this.#refused(`a file of it belongs to user ${uid}, and this program is user ${own}`);
    if ((mode & OTHERS) !== 0) throw this.#refused(`others may use a file of it (mode ${mode.toString(8)})`);
    const { mode: directoryMode = 0, uid: owner = own } = directory ?? {};
    if (owner !== own && owner !== 0)
      throw this.#refused(`it belongs to user ${owner}, and this program is user ${own}`);
    if ((directoryMode & OTHERS_WRITE) !== 0) {
      throw this.#refused(`others may write to it (mode ${directoryMode.toString(8)})`);
    }
  };

  #refused(why: string): ConfigError {
    return new ConfigError(`the replay cache is not used: ${why}; give a directory that is this program's alone`, {
      path: this.#directory,
    });
  }
}

/** Parses one line. A line that was cut off does not count. */
function parseLine(text: string): readonly ReplayLine[] {
  const shareAt = TAG_DIGITS + 1 + ID_DIGITS + 1;
  if (!HEAD.test(text.slice(0, shareAt + 1))) return [];
  try {
    const share: unknown = JSON.parse(text.slice(shareAt));
    if (typeof share !== "string") return [];
    return [{ tag: text.slice(0, TAG_DIGITS), id: text.slice(TAG_DIGITS + 1, shareAt - 1), share }];
  } catch {
    return [];
  }
}
