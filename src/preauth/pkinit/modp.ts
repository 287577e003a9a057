import { decodeHex, encodeHex } from "../../bytes/index.ts";
import type { CryptoProvider } from "../../crypto/index.ts";
import { PreauthError } from "../../errors.ts";
import type { Agreement, Group } from "./group.ts";
import { type AlgorithmIdentifier, decodePkinit, encodePkinit } from "./messages.ts";

/** dhpublicnumber (RFC 3279 section 2.3.3). */
const DH_PUBLIC_NUMBER = decodeHex("2a8648ce3e0201");
/** The prime of group 16 (RFC 3526 section 5). */
const PRIME_16 =
  "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DDEF95" +
  "19B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7EDEE386BFB" +
  "5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F83655D23DCA3" +
  "AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3BE39E772C180E8603" +
  "9B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA051015728E5A8AAAC42DAD33" +
  "170D04507A33A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7ABF5AE8CDB0933D71E8C94E0" +
  "4A25619DCEE3D2261AD2EE6BF12FFA06D98A0864D87602733EC86A64521F2B18177B200CBBE117577A615D6C770988C0BAD9" +
  "46E208E24FA074E5AB3143DB5BFCE0FD108E4B82D120A92108011A723C12A787E6D788719A10BDBA5B2699C327186AF4E23C" +
  "1A946834B6150BDA2583E9CA2AD44CE8DBBBC2DB04DE8EF92E8EFC141FBECAA6287C59474E6BC05D99B2964FA090C3A2233B" +
  "A186515BE7ED1F612970CEE2D7AFB81BDD762170481CD0069127D5B05AA993B4EA988D8FDDC186FFB7DC90A6C08F4DF435C9" +
  "34063199FFFFFFFFFFFFFFFF";
/** Groups 14 and 16 are the same digits of pi up to here, and then each its own end. */
const PRIME_14 = `${PRIME_16.slice(0, 491)}CAA68FFFFFFFFFFFFFFFF`;
const GENERATOR = 2n;

/** Group 14 of RFC 3526, of 2,048 bits: every KDC with PKINIT has it. */
export const modp14: Group = modp(14, 2048, PRIME_14, 32);
/** Group 16 of RFC 3526, of 4,096 bits. */
export const modp16: Group = modp(16, 4096, PRIME_16, 48);

/** An exponent has twice the strength of its group at least: 225 and 325 bits (RFC 7919 section 5.2 and appendix A). */
function modp(number: 14 | 16, bits: number, hex: string, exponentBytes: number): Group {
  // A number is made where it is needed: no module does work when it is loaded.
  const prime = (): bigint => BigInt(`0x${hex}`);
  let parameters: Uint8Array | undefined;
  const algorithm = (p: bigint): AlgorithmIdentifier => {
    parameters ??= encodePkinit("DomainParameters", { p, g: GENERATOR, q: p >> 1n });
    return { algorithm: DH_PUBLIC_NUMBER, parameters };
  };
  return {
    name: `modp ${number}`,
    bits,
    isSame({ algorithm: oid, parameters }) {
      if (String(oid) !== String(DH_PUBLIC_NUMBER) || parameters === undefined) return false;
      const { p, g } = decodePkinit("DomainParameters", parameters);
      return p === prime() && g === GENERATOR;
    },
    async begin(provider): Promise<Agreement> {
      const p = prime();
      const secret =
        provider.diffieHellman?.(`modp${number}`) ?? plainSecret(p, bits, provider.randomBytes(exponentBytes));
      const key = encodePkinit("DHPublicKey", numberOf(secret.generateKeys()));
      return {
        publicKey: { algorithm: algorithm(p), subjectPublicKey: { octets: key, unusedBits: 0 } },
        async agree(theirs) {
          const y = decodePkinit("DHPublicKey", theirs);
          // The group has no other small subgroup (SP 800-56A section 5.6.2.3.1).
          const refused = (cause?: unknown) =>
            new PreauthError("KDC_NOT_TRUSTED", "the KDC's Diffie-Hellman key is out of range: look at the KDC", {
              cause,
            });
          if (y <= 1n || y >= p - 1n) throw refused();
          try {
            return octetsOf(numberOf(secret.computeSecret(octetsOf(y, bits))), bits);
          } catch (cause) {
            // Some releases of OpenSSL refuse what no power of the generator is, too.
            throw refused(cause);
          }
        },
      };
    },
  };
}

type DiffieHellman = NonNullable<ReturnType<NonNullable<CryptoProvider["diffieHellman"]>>>;

/** A secret in plain JavaScript, where the host has none that is faster. */
function plainSecret(p: bigint, bits: number, exponent: Uint8Array): DiffieHellman {
  const power = (base: bigint): Uint8Array => octetsOf(modPow(base, exponent, p), bits);
  return { generateKeys: () => power(GENERATOR), computeSecret: (theirs) => power(numberOf(theirs)) };
}

function numberOf(octets: Uint8Array): bigint {
  return BigInt(`0x${encodeHex(octets)}`);
}

function octetsOf(number: bigint, bits: number): Uint8Array {
  return decodeHex(number.toString(16).padStart(bits / 4, "0"));
}

/** `base` to the power of a number of whole octets, four bits at a time. */
function modPow(base: bigint, exponent: Uint8Array, modulus: bigint): bigint {
  const powers = [1n];
  for (let i = 1; i < 16; i++) powers.push(((powers[i - 1] as bigint) * base) % modulus);
  let result = 1n;
  const digit = (value: number): void => {
    for (let i = 0; i < 4; i++) result = (result * result) % modulus;
    result = (result * (powers[value] as bigint)) % modulus;
  };
  for (const octet of exponent) {
    digit(octet >> 4);
    digit(octet & 15);
  }
  return result;
}
