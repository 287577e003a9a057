import { NAME_TYPE } from "../iana/index.ts";
import { type Principal, parsePrincipal, principal } from "../krb5/index.ts";

/**
 * The principal that a target names: `service@host` (a host-based service, RFC 2743 section 4.1, RFC 1964 section 2.1.2),
 * the text of a principal (`service/host@REALM`, RFC 1964 section 2.1.1), or a principal itself. A text is host-based
 * if there is no `/` before its `@`. No name is looked up: DNS never chooses a principal (rule X6 in SECURITY.md); the
 * host is put in lower case, as RFC 4120 section 6.2.1 asks. An empty realm is left to the ticket source.
 */
export function parseTarget(target: string | Principal): Principal {
  if (typeof target !== "string") return target;
  const hostBased = /^([^@/\\]+)@([^@/\\]+)$/.exec(target);
  if (hostBased !== null) return hostBasedService(hostBased[1] as string, hostBased[2] as string);
  if (!target.includes("/")) {
    throw new TypeError(`target ${JSON.stringify(target)} is neither service@host nor service/host@REALM`);
  }
  return parsePrincipal(target);
}

/** `service/host` with an empty realm, of type NT-SRV-HST. */
export function hostBasedService(service: string, host: string): Principal {
  const name = host.replace(/\.$/, "").replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
  return principal("", [service, name], NAME_TYPE.srvHst);
}
