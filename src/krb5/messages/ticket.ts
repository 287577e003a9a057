import type { DecodeOptions } from "../../asn1/index.ts";
import { decodeAny, encodeAny, type FromAll, type ToAll } from "./all-types.ts";
import { decode, encode, type From, type To } from "./module.ts";

/** A ticket (RFC 4120 section 5.3). `octets` are those received: they, not the fields, are what is passed on. */
export type Ticket = From<"Ticket">;

/** The fields of a {@link Ticket}, to make a new one. */
export type TicketFields = From<"TicketFields">;

/** What only the service can read (RFC 4120 section 5.3). */
export type EncTicketPart = FromAll<"EncTicketPart">;

/** The realms passed through (RFC 4120 section 5.3). */
export type TransitedEncoding = FromAll<"TransitedEncoding">;

/** Decodes a Ticket (RFC 4120 section 5.3). */
export function decodeTicket(octets: Uint8Array, options?: DecodeOptions): Ticket {
  return decode("Ticket", octets, options);
}

/** Encodes a new ticket from its fields; a decoded one gives the octets it was decoded from. */
export function encodeTicket(value: To<"Ticket">): Uint8Array {
  return encode("Ticket", value);
}

/** Decodes an EncTicketPart (RFC 4120 section 5.3). */
export function decodeEncTicketPart(octets: Uint8Array, options?: DecodeOptions): EncTicketPart {
  return decodeAny("EncTicketPart", octets, options);
}

/** Encodes what {@link decodeEncTicketPart} decodes. */
export function encodeEncTicketPart(value: ToAll<"EncTicketPart">): Uint8Array {
  return encodeAny("EncTicketPart", value);
}
