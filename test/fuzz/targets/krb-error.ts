import { AsExchange, keytabSecret } from "../../../src/client/index.ts";
import { KeyBlock, Keytab } from "../../../src/credentials/index.ts";
import { createEncTypeSet, loadNobleProvider, strongEncTypes } from "../../../src/crypto/index.ts";
import { KRB_ERROR, PADATA } from "../../../src/iana/index.ts";
import {
  encodeEtypeInfo2,
  encodeKrbError,
  encodeMethodData,
  parsePrincipal,
  tgsPrincipal,
} from "../../../src/krb5/index.ts";
import { vectorOctets } from "../corpus.ts";
import { derChange } from "../mutate/der.ts";
import { mutatedOctets } from "../mutate/octets.ts";
import type { FuzzTarget } from "../target.ts";

/** KRB-ERROR in answer to an AS-REQ, with hints on pre-authentication: it may end the exchange or lead to one more request. */
export async function krbError(root: string): Promise<FuzzTarget<never>> {
  const encTypes = createEncTypeSet(strongEncTypes, await loadNobleProvider());
  const client = parsePrincipal("alice@TEST.EXAMPLE");
  const nowMs = Date.UTC(2026, 10, 23, 12);
  const entries = [17, 18, 19, 20].map((etype) => ({
    principal: client,
    timestamp: new Date(nowMs),
    kvno: 1,
    keyBlock: new KeyBlock(etype, encTypes.generateKey(etype).octets),
  }));
  const secret = keytabSecret(client, new Keytab(entries));
  const errorOf = (errorCode: number, eData?: Uint8Array): Uint8Array =>
    encodeKrbError({
      pvno: 5,
      msgType: 30,
      stime: new Date(nowMs),
      susec: 1,
      errorCode,
      realm: "TEST.EXAMPLE",
      crealm: "OTHER.EXAMPLE",
      sname: { nameType: 2, nameString: ["krbtgt", "TEST.EXAMPLE"] },
      eText: "NEEDED_PREAUTH",
      eData,
    });
  const info = encodeEtypeInfo2([
    { etype: 18, salt: "TEST.EXAMPLEalice", s2kparams: Uint8Array.of(0, 0, 0x10, 0) },
    { etype: 23 },
    { etype: 20, salt: "x", s2kparams: Uint8Array.of(0, 0, 0x80, 0) },
  ]);
  const hints = encodeMethodData([
    { padataType: PADATA.encTimestamp, padataValue: new Uint8Array(0) },
    { padataType: PADATA.etypeInfo2, padataValue: info },
    { padataType: PADATA.fxCookie, padataValue: new Uint8Array(40).fill(0x43) },
    { padataType: PADATA.reqEncPaRep, padataValue: new Uint8Array(0) },
  ]);
  const corpus = [
    errorOf(KRB_ERROR.KDC_ERR_PREAUTH_REQUIRED, hints),
    ...[6, 12, 18, 23, 24, 25, 31, 37, 52, 60, 68, 90, 91].map((code) => errorOf(code, hints)),
    ...vectorOctets(root, "asn1/rfc4120.json").flatMap(({ type, octets }) => (type === "KRB-ERROR" ? [octets] : [])),
  ];
  const target: FuzzTarget<string> = {
    name: "krb-error",
    inputs: mutatedOctets(corpus, derChange([...corpus, hints, info])),
    async run(input) {
      const exchange = new AsExchange({
        client,
        secret,
        encTypes,
        service: tgsPrincipal(client.realm),
        trace: () => {},
        now: () => nowMs,
        skewMs: 300_000,
        canonicalize: true,
      });
      exchange.start();
      return (await exchange.step(input)).type;
    },
    verify(type) {
      if (type !== "send") throw new Error("a KRB-ERROR gave a ticket");
    },
  };
  return target as FuzzTarget<never>;
}
