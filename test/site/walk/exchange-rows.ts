import { createAcceptor, createInitiator, createReplayCache } from "../../../src/entry/gssapi.ts";
import { createNegotiateServer, negotiateFetch } from "../../../src/entry/http.ts";
import {
  createSaslClient,
  createSaslServer,
  type SaslClientOptions,
  type SaslServerOptions,
} from "../../../src/entry/sasl.ts";
import { createSpnegoAcceptor, createSpnegoInitiator } from "../../../src/entry/spnego.ts";
import { HOST, SERVICE, type Walk, type World } from "./world.ts";

const TARGET = `host@${HOST}`;
const SITE = `http://${HOST}`;
const message = (text = "a"): Uint8Array => new TextEncoder().encode(text);
/** The first message of a client that has NTLM alone. */
const NTLM = Uint8Array.from([...message("NTLMSSP\0"), 1, 0, 0, 0, 0xb7, 0x82, 8, 0xe2]);

/** A NegTokenResp whose state is reject, and no more (RFC 4178 section 4.2.2). */
const REJECT = Uint8Array.of(0xa1, 7, 0x30, 5, 0xa0, 3, 0x0a, 1, 2);

/** A whole exchange of SASL. */
async function sasl(world: World, options: Partial<SaslClientOptions>, layers?: SaslServerOptions["layers"]) {
  const client = createSaslClient({ service: "host", host: HOST, credential: world.client(), ...options });
  const server = createSaslServer({ keytab: world.realm.keytab(SERVICE), ...(layers && { layers }) });
  let challenge: Uint8Array | undefined;
  while (!server.isComplete) challenge = (await server.step(await client.step(challenge))) ?? new Uint8Array(0);
  await client.finish(challenge?.length === 0 ? undefined : challenge);
}

/** A site at the service's host, with a handler of its own or ours. */
async function ask(world: World, answer: (request: Request) => Response | Promise<Response>, mutual?: "required") {
  const fetch = negotiateFetch({
    credential: world.client(),
    origins: [SITE],
    target: () => SERVICE,
    preemptive: true,
    fetch: async (url, init) => await answer(new Request(url, init)),
    ...(mutual === undefined ? {} : { mutual }),
  });
  return await fetch(`${SITE}/`);
}

/** What is said between two ends: SASL, SPNEGO, HTTP, and the messages of a context. */
export const exchangeWalks: readonly Walk[] = [
  {
    what: "a message from before many others",
    code: "GSS_OLD_TOKEN",
    cure: "Unwrap messages in the order in which they came",
    attempt: async ({ realm, client }, isMended) => {
      const flags = { replay: true, sequence: false, mutual: false };
      const sends = createInitiator({ target: TARGET, credential: client(), flags });
      const takes = createAcceptor({ keytab: realm.keytab(SERVICE), service: TARGET });
      await takes.step((await sends.step()) as Uint8Array);
      const sealed = Array.from({ length: 2000 }, () => sends.wrap(message()));
      const [first, ...rest] = sealed as [Uint8Array, ...Uint8Array[]];
      for (const one of isMended ? [first, ...rest] : [...rest, first]) takes.unwrap(one);
    },
  },
  {
    what: "a replay cache that is full",
    code: "REPLAY_UNCHECKED",
    cure: "Mend the store of the cache",
    attempt: async ({ realm, client }, isMended) => {
      const replayCache = createReplayCache(isMended ? {} : { maxEntries: 0 });
      const acceptor = createAcceptor({ keytab: realm.keytab(SERVICE), service: TARGET, replayCache });
      await acceptor.step((await createInitiator({ target: TARGET, credential: client() }).step()) as Uint8Array);
    },
  },
  {
    what: "a name that the client may not act as",
    code: "SASL_NOT_AUTHORIZED",
    cure: "Leave `authorizationId` out",
    attempt: (world, isMended) => sasl(world, isMended ? {} : { authorizationId: "bob" }),
  },
  {
    what: "a client that wants no layer but one, and a server that has none",
    code: "SASL_LAYER",
    cure: "or name other `layers`",
    attempt: (world, isMended) => sasl(world, {}, isMended ? ["confidentiality"] : ["none"]),
  },
  {
    what: "a server of bare GSS-API, which says something else than its layers after the context",
    code: "SASL_PROTOCOL",
    cure: "Look at the mechanism that both speak",
    attempt: async (world, isMended) => {
      if (isMended) return await sasl(world, {});
      const client = createSaslClient({ service: "host", host: HOST, credential: world.client() });
      const acceptor = createAcceptor({ keytab: world.realm.keytab(SERVICE), service: TARGET });
      await client.step(await acceptor.step((await client.step(undefined)) as Uint8Array));
      await client.step(acceptor.wrap(message("welcome"), { conf: false }));
    },
  },
  {
    what: "an acceptor of SPNEGO that gives no MIC where one is required",
    code: "SPNEGO_BAD_MIC",
    cure: "Do not go on",
    attempt: async ({ realm, client }, isMended) => {
      const starts = createSpnegoInitiator({ target: TARGET, credential: client(), requireMic: true });
      const requireMic = isMended ? { requireMic: true } : {};
      const takes = createSpnegoAcceptor({ keytab: realm.keytab(SERVICE), service: TARGET, ...requireMic });
      let token: Uint8Array | undefined;
      while (!starts.isEstablished) {
        const sent = await starts.step(token);
        token = sent === undefined ? undefined : await takes.step(sent);
      }
    },
  },
  {
    what: "a client that has NTLM alone",
    code: "SPNEGO_NO_COMMON_MECHANISM",
    cure: "Look whether the KDC knows the name",
    attempt: async ({ realm, client }, isMended) => {
      const acceptor = createSpnegoAcceptor({ keytab: realm.keytab(SERVICE), service: TARGET });
      const kerberos = createSpnegoInitiator({ target: TARGET, credential: client() });
      await acceptor.step(isMended ? ((await kerberos.step()) as Uint8Array) : NTLM);
    },
  },
  {
    what: "a peer that rejects the negotiation and gives no reason",
    code: "SPNEGO_REJECTED",
    cure: "Look at the peer's log",
    attempt: async ({ realm, client }, isMended) => {
      const starts = createSpnegoInitiator({ target: TARGET, credential: client() });
      const token = (await starts.step()) as Uint8Array;
      const acceptor = createSpnegoAcceptor({ keytab: realm.keytab(SERVICE), service: TARGET });
      await starts.step(isMended ? await acceptor.step(token) : REJECT);
    },
  },
  {
    what: "a server whose limit of a header is below the token",
    code: "HTTP_TOKEN_TOO_LARGE",
    cure: "Raise its limit",
    attempt: async (world, isMended) => {
      const negotiate = createNegotiateServer({ keytab: world.realm.keytab(SERVICE), service: TARGET });
      const open = negotiate.protect(() => new Response("in"));
      const limit = isMended ? 65_536 : 400;
      await ask(world, (request) =>
        (request.headers.get("authorization")?.length ?? 0) > limit
          ? new Response("no", { status: 431 })
          : open(request),
      );
    },
  },
  {
    what: "an answer without the server's proof",
    code: "HTTP_NOT_MUTUAL",
    cure: "leave `mutual` out for them",
    attempt: (world, isMended) => ask(world, () => new Response("in"), isMended ? undefined : "required"),
  },
  {
    what: "a site that has no key of the ticket",
    code: "SERVER_REJECTED_TICKET",
    cure: "the service's keytab has no key of the name that you asked for",
    attempt: async (world, isMended) => {
      const keytab = world.realm.keytab(isMended ? SERVICE : "host/other.test.example");
      const open = createNegotiateServer({ keytab, service: "host" }).protect(() => new Response("in"));
      await ask(world, open);
    },
  },
];
