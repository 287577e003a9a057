// A KDC that gives whatever ticket a test names, sealed as a real one seals it: what the client makes of it is seen.

import {
  createKrbError,
  decodeApReq,
  decodeAuthenticator,
  decodeTgsReq,
  type EncKdcRepPart,
  encodeEncTgsRepPart,
  encodeTgsRep,
  encodeTicket,
  type KdcReq,
  openData,
  type PaData,
  parsePrincipal,
  type ServiceTicket,
  sealData,
  tgsPrincipal,
  toPrincipalName,
} from "../../../src/krb5/index.ts";
import { encTypes } from "./harness.ts";

export const ALICE = parsePrincipal("alice@ONE");
/** Every ticket of these tests has it, so that the KDC can open what is made with any of them. */
export const SESSION = encTypes.generateKey(18);
/** A whole second of some day. */
export const NOW = Date.UTC(2026, 5, 1, 12);
export const HOUR = 3_600_000;

function sealed(service: string): Uint8Array {
  const { realm, ...name } = parsePrincipal(service);
  const encPart = { etype: 18, kvno: 1, cipher: new Uint8Array(40) };
  return encodeTicket({ tktVno: 5, realm, sname: toPrincipalName({ realm, ...name }), encPart });
}

/** A ticket-granting ticket of Alice, who is at home in realm ONE. */
export function tgtOf(over: Partial<ServiceTicket> = {}): ServiceTicket {
  return {
    client: ALICE,
    service: tgsPrincipal("ONE"),
    sessionKey: SESSION,
    ticket: sealed("krbtgt/ONE@ONE"),
    flags: 0,
    authTime: new Date(NOW),
    startTime: new Date(NOW),
    endTime: new Date(NOW + 8 * HOUR),
    clockOffsetMs: 0,
    ...over,
  };
}

/** The PA-DATA and the body of a TGS-REQ. */
export const read = (octets: Uint8Array): KdcReq => decodeTgsReq(octets);

export interface Given {
  /** The service of the ticket, in both places. */
  readonly service: string;
  readonly client?: string;
  readonly part?: Partial<EncKdcRepPart>;
}

/** A TGS-REP to this request, for the service that is named: under the sub-key, key usage 9. */
export function tgsReply(request: Uint8Array, { service, client = "alice@ONE", part }: Given): Uint8Array {
  const { padata = [], reqBody } = decodeTgsReq(request);
  const { authenticator } = decodeApReq((padata[0] as PaData).padataValue);
  const { subkey } = decodeAuthenticator(openData(SESSION, 7, authenticator));
  const { keytype, keyvalue } = subkey as { keytype: number; keyvalue: Uint8Array };
  const { realm: srealm, ...sname } = parsePrincipal(service);
  const { realm: crealm, ...cname } = parsePrincipal(client);
  const encPart = encodeEncTgsRepPart({
    key: { keytype: 18, keyvalue: SESSION.octets },
    lastReq: [{ lrType: 0, lrValue: new Date(NOW) }],
    nonce: reqBody.nonce,
    flags: 0,
    authtime: new Date(NOW),
    starttime: new Date(NOW),
    endtime: new Date(NOW + HOUR),
    srealm,
    sname: toPrincipalName({ realm: srealm, ...sname }),
    ...part,
  });
  return encodeTgsRep({
    pvno: 5,
    msgType: 13,
    crealm,
    cname: toPrincipalName({ realm: crealm, ...cname }),
    ticket: { octets: sealed(service) },
    encPart: sealData(encTypes.importKey(keytype, keyvalue.slice()), 9, encPart),
  });
}

/** A KRB-ERROR of a KDC. */
export const tgsError = (code: number, realm = "ONE"): Uint8Array => createKrbError(code, tgsPrincipal(realm), NOW);
