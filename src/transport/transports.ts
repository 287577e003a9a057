import { kkdcp } from "./kkdcp.ts";
import { tcp } from "./tcp.ts";
import type { Transport, Transports } from "./transport.ts";
import { udp } from "./udp.ts";

/** Every way to ask a KDC. */
export const transports: { readonly [name in keyof Transports]-?: Transport } = {
  tcp,
  udp,
  kkdcp,
};
