import type { Checks } from "../checks/index.ts";
import type { Dial } from "../host/index.ts";
import { checkServiceName } from "../krb5/index.ts";
import { connectionChecks } from "../remctl/index.ts";
import type { RemctlOptions } from "./options.ts";

/** For the options of one call. */
export const remctlChecks: Checks<RemctlOptions> = { ...connectionChecks, service: checkServiceName };

/** A connection that `dial` makes has the address that `dial` chooses. Throws TypeError. */
export function checkLocalAddress({ localAddress }: RemctlOptions, dial: Dial | undefined): void {
  if (localAddress === undefined || dial === undefined) return;
  throw new TypeError("localAddress is for the connections of this host: `dial` chooses the address of its own");
}
