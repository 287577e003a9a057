// S4U2Self and S4U2Proxy (MS-SFU) against KDCs that pass over what they are asked, and replies that were changed.

import { createHash, createHmac } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { proxyTicket, selfTicket } from "../../../src/client/index.ts";
import { s4uMessages } from "../../../src/client/s4u/messages.ts";
import { type Credential, findCredential } from "../../../src/credentials/index.ts";
import {
  type EncKdcRepPart,
  type KdcReq,
  type PaData,
  type Principal,
  parsePrincipal,
  type ServiceTicket,
  toPrincipalName,
} from "../../../src/krb5/index.ts";
import { refusal } from "./harness.ts";
import { ChangedKdc, confirmation, type Kdc, octetsOf, of, relabelled, service } from "./s4u-kdc.ts";

const alice = parsePrincipal("alice@TEST.EXAMPLE");
const target = parsePrincipal("host/localhost@TEST.EXAMPLE");

let at: ChangedKdc;
beforeEach(async () => {
  at = await ChangedKdc.start();
});
afterEach(() => at.realm.close());

const impersonate = (user: Principal = alice): Promise<ServiceTicket> =>
  selfTicket(at.exchanges(), at.tgt, { name: user });

describe("S4U2Self", () => {
  beforeEach(() => {
    at.isDeaf = true;
  });

  it("asks by PA-FOR-USER and by PA-S4U-X509-USER, each with its checksum", async () => {
    at.kdc = () => ({ rep: of(alice) });
    expect((await impersonate()).client).toMatchObject(alice);
    const [req] = at.sent as [KdcReq];
    const { userName, cksum } = s4uMessages.decode("PA-FOR-USER", octetsOf(req, 129));
    const hmac = (key: Uint8Array, ...parts: readonly Uint8Array[]) =>
      createHmac("md5", key).update(Buffer.concat(parts)).digest();
    const md5 = createHash("md5")
      .update(Buffer.from("1100000001000000", "hex"))
      .update("aliceTEST.EXAMPLEKerberos")
      .digest();
    expect(userName.nameString).toEqual(["alice"]);
    expect([cksum.cksumtype, Buffer.from(cksum.checksum)]).toEqual([
      -138,
      hmac(hmac(at.tgt.sessionKey.octets, Buffer.from("signaturekey\0")), md5),
    ]);
    const { userId } = s4uMessages.decode("PA-S4U-X509-USER", octetsOf(req, 130));
    expect(userId).toMatchObject({
      nonce: req.reqBody.nonce,
      crealm: "TEST.EXAMPLE",
      cname: { nameString: ["alice"] },
      options: 0x20000000,
    });
    expect(req.reqBody.sname?.nameString).toEqual(["svc"]);
  });

  it("DG1: a ticket of the service itself is refused, which KDCs give that pass over what they are asked", async () => {
    at.kdc = () => ({});
    expect(await refusal(impersonate())).toMatch(
      /^REPLY_MODIFIED: .*it is of svc@TEST\.EXAMPLE, we asked for one of alice@TEST/,
    );
    const enterprise = { ...alice, nameType: 10, components: ["a.liddell@example.org"] };
    at.kdc = (parts) => ({ rep: { padata: [confirmation(service, parts)] } });
    expect(await refusal(impersonate(enterprise))).toMatch(/^REPLY_MODIFIED: .*it is of svc@/);
  });

  it("DG1: a ticket of another user is refused", async () => {
    at.kdc = () => ({ rep: of(parsePrincipal("mallory@TEST.EXAMPLE")) });
    expect(await refusal(impersonate())).toMatch(/^REPLY_MODIFIED: .*it is of mallory@/);
    at.kdc = () => ({ rep: of(parsePrincipal("alice@OTHER.EXAMPLE")) });
    expect(await refusal(impersonate())).toMatch(/^REPLY_MODIFIED: .*it is of alice@OTHER/);
  });

  it("DG1: a label that is not the name that the KDC vouches for is refused", async () => {
    at.kdc = (parts) => ({
      rep: { ...of(alice), padata: [confirmation(parsePrincipal("mallory@TEST.EXAMPLE"), parts)] },
    });
    expect(await refusal(impersonate())).toMatch(/^REPLY_MODIFIED: .*vouches for mallory@/);
  });

  it("DG1: a name that the KDC may choose counts if it vouches for it, or if it is what was written", async () => {
    const enterprise = (text: string): Principal => ({ realm: "TEST.EXAMPLE", nameType: 10, components: [text] });
    at.kdc = () => ({ rep: of(alice) });
    expect((await impersonate(enterprise("alice@TEST.EXAMPLE"))).client).toMatchObject(alice);
    expect(await refusal(impersonate(enterprise("a.liddell@example.org")))).toMatch(
      /^REPLY_MODIFIED: .*it is of alice@/,
    );
    at.kdc = (parts) => ({ rep: { ...of(alice), padata: [confirmation(alice, parts)] } });
    expect((await impersonate(enterprise("a.liddell@example.org"))).client).toMatchObject(alice);
    const certificate = selfTicket(at.exchanges(), at.tgt, {
      name: { ...alice, components: [] },
      certificate: Uint8Array.of(0x30, 0),
    });
    expect((await certificate).client).toMatchObject(alice);
  });

  it("DG2: an answer of the KDC that another key made, or to another request, is refused", async () => {
    at.kdc = (parts) => {
      const { padataValue, padataType } = confirmation(alice, parts);
      const { userId, checksum } = s4uMessages.decode("PA-S4U-X509-USER", padataValue);
      const changed = checksum.checksum.slice();
      changed[0] = (changed[0] ?? 0) ^ 1;
      const octets = s4uMessages.encode("PA-S4U-X509-USER", { userId, checksum: { ...checksum, checksum: changed } });
      return { rep: { ...of(alice), padata: [{ padataType, padataValue: octets }] } };
    };
    expect(await refusal(impersonate())).toMatch(/^INTEGRITY/);
    at.kdc = (parts) => ({ rep: { ...of(alice), padata: [confirmation(alice, parts, { nonce: 1 })] } });
    expect(await refusal(impersonate())).toMatch(/^REPLY_MODIFIED: .*answers another request/);
  });

  it("DG3: a ticket for another service than our own is refused", async () => {
    const other = { realm: "TEST.EXAMPLE", sname: toPrincipalName(parsePrincipal("other")) };
    at.kdc = ({ rep }) => ({
      rep: { ...of(alice), ticket: relabelled(rep, other) },
      part: { srealm: other.realm, sname: other.sname },
    });
    expect(await refusal(impersonate())).toMatch(/^REPLY_MODIFIED: .*it is for other@TEST\.EXAMPLE, we asked for svc@/);
  });

  it("DG1: on the way home the KDC vouches for the same user", async () => {
    const flags = 0x40000000;
    const sname = { nameType: 2, nameString: ["krbtgt", "OTHER.EXAMPLE"] };
    const vouching =
      (user: Principal): Kdc =>
      (parts) => ({
        rep: {
          ...of(service),
          padata: [confirmation(user, parts)],
          ticket: relabelled(parts.rep, { realm: "TEST.EXAMPLE", sname }),
        },
        part: { sname, flags },
      });
    at.kdc = vouching(parsePrincipal("mallory@TEST.EXAMPLE"));
    expect(await refusal(impersonate())).toMatch(
      /^REPLY_MODIFIED: .*vouches for mallory@TEST.*asked for one of alice@/,
    );
    expect(at.sent).toHaveLength(1);
    // What the user's KDC says of an enterprise name or a certificate is asked of the others.
    for (const asked of [
      { name: { ...alice, nameType: 10, components: ["a.liddell@example.org"] } },
      { name: { ...alice, components: [] }, certificate: Uint8Array.of(0x30, 0) },
    ]) {
      at.sent = [];
      at.kdc = vouching(alice);
      await refusal(selfTicket(at.exchanges(), at.tgt, asked));
      const [first, second] = at.sent.map((req) =>
        s4uMessages.decode("S4UUserID", s4uMessages.decode("PA-S4U-X509-USER", octetsOf(req, 130)).userId.octets),
      );
      expect([first?.cname?.nameString ?? [], second?.cname?.nameString, second?.subjectCertificate]).toEqual([
        asked.name.components,
        ["alice"],
        undefined,
      ]);
    }
  });

  it("referrals that lead nowhere end", async () => {
    const own = { keytype: at.tgt.sessionKey.encType.etype, keyvalue: at.tgt.sessionKey.octets };
    const flags = 0x40000000;
    let first: Parameters<Kdc>[0] | undefined;
    at.kdc = (parts) => {
      first ??= parts;
      const sname = { nameType: 2, nameString: ["krbtgt", `HOP${at.sent.length}.EXAMPLE`] };
      const label = { realm: parts.req.reqBody.realm, sname };
      const part = {
        sname,
        srealm: label.realm,
        key: own,
        flags,
        encryptedPaData: undefined,
        nonce: parts.req.reqBody.nonce,
      };
      return {
        rep: { ...of(service), ticket: relabelled(first.rep, label) },
        part: part as unknown as Partial<EncKdcRepPart>,
      };
    };
    expect(await refusal(impersonate())).toMatch(/^REFERRAL: .*after 10 referrals/);
    expect(at.sent).toHaveLength(10);
  });
});

describe("S4U2Proxy", () => {
  let evidence: ServiceTicket;
  beforeEach(async () => {
    at.kdc = () => ({});
    evidence = await impersonate();
    at.sent = [];
  });
  const proxy = (name = target): Promise<ServiceTicket> => proxyTicket(at.exchanges(), at.tgt, evidence, name);

  it("shows the evidence, and says that it knows resource-based delegation", async () => {
    expect(await proxy()).toMatchObject({ client: alice, service: { components: ["host", "localhost"] } });
    const [req] = at.sent as [KdcReq];
    expect((req.reqBody.kdcOptions & 0x00020000) !== 0).toBe(true);
    expect(req.reqBody.additionalTickets?.map(({ octets }) => octets)).toEqual([evidence.ticket]);
    expect(s4uMessages.decode("PA-PAC-OPTIONS", octetsOf(req, 167)).flags).toBe(0x10000000);
  });

  it("asks for claims in the same PA-PAC-OPTIONS, and for a PAC, where the client is to", async () => {
    for (const [pac, flags, request] of [
      ["claims", 0x90000000, 0xff],
      [true, 0x10000000, 0xff],
      [false, 0x10000000, 0],
    ] as const) {
      at.sent = [];
      await proxyTicket(at.exchanges({ pac }), at.tgt, evidence, target);
      const [req] = at.sent as [KdcReq];
      expect(req.padata?.filter(({ padataType }) => padataType === 167)).toHaveLength(1);
      expect(s4uMessages.decode("PA-PAC-OPTIONS", octetsOf(req, 167)).flags).toBe(flags);
      expect(octetsOf(req, 128).at(-1)).toBe(request);
    }
  });

  it("DG4: a ticket of another than the user of the evidence is refused", async () => {
    at.kdc = () => ({ rep: of(service) });
    expect(await refusal(proxy())).toMatch(
      /^REPLY_MODIFIED: .*it is of svc@TEST\.EXAMPLE, we asked for one of alice@TEST\.EXAMPLE/,
    );
  });

  it("DG5: a referral of a KDC that does not know resource-based delegation is not followed", async () => {
    const sname = { nameType: 2, nameString: ["krbtgt", "OTHER.EXAMPLE"] };
    const referral =
      (encryptedPaData: readonly PaData[]): Kdc =>
      ({ rep, part }) => ({
        rep: { ticket: relabelled(rep, { realm: "TEST.EXAMPLE", sname }) },
        part: {
          sname,
          srealm: "TEST.EXAMPLE",
          encryptedPaData: [
            ...(part.encryptedPaData ?? []).filter(({ padataType }) => padataType !== 167),
            ...encryptedPaData,
          ],
        },
      });
    at.kdc = referral([]);
    expect(await refusal(proxy({ ...target, realm: "" }))).toMatch(
      /^REFERRAL: .*refers to OTHER\.EXAMPLE and does not know delegation/,
    );
    expect(at.sent).toHaveLength(1);
    at.kdc = referral([{ padataType: 167, padataValue: s4uMessages.encode("PA-PAC-OPTIONS", { flags: 0 }) }]);
    expect(await refusal(proxy({ ...target, realm: "" }))).toMatch(/^REFERRAL: .*does not know delegation/);
    const knowing = referral([
      { padataType: 167, padataValue: s4uMessages.encode("PA-PAC-OPTIONS", { flags: 0x10000000 }) },
    ]);
    // With the user's name on it, it is none of our own.
    at.kdc = knowing;
    expect(await refusal(proxy({ ...target, realm: "" }))).toMatch(
      /^REPLY_MODIFIED: .*it is of alice@TEST\.EXAMPLE, we asked for one of svc@TEST\.EXAMPLE/,
    );
    // One that knows it: the service is asked for as ourselves.
    at.kdc = (parts) => {
      const change = knowing(parts);
      return { ...change, rep: { ...change.rep, ...of(service) } };
    };
    for (const name of ["", "OTHER.EXAMPLE"]) {
      at.sent = [];
      await refusal(proxy({ ...target, realm: name }));
      expect(at.sent.length).toBeGreaterThan(1);
      const [first, second] = at.sent as [KdcReq, KdcReq];
      expect([first.reqBody.realm, first.reqBody.sname?.nameString]).toEqual(["TEST.EXAMPLE", ["host", "localhost"]]);
      expect([second.reqBody.additionalTickets, second.reqBody.kdcOptions & 0x00020000]).toEqual([undefined, 0]);
    }
  });

  it("DG5: a ticket-granting ticket that was asked for is the user's, and no referral", async () => {
    const sname = { nameType: 2, nameString: ["krbtgt", "OTHER.EXAMPLE"] };
    const padata = { padataType: 167, padataValue: s4uMessages.encode("PA-PAC-OPTIONS", { flags: 0x10000000 }) };
    at.kdc = ({ rep, req }) => ({
      rep: { ticket: relabelled(rep, { realm: "TEST.EXAMPLE", sname }), ...of(service) },
      part: { sname, flags: 0x40000000, nonce: req.reqBody.nonce, encryptedPaData: [padata] },
    });
    const krbtgt = { ...target, components: sname.nameString };
    expect(await refusal(proxy(krbtgt))).toMatch(/^REPLY_MODIFIED: .*it is of svc@TEST/);
  });

  it("DG5: a referral to the realm that was asked, or by another realm, leads nowhere", async () => {
    const padata = { padataType: 167, padataValue: s4uMessages.encode("PA-PAC-OPTIONS", { flags: 0x10000000 }) };
    for (const [realmName, next] of [
      ["TEST.EXAMPLE", "TEST.EXAMPLE"],
      ["OTHER.EXAMPLE", "THIRD.EXAMPLE"],
    ] as const) {
      const sname = { nameType: 2, nameString: ["krbtgt", next] };
      at.kdc = ({ rep, part }) => ({
        rep: { ticket: relabelled(rep, { realm: realmName, sname }), ...of(service) },
        part: { sname, srealm: realmName, encryptedPaData: [...(part.encryptedPaData ?? []), padata] },
      });
      at.sent = [];
      expect(await refusal(proxy())).toMatch(/^REPLY_MODIFIED: .*it is for krbtgt\//);
      expect(at.sent).toHaveLength(1);
    }
  });

  it("a service in another name is asked for once more as it is written", async () => {
    const sname = { nameType: 3, nameString: ["host", "alias"] };
    at.kdc = ({ req, rep }) =>
      (req.reqBody.kdcOptions & 0x00010000) === 0
        ? {}
        : { rep: { ticket: relabelled(rep, { realm: "TEST.EXAMPLE", sname }) }, part: { sname } };
    expect((await proxy()).service.components).toEqual(["host", "localhost"]);
    expect(at.sent).toHaveLength(2);
  });
});

it("DG6: a ticket of another user in a cache is not the cache's own", () => {
  const one = (client: string): Credential =>
    ({
      client: parsePrincipal(client),
      server: target,
      endTime: new Date(2e12),
      authTime: new Date(0),
      isSkey: false,
    }) as unknown as Credential;
  const [mine, hers] = [one("svc@TEST.EXAMPLE"), one("alice@TEST.EXAMPLE")];
  const contents = { principal: service, credentials: [mine, hers], config: [] };
  expect(findCredential(contents, { server: target })).toBe(mine);
  expect(findCredential(contents, { server: target, client: alice })).toBe(hers);
  expect(findCredential({ ...contents, credentials: [hers] }, { server: target })).toBeUndefined();
});
