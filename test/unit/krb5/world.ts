import { createEncTypeSet, type EncTypeSet, type ProtocolKey, strongEncTypes } from "../../../src/crypto/index.ts";
import { createNodeCryptoProvider, type NodeCrypto } from "../../../src/crypto/providers/node.ts";
import { NAME_TYPE } from "../../../src/iana/index.ts";
import {
  type EncTicketPart,
  encodeEncTicketPart,
  encodeTicket,
  equalPrincipals,
  type KeySource,
  type Principal,
  principal,
  type ServiceKey,
  type ServiceTicket,
  sealData,
  toPrincipalName,
} from "../../../src/krb5/index.ts";

export const ETYPES = [17, 18, 19, 20] as const;

export const encTypes: EncTypeSet = createEncTypeSet(
  strongEncTypes,
  createNodeCryptoProvider(process.getBuiltinModule("node:crypto") as unknown as NodeCrypto),
);

export const NOW = Date.UTC(2026, 5, 1, 12, 0, 0, 250);
export const ALICE: Principal = principal("EXAMPLE.TEST", ["alice"]);
export const HOST: Principal = principal("EXAMPLE.TEST", ["host", "server.example.org"], NAME_TYPE.srvHst);

export interface World {
  readonly ticket: ServiceTicket;
  readonly serviceKey: ProtocolKey;
  readonly keys: KeySource;
}

export interface WorldChoices {
  readonly etype?: number;
  readonly part?: Partial<EncTicketPart>;
  /** Of the ticket's encPart; null for none. */
  readonly kvno?: number | null;
  readonly clockOffsetMs?: number;
  /** What the service has, beside or instead of its key. */
  readonly serviceKeys?: (key: ProtocolKey) => readonly ServiceKey[];
}

/** A ticket for HOST as a KDC would give it to ALICE, and the keys of HOST. */
export function createWorld(choices: WorldChoices = {}): World {
  const etype = choices.etype ?? 18;
  const sessionKey = encTypes.generateKey(etype);
  const serviceKey = encTypes.generateKey(18);
  const part: EncTicketPart = {
    flags: 0,
    key: { keytype: etype, keyvalue: sessionKey.octets },
    crealm: ALICE.realm,
    cname: toPrincipalName(ALICE),
    transited: { trType: 1, contents: new Uint8Array(0) },
    authtime: new Date(NOW - 60_250),
    endtime: new Date(NOW + 3_600_000 - 250),
    ...choices.part,
  };
  const kvno = choices.kvno === undefined ? 3 : (choices.kvno ?? undefined);
  const ticket = encodeTicket({
    tktVno: 5,
    realm: HOST.realm,
    sname: toPrincipalName(HOST),
    encPart: sealData(serviceKey, 2, encodeEncTicketPart(part), kvno),
  });
  const own = choices.serviceKeys?.(serviceKey) ?? [{ key: serviceKey, kvno: 3 }];
  return {
    serviceKey,
    keys: { keysOf: (service) => (equalPrincipals(service, HOST) ? own : []) },
    ticket: {
      client: ALICE,
      service: HOST,
      sessionKey,
      ticket,
      flags: part.flags,
      authTime: part.authtime,
      startTime: part.starttime ?? part.authtime,
      endTime: part.endtime,
      clockOffsetMs: choices.clockOffsetMs ?? 0,
    },
  };
}

/** What a call throws; fails if it throws nothing. */
export function thrownBy(call: () => unknown): Error & { readonly code?: string; readonly errorName?: string } {
  try {
    call();
  } catch (error) {
    return error as Error;
  }
  throw new Error("nothing was thrown");
}
