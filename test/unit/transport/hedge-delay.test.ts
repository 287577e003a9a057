import { describe, expect, it } from "vitest";
import { createTestRealm } from "../../../src/entry/testing.ts";
import { createClient } from "../../../src/remctl-client/on-host.ts";
import { hedgeDelayMsOf } from "../../../src/transport/hedge-delay.ts";
import { udpRuntime } from "../../support/udp-to-realm.ts";

describe("how long a KDC may be silent before the next is asked", () => {
  it.each([undefined, "claims"] as const)(
    "P11: 150 ms; a second for a proof of the password, which two KDCs would count twice (pac: %s)",
    async (pac) => {
      const principals = { alice: { password: "secret" }, "host/localhost": {} };
      const realm = await createTestRealm({ realm: "TEST.EXAMPLE", principals });
      const delays: number[] = [];
      const client = createClient({
        credentials: { principal: "alice@TEST.EXAMPLE", password: "secret" },
        kdc: ["udp://kdc.test.example"],
        pac,
        runtime: udpRuntime((request) => {
          delays.push(hedgeDelayMsOf(request));
          return realm.handle(request, { transport: "udp" });
        }),
      });
      await client.getTicket("host/localhost@TEST.EXAMPLE");
      // AS-REQ that asks, AS-REQ that proves, TGS-REQ.
      expect(delays).toEqual([150, 1000, 150]);
    },
  );

  it("a second for an AS-REQ that does not decode", () => {
    expect(hedgeDelayMsOf(Uint8Array.of(0x6a, 0))).toBe(1000);
    expect(hedgeDelayMsOf(Uint8Array.of(0x6c, 0))).toBe(150);
  });
});
