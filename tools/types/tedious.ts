// What the recipe of docs/drivers.md uses of tedious, and the fields that it adds.

export declare class Connection {
  constructor(settings: object);
  readonly config: { readonly server: string; readonly options: { readonly port: number } };
  readonly routingData?: { readonly server: string; readonly port: number };
  ntlmpacketBuffer: Uint8Array | undefined;
  sspi: import("../../src/entry/spnego.ts").SpnegoContext;
  ticket: Uint8Array;
  performTlsNegotiation(...given: unknown[]): Promise<void>;
  sendLogin7Packet(): void;
  performSentLogin7WithNTLMLogin(signal: AbortSignal): Promise<unknown>;
  connect(done: (error?: Error) => void): void;
}

declare const ntlm: { createNTLMRequest: (options: object) => Uint8Array };
export default ntlm;
