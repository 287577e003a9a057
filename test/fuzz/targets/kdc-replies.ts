import fc from "fast-check";
import { concat, decodeHex } from "../../../src/bytes/index.ts";
import { ExchangeDriver, recordedTicket } from "../../support/recorded-exchange.ts";
import { recordings } from "../corpus.ts";
import { derChange } from "../mutate/der.ts";
import { mutatedOctets } from "../mutate/octets.ts";
import { Finding, type FuzzTarget } from "../target.ts";

/** Recorded replies of real KDCs with changed octets: refused, or, where nothing protects what was changed, the same ticket. */
export function kdcReplies(root: string): FuzzTarget<never> {
  // A keytab: a password would be stretched anew for each input.
  const recording = recordings(root).find(({ name }) => name === "mit-keytab");
  if (recording === undefined) throw new Error("there is no recording mit-keytab");
  const corpus = recording.kdc.map(({ reply }) => decodeHex(reply));
  const change = derChange(corpus);
  // The first octet of an input says which reply of the conversation it replaces.
  const inputs = fc
    .nat(corpus.length - 1)
    .chain((index) =>
      mutatedOctets([corpus[index] as Uint8Array], change).map((changed) => concat(Uint8Array.of(index), changed)),
    );
  const target: FuzzTarget<{ readonly tgt: unknown; readonly ticket: unknown }> = {
    name: "kdc-replies",
    inputs,
    async run(input) {
      const driver = await ExchangeDriver.create(recording.inputs);
      let asked = 0;
      const { tgt, ticket } = await driver.getTickets(async () => {
        const at = asked++;
        const reply = at === (input[0] ?? 0) % corpus.length ? input.subarray(1) : corpus[at];
        return reply ?? new Uint8Array(0);
      });
      return { tgt: recordedTicket(tgt), ticket: recordedTicket(ticket) };
    },
    verify({ tgt, ticket }) {
      const same = JSON.stringify([tgt, ticket]) === JSON.stringify([recording.tgt, recording.ticket]);
      if (!same) throw new Finding(`a changed reply gave another ticket: ${JSON.stringify([tgt, ticket])}`);
    },
  };
  return target as FuzzTarget<never>;
}
