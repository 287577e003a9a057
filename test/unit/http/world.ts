// A realm in memory with a web server's keys, for both ends of HTTP Negotiate.

import { createReplayCache } from "../../../src/entry/gssapi.ts";
import {
  createNegotiateServer,
  type NegotiateFetchOptions,
  type NegotiateServer,
  type NegotiateServerOptions,
  negotiateFetch,
} from "../../../src/entry/http.ts";
import { createClient, type RemctlClient } from "../../../src/entry/index.ts";
import { createTestRealm, type TestRealm } from "../../../src/entry/testing.ts";

export const REALM = "TEST.EXAMPLE";
export const SITE = "https://www.test.example";
export const ALICE = `alice@${REALM}`;

export interface World {
  readonly realm: TestRealm;
  readonly credential: RemctlClient;
  keytab(...names: string[]): Uint8Array;
  server(options?: Partial<NegotiateServerOptions>): NegotiateServer;
  /** A fetch whose network is a handler. */
  fetch(handler: Handler, options?: Partial<NegotiateFetchOptions>): typeof globalThis.fetch;
}

export type Handler = (request: Request) => Response | Promise<Response>;

let made: Promise<World> | undefined;

/** One for each file: a login takes some ten milliseconds. */
export function world(): Promise<World> {
  made ??= makeWorld();
  return made;
}

async function makeWorld(): Promise<World> {
  const realm = await createTestRealm({
    realm: REALM,
    principals: {
      alice: { password: "secret" },
      "HTTP/www.test.example": {},
      "HTTP/other.example": {},
      "host/www.test.example": {},
    },
  });
  const credential = createClient({
    credentials: { principal: ALICE, password: "secret" },
    kdc: ["tcp://kdc.test.example"],
    dial: realm.dial,
  });
  const keytab = (...names: string[]) => realm.keytab(names.length === 0 ? "HTTP/www.test.example" : names);
  return {
    realm,
    credential,
    keytab,
    server: (options = {}) => createNegotiateServer({ keytab: keytab(), replayCache: createReplayCache(), ...options }),
    fetch: (handler, options = {}) =>
      negotiateFetch({
        credential,
        origins: [SITE],
        fetch: async (input, init) => {
          const request = new Request(input, init);
          const answer = await handler(request);
          Object.defineProperty(answer, "url", { value: request.url });
          return answer;
        },
        ...options,
      }),
  };
}

/** What a promise rejects with. */
export async function failureOf(promise: Promise<unknown>): Promise<Error & { readonly code?: string }> {
  return promise.then(
    () => {
      throw new Error("it resolved");
    },
    (error) => error,
  );
}
