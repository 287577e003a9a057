import { decodeHex, encodeHex } from "../../../src/bytes/index.ts";
import { decodeCcacheFile, decodeCredential, encodeCcacheFile } from "../../../src/credentials/index.ts";
import { readVectors } from "../corpus.ts";
import { mutatedOctets } from "../mutate/octets.ts";
import { Finding, type FuzzTarget } from "../target.ts";

/** Files of credential caches: what is read is written again and read as the same. */
export function ccache(root: string): FuzzTarget<never> {
  const { vectors } = readVectors<{ vectors: readonly { readonly file: string }[] }>(root, "credentials/ccache.json");
  const target: FuzzTarget<ReturnType<typeof decodeCcacheFile>> = {
    name: "ccache",
    inputs: mutatedOctets(vectors.map(({ file }) => decodeHex(file))),
    run(input) {
      try {
        decodeCredential(input);
      } catch (error) {
        if ((error as Error).name !== "DecodeError") throw error;
      }
      return decodeCcacheFile(input);
    },
    verify(file) {
      const written = encodeCcacheFile(file);
      const again = encodeCcacheFile(decodeCcacheFile(written));
      if (encodeHex(written) !== encodeHex(again)) throw new Finding("written and read again it is another");
    },
  };
  return target as FuzzTarget<never>;
}
