import { type Principal, principal, principalOf, servicePrincipal } from "../krb5/index.ts";

/**
 * The service that a client names: `service@host` (RFC 2743 section 4.1), as Unix has it; `service/host` and
 * `service/host@REALM`, as Windows has it; and `service@host@REALM`, which drivers make of a realm that is configured.
 * No name is looked up (rule X6 in SECURITY.md). Throws TypeError for any other text.
 */
export function parseClientService(text: string): Principal {
  const [, service, host, realm = ""] = /^([^@/\\]+)@([^@/\\]+)(?:@([^@/\\]+))?$/.exec(text) ?? [];
  if (service !== undefined && host !== undefined) return servicePrincipal(service, host, realm);
  if (!text.includes("/")) {
    throw new TypeError(
      "the service must be service@host, service/host or service/host@REALM, for example HTTP@www.example.org",
    );
  }
  const named = principalOf("service", text);
  const [first = "", second = ""] = named.components;
  return named.components.length === 2 ? servicePrincipal(first, second, named.realm) : named;
}

/** Which services of a keytab a server is: all for no text, those of any host for a service alone, else one. */
export function parseServerService(text: string): (service: Principal) => boolean {
  if (text === "") return () => true;
  const wanted = /[@/]/.test(text) ? parseClientService(text) : principal("", [text]);
  return ({ realm, components }) =>
    (wanted.realm === "" || wanted.realm === realm) &&
    wanted.components.every((component, i) => isSame(component, components[i], i)) &&
    (wanted.components.length === 1 ? components.length === 2 : wanted.components.length === components.length);
}

/** Host names are the same in any case (RFC 4120 section 6.2.1 has them in lower case); services are not. */
function isSame(wanted: string, found: string | undefined, at: number): boolean {
  return at === 1 ? wanted.toLowerCase() === found?.toLowerCase() : wanted === found;
}

/** A name that a user may have typed: undefined if it is not a name, since the caller made no mistake then. */
export function asName<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}
