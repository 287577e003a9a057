import { encodeBase64, encodeText } from "../../../src/bytes/index.ts";
import { readAuthorization } from "../../../src/http/authorization.ts";
import { parseChallenges } from "../../../src/http/challenges.ts";
import { readNegotiation } from "../../../src/http/field.ts";
import { mutatedOctets } from "../mutate/octets.ts";
import { Finding, type FuzzTarget } from "../target.ts";

interface Read {
  readonly fromServer: Uint8Array | undefined;
  readonly fromClient: Uint8Array | undefined;
  readonly challenges: number;
}

const latin1 = new TextDecoder("latin1");
const text = (octets: Uint8Array): string => latin1.decode(octets);

/** Where a text begins in another, overlaps included: the scheme itself may hold a token's digits. */
function placesOf(part: string, whole: string): number[] {
  const places: number[] = [];
  for (let at = whole.indexOf(part); at >= 0 && part !== ""; at = whole.indexOf(part, at + 1)) places.push(at);
  return places;
}

/** Fields of HTTP Negotiate, of servers and of clients: a token that comes out stands in the field, after its scheme. */
export function negotiateFields(): FuzzTarget<never> {
  const corpus = [
    "Negotiate",
    "Negotiate YIIBAAYGKwYBBQUC, NTLM",
    'Basic realm="a, Negotiate AAAA", Negotiate oRQwEqADCgEA, Digest realm = "x\\"y", nonce=z',
    'Negotiate AAAA, Negotiate AAAA, Newauth a="b"',
    "negotiate  TlRMTVNTUAABAAAA",
  ].map(encodeText);
  const target: FuzzTarget<Read> = {
    name: "negotiate-fields",
    inputs: mutatedOctets(corpus),
    run(input) {
      const value = text(input);
      const authorization = readAuthorization(value, 4_096);
      return {
        challenges: parseChallenges(value).length,
        fromClient: "token" in authorization ? authorization.token : undefined,
        fromServer: readNegotiation(value)?.token,
      };
    },
    verify({ fromServer, fromClient, challenges }, input) {
      if (challenges > input.length) throw new Finding("more challenges than characters");
      if (fromServer === undefined && fromClient === undefined) return;
      const value = text(input);
      for (const token of [fromServer, fromClient]) {
        if (token === undefined) continue;
        // The last digit of base64 may have bits that say nothing.
        const digits = encodeBase64(token).replace(/.?={0,2}$/, "");
        const isThere = placesOf(digits, value).some((at) =>
          /negotiate[ \t]{1,9}$/i.test(value.slice(0, at).slice(-20)),
        );
        if (token.length > 2 && !isThere && !/[ \t]{9}/.test(value)) throw new Finding("a token that is not there");
      }
      if (fromClient !== undefined && fromClient.length > 4_098) throw new Finding("a token that is too long");
    },
  };
  return target as FuzzTarget<never>;
}
