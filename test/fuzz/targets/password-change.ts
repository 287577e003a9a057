import fc from "fast-check";
import { concat, encodeText, equal } from "../../../src/bytes/index.ts";
import { acceptPasswordReply, createPasswordRequest } from "../../../src/client/password/password-change.ts";
import {
  decodeApReq,
  decodeAuthenticator,
  encodeApRep,
  encodeEncApRepPart,
  encodeEncKrbPrivPart,
  encodeKrbPriv,
  openData,
  sealData,
} from "../../../src/krb5/index.ts";
import { steppedClock } from "../../support/recorded-exchange.ts";
import { createWorld, NOW } from "../../unit/gssapi/exchange.ts";
import { encTypes } from "../../unit/gssapi/pair.ts";
import { derChange } from "../mutate/der.ts";
import { mutatedOctets } from "../mutate/octets.ts";
import { Finding, type FuzzTarget } from "../target.ts";

const word = (number: number): Uint8Array => Uint8Array.of(number >> 8, number & 0xff);

/** Replies of password servers (RFC 3244) with changed octets: a refusal is never read as a success, nor a change as either. */
export function passwordChange(): FuzzTarget<never> {
  const { ticket } = createWorld();
  const pending = createPasswordRequest({ ticket, encTypes, clock: steppedClock(NOW), newPassword: "another one" });
  const apReq = decodeApReq(
    pending.octets.subarray(6, 6 + new DataView(pending.octets.buffer, pending.octets.byteOffset).getUint16(4)),
  );
  const { ctime, cusec } = decodeAuthenticator(openData(ticket.sessionKey, 11, apReq.authenticator));
  const subkey = encTypes.generateKey(18);
  const part = encodeEncApRepPart({ ctime, cusec, subkey: { keytype: 18, keyvalue: subkey.octets }, seqNumber: 7 });
  const apRep = encodeApRep({ pvno: 5, msgType: 15, encPart: sealData(ticket.sessionKey, 12, part) });
  const replyOf = (code: number, text: string): Uint8Array => {
    const userData = concat(word(code), encodeText(text));
    const sAddress = { addrType: 2, address: Uint8Array.of(127, 0, 0, 1) };
    const encPart = sealData(subkey, 13, encodeEncKrbPrivPart({ userData, seqNumber: 7, sAddress }));
    const priv = encodeKrbPriv({ pvno: 5, msgType: 21, encPart });
    return concat(word(6 + apRep.length + priv.length), word(1), word(apRep.length), apRep, priv);
  };
  const corpus = [replyOf(0, ""), replyOf(4, "too short"), replyOf(3, "no")];
  acceptPasswordReply(corpus[0] as Uint8Array, pending);
  const [, ...refusals] = corpus;
  const change = derChange(corpus.map((octets) => octets.subarray(6)));
  const inner = fc.tuple(fc.constantFrom(...corpus), change).map(([octets, make]) => {
    const changed = make(octets.subarray(6));
    return concat(word((6 + changed.length) & 0xffff), octets.subarray(2, 6), changed);
  });
  const target: FuzzTarget<true> = {
    name: "password-change",
    inputs: fc.oneof(mutatedOctets(corpus), inner),
    run(input) {
      acceptPasswordReply(input, pending);
      return true;
    },
    verify(_, input) {
      // The version's number and unsealed fields of KRB-PRIV decide nothing; what is sealed does.
      const sealed = (corpus[0] as Uint8Array).subarray(-40);
      if (refusals.some((one) => equal(one, input)) || !equal(input.subarray(-40), sealed)) {
        throw new Finding("taken for a success");
      }
    },
  };
  return target as FuzzTarget<never>;
}
