import type { encodeEncAsRepPart, encodeEncTicketPart, encodeKrbError } from "../../krb5/index.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/* Messages on their way out: a fault may change any field of them before they are encoded. */

export type EncTicketPartDraft = Mutable<Parameters<typeof encodeEncTicketPart>[0]>;
export type EncKdcRepPartDraft = Mutable<Parameters<typeof encodeEncAsRepPart>[0]>;
export type KrbErrorDraft = Mutable<Parameters<typeof encodeKrbError>[0]>;
