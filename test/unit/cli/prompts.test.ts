// What is typed at a prompt is the secret, octet for octet, or nothing is sent.

import { expect, it } from "vitest";
import type { CommandHost } from "../../../src/cli/command.ts";
import { promptsOf } from "../../../src/cli/prompts.ts";

const typed = (octets: Uint8Array) => promptsOf({ readSecret: async () => octets } as unknown as CommandHost);

it.each(["pin", "passphrase"] as const)(
  "%s: what is not UTF-8 is refused, and what is stays as it is",
  async (name) => {
    const ask = (octets: Uint8Array) => typed(octets)[name]?.({ text: "PIN" } as never);
    await expect(ask(Uint8Array.of(0x67, 0xfc, 0x6e))).rejects.toThrow("Cannot read password");
    expect(await ask(new TextEncoder().encode("\ufeffg\u00fcn"))).toBe("\ufeffg\u00fcn");
  },
);
