import { createAcceptor, createInitiator } from "../../../src/entry/gssapi.ts";
import { ticketAuthorization } from "../../../src/entry/pac.ts";
import { HOST, SERVICE, type Walk, type World } from "./world.ts";

const TARGET = `host@${HOST}`;
const text = (words: string): Uint8Array => new TextEncoder().encode(words);

/** The two ends of a context between alice and the service. */
async function ends(
  { realm, client }: World,
  bindings: { readonly ours?: Uint8Array; readonly theirs?: Uint8Array } = {},
) {
  const { ours, theirs } = bindings;
  const initiator = createInitiator({
    target: TARGET,
    credential: client(),
    flags: { mutual: true, replay: true, sequence: true, confidentiality: true },
    ...(ours === undefined ? {} : { channelBindings: ours }),
  });
  const acceptor = createAcceptor({
    keytab: realm.keytab(SERVICE),
    service: TARGET,
    ...(theirs === undefined ? {} : { channelBindings: theirs }),
  });
  return { initiator, acceptor };
}

/** The same, after their tokens. */
async function established(world: World) {
  const { initiator, acceptor } = await ends(world);
  const answer = await acceptor.step((await initiator.step()) as Uint8Array);
  await initiator.step(answer as Uint8Array);
  return { sends: initiator, takes: acceptor };
}

/** The service, and the context with it. */
export const serviceWalks: readonly Walk[] = [
  {
    what: "a keytab of the service from before its new key",
    code: "SERVER_KEY_CHANGED",
    cure: "Write the service's keytab anew",
    attempt: ({ realm, client, serve }, isMended) => {
      const before = realm.keytab(SERVICE);
      realm.rotateKey(SERVICE);
      serve({ keytab: isMended ? realm.keytab(SERVICE) : before });
      return client().remctl(HOST, ["account", "show"]);
    },
  },
  {
    what: "a server whose clock is an hour off",
    code: "SERVER_CLOCK_SKEW",
    cure: "set the clock that is wrong",
    attempt: ({ client, serve }, isMended) => {
      serve({ now: () => Date.now() + (isMended ? 0 : 3_600_000) });
      return client().remctl(HOST, ["account", "show"]);
    },
  },
  {
    what: "a token that is used twice",
    code: "REPLAY",
    cure: "Make a new context for each connection",
    attempt: async (world, isMended) => {
      const keytab = world.realm.keytab(SERVICE);
      const token = async () => (await ends(world)).initiator.step() as Promise<Uint8Array>;
      const first = await token();
      await createAcceptor({ keytab, service: TARGET }).step(first);
      await createAcceptor({ keytab, service: TARGET }).step(isMended ? await token() : first);
    },
  },
  {
    what: "a ticket without the PAC that the service requires",
    code: "PAC_REQUIRED",
    cure: "or the client asked for none (`pac: false`)",
    realm: { domainSid: "S-1-5-21-1-2-3" },
    attempt: async ({ realm, client }, isMended) => {
      const credential = client(isMended ? {} : { pac: false });
      const acceptor = createAcceptor({
        keytab: realm.keytab(SERVICE),
        service: TARGET,
        authorizationData: ticketAuthorization({ requirePac: true }),
      });
      await acceptor.step((await createInitiator({ target: TARGET, credential }).step()) as Uint8Array);
    },
  },
  {
    what: "two ends on two TLS connections",
    code: "GSS_BAD_BINDINGS",
    cure: "Both must be on the same TLS connection",
    attempt: async (world, isMended) => {
      const theirs = text("tls-server-end-point:b");
      const { initiator, acceptor } = await ends(world, {
        ours: isMended ? theirs : text("tls-server-end-point:a"),
        theirs,
      });
      await acceptor.step((await initiator.step()) as Uint8Array);
    },
  },
  {
    what: "a context before its tokens",
    code: "GSS_NO_CONTEXT",
    cure: "Exchange tokens until `isEstablished`",
    attempt: async (world, isMended) =>
      (isMended ? (await established(world)).sends : (await ends(world)).initiator).wrap(text("a")),
  },
  {
    what: "a message that was changed",
    code: "GSS_BAD_MIC",
    cure: "make another",
    attempt: async (world, isMended) => {
      const { sends, takes } = await established(world);
      const sealed = sends.wrap(text("a"));
      if (!isMended) sealed[sealed.length - 1] = (sealed.at(-1) as number) ^ 1;
      return takes.unwrap(sealed);
    },
  },
  {
    what: "a message that comes twice",
    code: "GSS_DUPLICATE_TOKEN",
    cure: "Unwrap each message once",
    attempt: async (world, isMended) => {
      const { sends, takes } = await established(world);
      const sealed = sends.wrap(text("a"));
      takes.unwrap(sealed);
      return takes.unwrap(isMended ? sends.wrap(text("a")) : sealed);
    },
  },
  {
    what: "a message that is left out",
    code: "GSS_GAP_TOKEN",
    cure: "Unwrap every message, in order",
    attempt: async (world, isMended) => {
      const { sends, takes } = await established(world);
      const first = sends.wrap(text("a"));
      if (isMended) takes.unwrap(first);
      return takes.unwrap(sends.wrap(text("b")));
    },
  },
  {
    what: "a source of tickets that throws an error of its own",
    code: "GSS",
    cure: "Look up the code of `error.cause`",
    attempt: async ({ client }, isMended) => {
      const broken = {
        getTicket: () => Promise.reject(new Error("the vault is sealed")),
      };
      return await createInitiator({ target: TARGET, credential: isMended ? client() : broken }).step();
    },
  },
  {
    what: "a token of something else",
    code: "GSS_DEFECTIVE_TOKEN",
    cure: "Look what the peer sends",
    attempt: async (world, isMended) => {
      const { initiator, acceptor } = await ends(world);
      return await acceptor.step(isMended ? ((await initiator.step()) as Uint8Array) : text("NTLMSSP\0"));
    },
  },
];
