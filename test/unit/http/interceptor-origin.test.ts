// negotiateInterceptor looks at where undici sends a request: the origin, and never a host that stands in the path.

import { expect, it } from "vitest";
import { negotiateInterceptor } from "../../../src/entry/http.ts";
import { SITE, world } from "./world.ts";

interface Sent {
  readonly origin: string;
  readonly path: string;
  readonly method: string;
  readonly headers?: readonly string[];
}
type Compose = (dispatch: (request: Sent, handler: object) => boolean) => (request: Sent, handler: object) => boolean;

/** Whether a request that undici's `request` or `fetch` makes of a URL goes out with a token. */
async function hasToken(origin: string, path: string): Promise<boolean> {
  const { credential } = await world();
  const compose = negotiateInterceptor<Compose>({ credential, origins: [SITE], preemptive: true });
  const sent = await new Promise<Sent>((resolve, reject) => {
    const dispatch = compose((request) => {
      resolve(request);
      return true;
    });
    dispatch({ origin, path, method: "GET" }, { onResponseError: (_: unknown, error: Error) => reject(error) });
  });
  expect([sent.origin, sent.path]).toEqual([origin, path]);
  return (sent.headers ?? []).includes("authorization");
}

const { host } = new URL(SITE);

it.each([`//${host}/a`, `/\\${host}/a`, `${SITE}/a`, `@${host}/a`, `//${host}`])(
  "H1: another origin gets no token for the host in the path %s",
  async (path) => {
    expect(await hasToken("https://evil.example", path)).toBe(false);
  },
);

it.each(["/a", "//evil.example/a", "/\\evil.example/a", "https://evil.example/a", "/a?b=c#d"])(
  "a listed origin gets its token with the path %s",
  async (path) => {
    expect(await hasToken(SITE, path)).toBe(true);
  },
);
