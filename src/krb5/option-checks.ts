import { refuse } from "../checks/index.ts";
import { CredentialError } from "../errors.ts";
import { etypesOf } from "./enctypes.ts";
import type { Principal } from "./principal.ts";
import { parsePrincipal } from "./principal-text.ts";
import type { ServiceTicket } from "./ticket-source.ts";

/**
 * The principal that an option names. Throws TypeError for what is neither text nor a principal: the caller's mistake.
 */
export function principalOf(name: string, value: unknown): Principal {
  if (typeof value === "string") return parsed(name, value);
  const { realm, components, nameType = 0 } = Object(value) as Partial<Principal>;
  const isText = (part: unknown): boolean => typeof part === "string";
  if (Array.isArray(components) && [realm, ...components].every(isText) && Number.isInteger(nameType))
    return value as Principal;
  return refuse(name, value, "a principal, or its name as a string");
}

function parsed(name: string, text: string): Principal {
  try {
    return parsePrincipal(text);
  } catch (error) {
    throw new TypeError(`${name}: ${(error as TypeError).message}`);
  }
}

/**
 * The principal of a person, whose name may be what somebody typed: a text that is not one is not the caller's mistake.
 * Throws CredentialError `NO_CREDENTIAL` for it, which does not repeat the text (it may be a password, in the wrong
 * field); TypeError for what is neither text nor a principal.
 */
export function personOf(name: string, value: unknown): Principal {
  if (typeof value !== "string") return principalOf(name, value);
  try {
    return parsePrincipal(value);
  } catch {
    throw new CredentialError("NO_CREDENTIAL", `${name}: not a principal: write it as alice@EXAMPLE.ORG`);
  }
}

/** Checks an option that names a principal. */
export function checkPrincipal(name: string, value: unknown): void {
  principalOf(name, value);
}

/** Checks an option that is a principal, and not its text. */
export function checkParsedPrincipal(name: string, value: unknown): void {
  if (typeof value === "string") refuse(name, value, "a principal, for example what parsePrincipal() gives");
  principalOf(name, value);
}

/** Checks a ticket. Throws TypeError: the caller's mistake. */
export function checkTicket(name: string, value: unknown): void {
  const { ticket, sessionKey, endTime } = Object(value) as Partial<ServiceTicket>;
  if (!(ticket instanceof Uint8Array) || sessionKey === undefined || !(endTime instanceof Date)) {
    refuse(name, value, "a ticket that this package gave");
  }
}

/** Checks an option that is a list of enctypes. */
export function checkEnctypes(name: string, value: unknown): void {
  etypesOf(name, value);
}
