/** What {@link Files.stat} tells of a path, symbolic links followed. */
export interface FileStatus {
  readonly kind: "file" | "directory" | "other";
  /** Octets. */
  readonly size: number;
  /** The POSIX permission bits, as 0o600; absent where the host has none. */
  readonly mode?: number;
  /** The number of the owner; absent where the host has none. */
  readonly uid?: number;
  readonly modified: Date;
  /** Changes when another file takes the path; absent where the host cannot tell. */
  readonly identity?: string;
}

/**
 * Files, as the credential stores and the configuration use them. Members reject with the host's own error, whose `code`
 * is `EACCES`, `ENOSPC` and so on where it has one; a path that is not there is a value, not an error, where that is useful.
 */
export interface Files {
  /** The effective user, where the host has users. */
  readonly uid?: number;
  /** The whole file; undefined if there is none. More than `maxBytes` octets reject before they are read. */
  read(path: string, options?: { readonly maxBytes?: number }): Promise<Uint8Array | undefined>;
  /** Undefined if there is nothing at the path. */
  stat(path: string): Promise<FileStatus | undefined>;
  /** The names in a directory, in no order; undefined if there is no such directory. */
  list(path: string): Promise<readonly string[] | undefined>;
  /**
   * Makes a file that must not be there yet (no link is followed), with exactly these permissions from its first instant,
   * writes and syncs it. A file that could not be written whole is removed again.
   */
  writeExclusive(path: string, octets: Uint8Array, options: { readonly mode: number }): Promise<void>;
  /** Puts a file in another's place in one step, and syncs the directory where the host can. */
  rename(from: string, to: string): Promise<void>;
  /**
   * Adds octets to the end of a file that is there, with one write, and syncs. Returns false if there is no such file. If
   * the host took only a part (a full disk), the part is cut off again before this rejects.
   */
  append(path: string, octets: Uint8Array): Promise<boolean>;
  /** False if there was nothing to remove. */
  remove(path: string): Promise<boolean>;
  /** Overwrites a file with zeros and removes it; false if there was none. */
  erase(path: string): Promise<boolean>;
  /** Makes one directory; false if it is there already. */
  makeDirectory(path: string, options: { readonly mode: number }): Promise<boolean>;
}
