import { describe, expect, test } from "vitest";
import { createModule, type Definitions, MORE_WORDS } from "../../../src/asn1/index.ts";
import { DecodeError } from "../../../src/errors.ts";
import { OTHER_TYPES } from "../../../src/krb5/messages/all-types.ts";
import { EXCHANGE_TYPES } from "../../../src/krb5/messages/module.ts";
import { PROXY_TYPES } from "../../../src/transport/kkdcp.ts";

/** The modules of src, which are made without {@link MORE_WORDS}, and so without its checks. */
const modules: [string, Definitions][] = [
  ["a client's exchanges", EXCHANGE_TYPES],
  ["all messages", { ...EXCHANGE_TYPES, ...OTHER_TYPES }],
  ["KDC proxies", PROXY_TYPES],
];

describe.each(modules)("the types of %s", (_, definitions) => {
  test.each(Object.keys(definitions))("%s has no mistake in it", (name) => {
    for (const words of [undefined, MORE_WORDS]) {
      // The compiler knows no value of types that are not written out here.
      const module: { decode(name: string, octets: Uint8Array): unknown } = createModule(definitions as never, words);
      // A mistake is a TypeError at the first use; no type here has values of no octets.
      expect(() => module.decode(name, new Uint8Array(0))).toThrow(DecodeError);
    }
  });
});
