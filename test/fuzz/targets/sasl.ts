import fc from "fast-check";
import { concat, encodeText, equal } from "../../../src/bytes/index.ts";
import type { Layer, SecurityLayer } from "../../../src/entry/sasl.ts";
import { encodeGs2Header } from "../../../src/sasl/gs2-header.ts";
import { decodeGs2Request, type Gs2Request } from "../../../src/sasl/gs2-request.ts";
import { createLayer } from "../../../src/sasl/security-layer.ts";
import { decodeOffer, decodeSizeMessage, encodeSizeMessage } from "../../../src/sasl/size-message.ts";
import { contextPair, pattern } from "../../unit/gssapi/pair.ts";
import { mutatedOctets } from "../mutate/octets.ts";
import { Finding, type FuzzTarget } from "../target.ts";

const SIZE = 4096;
const KINDS: readonly Exclude<Layer, "none">[] = ["integrity", "confidentiality"];
const MESSAGES = [pattern(1), pattern(30), pattern(5000)];

async function layerOf(kind: Exclude<Layer, "none">, isInitiator: boolean): Promise<SecurityLayer> {
  const ends = await contextPair();
  const context = isInitiator ? ends.initiator : ends.acceptor;
  return createLayer(context, kind, { maxSendBytes: SIZE, maxReceiveBytes: SIZE }) as SecurityLayer;
}

/** Frames of a security layer with changed octets, cut anywhere: what comes out is a beginning of what was sent. */
export async function saslFrames(): Promise<FuzzTarget<never>> {
  const streams = await Promise.all(
    KINDS.map(async (kind) => {
      const layer = await layerOf(kind, false);
      return concat(...MESSAGES.map((message) => layer.frame(message)));
    }),
  );
  const whole = concat(...MESSAGES);
  // The first octet of an input says the layer, the second how it is cut.
  const inputs = fc
    .tuple(fc.nat(streams.length - 1), fc.nat(255))
    .chain(([index, cut]) =>
      mutatedOctets([streams[index] as Uint8Array]).map((changed) => concat(Uint8Array.of(index, cut), changed)),
    );
  const target: FuzzTarget<Uint8Array> = {
    name: "sasl-frames",
    inputs,
    async run(input) {
      const deframer = (await layerOf(KINDS[(input[0] ?? 0) % 2] as Exclude<Layer, "none">, true)).createDeframer();
      const step = 1 + (input[1] ?? 0) * 7;
      const messages: Uint8Array[] = [];
      for (let at = 2; at < input.length; at += step) messages.push(...deframer.push(input.subarray(at, at + step)));
      return concat(...messages);
    },
    verify(octets) {
      if (!equal(octets, whole.subarray(0, octets.length))) throw new Finding("other octets came out");
    },
  };
  return target as FuzzTarget<never>;
}

const SIZE_MESSAGES = ["", "alice", "alice@EXAMPLE.TEST", "dn:cn=ä,dc=example"].map((authorizationId) =>
  encodeSizeMessage({ mask: 4, maxTokenBytes: 65_536, authorizationId }),
);
const FIRST_MESSAGES = (["n", "y", { type: "tls-exporter" }] as const).flatMap((flag) =>
  ["", "alice", "a=b,c"].map((authorizationId) =>
    concat(encodeGs2Header({ flag, authorizationId }), Uint8Array.of(1, 0, 0x6e, 0x80)),
  ),
);

type Read = { readonly size: ReturnType<typeof decodeSizeMessage> } | { readonly request: Gs2Request };

/** Messages of the negotiation, and first messages of GS2: what is read is written again as the same octets. */
export function saslMessages(): FuzzTarget<never> {
  const inputs = fc
    .nat(2)
    .chain((kind) =>
      mutatedOctets(kind < 2 ? SIZE_MESSAGES : FIRST_MESSAGES).map((changed) => concat(Uint8Array.of(kind), changed)),
    );
  const target: FuzzTarget<Read> = {
    name: "sasl-messages",
    inputs,
    run(input) {
      const octets = input.subarray(1);
      const kind = (input[0] ?? 0) % 3;
      if (kind === 2) return { request: decodeGs2Request(octets) };
      return { size: kind === 0 ? { ...decodeOffer(octets), authorizationId: "" } : decodeSizeMessage(octets) };
    },
    verify(read, input) {
      const octets = input.subarray(1);
      const again =
        "size" in read
          ? encodeSizeMessage(read.size)
          : concat(
              read.request.isStandard ? new Uint8Array(0) : encodeText("F,"),
              encodeGs2Header(read.request),
              read.request.token,
            );
      if (!equal(again, octets)) throw new Finding("the message reads as another one");
    },
  };
  return target as FuzzTarget<never>;
}
