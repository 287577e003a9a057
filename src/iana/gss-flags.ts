/** GSS-API context flags as the 0x8003 checksum carries them (RFC 4121 section 4.1.1.1, RFC 2744). */

export const deleg = 1;
export const mutual = 2;
export const replay = 4;
export const sequence = 8;
export const conf = 16;
export const integ = 32;
export const anon = 64;
export const dceStyle = 0x1000;
