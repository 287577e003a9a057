/**
 * What a server tells who asks (`onTrace`): no octet of a key or ticket, and no argument that a command's `logmask`
 * covers. Texts are fit for a log: a control character in one, of a principal's name too, is `?`. `at` is milliseconds
 * since the epoch; `connection` numbers the connections of a server.
 */
export type ServerEvent = { readonly at: number; readonly connection: number } & (
  | { readonly type: "connection"; readonly address: string | undefined; readonly port: number | undefined }
  | {
      readonly type: "authenticated";
      readonly user: string;
      readonly address: string | undefined;
      /** 1 or 2; 2 has NOOP of version 3 too. */
      readonly protocol: 1 | 2;
      readonly milliseconds: number;
    }
  | {
      readonly type: "command";
      readonly user: string;
      readonly address: string | undefined;
      /** For a log, as remctld writes it: `COMMAND from alice@EXAMPLE.ORG: account show **MASKED**`. */
      readonly line: string;
    }
  | { readonly type: "status"; readonly user: string; readonly status: number; readonly milliseconds: number }
  | { readonly type: "error"; readonly user: string; readonly code: number; readonly text: string }
  | { readonly type: "closed"; readonly user: string | undefined; readonly reason: string }
);

type WithoutTime<T> = T extends unknown ? Omit<T, "at" | "connection"> : never;

/** Reports one event of a connection. */
export type Report = (event: WithoutTime<ServerEvent>) => void;

/** Where an error came from, for {@link RemctlServerOptions.onError}. */
export interface ErrorSource {
  /** The connection's number, as in {@link ServerEvent}. */
  readonly connection: number;
  /** The client; undefined if it had not authenticated yet. */
  readonly user: string | undefined;
  /** The command that ran, as a log line with its masks. */
  readonly line: string | undefined;
}
