// What one connection may hold, which flags each packet of its context may have, and how a message that does not open
// ends it: by itself, without a server around it.

import { describe, expect, it } from "vitest";
import { concat } from "../../../src/bytes/index.ts";
import type { ErrorSource, RemctlServerOptions, ServerEvent } from "../../../src/entry/server.ts";
import type { SecurityContext } from "../../../src/gssapi/index.ts";
import { BufferPool } from "../../../src/server/buffer-pool.ts";
import { Budget } from "../../../src/server/byte-store.ts";
import { ClientConnection } from "../../../src/server/client-connection.ts";
import { CommandTable } from "../../../src/server/command-table.ts";
import { resolveLimits } from "../../../src/server/limits.ts";
import { SLAB_BYTES } from "../../../src/server/outbox.ts";
import { MAX_OUTPUT_BYTES } from "../../../src/server/output.ts";
import { FakeContext } from "../../support/fake-context.ts";
import { framed, word } from "../../support/fake-remctl-server.ts";
import { createConnectionPair } from "../../support/memory-connection.ts";
import { settle } from "../../support/remctl-harness.ts";
import { ALICE } from "../gssapi/exchange.ts";

/** One connection with budgets of so many octets, for those who are known and for strangers. */
function connectionOf({
  context = new FakeContext(true),
  known = 0,
  strangers = 0,
  options = {},
}: {
  context?: FakeContext;
  known?: number;
  strangers?: number;
  options?: Partial<RemctlServerOptions>;
} = {}) {
  const events: Partial<ServerEvent & { reason: string }>[] = [];
  const errors: { error: unknown; source: Omit<ErrorSource, "connection"> }[] = [];
  const pair = createConnectionPair();
  const budgets = { budget: new Budget(known), strangers: new Budget(strangers) };
  const own = Object.assign(context, { peer: ALICE }) as unknown as SecurityContext;
  const connection = new ClientConnection(pair.server, own, "192.0.2.7", {
    limits: resolveLimits({ keytab: new Uint8Array(), commands: [], ...options }),
    table: new CommandTable([], false),
    ...budgets,
    slabs: new BufferPool(SLAB_BYTES, 1),
    plain: new BufferPool(MAX_OUTPUT_BYTES, 1),
    admit: () => {},
    report: (event) => void events.push(event as never),
    isTraced: true,
    onError: (error, source) => void errors.push({ error, source }),
  });
  const running = connection.run();
  const closed = () => events.find(({ type }) => type === "closed")?.reason;
  return { ...pair, ...budgets, connection, running, errors, closed };
}

const token = (leg: number) => new TextEncoder().encode(`REQ ${leg}`);
const established = concat(framed(0x51, new Uint8Array(0)), framed(0x42, token(1)));
/** All of a packet but its last octet: it takes the memory of so many. */
const begun = (flags: number, octets: number) => concat(Uint8Array.of(flags), word(octets), new Uint8Array(octets - 1));

describe("a packet that is not whole is free", () => {
  it.each([
    ["of a stranger up to 131,072 octets", 131_072, undefined],
    ["of a stranger and no more", 131_073, "there is no room for so long a context token"],
  ])("%s: %i", async (_, octets, reason) => {
    // Who is known has room; a stranger has none of theirs.
    const { client, closed } = connectionOf({ known: 2 ** 20 });
    await client.write(framed(0x51, new Uint8Array(0)));
    await client.write(begun(0x42, octets));
    await settle();
    expect(closed()).toBe(reason);
  });

  it.each([
    ["of one who is known up to the longest message and its sealing", 66_560, undefined],
    ["of one who is known and no more", 66_561, "there is no room for its packet"],
  ])("%s: %i", async (_, octets, reason) => {
    const { client, closed } = connectionOf({ strangers: 2 ** 20 });
    await client.write(established);
    await settle();
    await client.write(begun(0x44, octets));
    await settle();
    expect(closed()).toBe(reason);
  });

  it("and what is more counts until it is whole, or the connection is over", async () => {
    const { client, budget, running } = connectionOf({ known: 2 ** 20 });
    const context = new FakeContext(false);
    const message = context.wrap(new Uint8Array(100_000));
    await client.write(established);
    await settle();
    await client.write(framed(0x44, message).subarray(0, 90_000));
    await settle();
    expect(budget.used).toBeGreaterThan(0);
    await client.write(framed(0x44, message).subarray(90_000));
    await settle();
    expect(budget.used).toBe(0);
    await client.write(begun(0x44, 90_000));
    await settle();
    expect(budget.used).toBeGreaterThan(0);
    await client.close();
    await running;
    expect(budget.used).toBe(0);
  });
});

it("a short message costs nothing of a budget whose owner has a full share of it", async () => {
  const { client, server, budget, closed } = connectionOf({ known: 100_000 });
  // On other connections the principal holds more than a part of what is left, and others hold the rest.
  expect(budget.of("alice@EXAMPLE.TEST").take(40_000)).toBe(true);
  expect(budget.of("others").take(40_000)).toBe(true);
  await client.write(established);
  await settle();
  const noop = new FakeContext(false).wrap(Uint8Array.of(3, 7));
  await client.write(framed(0x44, noop));
  await settle();
  expect(closed()).toBeUndefined();
  // The context's token, and the answer to NOOP.
  expect(server.writes).toHaveLength(2);
});

describe("the flags of the tokens of a context", () => {
  const wrong = (flags: string) => `a packet with flags ${flags} in the security context`;
  const opened = "the client closed the connection";
  const done = { 1: opened, 2: opened };

  // Section 2.1 step 5: PROTOCOL that is dropped on the way is an attack; a client that was answered as version 1
  // drops it rightly (section 3).
  it.each([
    ["refuse", 0x51, [0x42, 0x42, 0x42], done[2]],
    ["refuse", 0x51, [0x42, 0x02], wrong("0x02")],
    ["refuse", 0x51, [0x02], wrong("0x02")],
    ["allow", 0x51, [0x42, 0x42, 0x42], done[2]],
    ["allow", 0x51, [0x42, 0x02], wrong("0x02")],
    ["allow", 0x11, [0x02, 0x02, 0x02], done[1]],
    ["allow", 0x11, [0x42], wrong("0x42")],
    ["allow", 0x11, [0x02, 0x42], wrong("0x42")],
    ["only", 0x51, [0x42, 0x02, 0x02], done[1]],
    ["only", 0x51, [0x42, 0x42, 0x02], done[1]],
    ["only", 0x51, [0x02], wrong("0x02")],
    ["only", 0x11, [0x02, 0x02, 0x02], done[1]],
    ["only", 0x11, [0x02, 0x42], wrong("0x42")],
    ["refuse", 0x11, [], "the client speaks protocol version 1, which is refused here"],
  ] as const)("version1 %s, an opening of %i and then %j", async (version1, opening, flags, reason) => {
    const { client, running, errors, closed } = connectionOf({
      context: new FakeContext(true, { legs: 3 }),
      options: { version1 },
    });
    const tokens = flags.map((one, at) => framed(one, token(at + 1)));
    await client.write(concat(framed(opening, new Uint8Array(0)), ...tokens));
    await client.close();
    await running;
    expect(errors).toEqual([]);
    expect(closed()).toBe(reason);
  });
});

it("a message that does not open, of a context that has no last word, ends the connection without one", async () => {
  const { client, server, running, errors, closed } = connectionOf();
  await client.write(concat(established, framed(0x44, Uint8Array.of(1, 2, 3))));
  await running;
  expect(errors).toEqual([]);
  expect(closed()).toBe("fake context: GSS_DEFECTIVE_TOKEN");
  // The context's token, and no packet behind it.
  expect(server.writes).toHaveLength(1);
});
