import fc from "fast-check";
import { concat, encodeHex } from "../../../src/bytes/index.ts";
import { LATER_TYPES, later } from "../../support/later-types.ts";
import { MESSAGE_CODECS, withoutOctets } from "../../support/message-codecs.ts";
import { vectorOctets } from "../corpus.ts";
import { derChange } from "../mutate/der.ts";
import { mutatedOctets } from "../mutate/octets.ts";
import { Finding, type FuzzTarget } from "../target.ts";

type Codec = (typeof MESSAGE_CODECS)[string];

/** The codecs of RFC 4120, then those of later documents; in this order, which recorded inputs count on. */
const CODECS: readonly (readonly [type: string, codec: Codec])[] = [
  ...Object.entries(MESSAGE_CODECS),
  ...(Object.keys(LATER_TYPES) as (keyof typeof LATER_TYPES)[])
    .filter((type) => MESSAGE_CODECS[type] === undefined)
    .map((type): [string, Codec] => [
      type,
      [(octets) => later.decode(type, octets), (value) => later.encode(type, value)],
    ]),
];

/** Every message under the codec of its type: what is taken is written again with the same meaning. */
export function messages(root: string): FuzzTarget<never> {
  const names = CODECS.map(([type]) => type);
  const all = ["asn1/rfc4120.json", "asn1/later.json"]
    .flatMap((file) => vectorOctets(root, file))
    .filter(({ type }) => names.includes(type));
  const corpus = all.map(({ octets }) => octets);
  const change = derChange(corpus);
  // The first octet of an input is its type's number.
  const inputs = fc
    .constantFrom(...all)
    .chain(({ type, octets }) =>
      mutatedOctets([octets], change).map((changed) => concat(Uint8Array.of(names.indexOf(type)), changed)),
    );
  const codecOf = (input: Uint8Array) => CODECS[(input[0] ?? 0) % CODECS.length]?.[1];
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
        JSON.stringify(one, (_, item) =>
          item instanceof Uint8Array ? encodeHex(item) : typeof item === "bigint" ? String(item) : item,
        );
      if (show(withoutOctets(decode(again))) !== show(fields))
        throw new Finding("written and read again it is another");
    },
  };
  return target as FuzzTarget<never>;
}
