// What the programs of pages use of web frameworks.

/** What a handler gets: the fields that the programs name. */
interface Handled {
  readonly kerberos: { readonly principal: string };
  readonly user: { readonly name: string };
  readonly send: (text: string) => void;
  readonly text: (text: string) => unknown;
  get(name: string): { readonly principal: string };
}

type Part = ((first: Handled, second: Handled) => unknown) | object | string;

/** An application, or what makes one. */
interface App {
  use(...parts: readonly Part[]): void;
  get(...parts: readonly Part[]): void;
  listen(place: unknown): unknown;
  readonly fetch: unknown;
}

export declare const Hono: new () => App;
export declare const serve: (options: {
  readonly fetch: unknown;
  readonly hostname?: string;
  readonly port: number;
}) => void;
/** Passport is an object and no function. */
declare const framework: (() => App) & {
  use(strategy: object): void;
  authenticate(strategy: string, options: { readonly session: boolean }): object;
};
export default framework;
