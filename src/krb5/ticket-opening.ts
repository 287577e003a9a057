import type { ProtocolKey } from "../crypto/index.ts";
import { hasName } from "../errors.ts";
import { KEY_USAGE, KRB_ERROR } from "../iana/index.ts";
import { ApReqError } from "./ap-error.ts";
import { openData } from "./encrypted-data.ts";
import type { KeySource, ServiceKey } from "./key-source.ts";
import { versionFit } from "./key-version.ts";
import { decodeEncTicketPart, type EncryptedData, type EncTicketPart } from "./messages/index.ts";
import { equalPrincipals, type Principal } from "./principal.ts";
import { noKey, notOpened, notPermitted, type SealedTicket } from "./ticket-refusal.ts";
import { namesOf, type WantedServices } from "./wanted-services.ts";

/** What may be decrypted for one token: a stranger's ticket costs no more, however many keys there are. */
const MAX_DECRYPTED_BYTES = 1_048_576;
/** Tickets for these open much more than one service: only an acceptor that names them takes them. */
const BY_NAME_ONLY: readonly (string | undefined)[] = ["krbtgt", "kadmin"];
/** After every version that fits. */
const OTHER_VERSION = 9;

/** How a ticket is opened. */
export interface TicketOpening {
  readonly keys: KeySource;
  /** The enctypes that are permitted. */
  readonly permitted: readonly number[];
  /** The services that the ticket has to be for one of; undefined: any that has a key. */
  readonly wanted: WantedServices | undefined;
}

/** A ticket that opened. */
export interface OpenedTicket {
  readonly part: EncTicketPart;
  /** The key that opened it. */
  readonly key: ProtocolKey;
  /**
   * The principals that the opening key is of, of those that were wanted: the ticket is for one of them, and nothing
   * proves for which.
   */
  readonly services: readonly [Principal, ...Principal[]];
}

/**
 * Opens a ticket with a key of the service that is wanted, or else with whichever key opens it. Neither the name nor
 * the version that stands outside of what is sealed decides anything: they say which key is tried first, and which
 * words an error has. Throws ApReqError.
 */
export function openTicket(ticket: SealedTicket, { keys: source, permitted, wanted }: TicketOpening): OpenedTicket {
  const { encPart, named } = ticket;
  if (!permitted.includes(encPart.etype)) throw notPermitted(ticket, source, permitted);
  const keys = candidates(source, ticket, wanted);
  const fitting = keys.filter(({ key }) => key.encType.etype === encPart.etype);
  if (fitting.length === 0) throw noKey(ticket, wanted, keys.length);
  const tried = new Set<ProtocolKey>();
  for (const { key, services } of inOrder(fitting, encPart.kvno)) {
    if (tried.has(key)) continue;
    if ((tried.size + 1) * encPart.cipher.length > MAX_DECRYPTED_BYTES) throw tooManyKeys(tried.size);
    tried.add(key);
    const plaintext = tryOpen(key, KEY_USAGE.ticket, encPart);
    if (plaintext === undefined) continue;
    const [first = named, ...others] = services ?? [];
    return { part: decodeEncTicketPart(plaintext), key, services: [first, ...others] };
  }
  const own = fitting.filter(({ services }) => isAmong(named, services));
  throw notOpened(ticket, wanted, own);
}

/** Opens what a key seals; undefined if it does not open. */
export function tryOpen(key: ProtocolKey, usage: number, data: EncryptedData): Uint8Array | undefined {
  try {
    return openData(key, usage, data);
  } catch (error) {
    if (hasName(error, "CryptoError")) return undefined;
    throw error;
  }
}

/** The keys that may be tried, each with those of its principals that are wanted. */
function candidates(
  source: KeySource,
  { named, encPart }: SealedTicket,
  wanted: WantedServices | undefined,
): readonly ServiceKey[] {
  if (wanted !== undefined && typeof wanted !== "function") {
    const names = namesOf(wanted);
    return names.flatMap((name) =>
      source
        .keysOf(name)
        .filter(({ services }) => isAmong(name, services))
        .map(({ key, kvno, services }) => {
          return {
            key,
            kvno,
            services: services === undefined ? [name] : names.filter((one) => isAmong(one, services)),
          };
        }),
    );
  }
  // Its own keys first: what is honest costs one decryption.
  const own = isByNameOnly(named) || wanted?.(named) === false ? [] : source.keysOf(named);
  const keys = [...own, ...(source.keysFor?.(encPart.etype) ?? [])];
  const open = keys.filter(({ services }) => !services?.some(isByNameOnly));
  if (wanted === undefined) return open;
  return open
    .map(({ key, kvno, services = [named] }) => ({ key, kvno, services: services.filter((one) => wanted(one)) }))
    .filter(({ services }) => services.length > 0);
}

/** A key that says nothing of its principals is of the one that it was asked for with. */
function isAmong(service: Principal, services: readonly Principal[] | undefined): boolean {
  return services === undefined || services.some((one) => equalPrincipals(one, service));
}

/** Whether a service's tickets are taken only where it is named. */
export function isByNameOnly({ components }: Principal): boolean {
  return BY_NAME_ONLY.includes(components[0]);
}

function inOrder(keys: readonly ServiceKey[], kvno: number | undefined): readonly ServiceKey[] {
  const rank = (key: ServiceKey): number => versionFit(kvno, key.kvno) ?? OTHER_VERSION;
  return [...keys].sort((a, b) => rank(a) - rank(b));
}

function tooManyKeys(tried: number): ApReqError {
  const why = `the ticket did not open with ${tried} keys, and no more are tried: name the option service`;
  return new ApReqError(KRB_ERROR.KRB_AP_ERR_BAD_INTEGRITY, why);
}
