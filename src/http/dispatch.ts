/** The part of undici's `Dispatcher.DispatchOptions` that is used. */
export interface Dispatched {
  readonly origin?: string | URL | undefined;
  readonly path: string;
  readonly method: string;
  readonly body?: unknown;
  /** Names and values in turn, pairs, or an object. */
  readonly headers?: unknown;
}

/** As undici has it: what a handler steers a request with. */
export interface DispatchController {
  readonly aborted: boolean;
  readonly paused: boolean;
  readonly reason: Error | null;
  readonly rawHeaders?: unknown;
  readonly rawTrailers?: unknown;
  abort(reason: Error): void;
  pause(): void;
  resume(): void;
}

/** Fields of an answer, with names in lower case. */
export type DispatchedFields = Readonly<Record<string, string | readonly string[] | undefined>>;

/** As undici has it, from version 7 on: what becomes of a request. */
export interface DispatchHandler {
  onRequestStart?(controller: DispatchController, context: unknown): void;
  onRequestUpgrade?(controller: DispatchController, status: number, headers: DispatchedFields, socket: unknown): void;
  onResponseStart?(controller: DispatchController, status: number, headers: DispatchedFields, text?: string): void;
  onResponseData?(controller: DispatchController, chunk: Uint8Array): void;
  onResponseEnd?(controller: DispatchController, trailers: DispatchedFields): void;
  onResponseError?(controller: DispatchController, error: Error): void;
}

export type Dispatch = (request: Dispatched, handler: DispatchHandler) => boolean;

/** The URL of a request; undefined where the origin is left to the dispatcher. */
export function dispatchedUrl({ origin, path }: Dispatched): URL | undefined {
  if (origin === undefined) return undefined;
  // Rule H1: the request goes to the origin, whatever host a path of two slashes seems to name.
  const place = new URL(origin).origin;
  return new URL(path.startsWith("/") ? `${place}${path}` : place);
}

/** The header of a request as names and values in turn. */
function flatFields(headers: unknown): readonly unknown[] {
  if (Array.isArray(headers)) return headers;
  if (typeof headers !== "object" || headers === null) return [];
  const pairs = Symbol.iterator in headers ? [...(headers as Iterable<[string, unknown]>)] : Object.entries(headers);
  return pairs.flat();
}

/** Whether a request has a field. */
export function hasField({ headers }: Dispatched, name: string): boolean {
  return flatFields(headers).some((one, at) => at % 2 === 0 && String(one).toLowerCase() === name);
}

/** A request with one more field. */
export function withField(request: Dispatched, name: string, value: string): Dispatched {
  return { ...request, headers: [...flatFields(request.headers), name, value] };
}

/** The controller that a handler sees: of one request, whichever attempt is under way. */
export class LastingController implements DispatchController {
  /** Aborts with the request, for what is under way between two attempts. */
  readonly ending: AbortController = new AbortController();
  #current: DispatchController | undefined;
  #isPaused = false;

  /** The attempt that is under way from now on. */
  follow(controller: DispatchController): void {
    this.#current = controller;
    if (this.reason !== null) controller.abort(this.reason);
    else if (this.#isPaused) controller.pause();
  }

  get aborted(): boolean {
    return this.ending.signal.aborted;
  }

  get reason(): Error | null {
    return this.aborted ? this.ending.signal.reason : null;
  }

  get paused(): boolean {
    return this.#isPaused;
  }

  get rawHeaders(): unknown {
    return this.#current?.rawHeaders;
  }

  get rawTrailers(): unknown {
    return this.#current?.rawTrailers;
  }

  abort(reason: Error): void {
    this.ending.abort(reason);
    this.#current?.abort(reason);
  }

  pause(): void {
    this.#isPaused = true;
    this.#current?.pause();
  }

  resume(): void {
    this.#isPaused = false;
    this.#current?.resume();
  }
}
