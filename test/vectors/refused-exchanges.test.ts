// Logins inside FAST that live KDCs refused, recorded without the armor key: every message is read and written octet for
// octet, all that proves something is inside, and nothing that comes back is believed without the key.

import { describe, expect, it } from "vitest";
import figures from "../../krb5-vectors/preauth/refused-exchanges.json" with { type: "json" };
import groupFigures from "../../krb5-vectors/preauth/rfc9588-groups.json" with { type: "json" };
import { decodeHex, encodeHex } from "../../src/bytes/index.ts";
import { createEncTypeSet, strongEncTypes } from "../../src/crypto/index.ts";
import { loadGroups } from "../../src/curves/index.ts";
import { PADATA } from "../../src/iana/index.ts";
import { decodeApReq, decodeAsReq, decodeKrbError, encodeKrbError } from "../../src/krb5/index.ts";
import { asEnvelope } from "../../src/preauth/fast/as-envelope.ts";
import { fastMessages } from "../../src/preauth/fast/messages.ts";
import { findPaData, methodsOf } from "../../src/preauth/index.ts";
import { asn1jsTree, ourTree } from "../support/asn1js-tree.ts";
import { providers } from "../unit/crypto/providers.ts";

const FAST_REPLY = "PA-FX-FAST-REPLY";

describe.each(figures.vectors)("$name", ({ messages, errorCode }) => {
  const octets = messages.map(decodeHex);
  const requests = octets.filter((_, i) => i % 2 === 0);
  const errors = octets.filter((_, i) => i % 2 === 1);

  it("both DER readers see the same in every message", () => {
    for (const message of octets) expect(ourTree(message)).toEqual(asn1jsTree(message));
  });

  it("the requests have FAST alone outside, with an AP-REQ for armor, and are written again as they were", () => {
    expect(requests).toHaveLength(2);
    for (const request of requests) {
      const { padata = [] } = decodeAsReq(request);
      expect(padata.map(({ padataType }) => padataType)).toEqual([PADATA.fxFast]);
      const [fast] = padata;
      const { armor, reqChecksum, encFastReq } = fastMessages.decode(
        "PA-FX-FAST-REQUEST",
        fast?.padataValue ?? new Uint8Array(0),
      );
      expect(decodeApReq(armor?.armorValue ?? new Uint8Array(0)).ticket.sname.nameString[0]).toBe("krbtgt");
      const again = fastMessages.encode("PA-FX-FAST-REQUEST", { armor, reqChecksum, encFastReq });
      expect(encodeHex(again)).toBe(encodeHex(fast?.padataValue ?? new Uint8Array(0)));
    }
  });

  it("the errors have an answer inside FAST, and are written again as they were", () => {
    expect(errors.map((error) => decodeKrbError(error).errorCode).at(-1)).toBe(errorCode);
    for (const error of errors) {
      const decoded = decodeKrbError(error);
      expect(encodeHex(encodeKrbError(decoded))).toBe(encodeHex(error));
      const fast = findPaData(methodsOf(decoded), PADATA.fxFast)?.padataValue ?? new Uint8Array(0);
      expect(encodeHex(fastMessages.encode(FAST_REPLY, fastMessages.decode(FAST_REPLY, fast)))).toBe(encodeHex(fast));
    }
  });

  it.each(providers)("an envelope of another key believes none of it, with %s", (_name, provider) => {
    const encTypes = createEncTypeSet(strongEncTypes, provider);
    const envelope = asEnvelope({ key: encTypes.generateKey(18), apReq: new Uint8Array(0) }, encTypes);
    for (const error of errors) {
      expect(() => envelope.error(decodeKrbError(error))).toThrow(/armored error does not open with the armor key/);
    }
  });
});

it.each(groupFigures.vectors)("the registry's points of $name are those of the group", async (figure) => {
  const group = (await loadGroups()).find(({ number }) => number === figure.group);
  const points = [group?.m, group?.n].map((point) => point && encodeHex(point.encode()));
  expect(points).toEqual([figure.m, figure.n]);
  expect([group?.hash, group?.scalarBytes]).toEqual([figure.hash, figure.multiplierBytes]);
  expect(decodeHex(figure.m)).toHaveLength(figure.elementBytes);
});
