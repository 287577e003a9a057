// Types of last-req that a client acts on (RFC 4120 section 5.4.2); a negative one is of the answering KDC alone.

export const passwordExpires = 6;
