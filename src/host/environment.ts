/** What a program finds around it, where the host has such things. */
export interface HostEnvironment {
  /** Environment variables. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The real user; absent where the host has no users. */
  readonly uid?: number | undefined;
  /** The effective user. */
  readonly euid?: number | undefined;
  /** The name of the effective user, if it has one. */
  readonly username?: string | undefined;
  /** Whether lists of paths are separated by `;`. */
  readonly isWindows?: boolean | undefined;
}
