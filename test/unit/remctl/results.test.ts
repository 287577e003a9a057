// What a command came to, and the one command of a session that cannot begin.

import { expect, it } from "vitest";
import type { OutputKind } from "../../../src/remctl/output/output-kind.ts";
import { RemctlResult } from "../../../src/remctl/output/result.ts";
import { streamAlone } from "../../../src/remctl/session/one-shot.ts";
import type { RemctlSession } from "../../../src/remctl/session/session.ts";

it("a result is a success with status 0 alone, and its text is that of the stream that is asked for", () => {
  const octets = (text: string) => new TextEncoder().encode(text);
  const of = (status: number) => new RemctlResult(status, octets("out"), octets("err"));
  expect([0, 1, 255, -1].map((status) => of(status).isSuccess)).toEqual([true, false, false, false]);
  expect([of(0).text(), of(0).text("stdout"), of(0).text("stderr")]).toEqual(["out", "out", "err"]);
});

it("a session whose one command cannot begin is closed, and the reason is the caller's to hear", () => {
  let closed = 0;
  const mistake = new TypeError("no command");
  const session = {
    stream: () => {
      throw mistake;
    },
    close: async () => void closed++,
  } as unknown as RemctlSession;
  const kind = { after: () => expect.unreachable() } as unknown as OutputKind;
  expect(() => streamAlone(session, [], {}, kind)).toThrow(mistake);
  expect(closed).toBe(1);
});
