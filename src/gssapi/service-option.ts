import { shownPlace } from "../bytes/index.ts";
import { checkList } from "../checks/index.ts";
import { Keytab } from "../credentials/index.ts";
import {
  formatPrincipal,
  type KeySource,
  type Principal,
  serviceOrAnyHost,
  type WantedServices,
} from "../krb5/index.ts";
import { KeytabKeys } from "./keytab-keys.ts";

/**
 * Which services an acceptor is: `"HTTP@www.example.org"` (a host-based service, RFC 2743 section 4.1),
 * `"HTTP/www.example.org@EXAMPLE.ORG"`, `"HTTP"` (that service of any host), a principal, a list of these, or a
 * function that knows.
 */
export type AcceptorService = string | Principal | readonly (string | Principal)[] | ((service: Principal) => boolean);

/** One name, or a name with any host. */
type OneService = Principal | ((service: Principal) => boolean);

/** Checks the option `service` of an acceptor. Throws TypeError: the caller's mistake. */
export function checkAcceptorService(option: string, value: unknown): void {
  if (typeof value === "function") return;
  if (!Array.isArray(value)) return void serviceOrAnyHost(option, value);
  if (value.length === 0) throw new TypeError(`${option} is an empty array: it must name a service`);
  checkList(option, value, serviceOrAnyHost);
}

/**
 * The option with every realm in it: a ticket's service has one always, and a name without one, which would fit none,
 * gets that of the keytab's one such principal. Throws TypeError where the keytab does not tell, or
 * lacks it.
 */
export function servicesOf(service: AcceptorService, keytab: Keytab | KeySource): WantedServices {
  if (typeof service === "function") return service;
  const has = keytab instanceof Keytab || keytab instanceof KeytabKeys ? keytab.principals : undefined;
  if (!isList(service)) return oneOf(service, has);
  const all = service.map((one) => oneOf(one, has));
  const names = all.filter((one): one is Principal => typeof one !== "function");
  if (names.length === all.length) return names;
  const texts = new Set(names.map(formatPrincipal));
  return (name) => texts.has(formatPrincipal(name)) || all.some((one) => typeof one === "function" && one(name));
}

function isList(
  service: string | Principal | readonly (string | Principal)[],
): service is readonly (string | Principal)[] {
  return Array.isArray(service);
}

function oneOf(service: string | Principal, has: readonly Principal[] | undefined): OneService {
  const name = serviceOrAnyHost("service", service);
  if ("anyHostOf" in name) return anyHostOf(name.anyHostOf, has);
  if (name.realm !== "") return name;
  const text = formatPrincipal({ ...name, realm: "" });
  const [found, ...others] = (has ?? []).filter((own) => formatPrincipal({ ...own, realm: "" }) === text);
  if (found !== undefined && others.length === 0) return found;
  const shown = shownPlace(text.slice(0, -1));
  if (has !== undefined && found === undefined) throw notInKeytab(shown, has);
  throw new TypeError(
    `service must name its realm, for example ${shown}@REALM: the keytab does not tell which is meant`,
  );
}

function anyHostOf(service: string, has: readonly Principal[] | undefined): (name: Principal) => boolean {
  const isOf = ({ components }: Principal): boolean => components.length === 2 && components[0] === service;
  if (has === undefined || has.some(isOf)) return isOf;
  throw notInKeytab(shownPlace(service), has);
}

/** How many names a message has. */
const MAX_NAMED = 4;

function notInKeytab(service: string, has: readonly Principal[]): TypeError {
  const names = has.slice(0, MAX_NAMED).map((one) => shownPlace(formatPrincipal(one)));
  if (has.length > MAX_NAMED) names.push(`${has.length - MAX_NAMED} more`);
  const known = names.length === 0 ? "no name" : names.join(", ");
  return new TypeError(
    `service is ${service}, of which the keytab has no key: it has ${known}; name one of these, or make the keytab anew`,
  );
}
