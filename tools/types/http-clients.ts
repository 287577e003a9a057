// What the programs of pages use of HTTP clients.

interface Received {
  readonly headers: Readonly<Record<string, string>>;
  readonly statusCode: number;
  readonly request: { readonly options: Sent };
}

interface Sent {
  readonly url: URL;
  readonly headers: Record<string, string>;
  readonly context: { exchange?: import("../../src/entry/http.ts").NegotiateExchange | undefined };
}

interface Settings {
  readonly hooks: {
    readonly beforeRequest: readonly ((options: Sent) => Promise<void>)[];
    readonly afterResponse: readonly ((response: Received) => Promise<Received>)[];
  };
}

interface Client {
  (url: string): { text(): Promise<string> };
  get(url: string): Promise<{ readonly data: unknown; readonly status: number }>;
  post(url: string, body: object): Promise<{ readonly data: unknown }>;
}

interface Socket {
  once(event: "upgrade", listener: (response: Received) => void): void;
  once(event: "open", listener: () => void): void;
  on(event: "message", listener: (message: Uint8Array) => void): void;
  pause(): void;
  resume(): void;
  terminate(): void;
}

interface Library {
  new (url: string, options: { readonly headers: Readonly<Record<string, string>> }): Socket;
  create(settings: object): Client;
  extend(settings: Settings): Client;
}

export declare class Agent {
  constructor(options?: { readonly connect: unknown });
  compose(...interceptors: readonly unknown[]): Agent;
  request(options: { readonly origin: string; readonly path: string; readonly method: string }): Promise<{
    readonly statusCode: number;
    readonly body: { text(): Promise<string> };
  }>;
}
export declare const interceptors: { redirect(options: { readonly maxRedirections: number }): unknown };
export declare const fetch: (url: string | URL | Request, init?: object) => Promise<Response>;
declare const library: Library;
export default library;
