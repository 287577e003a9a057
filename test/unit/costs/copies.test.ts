// What a message costs in keys, copies and buffers: counted, never timed.

import { afterEach, describe, expect, it } from "vitest";
import {
  type CbcCipher,
  type CryptoProvider,
  chooseProvider,
  createEncTypeSet,
  type EncTypeSet,
  type Mac,
  strongEncTypes,
} from "../../../src/crypto/index.ts";
import { createAcceptor, createInitiator, keytabKeys, type SecurityContext } from "../../../src/entry/gssapi.ts";
import { createTestRealm } from "../../../src/entry/testing.ts";
import type { Connection } from "../../../src/host/index.ts";
import { parsePrincipal } from "../../../src/krb5/index.ts";
import { openSession } from "../../../src/remctl/index.ts";
import { createClient } from "../../../src/remctl-client/on-host.ts";
import { encodePacket } from "../../../src/remctl-wire/framing.ts";
import { nodeRuntime } from "../../../src/runtime/index.ts";
import { allParts } from "../../support/remctl-harness.ts";

const flags = { mutual: true, replay: true, sequence: true, confidentiality: true, integrity: true };
const MESSAGE_BYTES = 60_000;
const MESSAGES = 16;

/** A context of both sides, the initiator computing with a provider of its own. */
async function pairOf(etype: number, provider: CryptoProvider): Promise<[SecurityContext, SecurityContext]> {
  const principals = { alice: { password: "secret" }, "host/localhost": {} };
  const realm = await createTestRealm({ realm: "TEST.EXAMPLE", principals, enctypes: [etype] });
  const { dial, kdc } = realm;
  const name = strongEncTypes.find((type) => type.etype === etype)?.name as string;
  const client = createClient({
    credentials: { principal: "alice@TEST.EXAMPLE", password: "secret" },
    kdc,
    dial,
    enctypes: [name],
  });
  const service = parsePrincipal("host/localhost@TEST.EXAMPLE");
  const ticket = await client.getTicket(service);
  const types = strongEncTypes.filter((type) => type.etype === etype);
  const encTypes = createEncTypeSet(types, provider);
  const sessionKey = encTypes.importKey(etype, ticket.sessionKey.octets);
  const initiator = createInitiator({
    target: service,
    credential: { getTicket: async () => Object.create(ticket, { sessionKey: { value: sessionKey } }) },
    flags,
    enctypes: encTypes,
  });
  const theirs: EncTypeSet = createEncTypeSet(types, await chooseProvider({}));
  const acceptor = createAcceptor({ keytab: keytabKeys(realm.keytab("host/localhost"), theirs), enctypes: theirs });
  return [initiator, acceptor];
}

/** Counts for each key how often something is made of it. */
function counting(provider: CryptoProvider): { provider: CryptoProvider; made: Map<string, number> } {
  const made = new Map<string, number>();
  const note = (kind: string, key: Uint8Array): void => {
    const name = `${kind} ${Buffer.from(key).toString("hex")}`;
    made.set(name, (made.get(name) ?? 0) + 1);
  };
  return {
    made,
    provider: {
      ...provider,
      aesCbc(key): CbcCipher {
        note("aes", key);
        return provider.aesCbc(key);
      },
      hmac(hash, key): Mac {
        note(hash, key);
        return provider.hmac(hash, key);
      },
    },
  };
}

// What is patched is put back.
const { set, slice } = Uint8Array.prototype;
const plainArray = globalThis.Uint8Array;
afterEach(() => {
  Uint8Array.prototype.set = set;
  Uint8Array.prototype.slice = slice;
  globalThis.Uint8Array = plainArray;
});

interface Costs {
  copied: number;
  /** Buffers of more than 1 KB. */
  buffers: number;
}

function watch(): Costs {
  const costs: Costs = { copied: 0, buffers: 0 };
  Uint8Array.prototype.set = function (this: Uint8Array, ...args: Parameters<typeof set>) {
    costs.copied += args[0].length;
    set.apply(this, args);
  };
  Uint8Array.prototype.slice = function (this: Uint8Array, ...args: Parameters<typeof slice>) {
    const copy = slice.apply(this, args);
    costs.copied += copy.length;
    return copy;
  } as typeof slice;
  globalThis.Uint8Array = new Proxy(plainArray, {
    construct(target, args, newTarget) {
      const made = Reflect.construct(target, args, newTarget) as Uint8Array;
      if (typeof args[0] === "number" && args[0] > 1024) costs.buffers++;
      return made;
    },
  });
  return costs;
}

describe.each([17, 18, 19, 20])("enctype %i", (etype) => {
  it("no key is derived twice, from the ticket to the hundredth message", async () => {
    const { provider, made } = counting(await chooseProvider(nodeRuntime()));
    const [initiator, acceptor] = await pairOf(etype, provider);
    await initiator.step((await acceptor.step(await initiator.step())) as Uint8Array);
    for (let i = 0; i < 100; i++) {
      acceptor.unwrap(initiator.wrap(new Uint8Array(i)));
      initiator.unwrap(acceptor.wrap(new Uint8Array(i)));
    }
    // The session key and the sub-key with what is derived of each: something was counted.
    expect(made.size).toBeGreaterThanOrEqual(5);
    expect([...made.values()].filter((times) => times > 1)).toEqual([]);
  });

  it("bulk output is copied once, and needs no buffer a message", async () => {
    const [initiator, acceptor] = await pairOf(etype, await chooseProvider(nodeRuntime()));
    const server = new ScriptedServer(acceptor);
    const session = await openSession(server, initiator, allParts);
    // Once before, for what is made once.
    expect(await drain(session.stream(["a", "b"]))).toBe(MESSAGES * MESSAGE_BYTES);
    server.onAnswer = () => {
      costs = watch();
    };
    let costs: Costs = { copied: 0, buffers: 0 };
    expect(await drain(session.stream(["a", "b"]))).toBe(MESSAGES * MESSAGE_BYTES);
    const { copied, buffers } = costs;
    const payload = MESSAGES * MESSAGE_BYTES;
    expect(copied).toBeGreaterThan(payload / 2);
    expect(copied).toBeLessThan(payload * 1.02);
    expect(buffers).toBe(0);
    await session.close();
  });
});

async function drain(run: AsyncIterable<{ readonly data: Uint8Array }>): Promise<number> {
  let total = 0;
  for await (const { data } of run) total += data.length;
  return total;
}

/** A server whose answer to a command is sealed before the client reads the first octet of it. */
class ScriptedServer implements Connection {
  onAnswer: () => void = () => {};
  readonly #context: SecurityContext;
  #unread: Uint8Array[] = [];
  #waiting: ((octets: Uint8Array | undefined) => void) | undefined;
  #early = new Uint8Array(0);

  constructor(context: SecurityContext) {
    this.#context = context;
  }

  async write(octets: Uint8Array): Promise<void> {
    const input = Buffer.concat([this.#early, octets]);
    // An octet of the next packet that went ahead.
    if (input.length < 5) {
      this.#early = Uint8Array.from(input);
      return;
    }
    this.#early = new Uint8Array(0);
    if (!this.#context.isEstablished) {
      // The opening packet has no payload.
      const token = (await this.#context.step(Uint8Array.from(input.subarray(10)))) as Uint8Array;
      this.#give([encodePacket(0x42, token)]);
      return;
    }
    const message = this.#context.unwrap(Uint8Array.from(input.subarray(5)));
    if (message[1] !== 1) return;
    const output = new Uint8Array(7 + MESSAGE_BYTES);
    output.set([2, 3, 1]);
    new DataView(output.buffer).setUint32(3, MESSAGE_BYTES);
    const packets = Array.from({ length: MESSAGES }, () => encodePacket(0x44, this.#context.wrap(output)));
    packets.push(encodePacket(0x44, this.#context.wrap(Uint8Array.of(2, 4, 0))));
    this.onAnswer();
    this.#give(packets);
  }

  read(): Promise<Uint8Array | undefined> {
    const octets = this.#unread.shift();
    if (octets !== undefined) return Promise.resolve(octets);
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  #give(packets: Uint8Array[]): void {
    this.#unread.push(...packets);
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    this.#waiting = undefined;
    waiting(this.#unread.shift());
  }

  hasUnread(): boolean {
    return this.#unread.length > 0;
  }

  async close(): Promise<void> {
    this.#waiting?.(undefined);
  }

  abort(): void {
    this.#waiting?.(undefined);
  }
}
