import { concat, encodeText } from "../../../src/bytes/index.ts";
import { readAnswer } from "../../../src/discovery/dns/answer.ts";
import { decodeResponse, parseResolvConf } from "../../../src/discovery/dns/index.ts";
import { encodeName } from "../../../src/discovery/dns/name.ts";
import { mutatedOctets } from "../mutate/octets.ts";
import { Finding, type FuzzTarget } from "../target.ts";

const QUERY = { name: "_kerberos._udp.example.org", type: "srv", id: 0x1234 } as const;
const word = (...numbers: number[]): Uint8Array => Uint8Array.from(numbers.flatMap((one) => [one >> 8, one & 0xff]));
const name = (text: string): Uint8Array => encodeName(text) ?? new Uint8Array(0);

/** Answers of DNS servers: what is read of them is bounded by what they hold. */
export function dns(): FuzzTarget<never> {
  const question = concat(name(QUERY.name), word(33, 1));
  const record = (owner: Uint8Array, type: number, data: Uint8Array): Uint8Array =>
    concat(owner, word(type, 1, 0, 300, data.length), data);
  const pointer = Uint8Array.of(0xc0, 12);
  const srv = concat(word(0, 100, 88), name("kdc.example.org"));
  const uri = concat(word(1, 1), encodeText("krb5srv:m:udp:kdc.example.org"));
  const soa = concat(name("ns.example.org"), name("root.example.org"), new Uint8Array(20).fill(1));
  const header = (answers: number, authorities: number): Uint8Array => word(0x1234, 0x8180, 1, answers, authorities, 0);
  const corpus = [
    concat(header(1, 0), question, record(pointer, 33, srv)),
    concat(
      header(2, 1),
      question,
      record(pointer, 5, name("a.example.org")),
      record(name("a.example.org"), 33, srv),
      record(pointer, 6, soa),
    ),
    concat(
      header(3, 0),
      question,
      record(pointer, 256, uri),
      record(pointer, 16, Uint8Array.of(3, 97, 98, 99)),
      record(pointer, 1, new Uint8Array(4)),
    ),
  ];
  const target: FuzzTarget<number> = {
    name: "dns",
    inputs: mutatedOctets(corpus),
    run(input) {
      parseResolvConf(new TextDecoder().decode(input));
      const response = decodeResponse(input, QUERY);
      readAnswer(response, QUERY.name, "srv");
      return response.answers.length + response.authorities.length;
    },
    verify(records, { length }) {
      if (records * 11 > length) throw new Finding("more records than octets for them");
    },
  };
  return target as FuzzTarget<never>;
}
