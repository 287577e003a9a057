import { decodeHex } from "../../bytes/index.ts";
import { PreauthError } from "../../errors.ts";
import { CURVE_BYTES, OIDS, source, subtle } from "../../x509/index.ts";
import type { Agreement, Group } from "./group.ts";
import { encodePkinit } from "./messages.ts";

/** The curve P-256 (RFC 5349 section 4). */
export const p256: Group = ecdh("P-256", OIDS.p256, 3072);
/** The curve P-384. */
export const p384: Group = ecdh("P-384", OIDS.p384, 7680);

function ecdh(curve: "P-256" | "P-384", name: string, bits: number): Group {
  const bytes = CURVE_BYTES[curve];
  return {
    name: curve,
    bits,
    isSame: ({ algorithm, parameters }) =>
      String(algorithm) === String(decodeHex(OIDS.ecPublicKey)) &&
      String(parameters) === String(encodePkinit("CurveName", decodeHex(name))),
    async begin(): Promise<Agreement> {
      const algorithm = { name: "ECDH", namedCurve: curve };
      const own = await subtle().generateKey(algorithm, false, ["deriveBits"]);
      const octets = new Uint8Array(await subtle().exportKey("raw", own.publicKey));
      const parameters = encodePkinit("CurveName", decodeHex(name));
      return {
        publicKey: {
          algorithm: { algorithm: decodeHex(OIDS.ecPublicKey), parameters },
          subjectPublicKey: { octets, unusedBits: 0 },
        },
        async agree(theirs) {
          // An uncompressed point (RFC 5480 section 2.2); that it is on the curve, WebCrypto checks.
          const isPoint = theirs[0] === 4 && theirs.length === 2 * bytes + 1;
          const key = isPoint
            ? await subtle()
                .importKey("raw", source(theirs), algorithm, false, [])
                .catch(() => undefined)
            : undefined;
          if (key === undefined)
            throw new PreauthError("KDC_NOT_TRUSTED", `the KDC's key is not a point of ${curve}: look at the KDC`);
          // RFC 5349 section 4: Z is the x coordinate.
          const bitsOfX = await subtle().deriveBits({ name: "ECDH", public: key }, own.privateKey, bytes * 8);
          return new Uint8Array(bitsOfX);
        },
      };
    },
  };
}
