import later from "../../krb5-vectors/asn1/later.json" with { type: "json" };
import refused from "../../krb5-vectors/asn1/refused.json" with { type: "json" };
import reference from "../../krb5-vectors/asn1/rfc4120.json" with { type: "json" };
import variants from "../../krb5-vectors/asn1/variants.json" with { type: "json" };
import ccaches from "../../krb5-vectors/credentials/ccache.json" with { type: "json" };
import keytabs from "../../krb5-vectors/credentials/keytab.json" with { type: "json" };
import { decodeHex as hex } from "../../src/bytes/index.ts";
import { decodeCcacheFile, decodeKeytab, encodeCcacheFile } from "../../src/credentials/index.ts";
import { type LATER_TYPES, later as laterTypes } from "../support/later-types.ts";
import { codecOf, withoutOctets } from "../support/message-codecs.ts";
import { type Case, equal, refuses } from "./harness.ts";

interface Message {
  readonly name: string;
  readonly type: string;
  readonly octets: string;
  readonly canonical?: string;
}

const accepted: readonly Message[] = [...reference.vectors, ...variants.vectors];

export const codecCases: readonly Case[] = [
  ...accepted.map(({ name, type, octets, canonical }) => ({
    name: `${type}: ${name}`,
    run() {
      const [decode, encode] = codecOf(type);
      equal(encode(withoutOctets(decode(hex(octets))) as never), hex(canonical ?? octets));
    },
  })),
  ...later.vectors.map(({ name, type, octets }) => ({
    name: `${type}: ${name}`,
    run() {
      const value = laterTypes.decode(type as keyof typeof LATER_TYPES, hex(octets));
      equal(laterTypes.encode(type as keyof typeof LATER_TYPES, withoutOctets(value) as never), hex(octets));
    },
  })),
  ...refused.vectors.map(({ rule, name, type, octets }) => ({
    name: `${rule}: refuses ${type}: ${name}`,
    run: () => refuses(() => codecOf(type)[0](hex(octets)), { code: "DECODE" }),
  })),
  ...keytabs.vectors.map((figure) => ({
    name: `keytab ${figure.name}`,
    async run() {
      if (figure.refused) {
        await refuses(() => decodeKeytab(hex(figure.file)), { code: "DECODE" });
        return;
      }
      const read = decodeKeytab(hex(figure.file)).entries.map(({ kvno, keyBlock }) => [kvno, keyBlock.etype]);
      equal(
        read,
        figure.entries?.map(({ kvno, etype }) => [kvno, etype]),
      );
    },
  })),
  ...ccaches.vectors.map((figure) => ({
    name: `credential cache ${figure.name}`,
    run() {
      const { version, ...file } = decodeCcacheFile(hex(figure.file));
      equal([version, file.credentials.length], [figure.version, ccaches.expected.credentials.length]);
      if (version === 4) equal(encodeCcacheFile(file), hex(figure.file));
    },
  })),
];
