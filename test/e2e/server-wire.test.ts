// What clients may say to a remctl server, and what it answers, on connections in memory. The same conversations are held with
// remctld in test/interop/server.test.ts.

import { describe, expect, it } from "vitest";
import { createBench } from "../support/server-bench.ts";
import { bedCommands } from "../support/server-commands.ts";
import { WIRE_CASES } from "../support/server-wire-cases.ts";

describe("messages to the server", () => {
  const bench = createBench(bedCommands("EXAMPLE.TEST"));

  it.each(WIRE_CASES)("$name", async ({ talk, replies }) => {
    const client = await bench.open();
    expect(await talk(client)).toEqual(replies);
    await client.close();
    await client.served;
  });
});
