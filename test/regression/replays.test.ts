import { expect, it } from "vitest";
import { createReplayCache } from "../../src/krb5/index.ts";
import { createEnds, establish, failureOf } from "../unit/gssapi/exchange.ts";
import { codeOf, pattern } from "../unit/gssapi/pair.ts";

// RFC 4120 section 3.2.3 and GSS-API: what was said once is not said again by somebody who only listened.
it("an AP-REQ that came before is refused", async () => {
  const replayCache = createReplayCache();
  const first = createEnds({ acceptor: { replayCache } });
  const token = (await first.initiator.step()) as Uint8Array;
  await first.acceptor.step(token);
  const { createAcceptor } = await import("../../src/entry/gssapi.ts");
  const { encTypes } = await import("../unit/gssapi/pair.ts");
  const { NOW } = await import("../unit/gssapi/exchange.ts");
  const again = createAcceptor({ keytab: first.keytab, enctypes: encTypes, replayCache, now: () => NOW });
  expect((await failureOf(again.step(token))).code).toBe("REPLAY");
});

it("an AP-REP of another connection is refused", async () => {
  const old = createEnds();
  const reply = (await old.acceptor.step(await old.initiator.step())) as Uint8Array;
  const ends = createEnds({ initiator: { credential: { getTicket: async () => old.ticket } } });
  await ends.initiator.step();
  expect((await failureOf(ends.initiator.step(reply))).code).toBe("REPLY_MODIFIED");
});

it("a message that came before is refused, and ends the context", async () => {
  const { initiator, acceptor } = await establish();
  const token = initiator.wrap(pattern(8)).slice();
  acceptor.unwrap(token.slice());
  expect(codeOf(() => acceptor.unwrap(token))).toBe("GSS_DUPLICATE_TOKEN");
});
