import { PADATA } from "../../iana/index.ts";
import type { PreauthMechanism } from "../mechanism.ts";
import { type LoadGroups, SpakeRun } from "./run.ts";

/** SPAKE (RFC 9588) with the groups that `load` gives. */
export function spakeWith(load: LoadGroups): PreauthMechanism {
  return {
    type: PADATA.spake,
    name: "PA-SPAKE",
    place: "any",
    // Rule SP5: a timestamp under a password's key lets its hearer guess the password, which SPAKE prevents.
    replaces: [PADATA.encTimestamp],
    canAnswer: () => true,
    begin: (login) => new SpakeRun(login, load),
  };
}
