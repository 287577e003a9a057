import fc from "fast-check";
import { concat, encodeText, equal } from "../../../src/bytes/index.ts";
import { contextPair } from "../../unit/gssapi/pair.ts";
import { mutatedOctets } from "../mutate/octets.ts";
import { Finding, type FuzzTarget } from "../target.ts";

const MESSAGE = encodeText(
  "what the acceptor said, in more than one block of AES, so that there is something to rotate",
);
const ETYPES = [17, 18, 19, 20];

/** Wrap and MIC tokens with changed octets: none may be taken, whatever was changed (CVE-2024-37370, CVE-2025-57736). */
export async function gssMessages(): Promise<FuzzTarget<never>> {
  /** The tokens of one enctype: sealed, signed in a wrap, a MIC. */
  const tokensOf = async (etype: number): Promise<Uint8Array[]> => {
    const { acceptor } = await contextPair({ etype });
    const sealed = acceptor.wrap(MESSAGE).slice();
    const { acceptor: second } = await contextPair({ etype });
    const signed = second.wrap(MESSAGE, { conf: false }).slice();
    const { acceptor: third } = await contextPair({ etype });
    return [sealed, signed, third.getMic(MESSAGE).slice()];
  };
  const tokens = (await Promise.all(ETYPES.map(tokensOf))).flat();
  // The first octet of an input says the enctype and the kind of token.
  const inputs = fc
    .nat(tokens.length - 1)
    .chain((index) =>
      mutatedOctets([tokens[index] as Uint8Array]).map((changed) => concat(Uint8Array.of(index), changed)),
    );
  const target: FuzzTarget<Uint8Array> = {
    name: "gss-messages",
    inputs,
    async run(input) {
      const index = (input[0] ?? 0) % tokens.length;
      const token = input.subarray(1);
      const { initiator } = await contextPair({ etype: ETYPES[Math.floor(index / 3)] as number });
      if (index % 3 < 2) return initiator.unwrap(token, { requireConf: index % 3 === 0 });
      initiator.verifyMic(MESSAGE, token);
      return MESSAGE;
    },
    verify(message, input) {
      if (!equal(message, MESSAGE)) throw new Finding("another message came out");
      const original = tokens[(input[0] ?? 0) % tokens.length] as Uint8Array;
      if (!equal(unrotated(input.subarray(1)), unrotated(original))) throw new Finding("a changed token was taken");
    },
  };
  return target as FuzzTarget<never>;
}

/** A token with its rotation taken modulo its length: all such counts say the same (RFC 4121 section 4.2.5). */
function unrotated(token: Uint8Array): Uint8Array {
  const out = token.slice();
  if (out.length <= 16 || out[0] !== 5) return out;
  const view = new DataView(out.buffer);
  view.setUint16(6, view.getUint16(6) % (out.length - 16));
  return out;
}
