// A ticket may have a session key of a deprecated enctype, where a program permits one; a context may not.

import { describe, expect, it } from "vitest";
import { createEncTypeSet, type EncType, strongEncTypes } from "../../../src/crypto/index.ts";
import { decodeContextToken, encodeContextToken } from "../../../src/gssapi/framing.ts";
import { encodeGssChecksum } from "../../../src/gssapi/gss-checksum.ts";
import { AP_OPTION, CHECKSUM, KEY_USAGE, TOKEN_ID } from "../../../src/iana/index.ts";
import {
  createApReq,
  decodeApRep,
  decodeEncApRepPart,
  encodeApRep,
  encodeEncApRepPart,
  openData,
  sealData,
} from "../../../src/krb5/index.ts";
import { arcfourHmac, des3CbcSha1 } from "../../../src/legacy-enctypes/index.ts";
import { providers } from "../crypto/providers.ts";
import { createEnds, failureOf, NOW } from "./exchange.ts";

const provider = providers[1]?.[1] as (typeof providers)[number][1];

describe.each([arcfourHmac, des3CbcSha1].map((type) => [type.name, type] as const))("%s", (name, type: EncType) => {
  const encTypes = createEncTypeSet([type, ...strongEncTypes], provider);
  const { etype } = type;
  const words = new RegExp(`is of ${name}, which protects no messages here`);

  it("LE2: is refused by the initiator as a session key, before anything is sent", async () => {
    const { initiator } = createEnds({ encTypes, etype });
    const failure = await failureOf(initiator.step());
    expect(failure).toMatchObject({ code: "ETYPE_NOT_PERMITTED", message: expect.stringMatching(words) });
  });

  it("LE2: is refused by the acceptor as a session key and as a sub-key", async () => {
    for (const [session, sub] of [
      [etype, 18],
      [18, etype],
    ] as const) {
      const { acceptor, ticket } = createEnds({ encTypes, etype: session });
      const { octets } = createApReq({
        ticket,
        encTypes,
        now: () => NOW,
        apOptions: AP_OPTION.mutualRequired,
        checksum: { cksumtype: CHECKSUM.gssApi, checksum: encodeGssChecksum(0x3e) },
        subkey: encTypes.generateKey(sub),
      });
      const failure = await failureOf(acceptor.step(encodeContextToken(TOKEN_ID.apReq, octets)));
      expect(failure).toMatchObject({ code: "ETYPE_NOT_PERMITTED", message: expect.stringMatching(words) });
    }
  });

  it("LE2: is refused as the acceptor's sub-key: by the acceptor that shall make it, and by the initiator", async () => {
    expect(() => createEnds({ encTypes, acceptor: { subkeyEnctype: etype } })).toThrow(words);
    const { initiator, acceptor, ticket } = createEnds({ encTypes });
    const reply = await acceptor.step((await initiator.step()) as Uint8Array);
    const { encPart } = decodeApRep(decodeContextToken(reply as Uint8Array).message);
    const part = decodeEncApRepPart(openData(ticket.sessionKey, KEY_USAGE.apRepEncPart, encPart));
    const subkey = { keytype: etype, keyvalue: new Uint8Array(type.keyBytes) };
    const changed = sealData(ticket.sessionKey, KEY_USAGE.apRepEncPart, encodeEncApRepPart({ ...part, subkey }));
    const token = encodeContextToken(TOKEN_ID.apRep, encodeApRep({ pvno: 5, msgType: 15, encPart: changed }));
    const failure = await failureOf(initiator.step(token));
    expect(failure).toMatchObject({ code: "ETYPE_NOT_PERMITTED", message: expect.stringMatching(words) });
  });

  it("may be the key of the service: the ticket is opened, and messages are under AES", async () => {
    const { initiator, acceptor } = createEnds({ encTypes, serviceEtype: etype });
    const reply = await acceptor.step((await initiator.step()) as Uint8Array);
    await initiator.step(reply as Uint8Array);
    expect(acceptor.unwrap(initiator.wrap(Uint8Array.of(1, 2, 3)))).toEqual(Uint8Array.of(1, 2, 3));
  });
});
