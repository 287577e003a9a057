import {
  type Checks,
  checkBoolean,
  checkFunction,
  checkOctets,
  checkText,
  checkWhole,
  checkWord,
} from "../checks/index.ts";
import type { ContextOptions, InitiatorOptions, SecurityContext } from "../gssapi/index.ts";
import type { Principal, TicketSource } from "../krb5/index.ts";
import { checkLayers, type Layer, type LayerOptions } from "./layers.ts";
import { MAX_SIZE } from "./size-message.ts";

/**
 * The mechanisms: GSSAPI (RFC 4752) is Kerberos 5, GSS-SPNEGO negotiates it, GS2-KRB5 and, with channel bindings,
 * GS2-KRB5-PLUS (RFC 5801) have no security layers.
 */
export type SaslMechanism = "GSSAPI" | "GSS-SPNEGO" | "GS2-KRB5" | "GS2-KRB5-PLUS";

/** Options for {@link createSaslClient}. */
export interface SaslClientOptions extends LayerOptions, Omit<ContextOptions, "channelBindings"> {
  /** Default `"GSSAPI"`. */
  readonly mechanism?: SaslMechanism | undefined;
  /** The name that the service has in the protocol's profile of SASL, for example `ldap`, `imap`, `smtp`, `kafka`. */
  readonly service?: string | undefined;
  /** The server's host, by the name that its principal has. No DNS is asked (rule X6 in SECURITY.md). */
  readonly host?: string | undefined;
  /** The service by another name, in place of `service` and `host`: `service/host@REALM`, or a principal. */
  readonly target?: string | Principal | undefined;
  /** Gives the ticket: a client of this package, or anything with `getTicket`. */
  readonly credential: TicketSource;
  /** Whom to act as on the server, in the form that the server has. Default: as the client's own principal. */
  readonly authorizationId?: string | undefined;
  /** The longest token of a security layer that is taken, from 1,024 to 16,777,215 octets. Default 65,536. */
  readonly maxReceiveBytes?: number | undefined;
  /** `createSpnegoInitiator` of `krb5-remctl/spnego`, which GSS-SPNEGO needs. */
  readonly spnego?: ((options: InitiatorOptions) => SecurityContext) | undefined;
}

export const MECHANISMS: readonly SaslMechanism[] = ["GSSAPI", "GSS-SPNEGO", "GS2-KRB5", "GS2-KRB5-PLUS"];

/** What `createInitiator` and `createAcceptor` check. */
const elsewhere = (): void => {};

/** For options of both sides. */
export const commonChecks: Checks<LayerOptions & Pick<SaslClientOptions, "mechanism" | "maxReceiveBytes" | "spnego">> =
  {
    mechanism: [checkWord, ...MECHANISMS],
    layers: checkLayers,
    tls: checkBoolean,
    channelBindings: checkOctets,
    // Less has no room for a token with a message of some use.
    maxReceiveBytes: [checkWhole, 1024, MAX_SIZE],
    spnego: checkFunction,
  };

export const clientChecks: Checks<SaslClientOptions> = {
  ...commonChecks,
  service: checkText,
  host: checkText,
  target: elsewhere,
  credential: elsewhere,
  authorizationId: checkAuthorizationId,
  enctypes: elsewhere,
  legacyTokens: elsewhere,
  now: elsewhere,
  onTrace: elsewhere,
};

function checkAuthorizationId(name: string, value: unknown): void {
  checkText(name, value);
  // RFC 4752 section 3.1: UTF-8 without a NUL. A lone surrogate has no UTF-8.
  if (/\0|\p{Surrogate}/u.test(value as string)) throw new TypeError(`${name} has a NUL or half a character in it`);
}

/**
 * What the mechanism says about other options. Throws TypeError for those that do not fit it: the caller's mistake.
 *
 * @param wanted the layers that `layers` and `tls` come to
 */
export function checkMechanism(
  mechanism: SaslMechanism,
  wanted: readonly Layer[],
  { layers, channelBindings, spnego }: LayerOptions & { readonly spnego?: unknown },
): void {
  if (mechanism === "GSSAPI") return;
  if (mechanism === "GSS-SPNEGO") {
    if (spnego !== undefined) return;
    throw new TypeError(`spnego is undefined: ${mechanism} needs the function of krb5-remctl/spnego`);
  }
  if (mechanism === "GS2-KRB5-PLUS" && channelBindings === undefined) {
    throw new TypeError(`channelBindings is undefined: ${mechanism} needs the bindings of the TLS channel`);
  }
  if (wanted.includes("none")) return;
  const reason = `${mechanism} has no security layers`;
  throw new TypeError(
    layers === undefined
      ? `tls is not true: ${reason}; say tls: true where it runs within TLS, else layers: ["none"]`
      : `layers has no "none": ${reason}`,
  );
}
