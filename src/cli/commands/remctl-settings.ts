/** What the command line says beside host and command. */
export interface CommandSettings {
  /** Undefined: 4373, then 4444. */
  readonly port: number | undefined;
  /** Undefined: no limit. */
  readonly timeoutMs: number | undefined;
  readonly concurrency: number | undefined;
  readonly protocol: 1 | 2 | undefined;
  readonly localAddress: string | undefined;
  readonly service: string | undefined;
  readonly isDebugging: boolean;
  readonly isJson: boolean;
  readonly isExpanding: boolean;
  readonly isBySrv: boolean;
  readonly allowVersion1: boolean;
}
