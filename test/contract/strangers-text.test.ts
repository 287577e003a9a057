// Wherever a stranger's text can enter: what comes out of it in an error, an event or a log obeys no terminal.

import { describe, expect, it } from "vitest";
import { printableText } from "../../src/bytes/index.ts";
import { createAcceptor } from "../../src/entry/gssapi.ts";
import { TransportError } from "../../src/errors.ts";
import { encodeContextToken } from "../../src/gssapi/framing.ts";
import {
  decodeTicket,
  encodeApReq,
  encodeTicket,
  krbErrorToError,
  type Principal,
  principal,
} from "../../src/krb5/index.ts";
import { createTrace, type TraceEvent } from "../../src/trace.ts";
import { command } from "../support/raw-remctl-client.ts";
import { settle } from "../support/remctl-harness.ts";
import { createBench, open } from "../support/server-bench.ts";
import { EVIL, expectPlain } from "../support/strangers-text.ts";
import { createWorld, failureOf, NOW } from "../unit/gssapi/exchange.ts";
import { encTypes } from "../unit/gssapi/pair.ts";

/** The token of somebody who has no key: a ticket for this name, and octets. */
function tokenFor(name: Principal): Uint8Array {
  const encPart = { etype: 18, kvno: 1, cipher: new Uint8Array(60) };
  const { realm, components } = name;
  const octets = encodeTicket({ tktVno: 5, realm, sname: { nameType: 2, nameString: components }, encPart });
  expect(decodeTicket(octets).realm).toBe(realm);
  const request = { pvno: 5, msgType: 14, apOptions: 0, ticket: { octets }, authenticator: encPart };
  return encodeContextToken(0x0100, encodeApReq(request));
}

describe("a name that nobody has proven", () => {
  it.each([
    ["in the ticket's service", principal("R", [EVIL])],
    ["in the ticket's realm", principal(EVIL, ["host"])],
    ["of 100 KB", principal("R", ["Q".repeat(100_000)])],
  ])("%s is fit for the error of the acceptor, and short", async (_, name) => {
    const acceptor = createAcceptor({ keytab: createWorld().keytab, enctypes: encTypes, now: () => NOW });
    const error = await failureOf(acceptor.step(tokenFor(name)));
    expectPlain(error.message);
    expect(error.message.length).toBeLessThan(1000);
  });

  it("is fit for the server's log", async () => {
    const here = createBench([]);
    const client = here.connect();
    await client.packet(0x51);
    await client.packet(0x42, tokenFor(principal("R", [EVIL])));
    await client.served;
    expectPlain(here.events);
    expect(here.of("closed")[0]?.reason).toContain("is refused");
  });
});

describe("a principal that a KDC vouches for", () => {
  it("is fit for the server's log, and exact for handlers", async () => {
    const name = `eve${EVIL}`;
    const users: string[] = [];
    const here = createBench(
      [
        open("a", ({ user }) => {
          users.push(user);
          throw new Error("oops");
        }),
      ],
      {},
      { part: { cname: { nameType: 1, nameString: [name] } } },
    );
    const client = here.connect({
      credential: {
        getTicket: async () => ({ ...here.world.ticket, client: { ...here.world.ticket.client, components: [name] } }),
      },
    });
    await client.establish();
    await client.send(command("a", "b"));
    await client.answer();
    await settle();
    await client.close();
    await client.served;
    expect(users[0]).toContain("\u001b");
    expectPlain(here.events);
    expectPlain(here.errors.map(({ source }) => source));
    expect(here.of("command")[0]?.line).toMatch(/^COMMAND from evex\?/);
  });
});

describe("what a peer says of a failure", () => {
  it("a KRB-ERROR's text is fit for the error and for the trace", () => {
    const events: TraceEvent[] = [];
    const trace = createTrace((event) => events.push(event));
    const told = {
      pvno: 5,
      msgType: 30,
      stime: new Date(NOW),
      susec: 0,
      errorCode: 60,
      realm: EVIL,
      sname: { nameType: 2, nameString: [EVIL] },
      eText: EVIL,
    };
    const error = krbErrorToError(told as Parameters<typeof krbErrorToError>[0], { realm: EVIL } as never);
    expectPlain(error.message);
    trace({ type: "kdc-error", realm: EVIL, errorCode: 60, errorName: "X", text: EVIL });
    trace({ type: "preauth-offered", realm: EVIL, mechanisms: [EVIL] });
    expectPlain(events);
  });

  it("any message of any error of this package, whoever put it together", () => {
    const error = new TransportError("CONNECT", `no connection: ${EVIL}`);
    expectPlain(error.message);
    expect(new TransportError("CONNECT", "x".repeat(1_000_000)).message.length).toBeLessThan(10_000);
    expectPlain(printableText(EVIL).replaceAll("\n", " "));
    // What is text stays: an emoji's second half looks like such an octet.
    expect(printableText("é \u{1f480} ü")).toBe("é \u{1f480} ü");
  });
});
