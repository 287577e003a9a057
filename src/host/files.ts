/** The answer of {@link Files.stat} about a path, symbolic links followed. */
export interface FileStatus {
  /** What is at the path. */
  readonly kind: "file" | "directory" | "other";
  /** Octets. */
  readonly size: number;
  /** The POSIX permission bits, as 0o600; absent where the host has none. */
  readonly mode?: number;
  /** The number of the owner; absent where the host has none. */
  readonly uid?: number;
  /** When its contents last changed. */
  readonly modified: Date;
}

/** A file as it was when it was opened: nobody can put another in its place between this look and its use. */
export interface OpenedFile extends FileStatus {
  /** The directory that the file is in; absent where the host has no permissions. */
  readonly directory?: Pick<FileStatus, "mode" | "uid">;
  /** The symbolic link that led to the file, and the directory that the link is in. */
  readonly link?: { readonly uid: number; readonly directory: Pick<FileStatus, "mode" | "uid"> };
}

/** How a file is opened. */
export interface FileOpenOptions {
  /** Looks at the open file before anything is read or written; what it throws ends the operation. */
  readonly check?: ((opened: OpenedFile) => void) | undefined;
}

/**
 * The files that credential stores and configuration use. Members reject with the host's own error, whose `code` is
 * `EACCES`, `ENOSPC` and so on where it has one; a path that is not there is a value, not an error, where that is
 * useful.
 */
export interface Files {
  /** The effective user, where the host has users. */
  readonly uid?: number | undefined;
  /**
   * The whole file; undefined if the file does not exist. Rejects for more than `maxBytes` octets (default 16 MiB)
   * before they are read, and for a pipe or a socket, which could make a reader wait forever.
   */
  read(
    path: string,
    options?: FileOpenOptions & {
      /** A longer file is an error. */
      readonly maxBytes?: number;
    },
  ): Promise<Uint8Array | undefined>;
  /** Undefined if there is nothing at the path. */
  stat(path: string): Promise<FileStatus | undefined>;
  /** The names in a directory, in any order; undefined if the directory does not exist. */
  list(path: string): Promise<readonly string[] | undefined>;
  /**
   * Makes a file that must not be there yet (no link is followed), with exactly these permissions and readable by its
   * owner alone from its first instant, writes and syncs it. A file that could not be written whole is removed again.
   * With `like`, a file whose place it takes: its owner, group and permissions if it was closed to all but them, and if
   * this user may give a file to them.
   */
  writeExclusive(
    path: string,
    octets: Uint8Array,
    options: {
      /** Permissions, for example 0o600. */
      readonly mode: number;
      /** A file whose place it takes, and whose owner, group and permissions. */
      readonly like?: string;
    },
  ): Promise<void>;
  /** Where symbolic links lead; the path itself if there is nothing. Absent where the host has none. */
  realPath?(path: string): Promise<string>;
  /**
   * Puts a file in another's place in one step, and syncs the directory where the host can. Rejects where a device or a
   * pipe is.
   */
  rename(from: string, to: string): Promise<void>;
  /**
   * Adds octets to the end of a file that is there, with one write, and syncs; a symbolic link is not followed. If the
   * host took only a part (a full disk), the part is cut off again before this rejects. `"missing"`: the file does not
   * exist; `"replaced"`: another file took its place meanwhile, and what was added is lost with the old one.
   */
  append(path: string, octets: Uint8Array, options?: FileOpenOptions): Promise<"appended" | "missing" | "replaced">;
  /**
   * Overwrites octets in place, with one write, if they are still what the caller read there; false if not. A symbolic
   * link is not followed.
   */
  overwrite(
    path: string,
    offset: number,
    expected: Uint8Array,
    octets: Uint8Array,
    options?: FileOpenOptions,
  ): Promise<boolean>;
  /** False if there was nothing to remove. */
  remove(path: string): Promise<boolean>;
  /**
   * Removes a file and overwrites what was in it, unless it has another name; false if it was absent. Rejects for a
   * device or a pipe.
   */
  erase(path: string): Promise<boolean>;
  /** Makes one directory; false if there is something at the path already. */
  makeDirectory(
    path: string,
    options: {
      /** Permissions, for example 0o600. */
      readonly mode: number;
    },
  ): Promise<boolean>;
}
