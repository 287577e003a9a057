// Requests to the test KDC, put together by hand: no client code is used, so that a mistake in it cannot hide one here.

import { encodeText } from "../../../src/bytes/index.ts";
import {
  createEncTypeSet,
  type EncTypeSet,
  loadNobleProvider,
  type ProtocolKey,
  strongEncTypes,
} from "../../../src/crypto/index.ts";
import type { TestRealm } from "../../../src/entry/testing.ts";
import {
  applicationTag,
  decodeAsRep,
  decodeEncKdcRepPart,
  decodeEtypeInfo2,
  decodeKrbError,
  decodeMethodData,
  decodeTgsRep,
  type EncryptedData,
  encodeApReq,
  encodeAsReq,
  encodeAuthenticator,
  encodeEncryptedData,
  encodeKdcReqBody,
  encodePaEncTsEnc,
  encodeTgsReq,
  type KdcRep,
  type KrbError,
  type PaData,
  type TaggedEncKdcRepPart,
} from "../../../src/krb5/index.ts";

export const encTypes: EncTypeSet = createEncTypeSet(strongEncTypes, await loadNobleProvider());

export type ReqBody = Parameters<typeof encodeKdcReqBody>[0];
type Authenticator = Parameters<typeof encodeAuthenticator>[0];
type ApReq = Parameters<typeof encodeApReq>[0];

/** Now and later, in the whole seconds of KerberosTime. */
export function seconds(offset = 0, base = Date.now()): Date {
  return new Date((Math.floor(base / 1000) + offset) * 1000);
}

export function name(text: string, nameType = 1): { nameType: number; nameString: string[] } {
  return { nameType, nameString: text.split("/") };
}

export function pa(padataType: number, padataValue: Uint8Array = new Uint8Array(0)): PaData {
  return { padataType, padataValue };
}

/** The body of an AS-REQ for a TGT, with changes. */
export function asBody(realm: TestRealm, client: string, changes: Partial<ReqBody> = {}): ReqBody {
  return {
    kdcOptions: 0,
    cname: name(client),
    realm: realm.realm,
    sname: name(`krbtgt/${realm.realm}`, 2),
    till: seconds(8 * 3600),
    nonce: 12345,
    etype: [18, 17, 20, 19],
    ...changes,
  } as ReqBody;
}

export function asReq(reqBody: ReqBody, padata: readonly PaData[] = []): Uint8Array {
  return encodeAsReq({ pvno: 5, msgType: 10, ...(padata.length === 0 ? {} : { padata }), reqBody });
}

/** The answer must be a KRB-ERROR. */
export function errorOf(answer: Uint8Array | undefined): KrbError {
  if (answer === undefined || applicationTag(answer) !== 30) throw new Error("not a KRB-ERROR");
  return decodeKrbError(answer);
}

/** The key of a password, made as the KDC's ETYPE-INFO2 says. */
export async function passwordKey(offers: readonly PaData[], password: string): Promise<ProtocolKey> {
  const info = offers.find(({ padataType }) => padataType === 19);
  const [entry] = decodeEtypeInfo2(info?.padataValue ?? new Uint8Array(0));
  if (entry === undefined) throw new Error("no ETYPE-INFO2");
  const type = encTypes.get(entry.etype);
  const octets = await type.stringToKey(
    encTypes.provider,
    encodeText(password),
    encodeText(entry.salt ?? ""),
    entry.s2kparams,
  );
  return encTypes.importKey(entry.etype, octets);
}

export function encTimestamp(key: ProtocolKey, time: Date = new Date()): PaData {
  const patimestamp = seconds(0, time.getTime());
  const plaintext = encodePaEncTsEnc({ patimestamp, pausec: (time.getTime() - patimestamp.getTime()) * 1000 });
  return pa(2, encodeEncryptedData({ etype: key.encType.etype, cipher: key.usage(1).encrypt(plaintext) }));
}

/** What a login gives. */
export interface Login {
  readonly rep: KdcRep;
  readonly part: TaggedEncKdcRepPart;
  readonly request: Uint8Array;
  readonly replyKey: ProtocolKey;
  readonly sessionKey: ProtocolKey;
}

/** Asks, proves the password and opens the reply. */
export async function login(
  realm: TestRealm,
  client: string,
  password: string,
  changes: Partial<ReqBody> = {},
  padata: readonly PaData[] = [],
): Promise<Login> {
  const body = asBody(realm, client, changes);
  const offers = decodeMethodData(errorOf(realm.handle(asReq(body))).eData ?? new Uint8Array(0));
  const replyKey = await passwordKey(offers, password);
  const cookie = offers.filter(({ padataType }) => padataType === 133);
  const request = asReq(body, [encTimestamp(replyKey), ...cookie, ...padata]);
  const answer = realm.handle(request);
  if (answer === undefined) throw new Error("no answer");
  if (applicationTag(answer) === 30) throw new Error(`KRB-ERROR ${decodeKrbError(answer).errorCode}`);
  const rep = decodeAsRep(answer);
  const part = decodeEncKdcRepPart(replyKey.usage(3).decrypt(rep.encPart.cipher));
  return { rep, part, request, replyKey, sessionKey: encTypes.importKey(part.key.keytype, part.key.keyvalue) };
}

export function tgsBody(realm: TestRealm, service: string, changes: Partial<ReqBody> = {}): ReqBody {
  return {
    kdcOptions: 0,
    realm: realm.realm,
    sname: name(service, 3),
    till: seconds(8 * 3600),
    nonce: 54321,
    etype: [18, 17, 20, 19],
    ...changes,
  } as ReqBody;
}

/** What a test may do differently from what is right. */
export interface TgsChanges {
  readonly authenticator?: Partial<Authenticator>;
  readonly apReq?: Partial<ApReq>;
  readonly usage?: number;
  readonly padata?: readonly PaData[];
}

/** A sealed authenticator over a body. */
export function authenticatorOf(
  { rep, sessionKey }: Pick<Login, "rep" | "sessionKey">,
  reqBody: ReqBody,
  changes: Pick<TgsChanges, "authenticator" | "usage"> = {},
): EncryptedData {
  const authenticator = encodeAuthenticator({
    authenticatorVno: 5,
    crealm: rep.crealm,
    cname: rep.cname,
    cksum: {
      cksumtype: sessionKey.encType.checksumType,
      checksum: sessionKey.usage(6).checksum(encodeKdcReqBody(reqBody)),
    },
    cusec: 0,
    ctime: seconds(),
    ...changes.authenticator,
  });
  return {
    etype: sessionKey.encType.etype,
    cipher: sessionKey.usage(changes.usage ?? 7).encrypt(authenticator),
  };
}

/** A TGS-REQ with the ticket of a login, or of another TGS reply. */
export function tgsReq(
  ticket: Pick<Login, "rep" | "sessionKey">,
  reqBody: ReqBody,
  changes: TgsChanges = {},
): Uint8Array {
  const apReq = encodeApReq({
    pvno: 5,
    msgType: 14,
    apOptions: 0,
    ticket: ticket.rep.ticket,
    authenticator: authenticatorOf(ticket, reqBody, changes),
    ...changes.apReq,
  });
  return encodeTgsReq({ pvno: 5, msgType: 12, padata: changes.padata ?? [pa(1, apReq)], reqBody });
}

/** Opens a TGS-REP under the session key (usage 8) or a sub-key (usage 9). */
export function openTgsRep(answer: Uint8Array | undefined, key: ProtocolKey, usage = 8): Login {
  if (answer === undefined) throw new Error("no answer");
  if (applicationTag(answer) === 30) {
    const { errorCode, eText } = decodeKrbError(answer);
    throw new Error(`KRB-ERROR ${errorCode} ${eText ?? ""}`);
  }
  const rep = decodeTgsRep(answer);
  const part = decodeEncKdcRepPart(key.usage(usage).decrypt(rep.encPart.cipher));
  const sessionKey = encTypes.importKey(part.key.keytype, part.key.keyvalue);
  return { rep, part, request: answer, replyKey: key, sessionKey };
}
