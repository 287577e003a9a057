import { concat } from "../../../src/bytes/index.ts";
import {
  createSaslClient,
  createSaslServer,
  type SaslClient,
  type SaslClientOptions,
  type SaslServer,
  type SaslServerOptions,
} from "../../../src/entry/sasl.ts";
import { createReplayCache, type Principal, toPrincipalName } from "../../../src/krb5/index.ts";
import { ALICE, createEnds, createWorld, type Ends, NOW, type TicketChoices } from "../gssapi/exchange.ts";
import { encTypes } from "../gssapi/pair.ts";

const now = (): number => NOW;

export interface SaslChoices extends TicketChoices {
  /** The client's principal. Default alice. */
  readonly as?: Principal;
  readonly client?: Partial<SaslClientOptions>;
  readonly server?: Partial<SaslServerOptions>;
}

/** Both ends of an exchange in which nothing has been said. */
export function createSaslEnds({ client, server, as = ALICE, ...choices }: SaslChoices = {}): {
  readonly client: SaslClient;
  readonly server: SaslServer;
} {
  const part = { crealm: as.realm, cname: toPrincipalName(as) };
  const { ticket, keytab } = createWorld({ ...choices, part });
  return {
    client: createSaslClient({
      service: "host",
      host: "server.example.org",
      credential: { getTicket: async () => ({ ...ticket, client: as }) },
      enctypes: encTypes,
      now,
      ...client,
    }),
    server: createSaslServer({ keytab, enctypes: encTypes, replayCache: createReplayCache(), now, ...server }),
  };
}

/** Runs an exchange to its end; gives how many messages there were. */
export async function negotiate({ client, server }: ReturnType<typeof createSaslEnds>): Promise<number> {
  let challenge: Uint8Array | undefined;
  for (let messages = 2; messages < 20; messages += 2) {
    challenge = await server.step(await client.step(challenge));
    if (server.isComplete) {
      await client.finish(challenge);
      return messages;
    }
    challenge ??= new Uint8Array(0);
  }
  throw new Error("the exchange has no end");
}

/** A client before a server that is not ours: the test has its context. */
export async function clientOfHostile(
  options: Partial<SaslClientOptions> = {},
): Promise<{ readonly client: SaslClient; readonly server: Ends["acceptor"] }> {
  const ends = createEnds();
  const client = createSaslClient({
    service: "host",
    host: "server.example.org",
    credential: { getTicket: async () => ends.ticket },
    enctypes: encTypes,
    now,
    ...options,
  });
  const reply = await ends.acceptor.step(await client.step());
  if ((await client.step(reply)).length > 0) throw new Error("the client answers the AP-REP with nothing");
  return { client, server: ends.acceptor };
}

/** A server before a client that is not ours: the test has its context, and the server's offer. */
export async function serverOfHostile(
  options: Partial<SaslServerOptions> = {},
): Promise<{ readonly server: SaslServer; readonly client: Ends["initiator"]; readonly offer: Uint8Array }> {
  const ends = createEnds();
  const server = createSaslServer({
    keytab: ends.keytab,
    enctypes: encTypes,
    replayCache: createReplayCache(),
    now,
    ...options,
  });
  await ends.initiator.step(await server.step(await ends.initiator.step()));
  const offer = ends.initiator.unwrap((await server.step(new Uint8Array(0))) as Uint8Array);
  return { server, client: ends.initiator, offer };
}

/** A message of the negotiation: a mask, a size, and more. */
export function sizeMessage(mask: number, size: number, more: Uint8Array = new Uint8Array(0)): Uint8Array {
  return concat(Uint8Array.of(mask, size >>> 16, size >>> 8, size), more);
}
