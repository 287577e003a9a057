/** APPLICATION tags of types that are not messages (RFC 4120 section 5.10). */

export const ticket = 1;
export const authenticator = 2;
export const encTicketPart = 3;
export const encAsRepPart = 25;
export const encTgsRepPart = 26;
export const encApRepPart = 27;
export const encKrbPrivPart = 28;
export const encKrbCredPart = 29;
