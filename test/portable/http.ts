// HTTP Negotiate for every runtime: a fetch at a site that asks for it, and a server of the runtime itself.

import { decodeBase64 } from "../../src/bytes/index.ts";
import { createReplayCache } from "../../src/entry/gssapi.ts";
import { createNegotiateServer, type NegotiateFetchOptions, negotiateFetch } from "../../src/entry/http.ts";
import { createClient } from "../../src/entry/index.ts";
import { detectRuntime } from "../../src/runtime/index.ts";

/** What to do; plain JSON. */
export interface HttpConfig {
  readonly principal: string;
  readonly password: string;
  readonly kdc: readonly string[];
  /** Origin of Apache with mod_auth_gssapi, or of a server of ours. It has `/private/`, and `/moved/` that leads there. */
  readonly site: string;
  /** A keytab with HTTP/localhost, in base64; without it the runtime serves nothing. */
  readonly keytab?: string;
}

export interface HttpReport {
  readonly adapter: string;
  /** Status, client and proof, or the error, by what was done. */
  readonly answers: Readonly<Record<string, string>>;
}

/** What stands between the program and the network, where that is not the runtime's `fetch`. */
export interface HttpWays {
  readonly site?: typeof fetch;
  readonly kdc?: typeof fetch;
}

export async function runHttp(config: HttpConfig, ways: HttpWays = {}): Promise<HttpReport> {
  const { site } = config;
  const answers: Record<string, string> = {};
  const credential = (password: string) =>
    createClient({
      credentials: { principal: config.principal, password },
      kdc: config.kdc,
      ...(ways.kdc === undefined ? {} : { fetch: ways.kdc }),
    });
  const own = credential(config.password);
  const fetchWith = (options: Partial<NegotiateFetchOptions> = {}): typeof fetch =>
    negotiateFetch({
      credential: own,
      origins: [site],
      ...(ways.site === undefined ? {} : { fetch: ways.site }),
      ...options,
    });
  const note = async (name: string, ask: () => Promise<Response>): Promise<void> => {
    try {
      const answer = await ask();
      const client = answer.headers.get("x-remote-user") || "nobody";
      const text = await answer.text();
      answers[name] = `${answer.status} ${client} ${answer.ok ? text : ""}`.trim();
    } catch (error) {
      const { code, message } = error as { readonly code?: string; readonly message: string };
      answers[name] = code ?? message;
    }
  };
  const proven = fetchWith({ mutual: "required" });
  const plain = fetchWith();
  await note("asked", () => plain(`${site}/private/`));
  await note("asked again", () => plain(`${site}/private/`));
  await note("server's proof required", () => proven(`${site}/private/`));
  await note("redirect", () => plain(`${site}/moved/`));
  await note("octets", () => plain(`${site}/private/`, { method: "POST", body: "some text" }));
  const post = { method: "POST", body: "some text", headers: { "content-type": "text/plain" } };
  await note("a Request with octets", () => plain(new Request(`${site}/private/`, post)));
  await note("ended by its caller", () =>
    plain(`${site}/private/`, { signal: AbortSignal.abort(new Error("enough")) }),
  );
  await note("not listed", () => fetchWith({ origins: ["https://other.example"] })(`${site}/private/`));
  await note("krb5 itself", () => fetchWith({ useSpnego: false })(`${site}/private/`));
  await note("wrong password", () => fetchWith({ credential: credential("wrong") })(`${site}/private/`));
  if (config.keytab !== undefined) await serve(decodeBase64(config.keytab), fetchWith, note);
  return { adapter: detectRuntime().name, answers };
}

/** The runtime's own server, whose network is a function. */
async function serve(
  keytab: Uint8Array,
  fetchWith: (options: Partial<NegotiateFetchOptions>) => typeof fetch,
  note: (name: string, ask: () => Promise<Response>) => Promise<void>,
): Promise<void> {
  const server = createNegotiateServer({ keytab, replayCache: createReplayCache() });
  const handler = server.protect(
    (_, { principal }) => new Response("served", { headers: { "x-remote-user": principal } }),
  );
  const tokens: (string | null)[] = [];
  const within = fetchWith({
    origins: ["https://localhost"],
    mutual: "required",
    async fetch(input, init) {
      const request = new Request(input as string, init as RequestInit);
      tokens.push(request.headers.get("authorization"));
      return handler(request);
    },
  });
  await note("own server", () => within("https://localhost/"));
  const [authorization] = tokens;
  await note("own server, the same token again", async () =>
    handler(new Request("https://localhost/", { headers: { authorization: authorization ?? "" } })),
  );
}
