import type { EncTypeSet } from "../crypto/index.ts";
import { KDC_OPTION } from "../iana/index.ts";
import { type KdcReqBody, type Principal, toPrincipalName } from "../krb5/index.ts";

/** What a caller may ask of a ticket. */
export interface TicketOptions {
  /** Default 86,400: a KDC gives what its policy allows. */
  readonly lifetimeSeconds?: number;
  /** Asks for a renewable ticket. */
  readonly renewLifetimeSeconds?: number;
  readonly forwardable?: boolean;
  readonly proxiable?: boolean;
  /** Allows the KDC to answer with another name of the client (RFC 6806 section 3). */
  readonly canonicalize?: boolean;
}

/** What a request asked, as the checks of its reply need it. */
export interface KdcRequest {
  readonly body: KdcReqBody;
  readonly client: Principal;
  readonly service: Principal;
  readonly options: number;
  readonly nonce: number;
  readonly till: Date;
  readonly rtime: Date | undefined;
}

/** The body of an AS-REQ or TGS-REQ with a nonce of its own (rules A6, T8). `kdcTimeMs` is the KDC's time as far as it is known. */
export function createKdcRequest(
  client: Principal,
  service: Principal,
  encTypes: EncTypeSet,
  kdcTimeMs: number,
  options: TicketOptions & {
    readonly kdcOptions?: number;
    readonly withClient?: boolean;
    readonly etypes?: readonly number[];
  },
): KdcRequest {
  const after = (seconds: number): Date => new Date((Math.floor(kdcTimeMs / 1000) + Math.floor(seconds)) * 1000);
  let flags = options.kdcOptions ?? 0;
  if (options.forwardable === true) flags |= KDC_OPTION.forwardable;
  if (options.proxiable === true) flags |= KDC_OPTION.proxiable;
  if (options.canonicalize === true) flags |= KDC_OPTION.canonicalize;
  if (options.renewLifetimeSeconds !== undefined) flags |= KDC_OPTION.renewable;
  flags >>>= 0;
  const till = after(options.lifetimeSeconds ?? 86_400);
  const rtime = options.renewLifetimeSeconds === undefined ? undefined : after(options.renewLifetimeSeconds);
  const nonce = randomNonce(encTypes);
  const body: KdcReqBody = {
    kdcOptions: flags,
    ...(options.withClient === true ? { cname: toPrincipalName(client) } : {}),
    realm: service.realm,
    sname: toPrincipalName(service),
    till,
    ...(rtime === undefined ? {} : { rtime }),
    nonce,
    etype: [...(options.etypes ?? encTypes.etypes)],
  };
  return { body, client, service, options: flags, nonce, till, rtime };
}

/** 31 random bits: some KDCs read a nonce as a signed number. */
function randomNonce({ provider }: EncTypeSet): number {
  const octets = provider.randomBytes(4);
  return new DataView(octets.buffer, octets.byteOffset, 4).getUint32(0) & 0x7fffffff;
}
