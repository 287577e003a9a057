import { concat, encodeHex, encodeText } from "../../../src/bytes/index.ts";
import { KerberosError } from "../../../src/errors.ts";
import { decodeServerMessage } from "../../../src/remctl/command/messages.ts";
import { encodePacket, PacketParser } from "../../../src/remctl-wire/framing.ts";
import { Budget } from "../../../src/server/byte-store.ts";
import { CommandAssembler } from "../../../src/server/command-decoder.ts";
import { mutatedOctets } from "../mutate/octets.ts";
import { Finding, type FuzzTarget } from "../target.ts";

const LIMITS = { maxArguments: 4096, maxCommandBytes: 2 ** 20 };
const word = (number: number): Uint8Array => Uint8Array.of(0, 0, number >> 8, number & 0xff);
const command = (keepAlive: number, status: number, ...args: string[]): Uint8Array =>
  concat(
    Uint8Array.of(2, 1, keepAlive, status),
    word(args.length),
    ...args.flatMap((arg) => [word(arg.length), encodeText(arg)]),
  );
const output = (stream: number, text: string): Uint8Array =>
  concat(Uint8Array.of(2, 3, stream), word(text.length), encodeText(text));

const MESSAGES: readonly Uint8Array[] = [
  output(1, "hello world\n"),
  output(2, "a warning\n"),
  Uint8Array.of(2, 4, 0),
  concat(Uint8Array.of(2, 5, 0, 0, 0, 7), word(14), encodeText("Access denied\n")),
  Uint8Array.of(2, 6, 2),
  Uint8Array.of(3, 7),
  command(1, 0, "account", "show", "alice"),
  command(0, 1, "a", ""),
  Uint8Array.of(2, 1, 0, 3, 0x61),
];

/** Packets and messages of remctl at both ends: however a stream is cut, it is the same packets or the same failure. */
export function remctlMessages(): FuzzTarget<never> {
  const corpus = [
    concat(...MESSAGES.map((one) => encodePacket(0x44, one))),
    ...MESSAGES.map((one) => encodePacket(0x44, one)),
  ];
  const target: FuzzTarget<{ readonly end: string }> = {
    name: "remctl-messages",
    inputs: mutatedOctets(corpus),
    run(input) {
      const whole = parse([input]);
      const assembler = new CommandAssembler(LIMITS, new Budget(2 ** 20).of("alice"));
      try {
        // A session ends at the first message that it refuses.
        for (const payload of whole.payloads) {
          if (payload[1] !== 1) decodeServerMessage(payload);
          // What a refused command took is given back, and would be counted again with the next one.
          else if (assembler.take(payload.subarray(2)).type === "refused") break;
        }
      } catch (error) {
        if (!(error instanceof KerberosError)) throw error;
      }
      assembler.reset();
      return { end: whole.end };
    },
    verify({ end }, input) {
      const whole = parse([input]);
      const step = 1 + (input.length % 13);
      const pieces = Array.from({ length: Math.ceil(input.length / step) }, (_, i) =>
        input.subarray(i * step, (i + 1) * step),
      );
      const cut = parse(pieces);
      const show = ({ payloads }: typeof cut): string => payloads.map(encodeHex).join();
      if (cut.end !== end || show(cut) !== show(whole)) throw new Finding("cut into pieces the stream is another");
    },
  };
  return target as FuzzTarget<never>;
}

/** The payloads of a stream that comes in pieces, and how it ended. */
function parse(pieces: readonly Uint8Array[]): { readonly payloads: Uint8Array[]; readonly end: string } {
  const parser = new PacketParser();
  const payloads: Uint8Array[] = [];
  try {
    for (const piece of pieces) {
      parser.push(piece);
      for (let packet = parser.next(); packet !== undefined; packet = parser.next()) payloads.push(packet.payload);
    }
    return { payloads, end: parser.hasLeftover ? "leftover" : "end" };
  } catch (error) {
    if (!(error instanceof KerberosError)) throw error;
    return { payloads, end: error.message };
  }
}
