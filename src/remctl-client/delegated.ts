import type { CredentialSource } from "../client/index.ts";
import { credentialOfTicket, MemoryCaches, openCache } from "../credentials/index.ts";
import { equalPrincipals, type ServiceTicket, tgsPrincipal } from "../krb5/index.ts";

/**
 * What an initiator delegated, as credentials (RFC 4121 section 4.1.1): its tickets, in memory. Undefined without a
 * ticket-granting ticket of its realm among them.
 */
export function delegatedSource(delegated: readonly ServiceTicket[]): CredentialSource | undefined {
  const tgt = delegated.find(({ client, service }) => equalPrincipals(service, tgsPrincipal(client.realm)));
  if (tgt === undefined) return undefined;
  const principal = tgt.client;
  const credentials = delegated.filter(({ client }) => equalPrincipals(client, principal)).map(credentialOfTicket);
  return {
    kind: "delegated",
    principal,
    async open(host) {
      const cache = openCache("MEMORY:delegated", { ...host, memory: new MemoryCaches() });
      await cache.initialize({ principal, credentials });
      return { principal, cache };
    },
  };
}
