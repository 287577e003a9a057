import { walkDer } from "../../../src/asn1/index.ts";
import { decodeHex } from "../../../src/bytes/index.ts";
import { DecodeError } from "../../../src/errors.ts";
import { asn1jsTree, type DerTree, ourTree } from "../../support/asn1js-tree.ts";
import { MESSAGE_CODECS } from "../../support/message-codecs.ts";
import { recordings, vectorOctets } from "../corpus.ts";
import { derChange } from "../mutate/der.ts";
import { mutatedOctets } from "../mutate/octets.ts";
import { Finding, type FuzzTarget } from "../target.ts";

/** Any DER, read as every type there is: what one takes, asn1js takes too and sees the same in it. */
export function der(root: string): FuzzTarget<never> {
  const corpus = [
    ...vectorOctets(root, "asn1/rfc4120.json").map(({ octets }) => octets),
    ...vectorOctets(root, "asn1/refused.json").map(({ octets }) => octets),
    ...recordings(root).flatMap(({ kdc }) => kdc.map(({ reply }) => decodeHex(reply))),
  ];
  const decoders = Object.values(MESSAGE_CODECS).map(([decode]) => decode);
  const target: FuzzTarget<{ readonly isTyped: boolean }> = {
    name: "der",
    inputs: mutatedOctets(corpus, derChange(corpus)),
    run(input) {
      // The reader alone; then, in turn, as each type.
      walkDer(input, () => {});
      const decode = decoders[input.reduce((sum, octet) => sum + octet, 0) % decoders.length];
      try {
        decode?.(input);
        return { isTyped: true };
      } catch (error) {
        if (!(error instanceof DecodeError)) throw error;
        return { isTyped: false };
      }
    },
    verify({ isTyped }, input) {
      let theirs: DerTree;
      try {
        theirs = asn1jsTree(input);
      } catch (error) {
        // The reader alone does not look into the values of elements; asn1js does.
        if (isTyped) throw new Finding(`we take it, asn1js does not: ${String(error)}`);
        return;
      }
      if (JSON.stringify(ourTree(input)) !== JSON.stringify(theirs)) throw new Finding("asn1js sees another tree");
    },
  };
  return target as FuzzTarget<never>;
}
