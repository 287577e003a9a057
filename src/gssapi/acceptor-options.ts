import { Keytab } from "../credentials/index.ts";
import { checkNotNegative, formatPrincipal, type KeySource, type Principal, principalOf } from "../krb5/index.ts";
import type { AcceptorOptions } from "./acceptor.ts";
import { encodeChannelBindings } from "./channel-bindings.ts";
import { checkKeys } from "./key-source.ts";

/** The options of an acceptor whose mistakes would show only when a client comes. */
type Checked = Pick<AcceptorOptions, "keytab" | "service" | "skewSeconds" | "replayCache" | "channelBindings">;

/**
 * Checks the options of an acceptor, or of a server that makes them, and gives its keys and its service. Throws CredentialError
 * `KEYTAB` for octets that are no keytab, TypeError and RangeError for the rest: the caller's mistakes.
 */
export function checkAcceptorOptions(options: Checked): {
  readonly keytab: Keytab | KeySource;
  readonly service: Principal | undefined;
} {
  const { service, replayCache, channelBindings } = options;
  const keytab = checkKeys(options.keytab);
  // NaN would leave no authenticator too old (RFC 4120 section 3.2.3).
  checkNotNegative("skewSeconds", options.skewSeconds);
  if (replayCache !== undefined && typeof replayCache?.remember !== "function") {
    throw new TypeError("replayCache has no remember()");
  }
  if (channelBindings !== undefined) encodeChannelBindings(channelBindings);
  return { keytab, service: service === undefined ? undefined : serviceOf(service, keytab) };
}

/** A ticket's service has a realm always: a name without one, which would fit none, gets that of the keytab's one such principal. */
function serviceOf(service: string | Principal, keytab: Keytab | KeySource): Principal {
  const name = principalOf("service", service);
  if (name.realm !== "") return name;
  const text = formatPrincipal({ ...name, realm: "" });
  const all = keytab instanceof Keytab ? keytab.principals : [];
  const [found, ...others] = all.filter((own) => formatPrincipal({ ...own, realm: "" }) === text);
  if (found !== undefined && others.length === 0) return found;
  throw new TypeError(`service must name its realm, as ${text}REALM: the keytab does not tell which is meant`);
}
