// The JDK's SASL server, as Kafka, Hive and DSE have it, as the SASL end of a small server of the tests.

import type { startJava } from "../../tools/beds/index.mjs";

/** One exchange; the JDK has one at a time. `names` takes who logged in. */
export async function jdkEnd(java: Awaited<ReturnType<typeof startJava>>, service: string, names: string[]) {
  await java.ask("sasl-server", service, "localhost", "auth");
  return {
    async step(response: Uint8Array) {
      const [state, word = "-"] = await java.ask("sasl", response);
      const isDone = state === "done";
      if (isDone) names.push((await java.ask("sasl-facts"))[0] ?? "");
      return { challenge: Buffer.from(word === "-" ? "" : word, "base64"), isDone };
    },
    close: async () => {},
  };
}
