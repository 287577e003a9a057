// A deprecated enctype that a program permits serves tickets, sessions and keytabs; a password is proven with it by name
// alone.

import { describe, expect, it } from "vitest";
import { AsExchange, type AsExchangeOptions, keytabSecret, passwordSecret } from "../../../src/client/index.ts";
import { Keytab } from "../../../src/credentials/index.ts";
import { createEncTypeSet, loadNobleProvider, strongEncTypes } from "../../../src/crypto/index.ts";
import { decodeAsReq, parsePrincipal, tgsPrincipal } from "../../../src/krb5/index.ts";
import { arcfourHmac } from "../../../src/legacy-enctypes/index.ts";

const client = parsePrincipal("alice@TEST.EXAMPLE");
const encTypes = createEncTypeSet([...strongEncTypes, arcfourHmac], await loadNobleProvider());
const password = passwordSecret(client, "secret");

const exchangeOf = (options: Partial<AsExchangeOptions> = {}) =>
  new AsExchange({
    client,
    service: tgsPrincipal(client.realm),
    secret: password,
    encTypes,
    trace: () => {},
    now: Date.now,
    skewMs: 300_000,
    ...options,
  });

function asked(options?: Partial<AsExchangeOptions>): readonly number[] {
  const step = exchangeOf(options).start();
  if (step.type !== "send") throw new Error("nothing is sent");
  return decodeAsReq(step.request).reqBody.etype;
}

describe("which enctypes a login asks for", () => {
  it("LE1: of a password, no deprecated one, whatever is permitted", () => {
    expect(asked()).toEqual([18, 17, 20, 19]);
    expect(asked({ requested: [23, 18] })).toEqual([18]);
    expect(() => asked({ requested: [23] })).toThrow(/arcfour-hmac/);
  });

  it("of a password, those that are named for the login", () => {
    expect(asked({ weakLogin: [23] })).toEqual([18, 17, 20, 19, 23]);
    expect(asked({ weakLogin: [16] })).toEqual([18, 17, 20, 19]);
  });

  it("of a keytab, all that it has keys of: they are not guessed", () => {
    const key = new Uint8Array(16);
    const entry = { principal: client, kvno: 1, timestamp: new Date(0), keyBlock: { etype: 23, octets: key } };
    const keytab = new Keytab([entry]);
    // The others are for the session key: the ticket-granting service may have no key of RC4.
    expect(asked({ secret: keytabSecret(client, keytab) })).toEqual([23, 18, 17, 20, 19]);
  });
});
