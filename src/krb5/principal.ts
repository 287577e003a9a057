import { DecodeError } from "../errors.ts";
import { NAME_TYPE } from "../iana/index.ts";
import type { PrincipalName } from "./messages/index.ts";

/** A principal: a realm and the components of a name (RFC 4120 sections 5.2.2 and 6). Text is {@link decodeText}'s. */
export interface Principal {
  /** The realm; empty where a name has none yet. */
  readonly realm: string;
  /** NAME_TYPE; a hint only: two principals are the same whatever their types (RFC 4120 section 6.2). */
  readonly nameType: number;
  /** The parts of the name: `["host", "server.example.org"]`. */
  readonly components: readonly string[];
}

/** Makes a principal. `nameType` defaults to NT-PRINCIPAL. */
export function principal(
  realm: string,
  components: readonly string[],
  nameType: number = NAME_TYPE.principal,
): Principal {
  return { realm, nameType, components };
}

/**
 * Whether two principals are the same: realm and components, octet for octet, whatever their name types
 * (RFC 4120 section 6.2). Nothing is folded: `alice` and `Alice` are two.
 */
export function equalPrincipals(a: Principal, b: Principal): boolean {
  return (
    a.realm === b.realm &&
    a.components.length === b.components.length &&
    a.components.every((component, i) => component === b.components[i])
  );
}

/**
 * The service of a host (RFC 4120 section 6.2.1): `servicePrincipal("host", "server.example.org")`. The host name is
 * put in lower case, as that section asks, and loses a final dot; it is not looked up. An empty realm (the default) is
 * left to configuration or a referral. Throws TypeError for an empty name or one with a NUL.
 */
export function servicePrincipal(service: string, host: string, realm = ""): Principal {
  const name = host.replace(/\.$/, "").replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
  if (service === "" || name === "") throw new TypeError("a service principal needs the names of a service and a host");
  for (const text of [service, name, realm]) {
    if (text.includes("\0")) throw new TypeError("a NUL in the name of a principal");
  }
  return principal(realm, [service, name], NAME_TYPE.srvHst);
}

/**
 * The ticket-granting service for `realm` that the KDC of `inRealm` knows (RFC 4120 section 7.3):
 * `krbtgt/realm@inRealm`.
 */
export function tgsPrincipal(realm: string, inRealm: string = realm): Principal {
  return principal(inRealm, ["krbtgt", realm], NAME_TYPE.srvInst);
}

/** The client of a ticket that tells no realm either (RFC 8062 section 3). */
export const ANONYMOUS: Principal = {
  realm: "WELLKNOWN:ANONYMOUS",
  nameType: NAME_TYPE.wellKnown,
  components: ["WELLKNOWN", "ANONYMOUS"],
};

/**
 * The principal of a realm and a name on the wire. Throws DecodeError for a NUL in them: names that end at a NUL for
 * one program and go on for another are how CVE-2015-2697 came about.
 */
export function toPrincipal(realm: string, name: PrincipalName): Principal {
  if (realm.includes("\0") || name.nameString.some((component) => component.includes("\0"))) {
    throw new DecodeError("a NUL in the name of a principal", 0, "PrincipalName");
  }
  return { realm, nameType: name.nameType, components: name.nameString };
}

/** The name of a principal as it goes on the wire, without its realm. */
export function toPrincipalName({ nameType, components }: Principal): PrincipalName {
  return { nameType, nameString: components };
}
