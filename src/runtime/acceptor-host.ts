import type { Runtime } from "../host/index.ts";
import { cryptoHost } from "./crypto-host.ts";
import { isOneOfMany } from "./node-cluster.ts";
import { hostKind } from "./which.ts";

/** What {@link cryptoHost} has, with what an acceptor of many connections asks of its host. */
export function acceptorHost(): ReturnType<typeof cryptoHost> & Pick<Runtime, "isOneOfMany"> {
  return { ...cryptoHost(), isOneOfMany: () => hostKind() === "workerd" || isOneOfMany() };
}
