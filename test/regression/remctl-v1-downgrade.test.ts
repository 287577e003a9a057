import { expect, it } from "vitest";
import { connect, failureOf } from "../support/remctl-harness.ts";

// The flag that says protocol 2 or newer is outside of what GSS-API protects: who takes it away makes the C client speak version 1,
// which asks for no protection.
it.each(["fake", "krb5"] as const)(
  "a server's token without the protocol flag is a downgrade, %s context",
  async (kind) => {
    const { opening } = connect((server) => server.accept(0x02), {}, { kind });
    const error = await failureOf(opening);
    expect(error.code).toBe("REMCTL_DOWNGRADE");
    expect(error.commandState).toBe("not-sent");
  },
);
