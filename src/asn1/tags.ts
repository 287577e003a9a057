/* Identifier octets (X.690 section 8.1.2): class in the two highest bits, 0x20 for elements within, then the number. */

export const BOOLEAN = 0x01;
export const INTEGER = 0x02;
export const BIT_STRING = 0x03;
export const OCTET_STRING = 0x04;
export const NULL = 0x05;
export const OBJECT_IDENTIFIER = 0x06;
export const ENUMERATED = 0x0a;
export const UTF8_STRING = 0x0c;
export const GENERALIZED_TIME = 0x18;
export const GENERAL_STRING = 0x1b;
export const SEQUENCE = 0x30;
export const SET = 0x31;

export const CLASS = 0xc0;
export const APPLICATION = 0x40;
export const CONTEXT = 0x80;
export const CONSTRUCTED = 0x20;
export const NUMBER = 0x1f;

const CLASSES = ["UNIVERSAL", "APPLICATION", "", "PRIVATE"] as const;
const UNIVERSAL: Readonly<Record<number, string>> = {
  [BOOLEAN]: "BOOLEAN",
  [INTEGER]: "INTEGER",
  [BIT_STRING]: "BIT STRING",
  [OCTET_STRING]: "OCTET STRING",
  [NULL]: "NULL",
  [OBJECT_IDENTIFIER]: "OBJECT IDENTIFIER",
  [ENUMERATED]: "ENUMERATED",
  [UTF8_STRING]: "UTF8String",
  [GENERALIZED_TIME]: "GeneralizedTime",
  [GENERAL_STRING]: "GeneralString",
  [SEQUENCE]: "SEQUENCE",
  [SET]: "SET",
};

/** An identifier octet in words, for messages. */
export function tagName(tag: number): string {
  const number = `[${`${CLASSES[tag >> 6]} ${tag & NUMBER}`.trim()}]`;
  return UNIVERSAL[tag] ?? `${number}${(tag & CONSTRUCTED) === 0 ? " primitive" : ""}`;
}
