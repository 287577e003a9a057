import type { Stats } from "node:fs";
import { concat } from "../bytes/index.ts";
import type { Input, Output } from "./command.ts";

// As in code-cache.ts.
const { fstatSync, writeSync } = process.getBuiltinModule("node:fs");

/** Asked for where a terminal counts, and no sooner: `node:tty` brings all of `node:net` with it. */
function isTerminal(fd: number): boolean {
  return statusOf(fd)?.isCharacterDevice() === true && process.getBuiltinModule("node:tty").isatty(fd);
}

/** An {@link Output} over a file descriptor of this process. */
export interface FileOutput extends Output {
  /** Resolves when everything has left the process. */
  flush(): Promise<void>;
}

/**
 * Writes with one system call, before anything of Node's streams is loaded; where a pipe is full and does not block,
 * the stream of the process takes over.
 */
export function fileOutput(fd: 1 | 2): FileOutput {
  let viaStream: Promise<void> | undefined;
  return {
    get isTerminal() {
      return isTerminal(fd);
    },
    async write(data) {
      let octets = typeof data === "string" ? new TextEncoder().encode(data) : data;
      if (viaStream === undefined) {
        try {
          while (octets.length > 0) octets = octets.subarray(writeSync(fd, octets));
          return;
        } catch (error) {
          if ((error as { code?: string }).code !== "EAGAIN") throw error;
        }
      }
      const rest = octets;
      const before = viaStream ?? Promise.resolve();
      viaStream = before.then(() => writeToStream(fd, rest));
      await viaStream;
    },
    async flush() {
      await viaStream;
    },
  };
}

function writeToStream(fd: 1 | 2, octets: Uint8Array): Promise<void> {
  const stream = fd === 1 ? process.stdout : process.stderr;
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => reject(error);
    stream.once("error", fail);
    stream.write(octets, (error) => {
      stream.removeListener("error", fail);
      if (error) reject(error);
      else resolve();
    });
  });
}

/** Standard input, by pieces or by lines. */
export interface LineInput extends Input {
  /**
   * A line without its newline; undefined if the input has ended before it began. On a terminal it is typed without
   * echo unless `isEchoed`; `onEnd` is called when the person has typed it.
   */
  readLine(options: {
    readonly isEchoed: boolean;
    readonly onEnd?: () => Promise<void>;
  }): Promise<Uint8Array | undefined>;
}

const NEWLINE = 0x0a;
/** A password or a principal; not a file that somebody piped in by mistake. */
const MAX_LINE_BYTES = 65_536;

export function standardInput(): LineInput {
  let pieces: AsyncIterator<Uint8Array> | undefined;
  let unread: Uint8Array = new Uint8Array();

  async function read(): Promise<Uint8Array | undefined> {
    if (unread.length > 0) {
      const first = unread;
      unread = new Uint8Array();
      return first;
    }
    // A closed descriptor is an end, not an error.
    if (pieces === undefined && statusOf(0) === undefined) return undefined;
    pieces ??= process.stdin[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
    const { done, value } = await pieces.next();
    return done ? undefined : value;
  }

  async function readPlainLine(): Promise<Uint8Array | undefined> {
    let line: Uint8Array = new Uint8Array();
    for (;;) {
      const piece = await read();
      if (piece === undefined) return line.length === 0 ? undefined : line;
      const end = piece.indexOf(NEWLINE);
      line = concat(line, end < 0 ? piece : piece.subarray(0, end));
      if (line.length > MAX_LINE_BYTES)
        throw new Error(`a line of more than ${MAX_LINE_BYTES} octets on standard input`);
      if (end < 0) continue;
      unread = piece.slice(end + 1);
      return line;
    }
  }

  return {
    get isTerminal() {
      return isTerminal(0);
    },
    read,
    async readLine({ isEchoed, onEnd }) {
      if (isEchoed) return await readPlainLine();
      try {
        if (!isTerminal(0)) return await readPlainLine();
        process.stdin.setRawMode(true);
        try {
          return await readTyped(read, (rest) => {
            unread = rest;
          });
        } finally {
          process.stdin.setRawMode(false);
        }
      } finally {
        await onEnd?.();
      }
    },
  };
}

const ERASE = new Set([0x08, 0x7f]);
const KILL = 0x15;
const INTERRUPT = 0x03;
const QUIT = 0x1c;
const END = 0x04;
const RETURN = 0x0d;

/** What a person types in raw mode: the terminal's own keys are done here. */
async function readTyped(
  read: () => Promise<Uint8Array | undefined>,
  putBack: (rest: Uint8Array) => void,
): Promise<Uint8Array | undefined> {
  const typed: number[] = [];
  for (;;) {
    const piece = await read();
    if (piece === undefined) return typed.length === 0 ? undefined : Uint8Array.from(typed);
    for (const [i, octet] of piece.entries()) {
      if (octet === NEWLINE || octet === RETURN || (octet === END && typed.length > 0)) {
        putBack(piece.slice(i + 1));
        return Uint8Array.from(typed);
      }
      if (octet === END) return undefined;
      if (octet === INTERRUPT || octet === QUIT) throw new Error("Password read interrupted");
      if (octet === KILL) typed.length = 0;
      else if (ERASE.has(octet)) eraseLast(typed);
      else if (typed.length < MAX_LINE_BYTES) typed.push(octet);
    }
  }
}

/** Takes back one character, which in UTF-8 may have several octets. */
function eraseLast(typed: number[]): void {
  while (((typed.pop() ?? 0) & 0xc0) === 0x80);
}

/** Undefined: it is closed. */
function statusOf(fd: number): Stats | undefined {
  try {
    return fstatSync(fd);
  } catch {
    return undefined;
  }
}
