import { decodeHex, encodeHex } from "../../src/bytes/index.ts";
import { AsExchange, type AsStep, keytabSecret, passwordSecret, TgsWalk } from "../../src/client/index.ts";
import { decodeKeytab } from "../../src/credentials/index.ts";
import { createEncTypeSet, type EncTypeSet, loadNobleProvider, strongEncTypes } from "../../src/crypto/index.ts";
import { createInitiator } from "../../src/entry/gssapi.ts";
import type { Connection } from "../../src/host/index.ts";
import {
  type AuthenticatorClock,
  formatPrincipal,
  parsePrincipal,
  type ServiceTicket,
  tgsPrincipal,
} from "../../src/krb5/index.ts";
import { openSession } from "../../src/remctl/index.ts";

/** What a conversation depends on: with the same inputs, both the recording and the replay send the same octets. */
export interface ExchangeInputs {
  readonly realm: string;
  readonly client: string;
  readonly service: string;
  readonly password?: string;
  /** A keytab file in hexadecimal. */
  readonly keytab?: string;
  /** Hexadecimal: see {@link seededRandom}. */
  readonly seed: string;
  /** The clock of the client, which stands still. */
  readonly time: string;
}

/** One request to a KDC and its reply, in hexadecimal. */
export interface RecordedKdcExchange {
  readonly exchange: "AS" | "TGS";
  readonly request: string;
  readonly reply: string;
}

/** The fields of a ticket that the KDC gave. */
export interface RecordedTicket {
  readonly client: string;
  readonly service: string;
  readonly etype: number;
  readonly sessionKey: string;
  readonly flags: number;
  readonly authTime: string;
  readonly startTime: string;
  readonly endTime: string;
  readonly renewTill?: string;
}

/** Octets of one side of a TCP connection, in the order in which they were seen. */
export interface RecordedChunk {
  readonly from: "client" | "server";
  readonly octets: string;
}

export interface RecordedRemctl {
  readonly command: readonly string[];
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly chunks: readonly RecordedChunk[];
}

/** One file of krb5-vectors/exchanges. */
export interface RecordedExchange {
  readonly description: string;
  readonly name: string;
  readonly source: string;
  readonly inputs: ExchangeInputs;
  readonly kdc: readonly RecordedKdcExchange[];
  readonly tgt: RecordedTicket;
  readonly ticket: RecordedTicket;
  readonly remctl?: RecordedRemctl;
}

/** The generator of a recording: SHA-256 of the seed and a counter of 32 bits, most significant octet first, block after block. */
export function seededRandom(
  seed: Uint8Array,
  hash: (...parts: readonly Uint8Array[]) => Uint8Array,
): (length: number) => Uint8Array {
  let counter = 0;
  let block = new Uint8Array(0);
  return (length) => {
    const octets = new Uint8Array(length);
    for (let at = 0; at < length; ) {
      if (block.length === 0) {
        const number = new Uint8Array(4);
        new DataView(number.buffer).setUint32(0, counter++);
        block = hash(seed, number).slice();
      }
      const taken = block.subarray(0, length - at);
      octets.set(taken, at);
      at += taken.length;
      block = block.subarray(taken.length);
    }
    return octets;
  };
}

/**
 * The recordings are of a client that sealed its PA-ENC-TIMESTAMP first and drew the nonce of that request afterwards. Now the
 * body comes first, since a proof may bind it; with these two draws in their old order, every octet is the recorded one.
 */
function proofBeforeNonce(randomBytes: (length: number) => Uint8Array): (length: number) => Uint8Array {
  const nonceBytes = 4;
  const confounderBytes = 16;
  let nonces = 0;
  let confounder: Uint8Array | undefined;
  return (length) => {
    if (length === nonceBytes && ++nonces === 2) confounder = randomBytes(confounderBytes);
    if (length !== confounderBytes || confounder === undefined) return randomBytes(length);
    const drawn = confounder;
    confounder = undefined;
    return drawn;
  };
}

/** A clock that stands still, but that no two authenticators have the same microsecond: 1, 2, 3 after the time. */
export function steppedClock(nowMs: number): AuthenticatorClock {
  let count = 0;
  return {
    next(offsetMs = 0) {
      const microseconds = (nowMs + Math.round(offsetMs)) * 1000 + ++count;
      const seconds = Math.floor(microseconds / 1_000_000);
      return { ctime: new Date(seconds * 1000), cusec: microseconds - seconds * 1_000_000 };
    },
  };
}

/** The cores, driven with what is in the inputs and nothing else. */
export class ExchangeDriver {
  readonly encTypes: EncTypeSet;
  readonly #inputs: ExchangeInputs;
  readonly #now: () => number;
  readonly #clock: AuthenticatorClock;

  private constructor(inputs: ExchangeInputs, encTypes: EncTypeSet) {
    const nowMs = Date.parse(inputs.time);
    this.#inputs = inputs;
    this.#now = () => nowMs;
    this.#clock = steppedClock(nowMs);
    this.encTypes = encTypes;
  }

  static async create(inputs: ExchangeInputs): Promise<ExchangeDriver> {
    const noble = await loadNobleProvider();
    const drawn = seededRandom(decodeHex(inputs.seed), (...parts) => noble.hash("sha256", ...parts));
    const randomBytes = proofBeforeNonce(drawn);
    return new ExchangeDriver(inputs, createEncTypeSet(strongEncTypes, { ...noble, randomBytes }));
  }

  /** Both KDC exchanges; `ask` sends a request and gives the reply. */
  async getTickets(
    ask: (exchange: "AS" | "TGS", realm: string, request: Uint8Array) => Promise<Uint8Array>,
  ): Promise<{ tgt: ServiceTicket; ticket: ServiceTicket }> {
    const { realm, password, keytab } = this.#inputs;
    const client = parsePrincipal(this.#inputs.client);
    const secret =
      keytab === undefined
        ? passwordSecret(client, password as string)
        : keytabSecret(client, decodeKeytab(decodeHex(keytab)));
    const common = { encTypes: this.encTypes, trace: () => {}, now: this.#now, skewMs: 300_000 };
    const drive = async (
      exchange: "AS" | "TGS",
      machine: { start(): AsStep; step(reply: Uint8Array): AsStep | Promise<AsStep> },
    ): Promise<ServiceTicket> => {
      let next = machine.start();
      while (next.type === "send") next = await machine.step(await ask(exchange, next.realm, next.request));
      return next.ticket;
    };
    const tgt = await drive("AS", new AsExchange({ ...common, client, secret, service: tgsPrincipal(realm) }));
    const service = parsePrincipal(this.#inputs.service);
    const ticket = await drive("TGS", new TgsWalk(tgt, service, { ...common, clock: this.#clock }));
    return { tgt, ticket };
  }

  /** One command on a connection, as the last of its session. */
  async runRemctl(
    connection: Connection,
    ticket: ServiceTicket,
    command: readonly string[],
  ): Promise<{ status: number; stdout: string; stderr: string }> {
    const context = createInitiator({
      target: ticket.service,
      credential: { getTicket: async () => ticket },
      enctypes: this.encTypes,
      now: this.#now,
      clock: this.#clock,
    });
    const session = await openSession(connection, context);
    try {
      const { status, stdout, stderr } = await session.run(command, { isLast: true });
      return { status, stdout: encodeHex(stdout), stderr: encodeHex(stderr) };
    } finally {
      await session.close();
    }
  }
}

/** A ticket as it is recorded. */
export function recordedTicket(ticket: ServiceTicket): RecordedTicket {
  return {
    client: formatPrincipal(ticket.client),
    service: formatPrincipal(ticket.service),
    etype: ticket.sessionKey.encType.etype,
    sessionKey: encodeHex(ticket.sessionKey.octets),
    flags: ticket.flags,
    authTime: ticket.authTime.toISOString(),
    startTime: ticket.startTime.toISOString(),
    endTime: ticket.endTime.toISOString(),
    ...(ticket.renewTill === undefined ? {} : { renewTill: ticket.renewTill.toISOString() }),
  };
}
