/** What a program finds around it, where the host has such things. */
export interface HostEnvironment {
  /** Environment variables. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The real user; absent where the host has no users. */
  readonly uid?: number;
  /** The effective user. */
  readonly euid?: number;
  /** The name of the effective user, if it has one. */
  readonly username?: string;
  /** Whether lists of paths are separated by `;`. */
  readonly isWindows?: boolean;
}
