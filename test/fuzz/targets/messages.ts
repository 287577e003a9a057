import fc from "fast-check";
import { concat, encodeHex } from "../../../src/bytes/index.ts";
import { MESSAGE_CODECS, withoutOctets } from "../../support/message-codecs.ts";
import { vectorOctets } from "../corpus.ts";
import { derChange } from "../mutate/der.ts";
import { mutatedOctets } from "../mutate/octets.ts";
import { Finding, type FuzzTarget } from "../target.ts";

/** Every message of RFC 4120 under the codec of its type: what is taken is written again with the same meaning. */
export function messages(root: string): FuzzTarget<never> {
  const names = Object.keys(MESSAGE_CODECS);
  const all = vectorOctets(root, "asn1/rfc4120.json").filter(({ type }) => names.includes(type));
  const corpus = all.map(({ octets }) => octets);
  const change = derChange(corpus);
  // The first octet of an input is its type's number.
  const inputs = fc
    .constantFrom(...all)
    .chain(({ type, octets }) =>
      mutatedOctets([octets], change).map((changed) => concat(Uint8Array.of(names.indexOf(type)), changed)),
    );
  const codecOf = (input: Uint8Array) => MESSAGE_CODECS[names[(input[0] ?? 0) % names.length] as string];
  const target: FuzzTarget<object> = {
    name: "messages",
    inputs,
    run: (input) => Object(codecOf(input)?.[0](input.subarray(1))),
    verify(value, input) {
      const codec = codecOf(input);
      if (codec === undefined) return;
      const [decode, encode] = codec;
      const fields = withoutOctets(value);
      const again = encode(fields as never);
      const show = (one: unknown): string =>
        JSON.stringify(one, (_, item) => (item instanceof Uint8Array ? encodeHex(item) : item));
      if (show(withoutOctets(decode(again))) !== show(fields))
        throw new Finding("written and read again it is another");
    },
  };
  return target as FuzzTarget<never>;
}
