import {
  type Checks,
  checkFunction,
  checkList,
  checkObject,
  checkOctets,
  checkSignal,
  checkText,
  kindOf,
  refuse,
} from "../checks/index.ts";
import {
  checkPacWish,
  isCredentialSource,
  type KeptTickets,
  type S4uUser,
  type ServiceTicketOptions,
  ticketChecks,
  type WalkTicketOptions,
} from "../client/index.ts";
import { isConfText, Krb5Config } from "../config/index.ts";
import { checkSite, type DnsOption, parseDnsOption } from "../discovery/index.ts";
import { checkEnctypes, checkParsedPrincipal, checkTicket } from "../krb5/index.ts";
import { exchangeChecks } from "./exchange-checks.ts";
import { checkKdc, checkKpasswd } from "./kdc-lists.ts";
import type { KerberosOptions } from "./kerberos-options.ts";

export const kerberosChecks: Checks<KerberosOptions> = {
  ...exchangeChecks,
  kdc: checkKdc,
  kpasswd: checkKpasswd,
  config: checkConfig,
  armor: (name, value) => checkSource(value, name),
  armorPolicy: checkArmorPolicy,
  pac: checkPacWish,
  dns: checkDns,
  site: checkSite,
  environment: checkEnvironment,
  trustAnchors: checkTexts,
};

/** For the options of {@link Kerberos.getServiceTicket}. */
export const walkChecks: Checks<WalkTicketOptions & KeptTickets> = {
  ...ticketChecks,
  userToUser: checkTicket,
  armor: checkTicket,
  pac: checkPacWish,
  kept: checkFunction,
  enctypes: checkEnctypes,
  signal: checkSignal,
};

/** For the options of {@link Kerberos.impersonate} and {@link Kerberos.actFor}. */
export const s4uChecks: Checks<Pick<ServiceTicketOptions, "enctypes" | "signal"> & KeptTickets> = {
  kept: checkFunction,
  enctypes: checkEnctypes,
  signal: checkSignal,
};

export const userChecks: Checks<S4uUser> = { name: checkParsedPrincipal, certificate: checkOctets };

function checkArmorPolicy(name: string, value: unknown): void {
  if (value !== "required" && value !== "if-offered") refuse(name, value, '"required" or "if-offered"');
}

/** Checks the credentials of a login. Throws TypeError: the caller's mistake. */
export function checkSource(credentials: unknown, name = "credentials"): void {
  if (!isCredentialSource(credentials)) {
    refuse(name, credentials, "what password(), keytab() or another credential source gives");
  }
}

function checkConfig(name: string, value: unknown): void {
  if (isConfText(value) || typeof value === "boolean" || value instanceof Krb5Config) return;
  const files = kindOf(value) === "an object" ? (value as { readonly files?: unknown }).files : undefined;
  if (files === undefined)
    refuse(name, value, "the text of a krb5.conf, a parsed one, { files: [...] }, true or false");
  checkList(`${name}.files`, files, checkText);
}

function checkDns(name: string, value: unknown): void {
  if (value === false) return;
  checkTexts(name, value);
  parseDnsOption(value as DnsOption);
}

function checkEnvironment(name: string, value: unknown): void {
  checkObject(name, value);
  checkObject(`${name}.env`, (value as { readonly env?: unknown }).env);
}

function checkTexts(name: string, value: unknown): void {
  if (Array.isArray(value)) checkList(name, value, checkText);
  else if (typeof value !== "string" || value === "") refuse(name, value, "a string, or an array of strings");
}
