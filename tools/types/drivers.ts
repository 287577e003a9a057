// What the recipes of docs/drivers.md use of the drivers.

interface Line {
  readonly attributes?: readonly { readonly value: string }[];
}

interface Connection {
  write(text: string): void;
  exec(
    command: string,
    attributes: readonly { readonly type: string; readonly value: string }[],
    options: { readonly onPlusTag: (line: Line) => Promise<void> },
  ): Promise<{ next(): void }>;
}

type Command = (connection: Connection, user: string) => Promise<string>;

export declare class ImapFlow {
  constructor(options: object);
  commands: Map<string, Command>;
  connect(): Promise<void>;
}

declare const ldapjs: { createClient(options: { readonly socketPath: string }): object };
export default ldapjs;
