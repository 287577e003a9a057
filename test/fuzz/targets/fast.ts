import { decodeHex, equal } from "../../../src/bytes/index.ts";
import { createEncTypeSet, loadNobleProvider, strongEncTypes } from "../../../src/crypto/index.ts";
import { KEY_USAGE, PADATA } from "../../../src/iana/index.ts";
import { decodeAsRep, decodeKrbError, type KdcRep, openData, type PaData, sealData } from "../../../src/krb5/index.ts";
import { asEnvelope, fastMessages, findPaData, methodsOf } from "../../../src/preauth/index.ts";
import { readVectors } from "../corpus.ts";
import { derChange } from "../mutate/der.ts";
import { mutatedOctets } from "../mutate/octets.ts";
import { Finding, type FuzzTarget } from "../target.ts";

interface Recorded {
  readonly armor: { readonly etype: number; readonly armorKey: string };
  readonly messages: readonly string[];
}

/**
 * What a KDC says inside FAST, with changed octets, under the right armor key: a reply or an error is taken only with the
 * nonce of the request, and a reply only if it is finished, over this ticket.
 */
export async function fastResponses(root: string): Promise<FuzzTarget<never>> {
  const { vectors } = readVectors<{ vectors: readonly Recorded[] }>(root, "preauth/fast-exchanges.json");
  const encTypes = createEncTypeSet(strongEncTypes, await loadNobleProvider());
  const [first] = vectors as readonly [Recorded];
  const key = encTypes.importKey(first.armor.etype, decodeHex(first.armor.armorKey));
  // The plain responses of every recording, each opened with its own armor key.
  const opened = vectors.flatMap(({ armor, messages }) => {
    const own = encTypes.importKey(armor.etype, decodeHex(armor.armorKey));
    return messages.flatMap((hex) => {
      const octets = decodeHex(hex);
      const padata =
        octets[0] === 0x7e ? methodsOf(decodeKrbError(octets)) : octets[0] === 0x6b ? decodeAsRep(octets).padata : [];
      const value = findPaData(padata, PADATA.fxFast)?.padataValue;
      if (value === undefined || value.length === 0) return [];
      const { encFastRep } = fastMessages.decode("PA-FX-FAST-REPLY", value);
      return [openData(own, KEY_USAGE.fastRep, encFastRep)];
    });
  });
  const reply = first.messages.map((hex) => decodeHex(hex)).find((octets) => octets[0] === 0x6b) as Uint8Array;
  const asRep = decodeAsRep(reply);
  const nonce = nonceOf(opened.find((one) => hasFinished(one)) as Uint8Array);
  const seal = (plaintext: Uint8Array): PaData => ({
    padataType: PADATA.fxFast,
    padataValue: fastMessages.encode("PA-FX-FAST-REPLY", { encFastRep: sealData(key, KEY_USAGE.fastRep, plaintext) }),
  });
  const target: FuzzTarget<"reply"> = {
    name: "fast",
    inputs: mutatedOctets(opened, derChange(opened)),
    run(input) {
      const envelope = asEnvelope({ key, apReq: new Uint8Array(1) }, encTypes);
      envelope.request({ nonce, octets: new Uint8Array(1) } as Parameters<typeof envelope.request>[0], []);
      const message: KdcRep = { ...asRep, padata: [seal(input)] };
      envelope.reply(message);
      return "reply";
    },
    verify(_, input) {
      if (nonceOf(input) !== nonce) throw new Finding("taken, with another nonce");
      if (!hasFinished(input)) throw new Finding("taken, and it is not finished");
      const { finished } = fastMessages.decode("KrbFastResponse", input);
      const { ticketChecksum } = finished as NonNullable<typeof finished>;
      const own = key.usage(KEY_USAGE.fastFinished).checksum(asRep.ticket.octets);
      if (!equal(own, ticketChecksum.checksum)) throw new Finding("taken, with the checksum of another ticket");
    },
  };
  return target as FuzzTarget<never>;
}

/** By a search of the octets, and not by the decoder that is under test: nonce [3] is the last field. */
function nonceOf(octets: Uint8Array): number {
  const at = octets.lastIndexOf(0xa3);
  return octets.subarray(at + 4).reduce((value, octet) => (value * 256 + octet) >>> 0, 0);
}

function hasFinished(octets: Uint8Array): boolean {
  try {
    return fastMessages.decode("KrbFastResponse", octets).finished !== undefined;
  } catch {
    return false;
  }
}
