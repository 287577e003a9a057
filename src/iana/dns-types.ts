/** DNS resource record types (RFC 1035, RFC 3596, RFC 2782, RFC 6891, RFC 7553). */

export const a = 1;
export const cname = 5;
export const soa = 6;
export const ptr = 12;
export const txt = 16;
export const aaaa = 28;
export const srv = 33;
export const opt = 41;
export const uri = 256;
