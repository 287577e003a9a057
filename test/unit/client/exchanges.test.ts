// Renewal, validation and forwarding: what is asked, and replies that are something else.

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Exchanges, passwordSecret, validateTicket } from "../../../src/client/index.ts";
import type { TestRealm } from "../../../src/entry/testing.ts";
import { TICKET_FLAG } from "../../../src/iana/index.ts";
import {
  decodeApReq,
  decodeAuthenticator,
  decodeEncKdcRepPart,
  decodeTgsRep,
  decodeTgsReq,
  encodeEncTgsRepPart,
  encodeTgsRep,
  openData,
  parsePrincipal,
  type ServiceTicket,
  sealData,
} from "../../../src/krb5/index.ts";
import { encTypes, refusal, startRealm } from "./harness.ts";

const alice = parsePrincipal("alice@TEST.EXAMPLE");
let realm: TestRealm;
/** Changes the encrypted part of every TGS-REP, under the sub-key that only the client and its KDC have. */
let change: ((part: ReturnType<typeof decodeEncKdcRepPart>) => object) | undefined;
let tgt: ServiceTicket | undefined;

beforeEach(async () => {
  realm = await startRealm();
  change = undefined;
  tgt = undefined;
});
afterEach(() => realm.close());

const exchanges = (): Exchanges =>
  new Exchanges({
    loadEncTypes: async () => encTypes,
    trace: () => {},
    transport: {
      async exchange(name, request) {
        const reply = await realm.transport.exchange(name, request);
        if (change === undefined || tgt === undefined) return reply;
        const [padata] = decodeTgsReq(request).padata ?? [];
        const { authenticator } = decodeApReq((padata as { padataValue: Uint8Array }).padataValue);
        const { subkey } = decodeAuthenticator(openData(tgt.sessionKey, 7, authenticator));
        const { keytype, keyvalue } = subkey as { keytype: number; keyvalue: Uint8Array };
        const key = encTypes.importKey(keytype, keyvalue.slice());
        const rep = decodeTgsRep(reply);
        const part = decodeEncKdcRepPart(openData(key, 9, rep.encPart));
        const encPart = sealData(key, 9, encodeEncTgsRepPart({ ...part, ...change(part) }));
        return encodeTgsRep({ ...rep, encPart });
      },
    },
  });

async function logIn(options: object = {}): Promise<ServiceTicket> {
  const { ticket } = await exchanges().login(alice, passwordSecret(alice, "secret"), options);
  tgt = ticket;
  return ticket;
}

describe("forwarding", () => {
  it("gives a ticket that says that it is forwarded, for the addresses that were asked for", async () => {
    const own = await logIn({ forwardable: true });
    const addresses = [{ type: 2, octets: Uint8Array.of(192, 0, 2, 9) }];
    const ticket = await exchanges().forward(own, { addresses });
    expect(ticket.flags & TICKET_FLAG.forwarded).not.toBe(0);
    expect(ticket.addresses).toEqual(addresses);
    expect(ticket.service).toEqual(own.service);
  });

  it("KC3: a ticket that is not marked as forwarded is not handed on", async () => {
    const own = await logIn({ forwardable: true });
    change = ({ flags }) => ({ flags: (flags & ~TICKET_FLAG.forwarded) >>> 0 });
    expect(await refusal(exchanges().forward(own))).toMatch(
      /^REPLY_MODIFIED: .*forwarded ticket, and this one is not forwarded/,
    );
  });

  it("a ticket that is not forwardable is not asked about", async () => {
    expect(await refusal(exchanges().forward(await logIn()))).toMatch(/not forwardable: log in with the option/);
  });
});

describe("renewal", () => {
  it("A10: a life past the renewals is refused", async () => {
    const own = await logIn({ lifetimeSeconds: 600, renewLifetimeSeconds: 1200 });
    expect((await exchanges().renew(own)).endTime.getTime()).toBeLessThanOrEqual(own.renewTill?.getTime() as number);
    change = () => ({ endtime: new Date((own.renewTill?.getTime() as number) + 60_000) });
    expect(await refusal(exchanges().renew(own))).toMatch(/^REPLY_MODIFIED: .*lasts longer/);
  });

  it("of what is not renewable, or valid already, is not asked for", async () => {
    const own = await logIn();
    expect(await refusal(exchanges().renew(own))).toMatch(/not renewable/);
    expect(await refusal(validateTicket(exchanges(), own))).toMatch(/valid already/);
  });
});
