import { type Checks, checkBoolean, checkOptions } from "../checks/index.ts";
import type { ProtocolKey } from "../crypto/index.ts";
import { ProtocolError } from "../errors.ts";
import { type Principal, printableName } from "../krb5/index.ts";
import { type AdElement, findPac } from "./authorization-data.ts";
import { indicatorsOf, vouchedElements } from "./cammac.ts";
import { type LogonInfo, sidsOfLogon } from "./logon-info.ts";
import { type VerifiedPac, verifyPac } from "./verify-pac.ts";

/** A ticket that an acceptor has opened. */
export interface OpenedAuthorization {
  /** The client that the ticket names. */
  readonly client: Principal;
  /** When it logged in. */
  readonly authTime: Date;
  /** The authorization data of the ticket. */
  readonly elements: readonly AdElement[] | undefined;
  /** The key that opened the ticket: the KDC signs for the service with it. */
  readonly key: ProtocolKey;
}

/** What a ticket says of its client beside the name. Each part is verified when it is first asked for. */
export interface TicketAuthorization {
  /**
   * The PAC; undefined if the ticket has none. Throws CryptoError `INTEGRITY` for one that its checksum does not prove,
   * ProtocolError `REPLY_MODIFIED` for one of another client or login.
   */
  readonly pac: VerifiedPac | undefined;
  /**
   * The SIDs of the client and of its groups, those for denying only excepted; none without a PAC. Throws as `pac`
   * does.
   */
  readonly sids: readonly string[];
  /**
   * How the client logged in, in words of the KDC (RFC 8129): those alone that the KDC vouches for. Throws CryptoError
   * `INTEGRITY` for some that it does not.
   */
  readonly indicators: readonly string[];
}

/** Reads what tickets say of their clients: the option `authorizationData` of an acceptor. */
export interface AuthorizationReader {
  /** Throws what refuses the ticket. */
  read(ticket: OpenedAuthorization): TicketAuthorization;
}

/** Options for {@link ticketAuthorization}. */
export interface TicketAuthorizationOptions {
  /**
   * Refuse tickets without a PAC (ProtocolError `PAC_REQUIRED`), or with one that is not proven, when they come.
   * Default false: such a ticket gives no SIDs.
   */
  readonly requirePac?: boolean | undefined;
}

const checks: Checks<TicketAuthorizationOptions> = { requirePac: checkBoolean };

/** SE_GROUP_USE_FOR_DENY_ONLY (MS-PAC section 2.2.1). */
const DENY_ONLY = 0x10;

/**
 * Makes the option `authorizationData` of `createAcceptor` and `createRemctlServer`: contexts then have the verified
 * PAC (MS-PAC), the SIDs in it, and the authentication indicators (RFC 8129).
 *
 * @param options whether a ticket needs a PAC
 * @returns what reads authorization data
 * @throws TypeError for other options: the caller's mistake
 * @example
 * ```ts
 * import { createAcceptor } from "krb5-remctl/gssapi";
 * import { ticketAuthorization } from "krb5-remctl/pac";
 *
 * const context = createAcceptor({ keytab: octets, authorizationData: ticketAuthorization({ requirePac: true }) });
 * await context.step(await receive());
 * const isAllowed = context.sids?.includes("S-1-5-21-1-2-3-1104") === true;
 * ```
 */
export function ticketAuthorization(options: TicketAuthorizationOptions = {}): AuthorizationReader {
  checkOptions("ticketAuthorization", options, checks);
  const { requirePac = false } = options;
  return {
    read(ticket) {
      const authorization = new LazyAuthorization(ticket);
      if (requirePac && authorization.pac === undefined) {
        throw new ProtocolError(
          "PAC_REQUIRED",
          `the ticket of ${printableName(ticket.client)} has no PAC, which is required here: let the KDC issue one`,
        );
      }
      return authorization;
    },
  };
}

/** The ticket is in a private field: no log of a context shows it. */
class LazyAuthorization implements TicketAuthorization {
  readonly #ticket: OpenedAuthorization;
  #pac: { readonly value: VerifiedPac | undefined } | undefined;
  #indicators: readonly string[] | undefined;

  constructor(ticket: OpenedAuthorization) {
    this.#ticket = ticket;
  }

  get pac(): VerifiedPac | undefined {
    this.#pac ??= { value: pacOf(this.#ticket) };
    return this.#pac.value;
  }

  get sids(): readonly string[] {
    const { logonInfo } = this.pac ?? {};
    return logonInfo === undefined ? [] : sidsOfLogon(granting(logonInfo));
  }

  get indicators(): readonly string[] {
    const { elements, key } = this.#ticket;
    this.#indicators ??= indicatorsOf(vouchedElements(elements, key));
    return this.#indicators;
  }
}

function pacOf({ client, authTime, elements, key }: OpenedAuthorization): VerifiedPac | undefined {
  const octets = findPac(elements);
  return octets === undefined ? undefined : verifyPac(octets, { serverKey: key, client, authTime });
}

/** A group that is there to deny with gives no right to its members. */
function granting(info: LogonInfo): LogonInfo {
  const isGranting = ({ attributes }: { readonly attributes: number }): boolean => (attributes & DENY_ONLY) === 0;
  return {
    ...info,
    groupIds: info.groupIds.filter(isGranting),
    extraSids: info.extraSids.filter(isGranting),
    resourceGroupIds: info.resourceGroupIds.filter(isGranting),
  };
}
