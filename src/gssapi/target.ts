import { type Principal, principalOf, servicePrincipal } from "../krb5/index.ts";

/**
 * The principal that a target names: `service@host` (a host-based service, RFC 2743 section 4.1, RFC 1964 section
 * 2.1.2), the text of a principal (`service/host@REALM`, RFC 1964 section 2.1.1), or a principal itself. A text is
 * host-based if there is no `/` before its `@`. No name is looked up: DNS never chooses a principal (rule X6 in
 * SECURITY.md). An empty realm is left to the ticket source. Throws TypeError for any other text.
 */
export function parseTarget(target: string | Principal): Principal {
  if (typeof target !== "string") return principalOf("target", target);
  const hostBased = /^([^@/\\]+)@([^@/\\]+)$/.exec(target);
  if (hostBased !== null) return servicePrincipal(hostBased[1] as string, hostBased[2] as string);
  if (!target.includes("/")) {
    throw new TypeError(`target ${JSON.stringify(target)} is neither service@host nor service/host@REALM`);
  }
  return principalOf("target", target);
}
