import { readFileSync } from "node:fs";
import path from "node:path";
import { concat, decodeHex } from "../../../src/bytes/index.ts";
import { decodeAuthorizationData, decodeEncTicketPart, encodeAuthorizationData } from "../../../src/krb5/index.ts";
import { decodePac, findPac, type Pac, sidsOfLogon, ticketAuthorization } from "../../../src/pac/index.ts";
import { encTypes } from "../../unit/gssapi/pair.ts";
import { mutatedOctets } from "../mutate/octets.ts";
import { Finding, type FuzzTarget } from "../target.ts";

/** What KDCs gave: Samba's and MIT's. */
function recorded(root: string): { readonly client: string; readonly part: Uint8Array }[] {
  const file = path.join(root, "krb5-vectors/pac/tickets.json");
  const { vectors } = JSON.parse(readFileSync(file, "utf8")) as {
    readonly vectors: readonly { readonly client: string; readonly encTicketPart: string }[];
  };
  return vectors.map(({ client, encTicketPart }) => ({ client, part: decodeHex(encTicketPart) }));
}

/** PACs with changed octets, NDR and all: what decodes has no more SIDs than octets to say them. */
export function pacs(root: string): FuzzTarget<never> {
  const good = recorded(root).map(({ part }) => findPac(decodeEncTicketPart(part).authorizationData) as Uint8Array);
  const target: FuzzTarget<Pac> = {
    name: "pac",
    inputs: mutatedOctets(good),
    run: (input) => decodePac(input),
    verify({ logonInfo }, input) {
      if (logonInfo !== undefined && sidsOfLogon(logonInfo).length > input.length) throw new Finding("SIDs of nothing");
    },
  };
  return target as FuzzTarget<never>;
}

/** Claims, compressed ones too: what they expand to is bounded, whatever they say. */
export function claims(root: string): FuzzTarget<never> {
  const { vectors } = JSON.parse(readFileSync(path.join(root, "krb5-vectors/pac/claims.json"), "utf8")) as {
    readonly vectors: readonly { readonly op: string; readonly octets: string }[];
  };
  const head = decodeHex("01000000000000000d000000000000001800000000000000");
  const target: FuzzTarget<Pac> = {
    name: "claims",
    inputs: mutatedOctets(vectors.filter(({ op }) => op === "claims").map(({ octets }) => decodeHex(octets))),
    run: (input) => {
      const pac = concat(head, input);
      new DataView(pac.buffer).setUint32(12, input.length, true);
      return decodePac(pac);
    },
    verify({ clientClaims = [] }) {
      if (clientClaims.length > 65_536) throw new Finding("claims of nothing");
    },
  };
  return target as FuzzTarget<never>;
}

/** CAMMACs with changed octets under a key that did not make them: they never give an indicator. */
export function cammacs(root: string): FuzzTarget<never> {
  const good = recorded(root)
    .flatMap(({ part }) => decodeEncTicketPart(part).authorizationData ?? [])
    .filter(({ adType, adData }) => adType === 1 && decodeAuthorizationData(adData).some((one) => one.adType === 96))
    .map((element) => encodeAuthorizationData([element]));
  const key = encTypes.generateKey(18);
  const target: FuzzTarget<readonly string[]> = {
    name: "cammac",
    inputs: mutatedOctets(good),
    run: (input) => {
      const client = { realm: "F.TEST", nameType: 1, components: ["alice"] };
      const ticket = { client, authTime: new Date(0), elements: decodeAuthorizationData(input), key };
      return ticketAuthorization().read(ticket).indicators;
    },
    verify(indicators) {
      if (indicators.length > 0) throw new Finding("an indicator that nobody vouches for");
    },
  };
  return target as FuzzTarget<never>;
}
