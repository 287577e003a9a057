// Output that nobody looks at any more.

import { expect, it } from "vitest";
import { OutputQueue } from "../../../src/remctl/output/output-queue.ts";

it("a consumer that left hears of no error, whether it comes before or after", async () => {
  const late = new OutputQueue();
  late.discard();
  late.end({ error: new Error("too late") });
  expect(await late.next()).toEqual({ value: undefined, done: true });

  const early = new OutputQueue();
  early.end({ error: new Error("in time") });
  early.discard();
  expect(await early.next()).toEqual({ value: undefined, done: true });
});

it("a consumer that stays hears of an error once, after what is queued", async () => {
  const queue = new OutputQueue();
  queue.push("stdout", Uint8Array.of(65));
  queue.end({ error: new Error("broken") });
  expect((await queue.next()).value?.data).toEqual(Uint8Array.of(65));
  await expect(queue.next()).rejects.toThrow("broken");
  expect(await queue.next()).toEqual({ value: undefined, done: true });
});
