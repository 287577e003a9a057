import { equalPrincipals, type Principal } from "./principal.ts";
import { printableName } from "./principal-text.ts";

/** Which services' tickets an acceptor takes: one, one of some, or those that a function names. */
export type WantedServices = Principal | readonly Principal[] | ((service: Principal) => boolean);

/** How many names an error has: more tell nobody anything. */
const MAX_SHOWN = 3;

/** Whether a service is one of those that are wanted. */
export function isWanted(service: Principal, wanted: WantedServices): boolean {
  if (typeof wanted === "function") return wanted(service);
  return namesOf(wanted).some((one) => equalPrincipals(one, service));
}

/** The names that are wanted, where they are a list. */
export function namesOf(wanted: Principal | readonly Principal[]): readonly Principal[] {
  return "components" in wanted ? [wanted] : wanted;
}

/** Why a ticket for another service does not count. */
export function notWantedBecause(wanted: WantedServices): string {
  if (typeof wanted === "function") return "which is not a service that is accepted here (option service)";
  const names = namesOf(wanted);
  const shown = names.slice(0, MAX_SHOWN).map(printableName).join(" or ");
  return `and no key of ${shown}${names.length > MAX_SHOWN ? ` or ${names.length - MAX_SHOWN} more` : ""} opens it`;
}
