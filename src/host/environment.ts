/** What a program finds around it, where the host has such things. */
export interface HostEnvironment {
  /** Environment variables. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly uid?: number;
  /** The effective user. */
  readonly euid?: number;
  readonly username?: string;
  /** Whether lists of paths are separated by `;`. */
  readonly isWindows?: boolean;
}
