// A KDC that answers as the embedded one does, changed: one that passes over what it is asked, or that lies.

import type { ExchangesOptions } from "../../../src/client/exchanges.ts";
import { Exchanges, passwordSecret } from "../../../src/client/index.ts";
import { s4uMessages } from "../../../src/client/s4u/messages.ts";
import { makeKeyedChecksum, type ProtocolKey } from "../../../src/crypto/index.ts";
import type { TestRealm } from "../../../src/entry/testing.ts";
import { TransportError } from "../../../src/errors.ts";
import {
  applicationTag,
  decodeApReq,
  decodeAuthenticator,
  decodeEncKdcRepPart,
  decodeTgsRep,
  decodeTgsReq,
  type EncKdcRepPart,
  encodeEncTgsRepPart,
  encodeTgsRep,
  encodeTgsReq,
  type KdcRep,
  type KdcReq,
  openData,
  type PaData,
  type Principal,
  parsePrincipal,
  type ServiceTicket,
  sealData,
  toPrincipalName,
} from "../../../src/krb5/index.ts";
import { encTypes, startRealm } from "./harness.ts";

export const service: Principal = parsePrincipal("svc@TEST.EXAMPLE");

/** What a KDC makes of the embedded one's reply. */
interface Change {
  readonly rep?: Partial<KdcRep>;
  readonly part?: Partial<EncKdcRepPart>;
}
export type Kdc = (request: {
  readonly req: KdcReq;
  readonly subkey: ProtocolKey;
  readonly part: EncKdcRepPart;
  readonly rep: KdcRep;
}) => Change;

/** The service `svc`, which has logged in, and what its KDC makes of its requests. */
export class ChangedKdc {
  readonly realm: TestRealm;
  readonly tgt: ServiceTicket;
  kdc: Kdc | undefined;
  /** Whether it passes over who is asked about, as one does that knows nothing of S4U2Self. */
  isDeaf = false;
  sent: KdcReq[] = [];
  readonly traced: { readonly type: string }[] = [];
  #last: Uint8Array = new Uint8Array();
  #lastPart: EncKdcRepPart | undefined;

  private constructor(realm: TestRealm, tgt: ServiceTicket) {
    this.realm = realm;
    this.tgt = tgt;
  }

  static async start(): Promise<ChangedKdc> {
    const realm = await startRealm({
      principals: { svc: { password: "secret", isTrustedToAuthenticate: true, delegatesTo: ["host/localhost"] } },
    });
    const exchanges = new Exchanges({
      loadEncTypes: async () => encTypes,
      trace: () => {},
      transport: { exchange: (name, request) => realm.transport.exchange(name, request) },
    });
    const login = exchanges.login(service, passwordSecret(service, "secret"), { forwardable: true });
    return new ChangedKdc(realm, (await login).ticket);
  }

  exchanges(options: Pick<ExchangesOptions, "pac"> = {}): Exchanges {
    return new Exchanges({
      ...options,
      loadEncTypes: async () => encTypes,
      trace: (event) => void this.traced.push(event),
      transport: {
        exchange: async (_, request, { signal } = {}) => {
          if (signal?.aborted) throw new TransportError("ABORTED", "given up");
          return await this.#exchange(request);
        },
      },
    });
  }

  async #exchange(request: Uint8Array): Promise<Uint8Array> {
    const answer = await this.realm.transport.exchange("TEST.EXAMPLE", this.isDeaf ? deafened(request) : request);
    if (this.kdc === undefined) return answer;
    // What it refuses, a hostile one answers as it did before.
    const isAnswered = applicationTag(answer) === 13;
    if (isAnswered) this.#last = answer;
    const req = decodeTgsReq(request);
    this.sent.push(req);
    const [padata] = req.padata ?? [];
    const { authenticator } = decodeApReq((padata as PaData).padataValue);
    const { subkey } = decodeAuthenticator(openData(this.tgt.sessionKey, 7, authenticator));
    const { keytype, keyvalue } = subkey as { keytype: number; keyvalue: Uint8Array };
    const key = encTypes.importKey(keytype, keyvalue.slice());
    const rep = decodeTgsRep(this.#last);
    if (isAnswered) this.#lastPart = this.#partOf(decodeEncKdcRepPart(openData(key, 9, rep.encPart)));
    const part = this.#lastPart as EncKdcRepPart;
    const change = this.kdc({ req, subkey: key, part, rep });
    const encPart = sealData(key, 9, encodeEncTgsRepPart({ ...part, ...change.part }));
    return encodeTgsRep({ ...rep, ...change.rep, encPart });
  }

  /** What a KDC that knows nothing of S4U2Self says: it does not know RFC 6806 either, and vouches for no request. */
  #partOf(part: EncKdcRepPart): EncKdcRepPart {
    if (!this.isDeaf) return part;
    const { encryptedPaData: _, ...rest } = part;
    return { ...rest, flags: part.flags & ~0x00010000 };
  }
}

/** A request for a user's ticket without the user: no checksum is over pre-authentication data. */
function deafened(request: Uint8Array): Uint8Array {
  if (applicationTag(request) !== 12) return request;
  const req = decodeTgsReq(request);
  return encodeTgsReq({ ...req, padata: req.padata?.filter(({ padataType }) => ![129, 130].includes(padataType)) });
}

/** Whose the reply says that it is. */
export const of = ({ realm: crealm, ...name }: Principal): Partial<KdcRep> => ({
  crealm,
  cname: toPrincipalName({ realm: crealm, ...name }),
});

/** The answer to PA-S4U-X509-USER, as MIT's KDC makes it. */
export function confirmation(user: Principal, { req, subkey }: Parameters<Kdc>[0], change: object = {}): PaData {
  const { userId } = s4uMessages.decode("PA-S4U-X509-USER", octetsOf(req, 130));
  const octets = s4uMessages.encode("S4UUserID", {
    ...userId,
    crealm: user.realm,
    cname: toPrincipalName(user),
    ...change,
  });
  const padataValue = s4uMessages.encode("PA-S4U-X509-USER", {
    userId: { octets },
    checksum: makeKeyedChecksum(subkey, 27, octets),
  });
  return { padataType: 130, padataValue };
}

export function octetsOf(req: KdcReq, type: number): Uint8Array {
  return req.padata?.find(({ padataType }) => padataType === type)?.padataValue ?? new Uint8Array();
}

/** The ticket of a reply with another label, which nothing protects. */
export function relabelled(
  { ticket }: KdcRep,
  { realm: name, sname }: { realm: string; sname: { nameType: number; nameString: readonly string[] } },
): KdcRep["ticket"] {
  return { ...ticket, octets: ticketOctets(ticket, name, sname) } as KdcRep["ticket"];
}

function ticketOctets(
  ticket: KdcRep["ticket"],
  name: string,
  sname: { nameType: number; nameString: readonly string[] },
): Uint8Array {
  const { octets: _, ...fields } = ticket;
  return s4uMessages.encode("Ticket", { ...fields, realm: name, sname } as never);
}
