import { type Checks, checkBoolean, checkMethods, checkNumber, checkOptions } from "../../checks/index.ts";
import { ticketChecks } from "../../client/index.ts";
import { checkKdc, exchangeChecks } from "../../library/index.ts";
import { checkLocalAddress, remctlChecks } from "../call-checks.ts";
import { checkForms } from "../credential-checks.ts";
import type { LeanClientOptions } from "./options.ts";
import { checkTransports } from "./transports.ts";

/** Options of the main entry whose parts are not here. */
const MAIN_ONLY = "armorPolicy cache config dns environment kpasswd pac site trustAnchors".split(" ");

const leanChecks: Checks<LeanClientOptions> = {
  ...remctlChecks,
  ...ticketChecks,
  ...exchangeChecks,
  credentials: (_, value) => checkForms(value as object),
  armor: [checkMethods, "arm"],
  kdc: checkKdc,
  transports: checkTransports,
  names: [checkMethods, "krbError", "padata"],
  directTicket: checkBoolean,
  rejectedSecretRestSeconds: [checkNumber, 0],
};

export const leanOptionNames: readonly string[] = Object.keys(leanChecks);

/** Checks the options of `createClient` by name and value. Throws TypeError and RangeError: the caller's mistakes. */
export function checkLeanOptions(options: LeanClientOptions): void {
  checkOptions("createClient of krb5-remctl/lean", options, leanChecks, (name) => {
    if (MAIN_ONLY.includes(name)) return "it is an option of the main entry, krb5-remctl";
    return name === "principal" || name === "password" || name === "keytab"
      ? "it is a part of `credentials`"
      : undefined;
  });
  if (options.credentials === undefined) {
    throw new TypeError("credentials is undefined: it must be { principal, password } or { principal, keytab }");
  }
  if (options.kdc === undefined) throw new TypeError('kdc is undefined: it must be a list, as ["tcp://host:port"]');
  checkLocalAddress(options, options.dial);
}
