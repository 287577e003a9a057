import { randomFillSync } from "node:crypto";
import { type Credential, credential } from "../../src/credentials/index.ts";
import { type Principal, parsePrincipal } from "../../src/krb5/index.ts";

export const randomBytes = (length: number): Uint8Array => randomFillSync(new Uint8Array(length));

/** A made-up ticket for `server`; `over` changes what a test is about. */
export function makeCredential(server: string | Principal, over: Partial<Credential> = {}): Credential {
  return credential({
    client: parsePrincipal("alice@EXAMPLE.ORG"),
    server: typeof server === "string" ? parsePrincipal(server) : server,
    key: { etype: 18, octets: randomBytes(32) },
    authTime: new Date(1_700_000_000_000),
    startTime: new Date(1_700_000_001_000),
    endTime: new Date(1_900_000_000_000),
    renewTill: new Date(1_900_100_000_000),
    isSkey: false,
    flags: 0x40e10000,
    addresses: [{ type: 2, octets: Uint8Array.of(10, 0, 0, 1) }],
    authData: [{ type: -100, octets: Uint8Array.of(1, 2, 3) }],
    ticket: randomBytes(900),
    secondTicket: randomBytes(3),
    ...over,
  });
}

/** A credential as plain values, so that two can be compared whatever classes they are made of. */
export function plainCredential(one: Credential): Record<string, unknown> {
  return { ...one, key: { etype: one.key.etype, octets: one.key.octets } };
}
