// S4U2Self and S4U2Proxy across realms, message by message: what is asked where, and what the answers may not be.

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Exchanges, proxyTicket, selfTicket } from "../../../src/client/index.ts";
import { s4uMessages } from "../../../src/client/s4u/messages.ts";
import {
  type EncKdcRepPart,
  encodeKrbError,
  formatPrincipal,
  type KdcReq,
  type Principal,
  parsePrincipal,
  type ServiceTicket,
  tgsPrincipal,
  toPrincipal,
} from "../../../src/krb5/index.ts";
import { encTypes, refusal } from "./harness.ts";
import { ChangedKdc, confirmation, type Kdc, octetsOf, of, relabelled, service } from "./s4u-kdc.ts";

const alice = parsePrincipal("alice@TEST.EXAMPLE");
const visitor = parsePrincipal("alice@OTHER.EXAMPLE");
const mallory = parsePrincipal("mallory@TEST.EXAMPLE");
const there = parsePrincipal("krbtgt/OTHER.EXAMPLE@TEST.EXAMPLE");
const back = parsePrincipal("krbtgt/TEST.EXAMPLE@OTHER.EXAMPLE");

let at: ChangedKdc;
beforeEach(async () => {
  at = await ChangedKdc.start();
});
afterEach(() => at.realm.close());

/** What one answer is: which ticket, and whose. */
interface Answer {
  readonly is: Principal;
  readonly for: Principal;
  readonly vouches?: Principal;
  readonly knowsResourceBased?: boolean;
}

/** The KDCs of all realms, by what they answer in turn. Every ticket has the session key of the first. */
const answering =
  (...answers: readonly Answer[]): Kdc =>
  (parts) => {
    const answer = answers[at.sent.length - 1];
    if (answer === undefined) throw new Error(`request ${at.sent.length} was not expected`);
    const { realm, nameType, components } = answer.is;
    const sname = { nameType, nameString: components };
    const flags = s4uMessages.encode("PA-PAC-OPTIONS", { flags: 0x10000000 });
    return {
      rep: {
        ...of(answer.for),
        ticket: relabelled(parts.rep, { realm, sname }),
        padata: answer.vouches === undefined ? [] : [confirmation(answer.vouches, parts)],
      },
      part: {
        sname,
        srealm: realm,
        flags: 0x40000000,
        nonce: parts.req.reqBody.nonce,
        key: { keytype: at.tgt.sessionKey.encType.etype, keyvalue: at.tgt.sessionKey.octets },
        encryptedPaData: answer.knowsResourceBased === true ? [{ padataType: 167, padataValue: flags }] : undefined,
      } as unknown as Partial<EncKdcRepPart>,
    };
  };

/** What was asked for, in order. */
const asked = (): readonly string[] =>
  at.sent.map(({ reqBody: { sname, realm } }) =>
    sname === undefined ? "" : formatPrincipal(toPrincipal(realm, { ...sname, nameType: 1 })),
  );

const userIn = (req: KdcReq | undefined) => {
  const { userId } = s4uMessages.decode("PA-S4U-X509-USER", octetsOf(req as KdcReq, 130));
  return s4uMessages.decode("S4UUserID", userId.octets);
};

describe("S4U2Self", () => {
  const enterprise = "svc\\@TEST.EXAMPLE@OTHER.EXAMPLE";
  const entry: Answer = { is: there, for: service };
  const referral: Answer = { is: back, for: service };
  const self = (name: Principal, options: Parameters<typeof selfTicket>[3] = {}): Promise<ServiceTicket> =>
    selfTicket(at.exchanges(), at.tgt, { name }, options);

  // What the embedded KDC answers first is the reply that the others are made of.
  beforeEach(async () => {
    at.isDeaf = true;
    at.kdc = () => ({ rep: of(alice) });
    await self(alice);
    at.sent = [];
  });

  it("a user of another realm is asked for there first, by the service's enterprise name, and then at home", async () => {
    for (const vouches of [undefined, visitor]) {
      at.sent = [];
      at.traced.length = 0;
      const vouched = vouches === undefined ? {} : { vouches };
      at.kdc = answering(entry, { ...referral, ...vouched }, { is: service, for: visitor, ...vouched });
      const ticket = await self(visitor);
      expect([formatPrincipal(ticket.client), formatPrincipal(ticket.service)]).toEqual([
        "alice@OTHER.EXAMPLE",
        "svc@TEST.EXAMPLE",
      ]);
      expect(asked()).toEqual([formatPrincipal(there), enterprise, "svc@TEST.EXAMPLE"]);
      expect(at.sent[1]?.reqBody.sname?.nameType).toBe(10);
      expect(at.sent.slice(1).map((req) => [userIn(req).crealm, userIn(req).cname?.nameString])).toEqual([
        ["OTHER.EXAMPLE", ["alice"]],
        ["OTHER.EXAMPLE", ["alice"]],
      ]);
      expect(at.traced.filter(({ type }) => type === "referral").at(-1)).toMatchObject({
        from: "OTHER.EXAMPLE",
        to: "TEST.EXAMPLE",
      });
    }
  });

  it("with the ticket for that realm that is kept, and not at all after its signal", async () => {
    at.kdc = answering(entry);
    const walk = at.exchanges().getServiceTicket(at.tgt, tgsPrincipal("OTHER.EXAMPLE"), { isEntryWanted: true });
    const { ticket: kept } = await walk;
    at.sent = [];
    at.kdc = answering(referral, { is: service, for: visitor });
    expect(
      (await self(visitor, { kept: (name) => (name.components[1] === "OTHER.EXAMPLE" ? kept : undefined) })).client,
    ).toMatchObject(visitor);
    expect(asked()).toEqual([enterprise, "svc@TEST.EXAMPLE"]);
    at.sent = [];
    expect(await refusal(self(visitor, { signal: AbortSignal.abort() }))).toMatch(/ABORTED/);
    expect(at.sent).toEqual([]);
  });

  it.each([
    ["back to the realm that was asked", { is: parsePrincipal("krbtgt/OTHER.EXAMPLE@OTHER.EXAMPLE"), for: service }],
    ["in the name of a third realm", { is: parsePrincipal("krbtgt/TEST.EXAMPLE@THIRD.EXAMPLE"), for: service }],
    ["that is no referral: our own service, said by another realm", { is: service, for: visitor }],
  ])("DG3: a referral %s is not followed", async (_, answer) => {
    at.kdc = answering(entry, answer);
    expect(await refusal(self(visitor))).toMatch(/^REPLY_MODIFIED: .*it is for .*we asked for svc/);
    expect(at.sent).toHaveLength(2);
  });

  it("DG1: a referral with another user's name on it is not followed", async () => {
    at.kdc = answering(entry, { is: back, for: mallory });
    expect(await refusal(self(visitor))).toMatch(/^REPLY_MODIFIED: .*it is of mallory@.*asked for one of alice@OTHER/);
    // The user's own name may be there: that is whose ticket it becomes.
    at.sent = [];
    at.kdc = answering(entry, { is: back, for: visitor }, { is: service, for: visitor });
    expect((await self(visitor)).client).toMatchObject(visitor);
  });

  it("DG1: what the KDC vouches for does not make another user of a plain name", async () => {
    at.kdc = answering({ is: service, for: mallory, vouches: mallory });
    expect(await refusal(self(alice))).toMatch(
      /^REPLY_MODIFIED: .*it is of mallory@.*if that is how the KDC names the user, ask for that name/,
    );
    at.sent = [];
    at.kdc = answering({ is: service, for: service });
    expect(await refusal(self(alice))).toMatch(/^REPLY_MODIFIED: .*this KDC does not do S4U2Self as it was asked/);
  });

  it("an enterprise name is spelled out by the principal that it is written as, and by no other", async () => {
    const named = async (text: string, client: string): Promise<string> => {
      at.sent = [];
      at.kdc = answering({ is: service, for: parsePrincipal(client) });
      return await self({ realm: "TEST.EXAMPLE", nameType: 10, components: [text] }).then(
        (ticket) => formatPrincipal(ticket.client),
        (error: Error) => error.message,
      );
    };
    for (const [text, client] of [
      ["host/www@TEST.EXAMPLE", "host/www@TEST.EXAMPLE"],
      ["host/www", "host/www@TEST.EXAMPLE"],
    ] as const) {
      expect(await named(text, client)).toBe(client);
    }
    for (const [text, client] of [
      ["bob", "alice@TEST.EXAMPLE"],
      ["host/www", "host/www@OTHER.EXAMPLE"],
      // The realm behind the sign is not part of a name.
      ["host/www@OTHER.EXAMPLE", "host/www\\@OTHER.EXAMPLE@TEST.EXAMPLE"],
    ] as const) {
      expect(await named(text, client)).toMatch(/it is of /);
    }
  });

  it("the certificate goes along, and answers of other kinds are passed over", async () => {
    const certificate = Uint8Array.of(0x30, 2, 5, 0);
    at.kdc = (parts) => {
      const { rep, part } = answering({ is: service, for: alice, vouches: alice })(parts);
      const other = { padataType: 2, padataValue: Uint8Array.of(1, 2, 3) };
      return { rep: { ...rep, padata: [other, ...(rep?.padata ?? [])] }, part: part ?? {} };
    };
    const user = { name: { ...alice, components: [] }, certificate };
    expect((await selfTicket(at.exchanges(), at.tgt, user)).client).toMatchObject(alice);
    const { subjectCertificate, cname } = userIn(at.sent[0]);
    expect([subjectCertificate, cname]).toEqual([certificate, undefined]);
    // PA-FOR-USER has no place for a certificate: it is not sent.
    expect(at.sent[0]?.padata?.some(({ padataType }) => padataType === 129)).toBe(false);
  });

  it("a user with no realm is one of the service's", async () => {
    at.kdc = answering({ is: service, for: alice });
    expect((await self({ ...alice, realm: "" })).client).toMatchObject(alice);
    expect(userIn(at.sent[0]).crealm).toBe("TEST.EXAMPLE");
  });
});

describe("S4U2Proxy", () => {
  const target = parsePrincipal("host/back@OTHER.EXAMPLE");
  const isOurs: Answer = { is: there, for: service, knowsResourceBased: true };
  let evidence: ServiceTicket;
  beforeEach(async () => {
    at.kdc = () => ({});
    evidence = await selfTicket(at.exchanges(), at.tgt, { name: alice });
    at.sent = [];
  });
  const proxy = (name = target, options: Parameters<typeof proxyTicket>[4] = {}): Promise<ServiceTicket> =>
    proxyTicket(at.exchanges(), at.tgt, evidence, name, options);
  const ourWay: readonly Answer[] = [isOurs, { is: there, for: service }, { is: target, for: service }];

  it("at home, as ourselves to that realm, and there with the referral as the proof", async () => {
    at.kdc = answering(...ourWay, { is: target, for: alice });
    const ticket = await proxy();
    expect([ticket.client, ticket.service]).toMatchObject([alice, target]);
    expect(asked()).toEqual([
      "host/back@TEST.EXAMPLE",
      formatPrincipal(there),
      "host/back@OTHER.EXAMPLE",
      "host/back@OTHER.EXAMPLE",
    ]);
    // A name that the realm has to look for is that of a host's service.
    expect(at.sent[0]?.reqBody.sname?.nameType).toBe(3);
    const isProxy = at.sent.map(({ reqBody }) => (reqBody.kdcOptions & 0x00020000) !== 0);
    expect(isProxy).toEqual([true, false, false, true]);
    const shown = at.sent.map(({ reqBody }) => reqBody.additionalTickets?.length ?? 0);
    expect(shown).toEqual([1, 0, 0, 1]);
    expect(at.sent[0]?.reqBody.additionalTickets?.[0]?.octets).toEqual(evidence.ticket);
    expect(at.sent[3]?.reqBody.additionalTickets?.[0]?.sname.nameString).toEqual(there.components);
    expect(at.traced).toContainEqual(
      expect.objectContaining({ type: "referral", from: "TEST.EXAMPLE", to: "OTHER.EXAMPLE" }),
    );
  });

  // MS-SFU section 3.1.5.2.4: whether a KDC knows what it was asked shows in the name on the ticket.
  it("DG4: the last ticket needs no PA-PAC-OPTIONS, and is the user's, at home and elsewhere", async () => {
    const home = parsePrincipal("host/localhost@TEST.EXAMPLE");
    for (const knowsResourceBased of [true, false]) {
      at.sent = [];
      at.kdc = answering({ is: home, for: alice, knowsResourceBased });
      expect((await proxy(home)).client).toMatchObject(alice);
      expect(at.sent[0]?.reqBody.sname?.nameType).toBe(home.nameType);
      at.sent = [];
      at.kdc = answering(...ourWay, { is: target, for: alice, knowsResourceBased });
      expect((await proxy()).client).toMatchObject(alice);
      for (const [name, way] of [
        [home, []],
        [target, ourWay],
      ] as const) {
        at.sent = [];
        at.kdc = answering(...way, { is: name, for: service, knowsResourceBased });
        expect(await refusal(proxy(name))).toMatch(
          /^REPLY_MODIFIED: .*it is of svc@TEST\.EXAMPLE, we asked for one of alice@TEST\.EXAMPLE/,
        );
      }
    }
  });

  it("a ticket for another service there is refused", async () => {
    const other = parsePrincipal("host/other@OTHER.EXAMPLE");
    at.kdc = answering(...ourWay, { is: other, for: alice });
    expect(await refusal(proxy())).toMatch(
      /^REPLY_MODIFIED: .*it is for host\/other@OTHER.*we asked for host\/back@OTHER/,
    );
    // There it is not asked for again: the realm has said which name the service has.
    expect(at.sent).toHaveLength(4);
    const alias = parsePrincipal("host/alias@TEST.EXAMPLE");
    at.sent = [];
    at.kdc = answering({ is: alias, for: alice }, { is: alias, for: alice });
    expect(await refusal(proxy(parsePrincipal("host/localhost@TEST.EXAMPLE")))).toMatch(
      /^REPLY_MODIFIED: .*it is for host\/alias@TEST.*we asked for host\/localhost@/,
    );
    expect(at.sent.map(({ reqBody }) => (reqBody.kdcOptions & 0x00010000) !== 0)).toEqual([true, false]);
  });

  it("DG7: a service of our own realm is not that of the realm that was named", async () => {
    const namesake = parsePrincipal("host/back@TEST.EXAMPLE");
    at.kdc = answering({ is: namesake, for: alice });
    expect(await refusal(proxy())).toMatch(
      /^REPLY_MODIFIED: .*it is for host\/back@TEST.*we asked for host\/back@OTHER/,
    );
    at.sent = [];
    expect((await proxy({ ...target, realm: "" })).service).toMatchObject(namesake);
  });

  it("a realm that refers us as the user's, and has the service itself as ours, is not believed", async () => {
    const home = parsePrincipal("host/back@TEST.EXAMPLE");
    at.kdc = answering(isOurs, { is: home, for: service });
    expect(await refusal(proxy({ ...target, realm: "" }))).toMatch(
      /^REPLY_MODIFIED: .*it is for krbtgt\/OTHER\.EXAMPLE@TEST\.EXAMPLE, we asked for host\/back/,
    );
    expect(at.sent).toHaveLength(2);
  });

  it("ends with its signal on the way", async () => {
    const abort = new AbortController();
    const way = answering(...ourWay, { is: target, for: alice });
    at.kdc = (parts) => {
      if (at.sent.length === 1) abort.abort();
      return way(parts);
    };
    expect(await refusal(proxy(target, { signal: abort.signal }))).toMatch(/ABORTED/);
    expect(at.sent).toHaveLength(1);
  });

  it("a policy's refusal says what it may be, and the KDC's own words if it has some", async () => {
    const says = async (eText?: string, name = target): Promise<string> => {
      const error = { pvno: 5, msgType: 30, stime: new Date(), susec: 0, errorCode: 12, realm: "TEST.EXAMPLE" };
      const sname = { nameType: 2, nameString: ["krbtgt", "TEST.EXAMPLE"] };
      const octets = encodeKrbError({ ...error, sname, ...(eText === undefined ? {} : { eText }) });
      const transport = { exchange: async () => octets };
      const refusing = new Exchanges({ loadEncTypes: async () => encTypes, trace: () => {}, transport });
      return await refusal(proxyTicket(refusing, at.tgt, evidence, name));
    };
    expect(await says()).toMatch(
      /^DELEGATION_REFUSED: .*alice@TEST.EXAMPLE at host\/back@OTHER.EXAMPLE: .*must be allowed to delegate to it.* \(KRB_ERR_12\)$/,
    );
    // Where no realm was named, it is the one that was asked.
    expect(await says(undefined, { ...target, realm: "" })).toContain("at host/back@TEST.EXAMPLE: ");
    expect(await says("not today")).toMatch(/ \(KRB_ERR_12: not today\)$/);
  });

  it("what a KDC refuses for another reason than its policy stays what it is", async () => {
    at.kdc = undefined;
    const gone = await proxy(parsePrincipal("host/nowhere@TEST.EXAMPLE")).catch((error: unknown) => error);
    expect(gone).toMatchObject({ name: "KdcError", code: "SERVICE_UNKNOWN" });
  });
});
