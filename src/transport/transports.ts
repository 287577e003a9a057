import type { TransportName } from "./endpoint.ts";
import { kkdcp } from "./kkdcp.ts";
import { tcp } from "./tcp.ts";
import type { Transport } from "./transport.ts";
import { udp } from "./udp.ts";

/** Every way to ask a KDC. */
export const transports: Readonly<Record<TransportName, Transport>> = {
  tcp,
  udp,
  kkdcp,
};
