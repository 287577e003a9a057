// Variables and functions that the programs of pages use without making them: of its reader, or of a program before.
export declare const adminPassword: string;
export declare const answer: Uint8Array;
export declare const bind: (
  mechanism: string,
  response: Uint8Array,
) => Promise<Record<"isDone", boolean> & Partial<Record<"octets", Uint8Array>>>;
export declare const createClient: typeof import("../../src/entry/index.ts").createClient;
export declare const credentials: import("../../src/entry/index.ts").Credentials;
export declare const describe: (
  user: Uint8Array | undefined,
  options: { readonly signal: AbortSignal },
) => Promise<string>;
export declare const kdc: readonly string[];
export declare const newPassword: string;
export declare const oldPassword: string;
export declare const readFileSync: typeof import("node:fs").readFileSync;
export declare const readSecret: (name: string) => Promise<string>;
export declare const received: Uint8Array;
export declare const remctl: typeof import("../../src/entry/index.ts").remctl;
export declare const sealingKey: Uint8Array;
