// What a KDC says of a certificate comes to a login with one in words; a client without certificates carries none of them.

import { expect, it } from "vitest";
import { AsExchange, certificate, passwordSecret, type Secret } from "../../../src/client/index.ts";
import { createEncTypeSet, loadNobleProvider, strongEncTypes } from "../../../src/crypto/index.ts";
import { KRB_ERROR } from "../../../src/iana/index.ts";
import { encodeKrbError, parsePrincipal, tgsPrincipal } from "../../../src/krb5/index.ts";

const client = parsePrincipal("alice@TEST.EXAMPLE");
const encTypes = createEncTypeSet(strongEncTypes, await loadNobleProvider());

/** A login that the KDC refuses with KDC_ERR_REVOKED_CERTIFICATE. */
async function refused(secret: Secret): Promise<unknown> {
  const service = tgsPrincipal(client.realm);
  const exchange = new AsExchange({
    client,
    service,
    secret,
    encTypes,
    trace: () => {},
    now: Date.now,
    skewMs: 300_000,
  });
  exchange.start();
  const error = encodeKrbError({
    pvno: 5,
    msgType: 30,
    stime: new Date(),
    susec: 0,
    errorCode: KRB_ERROR.KDC_ERR_REVOKED_CERTIFICATE,
    realm: client.realm,
    sname: { nameType: 2, nameString: service.components },
  });
  return await exchange.step(error).catch((caught: unknown) => caught);
}

it("a login with a certificate is told what is wrong with it", async () => {
  const der = Uint8Array.of(0x30, 0);
  const own = certificate(client, { certificate: der, key: der, anchors: der });
  expect(await refused(await own.loadSecret())).toMatchObject({
    code: "CERTIFICATE",
    reason: "rejected",
    message: expect.stringMatching(/^the certificate of alice@TEST\.EXAMPLE was revoked: get a new one/),
  });
});

it("a login with a password is told the code", async () => {
  expect(await refused(passwordSecret(client, "secret"))).toMatchObject({ code: "KDC", errorCode: 72 });
});
