import { describe, expect, test } from "vitest";
import {
  createModule,
  type Definitions,
  IMPLICIT_WORDS,
  MORE_WORDS,
  type MoreWords,
  PKINIT_WORDS,
  SPNEGO_WORDS,
} from "../../../src/asn1/index.ts";
import { DecodeError } from "../../../src/errors.ts";
import { OTHER_TYPES } from "../../../src/krb5/messages/all-types.ts";
import { EXCHANGE_TYPES } from "../../../src/krb5/messages/module.ts";
import { OTP_TYPES } from "../../../src/preauth/otp/messages.ts";
import { PKINIT_TYPES } from "../../../src/preauth/pkinit/messages.ts";
import { TOKEN_TYPES } from "../../../src/spnego/tokens.ts";
import { PROXY_TYPES } from "../../../src/transport/kkdcp.ts";
import { CMS_TYPES } from "../../../src/x509/cms-sign.ts";

/** The modules of src that are made without {@link MORE_WORDS}, and so without its checks; with the words that they have. */
const modules: [name: string, definitions: Definitions, words?: MoreWords][] = [
  ["a client's exchanges", EXCHANGE_TYPES],
  ["all messages", { ...EXCHANGE_TYPES, ...OTHER_TYPES }],
  ["KDC proxies", PROXY_TYPES],
  ["SPNEGO's tokens", TOKEN_TYPES, SPNEGO_WORDS],
  ["one-time passwords", OTP_TYPES, IMPLICIT_WORDS],
  ["PKINIT", PKINIT_TYPES, PKINIT_WORDS],
  ["signed data", CMS_TYPES, PKINIT_WORDS],
];

describe.each(modules)("the types of %s", (_, definitions, own) => {
  test.each(Object.keys(definitions))("%s has no mistake in it", (name) => {
    for (const words of [own, MORE_WORDS]) {
      // The compiler knows no value of types that are not written out here.
      const module: { decode(name: string, octets: Uint8Array): unknown } = createModule(definitions as never, words);
      // A mistake is a TypeError at the first use; no type here has values of no octets.
      expect(() => module.decode(name, new Uint8Array(0))).toThrow(DecodeError);
    }
  });
});
