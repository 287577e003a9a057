import mics from "../../krb5-vectors/gss/mic.json" with { type: "json" };
import refused from "../../krb5-vectors/gss/refused.json" with { type: "json" };
import wraps from "../../krb5-vectors/gss/wrap.json" with { type: "json" };
import { decodeHex as hex } from "../../src/bytes/index.ts";
import { chooseProvider, createEncTypeSet, strongEncTypes } from "../../src/crypto/index.ts";
import { MessageProtection } from "../../src/gssapi/message-protection.ts";
import { detectRuntime } from "../../src/runtime/index.ts";
import { type Case, equal, refuses } from "./harness.ts";

const FLAGS = {
  mutual: true,
  replay: false,
  sequence: false,
  confidentiality: true,
  integrity: true,
  delegation: false,
  channelBound: false,
};

interface Side {
  readonly etype: number;
  readonly key: string;
  readonly sentBy: string;
  readonly acceptorSubkey: boolean;
}

/** One end of the context that a figure is from. */
async function end(figure: Side, isSender: boolean, sequence = "0"): Promise<MessageProtection> {
  const provider = await chooseProvider(detectRuntime());
  return new MessageProtection({
    isInitiator: (figure.sentBy === "initiator") === isSender,
    key: createEncTypeSet(strongEncTypes, provider).importKey(figure.etype, hex(figure.key)),
    hasAcceptorSubkey: figure.acceptorSubkey,
    flags: FLAGS,
    sendSequence: BigInt(sequence),
    receiveSequence: 0,
  });
}

export const gssCases: readonly Case[] = [
  ...wraps.vectors.map((figure) => ({
    name: `unwraps ${figure.name}`,
    run: async () => equal((await end(figure, false)).unwrap(hex(figure.token), figure.sealed), hex(figure.message)),
  })),
  ...mics.vectors.map((figure) => ({
    name: `makes and verifies ${figure.name}`,
    async run() {
      equal((await end(figure, true, figure.sequence)).getMic(hex(figure.message)), hex(figure.token));
      (await end(figure, false)).verifyMic(hex(figure.message), hex(figure.token));
    },
  })),
  ...refused.vectors.map((figure) => ({
    name: `${figure.rule}: refuses ${figure.name}`,
    async run() {
      const receiver = await end(figure, false);
      const run = (): unknown =>
        figure.kind === "mic"
          ? receiver.verifyMic(hex(figure.message), hex(figure.token))
          : receiver.unwrap(hex(figure.token), false);
      if (figure.expect === "accepted") run();
      else await refuses(run, { code: figure.expect });
    },
  })),
];
