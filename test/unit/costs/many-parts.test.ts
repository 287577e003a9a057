// Lists as long as a stranger's file or stream can make them: nothing of them goes onto the stack.

import { expect, it } from "vitest";
import { concatAll } from "../../../src/bytes/index.ts";
import { noTicketsIn } from "../../../src/client/tickets/cache-contents.ts";
import { Keytab } from "../../../src/credentials/index.ts";
import { parsePrincipal, tgsPrincipal } from "../../../src/krb5/index.ts";
import { makeCredential } from "../../support/credentials.ts";

const MANY = 200_000;
const alice = parsePrincipal("alice@EXAMPLE.ORG");

it("octets in 200,000 pieces", () => {
  expect(concatAll(Array.from({ length: MANY }, () => Uint8Array.of(7))).length).toBe(MANY);
});

it("a keytab of 200,000 keys of one principal", () => {
  const keyBlock = { etype: 18, octets: new Uint8Array(32) };
  const entry = { principal: alice, kvno: 3, timestamp: new Date(0), keyBlock };
  const keytab = new Keytab(Array.from({ length: MANY }, () => entry));
  expect(keytab.find({ principal: alice, kvno: 3 })).toBeDefined();
});

it("a cache of 200,000 tickets that have ended", () => {
  const tgt = {
    ...makeCredential("krbtgt/EXAMPLE.ORG@EXAMPLE.ORG"),
    client: alice,
    server: tgsPrincipal("EXAMPLE.ORG"),
  };
  const contents = { principal: alice, credentials: Array.from({ length: MANY }, () => tgt), config: [] };
  const nowMs = tgt.endTime.getTime() + 1;
  const { code } = noTicketsIn(contents, { name: "FILE:/x" } as never, { principal: alice }, nowMs);
  expect(code).toBe("TICKET_EXPIRED");
});
