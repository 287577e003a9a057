import * as krb5 from "../../src/krb5/index.ts";

type Codec = readonly [decode: (octets: Uint8Array) => unknown, encode: (value: never) => Uint8Array];

/** Every codec of src/krb5/messages, by the name that RFC 4120 gives its type. */
export const MESSAGE_CODECS: Readonly<Record<string, Codec>> = {
  "AP-REP": [krb5.decodeApRep, krb5.encodeApRep],
  "AP-REQ": [krb5.decodeApReq, krb5.encodeApReq],
  "AS-REP": [krb5.decodeAsRep, krb5.encodeAsRep],
  "AS-REQ": [krb5.decodeAsReq, krb5.encodeAsReq],
  Authenticator: [krb5.decodeAuthenticator, krb5.encodeAuthenticator],
  AuthorizationData: [krb5.decodeAuthorizationData, krb5.encodeAuthorizationData],
  ChangePasswdData: [krb5.decodeChangePasswdData, krb5.encodeChangePasswdData],
  Checksum: [krb5.decodeChecksum, krb5.encodeChecksum],
  EncAPRepPart: [krb5.decodeEncApRepPart, krb5.encodeEncApRepPart],
  EncASRepPart: [decodeEncPart, krb5.encodeEncAsRepPart],
  EncKrbCredPart: [krb5.decodeEncKrbCredPart, krb5.encodeEncKrbCredPart],
  EncKrbPrivPart: [krb5.decodeEncKrbPrivPart, krb5.encodeEncKrbPrivPart],
  EncTGSRepPart: [decodeEncPart, krb5.encodeEncTgsRepPart],
  EncTicketPart: [krb5.decodeEncTicketPart, krb5.encodeEncTicketPart],
  EncryptedData: [krb5.decodeEncryptedData, krb5.encodeEncryptedData],
  EncryptionKey: [krb5.decodeEncryptionKey, krb5.encodeEncryptionKey],
  "ETYPE-INFO": [krb5.decodeEtypeInfo, krb5.encodeEtypeInfo],
  "ETYPE-INFO2": [krb5.decodeEtypeInfo2, krb5.encodeEtypeInfo2],
  HostAddresses: [krb5.decodeHostAddresses, krb5.encodeHostAddresses],
  "KDC-REQ-BODY": [krb5.decodeKdcReqBody, krb5.encodeKdcReqBody],
  "KRB-CRED": [krb5.decodeKrbCred, krb5.encodeKrbCred],
  "KRB-ERROR": [krb5.decodeKrbError, krb5.encodeKrbError],
  "KRB-PRIV": [krb5.decodeKrbPriv, krb5.encodeKrbPriv],
  "KRB-SAFE": [krb5.decodeKrbSafe, krb5.encodeKrbSafe],
  "KRB-SAFE-BODY": [krb5.decodeKrbSafeBody, krb5.encodeKrbSafeBody],
  "METHOD-DATA": [krb5.decodeMethodData, krb5.encodeMethodData],
  "PA-ENC-TS-ENC": [krb5.decodePaEncTsEnc, krb5.encodePaEncTsEnc],
  "PA-PAC-REQUEST": [krb5.decodePaPacRequest, krb5.encodePaPacRequest],
  PrincipalName: [krb5.decodePrincipalName, krb5.encodePrincipalName],
  "TGS-REP": [krb5.decodeTgsRep, krb5.encodeTgsRep],
  "TGS-REQ": [krb5.decodeTgsReq, krb5.encodeTgsReq],
  Ticket: [krb5.decodeTicket, krb5.encodeTicket],
  "TYPED-DATA": [krb5.decodeTypedData, krb5.encodeTypedData],
};

function decodeEncPart(octets: Uint8Array): unknown {
  const { application: _, ...part } = krb5.decodeEncKdcRepPart(octets);
  return part;
}

/** The codec of a type. */
export function codecOf(type: string): Codec {
  const codec = MESSAGE_CODECS[type];
  if (codec === undefined) throw new Error(`no codec of ${type} in test/support/message-codecs.ts`);
  return codec;
}

/** A copy that has lost the received octets of tickets and the like, so that encoding starts from the fields. */
export function withoutOctets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutOctets);
  if (value instanceof Uint8Array || value instanceof Date || typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutOctets(item)]));
}
