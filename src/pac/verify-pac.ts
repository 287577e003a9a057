import { type Checks, checkBoolean, checkDate, checkObject, checkOptions } from "../checks/index.ts";
import type { ProtocolKey } from "../crypto/index.ts";
import { integrityError, ProtocolError } from "../errors.ts";
import { type Principal, printableName } from "../krb5/index.ts";
import { withoutPac } from "./authorization-data.ts";
import { decodeSignature, type PacSignature, verifySignature, withoutSignatures } from "./checksums.ts";
import { decodePac, type Pac } from "./decode-pac.ts";
import { PAC_TYPE } from "./frame.ts";

/** Options for {@link verifyPac}. */
export interface VerifyPacOptions {
  /** The key of the service that the ticket was encrypted with. */
  readonly serverKey: ProtocolKey;
  /** The ticket's client, whom the PAC must be for. */
  readonly client: Principal;
  /** The ticket's authtime. */
  readonly authTime: Date;
  /** The key of the ticket-granting service: with it the KDC's own checksums are verified too. */
  readonly kdcKey?: ProtocolKey | undefined;
  /** The DER of the EncTicketPart: with `kdcKey`, the ticket's checksum is verified too, if there is one. */
  readonly encTicketPart?: Uint8Array | undefined;
  /** Whether the name in the PAC has its realm behind it, as after S4U2Self across realms. Default false. */
  readonly withRealm?: boolean | undefined;
}

/** A PAC, and which of its checksums were right. */
export interface VerifiedPac extends Pac {
  /** The checksums that were verified. */
  readonly verified: readonly ("server" | "kdc" | "ticket" | "full")[];
}

const checks: Checks<VerifyPacOptions> = {
  serverKey: checkObject,
  client: checkObject,
  authTime: checkDate,
  kdcKey: checkObject,
  encTicketPart: checkObject,
  withRealm: checkBoolean,
};

/**
 * Verifies a PAC and decodes it (MS-PAC section 2.8): the checksum under the service's key, and that it is for the
 * ticket's client and of the same login. With the key of the ticket-granting service it verifies the KDC's checksums
 * too: those over the ticket and over the whole PAC if they are there.
 *
 * @param octets the PAC: the ad-data of ad-type 128
 * @param options the keys, and what the ticket says
 * @returns its parts, and which checksums were verified
 * @throws CryptoError `INTEGRITY` for a checksum that is missing, of another type than the key's, or wrong;
 *   ProtocolError `REPLY_MODIFIED` for a PAC of another client or login; DecodeError for octets that are not a PAC: all
 *   of these are the ticket's maker's fault
 * @example
 * ```ts
 * import { type LogonInfo, type VerifyPacOptions, verifyPac } from "krb5-remctl/pac";
 *
 * const read = (options: VerifyPacOptions): LogonInfo | undefined => verifyPac(octets, options).logonInfo;
 * ```
 */
export function verifyPac(octets: Uint8Array, options: VerifyPacOptions): VerifiedPac {
  checkOptions("verifyPac", options, checks);
  const pac = decodePac(octets);
  const signatureOf = (type: number): PacSignature | undefined => {
    const buffer = pac.buffers.get(type);
    return buffer === undefined ? undefined : decodeSignature(buffer);
  };
  const server = signatureOf(PAC_TYPE.serverChecksum);
  const kdc = signatureOf(PAC_TYPE.kdcChecksum);
  if (server === undefined || kdc === undefined) throw integrityError();
  verifySignature(options.serverKey, server, withoutSignatures(octets, [server, kdc]));
  checkClient(pac, options);
  const { kdcKey, encTicketPart } = options;
  if (kdcKey === undefined) return { ...pac, verified: ["server"] };
  const verified: VerifiedPac["verified"][number][] = ["server", "kdc"];
  verifySignature(kdcKey, kdc, server.signature);
  const ticket = signatureOf(PAC_TYPE.ticketChecksum);
  if (ticket !== undefined && encTicketPart !== undefined) {
    verifySignature(kdcKey, ticket, withoutPac(encTicketPart));
    verified.push("ticket");
  }
  const full = signatureOf(PAC_TYPE.fullChecksum);
  if (full !== undefined) {
    verifySignature(kdcKey, full, withoutSignatures(octets, [server, kdc, full]));
    verified.push("full");
  }
  return { ...pac, verified };
}

/**
 * Whether all SIDs are of one account (CVE-2021-42287): who asked for the ticket-granting ticket must be the user. A
 * user ID of 0 says that the SID is elsewhere (MS-PAC section 2.5).
 */
function isOneAccount({ logonInfo, upnDnsInfo, requestor }: Pac): boolean {
  const { logonDomainId, userId } = logonInfo ?? {};
  const own = logonDomainId && userId ? `${logonDomainId}-${userId}` : undefined;
  return new Set([own, upnDnsInfo?.sid, requestor].filter(Boolean)).size < 2;
}

/** MS-KILE section 3.4.5.3: the PAC of another client, or of a login before, is not this ticket's. */
function checkClient(pac: Pac, { client, authTime, withRealm = false }: VerifyPacOptions): void {
  const name = client.components.join("/") + (withRealm ? `@${client.realm}` : "");
  const { clientInfo } = pac;
  // KerberosTime has whole seconds.
  const isSameTime = Math.floor((clientInfo?.clientId?.getTime() ?? 0) / 1000) * 1000 === authTime.getTime();
  if (clientInfo?.name === name && isSameTime && isOneAccount(pac)) return;
  throw new ProtocolError(
    "REPLY_MODIFIED",
    `the PAC in the ticket of ${printableName(client)} is another client's, or of another login: refuse it`,
    { realm: client.realm },
  );
}
