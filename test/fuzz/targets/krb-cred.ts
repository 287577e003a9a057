import { equal } from "../../../src/bytes/index.ts";
import type { ServiceTicket } from "../../../src/krb5/index.ts";
import { openCred, sealCred } from "../../../src/krb5/krb-cred.ts";
import { createWorld, NOW } from "../../unit/gssapi/exchange.ts";
import { encTypes } from "../../unit/gssapi/pair.ts";
import { derChange } from "../mutate/der.ts";
import { mutatedOctets } from "../mutate/octets.ts";
import { Finding, type FuzzTarget } from "../target.ts";

/** Forwarded tickets with changed octets: refused, or the same tickets' keys and names, with another ticket beside them. */
export function krbCred(): FuzzTarget<never> {
  const { ticket } = createWorld();
  const key = encTypes.generateKey(18);
  const cred = sealCred(key, [ticket], { ctime: new Date(NOW), cusec: 1 });
  const target: FuzzTarget<readonly ServiceTicket[]> = {
    name: "krb-cred",
    inputs: mutatedOctets([cred], derChange([cred])),
    run: (input) => openCred(key, input, encTypes),
    verify(tickets) {
      // The tickets themselves are outside of what is sealed (RFC 4120 section 5.8.1): only their keys say whose they are.
      const [first, ...others] = tickets;
      if (first === undefined || others.length > 0 || !equal(first.sessionKey.octets, ticket.sessionKey.octets)) {
        throw new Finding("other tickets came out");
      }
    },
  };
  return target as FuzzTarget<never>;
}
