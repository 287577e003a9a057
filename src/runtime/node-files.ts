import type { FileOpenOptions, FileStatus, Files, OpenedFile } from "../host/index.ts";
import { needBuiltin } from "./node-builtins.ts";

type Fs = typeof import("node:fs/promises");
type Stats = import("node:fs").Stats;
type Handle = Awaited<ReturnType<Fs["open"]>>;

const DEFAULT_MAX_BYTES = 16 * 1024 * 1024;
/** What a file's mode lets those do who are neither its owner nor of its group. */
const OTHERS = 0o007;

/**
 * {@link Files} over `node:fs`. `given` is for tests that need a disk that fails, `user` for hosts that hide who runs
 * them.
 */
export function nodeFiles(given?: object, user: () => number | undefined = effectiveUser): Files {
  // No host's type in the signature: declarations are published.
  const fs = (given ?? needBuiltin<Fs>("node:fs/promises")) as Fs;
  const { constants } = fs;
  const writeFlags = constants.O_RDWR | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
  const uid = user();
  const statusOf = (status: Stats): FileStatus => ({
    kind: status.isFile() ? "file" : status.isDirectory() ? "directory" : "other",
    size: status.size,
    ...(uid === undefined ? {} : { mode: status.mode & 0o7777, uid: status.uid }),
    modified: status.mtime,
  });

  /** Runs with an open file; undefined if the path has no file. */
  async function withFile<T>(path: string, flags: number, use: (file: Handle) => Promise<T>): Promise<T | undefined> {
    const file = await orUndefined(fs.open(path, flags), "ENOENT", "ENOTDIR");
    if (file === undefined) return undefined;
    try {
      return await use(file);
    } finally {
      await file.close();
    }
  }

  /** What stands around an open file, for a check: its directory, and the link that led to it. */
  async function openedFile(path: string, file: Handle): Promise<OpenedFile> {
    const opened = statusOf(await file.stat());
    if (uid === undefined) return opened;
    const at = await fs.lstat(path);
    const directory = statusOf(await fs.stat(directoryOf(path)));
    if (!at.isSymbolicLink()) return { ...opened, directory };
    const target = statusOf(await fs.stat(directoryOf(await fs.realpath(path))));
    return { ...opened, directory: target, link: { uid: at.uid, directory } };
  }

  const checked = async (path: string, file: Handle, { check }: FileOpenOptions): Promise<void> => {
    if (check !== undefined) check(await openedFile(path, file));
  };

  const remove = async (path: string): Promise<boolean> =>
    (await orUndefined(
      fs.unlink(path).then(() => true),
      "ENOENT",
      "ENOTDIR",
    )) ?? false;

  /** A device or a pipe is never replaced or removed: root could do it, and /dev/null would be gone. */
  const requireFile = async (path: string): Promise<void> => {
    const status = await orUndefined(fs.lstat(path), "ENOENT", "ENOTDIR");
    if (status === undefined || status.isFile() || status.isSymbolicLink() || status.isDirectory()) return;
    throw failure("EINVAL", "it is a device, a pipe or a socket, not a file", path);
  };

  return {
    ...(uid === undefined ? {} : { uid }),

    async read(path, { maxBytes = DEFAULT_MAX_BYTES, ...options } = {}) {
      // Without O_NONBLOCK the opening of a pipe waits for a writer.
      return await withFile(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0), async (file) => {
        const status = await file.stat();
        if (status.isDirectory()) throw failure("EISDIR", "it is a directory", path);
        if (!status.isFile() && !status.isCharacterDevice()) throw failure("EINVAL", "it is not a regular file", path);
        if (status.size > maxBytes) throw tooLarge(path, maxBytes);
        await checked(path, file, options);
        return await readWhole(file, status.size, () => tooLarge(path, maxBytes), maxBytes);
      });
    },

    async stat(path): Promise<FileStatus | undefined> {
      const status = await orUndefined(fs.stat(path), "ENOENT", "ENOTDIR");
      return status === undefined ? undefined : statusOf(status);
    },

    list: (path) => orUndefined(fs.readdir(path), "ENOENT", "ENOTDIR"),

    realPath: async (path) => (await orUndefined(fs.realpath(path), "ENOENT", "ENOTDIR")) ?? path,

    async writeExclusive(path, octets, { mode, like }) {
      const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0);
      const file = await fs.open(path, flags, mode & 0o600);
      try {
        try {
          const old = like === undefined ? undefined : await orUndefined(fs.stat(like), "ENOENT", "ENOTDIR");
          const isGiven =
            old !== undefined &&
            (old.mode & OTHERS) === 0 &&
            (await file.chown(old.uid, old.gid).then(
              () => true,
              () => false,
            ));
          await file.chmod(isGiven ? old.mode & 0o777 : mode);
          await writeWhole(file, octets);
          await file.sync();
        } finally {
          await file.close();
        }
      } catch (error) {
        await fs.unlink(path).catch(() => {});
        throw error;
      }
    },

    async rename(from, to) {
      await requireFile(to);
      await fs.rename(from, to);
      await syncDirectory(fs, to);
    },

    async append(path, octets, options = {}) {
      const result = await withFile(path, writeFlags | constants.O_APPEND, async (file) => {
        await checked(path, file, options);
        const { bytesWritten } = await file.write(octets);
        if (bytesWritten < octets.length) {
          await cutOff(file, octets.subarray(0, bytesWritten));
          throw failure("ENOSPC", "the disk is full; the file is unchanged", path);
        }
        await file.datasync();
        return (await file.stat()).nlink === 0 ? ("replaced" as const) : ("appended" as const);
      });
      return result ?? "missing";
    },

    async overwrite(path, offset, expected, octets, options = {}) {
      const done = await withFile(path, writeFlags, async (file) => {
        await checked(path, file, options);
        const found = new Uint8Array(expected.length);
        const { bytesRead } = await file.read(found, 0, found.length, offset);
        if (bytesRead !== expected.length || found.some((octet, i) => octet !== expected[i])) return false;
        await file.write(octets, 0, octets.length, offset);
        await file.datasync();
        return (await file.stat()).nlink > 0;
      });
      return done ?? false;
    },

    remove,

    async erase(path) {
      await requireFile(path);
      // One that cannot be written, or a link, can still be removed.
      const file = await fs.open(path, writeFlags).catch(() => undefined);
      try {
        // Removed first: a cache of zeros must not be read.
        const removed = await remove(path);
        const status = await file?.stat();
        if (removed && file !== undefined && status?.isFile() && status.nlink === 0) {
          const zeros = new Uint8Array(65_536);
          for (let at = 0; at < status.size; at += zeros.length) {
            await file.write(zeros, 0, Math.min(zeros.length, status.size - at), at);
          }
          await file.datasync();
        }
        return removed;
      } finally {
        await file?.close();
      }
    },

    async makeDirectory(path, { mode }) {
      return (
        (await orUndefined(
          fs.mkdir(path, { mode }).then(() => true),
          "EEXIST",
        )) ?? false
      );
    },
  };
}

/** The number of the effective user, where the host has users. */
export function effectiveUser(): number | undefined {
  return (globalThis as { process?: { geteuid?: () => number } }).process?.geteuid?.();
}

async function readWhole(file: Handle, size: number, tooMuch: () => Error, maxBytes: number): Promise<Uint8Array> {
  let octets = new Uint8Array(size + 1);
  let length = 0;
  for (;;) {
    const { bytesRead } = await file.read(octets, length, octets.length - length, null);
    if (bytesRead === 0) return octets.slice(0, length);
    length += bytesRead;
    if (length > maxBytes) throw tooMuch();
    if (length < octets.length) continue;
    // It grew while it was read, or is a device that has no size.
    const grown = new Uint8Array(Math.max(octets.length * 2, 4_096));
    grown.set(octets);
    octets = grown;
  }
}

async function writeWhole(file: Handle, octets: Uint8Array): Promise<void> {
  for (let at = 0; at < octets.length; ) {
    const { bytesWritten } = await file.write(octets, at, octets.length - at);
    if (bytesWritten === 0) throw failure("ENOSPC", "the disk is full");
    at += bytesWritten;
  }
}

/** Takes `octets` off the end of a file, if they are its end: if someone else added to it since, they are not. */
async function cutOff(file: Handle, octets: Uint8Array): Promise<void> {
  if (octets.length === 0) return;
  const { size } = await file.stat();
  const end = new Uint8Array(octets.length);
  await file.read(end, 0, end.length, size - octets.length);
  if (end.every((octet, i) => octet === octets[i])) await file.truncate(size - octets.length);
}

function directoryOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/") + 1) || ".";
}

/** Makes a rename last through a power failure. Not every host and file system can sync a directory. */
async function syncDirectory(fs: Fs, path: string): Promise<void> {
  try {
    const directory = await fs.open(directoryOf(path), fs.constants.O_RDONLY);
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
  } catch {
    // The rename is done; only when it reaches the disk is left to the host.
  }
}

async function orUndefined<T>(promise: Promise<T>, ...codes: readonly string[]): Promise<T | undefined> {
  try {
    return await promise;
  } catch (error) {
    if (codes.includes((error as { code?: string }).code ?? "")) return undefined;
    throw error;
  }
}

function failure(code: string, reason: string, path?: string): Error {
  return Object.assign(new Error(`${code}: ${reason}${path === undefined ? "" : `, '${path}'`}`), { code });
}

function tooLarge(path: string, maxBytes: number): Error {
  return failure("EFBIG", `more than ${maxBytes} octets`, path);
}
