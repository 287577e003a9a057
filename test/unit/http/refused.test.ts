// What a server's log hears of a refusal, in one way for each framework.

import { expect, it, onTestFinished } from "vitest";
import {
  createNegotiator,
  expressNegotiate,
  fastifyNegotiate,
  honoNegotiate,
  type IncomingRequest,
  type NegotiateServer,
  type NegotiateServerOptions,
  NegotiateStrategy,
  type NotAuthenticated,
} from "../../../src/entry/http.ts";
import { SITE, world } from "./world.ts";

interface Asked {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** A request to a route that the server guards; resolves when it was answered or let in. */
const frameworks: Readonly<Record<string, (server: NegotiateServer, asked: Asked) => Promise<unknown>>> = {
  express: (server, asked) =>
    expressNegotiate(server)({ ...asked, url: "/who" }, { statusCode: 0, appendHeader() {}, end() {} }, () => {}),
  fastify: (server, asked) =>
    fastifyNegotiate(server)(
      { raw: { ...asked, url: "/who" } },
      { code() {}, getHeader: () => undefined, header() {}, send() {} },
    ),
  hono: (server, { method, headers }) =>
    honoNegotiate(server)(
      {
        req: { raw: new Request(`${SITE}/who`, { method, headers }) },
        set() {},
        header() {},
        body: () => new Response("no"),
      },
      async () => {},
    ),
  passport: (server, asked) => {
    const actions = { success: { value() {} }, fail: { value() {} }, error: { value() {} } };
    const strategy: NegotiateStrategy = Object.create(new NegotiateStrategy(server), actions);
    return strategy.authenticate({ ...asked, url: "/who", res: { statusCode: 0, appendHeader() {}, end() {} } });
  },
  "node:http": (server, asked) => server.authenticate({ ...asked, url: "/who" }),
  "a handler of Request": (server, { method, headers }) =>
    server.protect(() => new Response("in"))(new Request(`${SITE}/who`, { method, headers })),
};

async function refusalsOf(
  name: string,
  requests: readonly Asked[],
  options: Partial<NegotiateServerOptions> = {},
): Promise<(readonly [NotAuthenticated, IncomingRequest])[]> {
  const { server } = await world();
  const heard: (readonly [NotAuthenticated, IncomingRequest])[] = [];
  const one = server({ onRefused: (...rest) => heard.push(rest), ...options });
  for (const request of requests) await frameworks[name]?.(one, request);
  await Promise.resolve();
  return heard;
}

const tokenFor = async (target = "HTTP@www.test.example") => {
  const { credential } = await world();
  const negotiator = createNegotiator({ credential, origins: [SITE], target: () => target });
  return { method: "GET", headers: { authorization: (await negotiator.begin(SITE)).authorization } };
};
const sending = (authorization: string): Asked => ({ method: "GET", headers: { authorization } });
const NTLM = `Negotiate ${btoa("NTLMSSP\0abc")}`;

it.each(Object.keys(frameworks))(
  "%s: who is refused is heard of with code and reason, who is asked or let in is not",
  async (name) => {
    const right = await tokenFor();
    const requests = [
      { method: "GET", headers: {} },
      right,
      right,
      await tokenFor("HTTP@other.example"),
      sending(NTLM),
      sending("Bearer secret-token"),
      sending("Negotiate"),
      sending("Negotiate ?"),
      sending(`Negotiate ${"A".repeat(100_000)}`),
      { method: "POST", headers: { origin: "https://evil.example" } },
    ];
    const heard = await refusalsOf(name, requests);
    expect(heard.map(([{ status, code }]) => [status, code])).toEqual([
      [401, "REPLAY"],
      [401, "SERVER_REJECTED_TICKET"],
      [401, "SPNEGO_NO_COMMON_MECHANISM"],
      [401, "OTHER_SCHEME"],
      [401, "DEFECTIVE_TOKEN"],
      [401, "DEFECTIVE_TOKEN"],
      [431, "TOKEN_TOO_LARGE"],
      [403, "FOREIGN_ORIGIN"],
    ]);
    for (const [{ code, reason, error }, request] of heard) {
      expect(reason).toMatch(/^[^\p{Cc}]{10,1024}$/u);
      expect(reason).not.toContain("secret-token");
      if (error !== undefined) expect(error.code).toBe(code);
      expect([request.method === "POST", new URL(request.url ?? "", SITE).pathname]).toEqual([
        code === "FOREIGN_ORIGIN",
        "/who",
      ]);
    }
    expect(heard[2]?.[0].reason).toMatch(/NTLM only/);
  },
);

it("a hook that throws or rejects changes no answer", async () => {
  const unheard: unknown[] = [];
  const hear = (error: unknown) => unheard.push(error);
  process.on("unhandledRejection", hear);
  onTestFinished(() => void process.off("unhandledRejection", hear));
  for (const onRefused of [
    () => {
      throw new Error("the log is full");
    },
    () => Promise.reject(new Error("the log is away")),
  ]) {
    const { server } = await world();
    const answer = await server({ onRefused }).authenticate({ method: "GET", headers: { authorization: NTLM } });
    expect(answer).toMatchObject({ isAuthenticated: false, status: 401 });
    // Node tells of a rejection that nobody hears when all that waits has had its turn.
    await new Promise((resolve) => setImmediate(resolve));
    expect(unheard).toEqual([]);
  }
});
