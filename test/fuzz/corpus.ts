import fs from "node:fs";
import path from "node:path";
import { decodeHex } from "../../src/bytes/index.ts";
import type { RecordedExchange } from "../support/recorded-exchange.ts";

/** A figure of krb5-vectors that has octets. */
interface Vector {
  readonly type?: string;
  readonly octets?: string;
}

/** The JSON of one file of krb5-vectors. */
export function readVectors<T>(root: string, file: string): T {
  return JSON.parse(fs.readFileSync(path.join(root, "krb5-vectors", file), "utf8"));
}

/** The octets of all figures of one file. */
export function vectorOctets(root: string, file: string): { readonly type: string; readonly octets: Uint8Array }[] {
  const { vectors } = readVectors<{ vectors: readonly Vector[] }>(root, file);
  return vectors.flatMap(({ type = "", octets }) =>
    octets === undefined ? [] : [{ type, octets: decodeHex(octets) }],
  );
}

/** Conversations recorded with real servers. */
export function recordings(root: string): RecordedExchange[] {
  return fs
    .readdirSync(path.join(root, "krb5-vectors", "exchanges"))
    .sort()
    .map((file) => readVectors<RecordedExchange>(root, `exchanges/${file}`));
}
