// No error, trace, JSON or inspection shows octets of a key, ticket or password.

import { inspect } from "node:util";
import { expect, it } from "vitest";
import { encodeHex } from "../../src/bytes/index.ts";
import { createInitiator } from "../../src/entry/gssapi.ts";
import { createClient, type TraceEvent } from "../../src/entry/index.ts";
import { createTestRealm } from "../../src/entry/testing.ts";

/** Everything that a logger could make of a value, as one text in which octets are hexadecimal. */
function everything(value: unknown): string {
  const octets = (_key: string, found: unknown): unknown =>
    found instanceof Uint8Array ? encodeHex(found) : found instanceof Error ? { ...found, text: String(found) } : found;
  const shown = inspect(value, { depth: 12, showHidden: false, maxArrayLength: null, maxStringLength: null });
  const lists = shown.replace(/\[([\d,\s]+)\]/g, (_, list: string) =>
    encodeHex(Uint8Array.from(list.split(",").map(Number))),
  );
  return `${JSON.stringify(value, octets)}\n${shown}\n${lists}`;
}

it("a client, its tickets, its contexts, its errors and its trace keep every secret", async () => {
  const password = "secret-of-alice";
  await using realm = await createTestRealm({
    realm: "TEST.EXAMPLE",
    principals: { alice: { password }, "host/localhost": {} },
  });
  const events: TraceEvent[] = [];
  const onTrace = (event: TraceEvent) => void events.push(event);
  const options = { kdc: realm.kdc, dial: realm.dial, onTrace };
  const client = createClient({ credentials: { principal: "alice@TEST.EXAMPLE", password }, ...options });
  const ticket = await client.getTicket("host/localhost@TEST.EXAMPLE");
  const context = createInitiator({ target: "host@localhost", credential: client });
  await context.step();
  const errors: unknown[] = [];
  const note = (error: unknown) => void errors.push(error);
  await context.step(Uint8Array.of(1, 2, 3)).catch(note);
  await client.getTicket("no/such@TEST.EXAMPLE").catch(note);
  const wrong = `${password}-not`;
  await createClient({ credentials: { principal: "alice@TEST.EXAMPLE", password: wrong }, ...options })
    .getTicket("host/localhost@TEST.EXAMPLE")
    .catch(note);
  expect(errors).toHaveLength(3);

  const shown = everything({ client, ticket, context, errors, events });
  const secrets = [
    password,
    encodeHex(new TextEncoder().encode(password)),
    encodeHex(ticket.sessionKey.octets),
    // The part of the ticket that only its service can read.
    encodeHex(ticket.ticket.subarray(-40)),
  ];
  for (const secret of secrets) expect(shown.includes(secret)).toBe(false);
  // The search would find them if they were there.
  expect(everything({ octets: ticket.ticket.slice() })).toContain(secrets[3]);
  expect(everything({ octets: ticket.sessionKey.octets.slice() })).toContain(secrets[2]);
});
