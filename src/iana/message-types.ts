/** Message types, each also its APPLICATION tag (RFC 4120 sections 5.10 and 7.5.7). */
export const MESSAGE_TYPE = {
  asReq: 10,
  asRep: 11,
  tgsReq: 12,
  tgsRep: 13,
  apReq: 14,
  apRep: 15,
  krbSafe: 20,
  krbPriv: 21,
  krbCred: 22,
  krbError: 30,
} as const;

/** APPLICATION tags of types that are not messages (RFC 4120 section 5.10). */
export const APPLICATION = {
  ticket: 1,
  authenticator: 2,
  encTicketPart: 3,
  encAsRepPart: 25,
  encTgsRepPart: 26,
  encApRepPart: 27,
  encKrbPrivPart: 28,
  encKrbCredPart: 29,
} as const;
