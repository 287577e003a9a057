import { type Principal, principalOf, printableName } from "../../krb5/index.ts";
import type { SecretCredentials } from "./certificate.ts";
import type { CredentialSource } from "./credential-source.ts";
import { resolvePrincipal } from "./credentials.ts";
import { passwordSecret, type Secret } from "./secret.ts";

/**
 * Makes credentials of a principal whose user is asked, by the option `ask`, for what the KDC wants: the password, or
 * a one-time password (RFC 6560).
 *
 * @param principal who logs in; a name without a realm is in the configuration's `default_realm`
 * @returns the credentials, for the option `credentials`
 * @throws TypeError for a text that is not a principal: the caller's mistake
 * @example
 * ```ts
 * import { createClient, interactive } from "krb5-remctl";
 *
 * const client = createClient({
 *   credentials: interactive("alice@EXAMPLE.ORG"),
 *   ask: { password: async ({ text }) => await readLine(text) },
 * });
 * ```
 */
export function interactive(principal: string | Principal): CredentialSource & SecretCredentials {
  const name = principalOf("principal", principal);
  return {
    kind: "interactive",
    ...(name.realm === "" ? {} : { principal: name }),
    loadSecret: async () => askedSecret(name),
    async open(host) {
      const client = resolvePrincipal(name, host);
      return { principal: client, loadSecret: async () => askedSecret(client) };
    },
  };
}

/** A password that is asked for when a mechanism needs its key, once. */
function askedSecret(client: Principal): Secret {
  let asked: Promise<Secret> | undefined;
  return {
    kind: "password",
    etypes: (encTypes) => encTypes.permitted,
    async key(encTypes, hint, ask) {
      asked ??= (async () =>
        passwordSecret(client, (await ask?.(`Password for ${printableName(client)}`)) as string))();
      return await (await asked).key(encTypes, hint);
    },
    // What the user types next may be another.
    isSame: () => false,
  };
}
