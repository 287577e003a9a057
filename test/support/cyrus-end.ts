// Cyrus SASL on libgssapi, the library of mongod, slapd and librdkafka, as the SASL end of a small server of the tests.

import { concat, encodeText } from "../../src/bytes/index.ts";
import { startCyrusServer } from "../../tools/beds/index.mjs";

type Options = Parameters<typeof startCyrusServer>[0];

/** One exchange. `names` takes who logged in. */
export async function cyrusEnd(options: Options, names: string[]) {
  const peer = await startCyrusServer(options);
  let isFirst = true;
  return {
    async step(response: Uint8Array) {
      if (isFirst) await peer.receive();
      peer.send(isFirst ? concat(encodeText("GSSAPI\0"), response) : response);
      isFirst = false;
      const [line, challenge] = await peer.says(/^(?:S: (.*)|Negotiation complete)\n/m);
      const isDone = line.startsWith("Negotiation");
      if (isDone) names.push((await peer.says(/^Username: (.*)$/m))[1] ?? "");
      return { challenge: Buffer.from(challenge ?? "", "base64"), isDone };
    },
    close: () => peer.close(),
  };
}
