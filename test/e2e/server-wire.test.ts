// What clients may say to a remctl server, and what it answers, on connections in memory. The same conversations are held with
// remctld in test/interop/server.test.ts.

import { describe, expect, it } from "vitest";
import { createBench } from "../support/server-bench.ts";
import { bedCommands } from "../support/server-commands.ts";
import { WIRE_CASES } from "../support/server-wire-cases.ts";

describe("messages to the server", () => {
  const bench = createBench(bedCommands("EXAMPLE.TEST"));

  for (const { name, talk, replies } of WIRE_CASES) {
    it(name, async () => {
      const client = await bench.open();
      expect(await talk(client)).toEqual(replies);
      await client.close();
      await client.served;
      expect(bench.errors).toEqual(name.includes("an ACL that cannot be read") ? [expect.anything()] : []);
      bench.errors.length = 0;
    });
  }
});
