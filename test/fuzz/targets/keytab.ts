import { decodeHex, encodeHex } from "../../../src/bytes/index.ts";
import { decodeKeytab, encodeKeytab, type Keytab } from "../../../src/credentials/index.ts";
import { readVectors } from "../corpus.ts";
import { mutatedOctets } from "../mutate/octets.ts";
import { Finding, type FuzzTarget } from "../target.ts";

/** Keytab files: what is read is written again and read as the same. */
export function keytab(root: string): FuzzTarget<never> {
  const { vectors } = readVectors<{ vectors: readonly { readonly file: string }[] }>(root, "credentials/keytab.json");
  const target: FuzzTarget<Keytab> = {
    name: "keytab",
    inputs: mutatedOctets(vectors.map(({ file }) => decodeHex(file))),
    run: decodeKeytab,
    verify(read) {
      const written = encodeKeytab(read);
      if (encodeHex(encodeKeytab(decodeKeytab(written))) !== encodeHex(written)) {
        throw new Finding("written and read again it is another");
      }
    },
  };
  return target as FuzzTarget<never>;
}
