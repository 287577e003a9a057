// What is made ready while the first request is under way: it asks nothing, and what fails counts where it is needed.

import { beforeAll, describe, expect, it } from "vitest";
import figures from "../../../krb5-vectors/preauth/private-keys.json" with { type: "json" };
import { decodeHex } from "../../../src/bytes/index.ts";
import { KRB_ERROR, PADATA } from "../../../src/iana/index.ts";
import type { PaData } from "../../../src/krb5/index.ts";
import { completePrompts, type LoginContext, type PkinitIdentity, pkinit } from "../../../src/preauth/index.ts";
import { Negotiation } from "../../../src/preauth/negotiate.ts";
import { decodePkinit, encodePkinit } from "../../../src/preauth/pkinit/messages.ts";
import { modp16 } from "../../../src/preauth/pkinit/modp.ts";
import { decodeSignedData } from "../../../src/x509/index.ts";
import { authority, type Issued, makeCertificate } from "../../support/make-certificate.ts";
import { oneMessage, pa } from "../../support/preauth-mechanisms.ts";
import { refusal } from "../client/harness.ts";
import { encTypes, loginContext, roundOf } from "./login-context.ts";

let root: Issued;
beforeAll(async () => {
  root = await makeCertificate("root", { extensions: authority });
});

const OFFER = [pa(PADATA.pkAsReq)];
const PASSPHRASE = "pki-passphrase";
const sealed = decodeHex(figures.vectors.find(({ name }) => name === "PKCS8 sealed")?.octets as string);

function keyIn([{ padataValue }]: readonly PaData[] & { 0: PaData }): string {
  const { content } = decodeSignedData(decodePkinit("PA-PK-AS-REQ", padataValue).signedAuthPack);
  const key = decodePkinit("AuthPack", content).clientPublicValue;
  return Buffer.from(key?.subjectPublicKey.octets ?? []).toString("hex");
}

/** An anonymous login, or that of an identity; counts the keys that are made. */
function login(identity: Partial<PkinitIdentity> = {}, more: Partial<LoginContext> = {}) {
  const made: number[] = [];
  const provider = {
    ...encTypes.provider,
    diffieHellman: undefined,
    randomBytes(length: number) {
      made.push(length);
      return encTypes.provider.randomBytes(length);
    },
  };
  const context = loginContext({
    identity: { anchors: root.certificate.octets, ...identity },
    encTypes: Object.assign(Object.create(encTypes), { provider }),
    ...more,
  });
  return { made, negotiation: new Negotiation(context, [pkinit()]) };
}

describe("what is made ready for a login by certificate", () => {
  it("PK12: is the key of the first group, which serves one request", async () => {
    const { made, negotiation } = login();
    await negotiation.preparation?.();
    expect(made).toEqual([32]);
    const first = keyIn((await negotiation.choose(roundOf(OFFER))) as never);
    expect(made).toEqual([32]);
    const checksum = roundOf([], KRB_ERROR.KDC_ERR_PA_CHECKSUM_MUST_BE_INCLUDED);
    expect(keyIn((await negotiation.goOn(checksum)) as never)).not.toBe(first);
    expect(made).toEqual([32, 32]);
    // The KDC's own wish for another group makes another key.
    const { publicKey } = await modp16.begin(encTypes.provider);
    const groups = encodePkinit("TD-DH-PARAMETERS", [publicKey.algorithm as never]);
    const round = roundOf([pa(PADATA.tdDhParameters, groups)], KRB_ERROR.KDC_ERR_KEY_TOO_WEAK);
    const second = keyIn((await negotiation.goOn(round)) as never);
    expect(made).toEqual([32, 32, 48]);
    expect(second).not.toBe(first);
  });

  it("is used by an answer that comes while it is being made", async () => {
    const { made, negotiation } = login();
    const preparing = negotiation.preparation?.();
    const padata = await negotiation.choose(roundOf(OFFER));
    await preparing;
    expect(padata).toHaveLength(1);
    expect(made).toEqual([32]);
  });

  it("is nothing once a mechanism has begun, and where no mechanism can", async () => {
    const { negotiation } = login();
    await negotiation.choose(roundOf(OFFER));
    expect(negotiation.preparation).toBeUndefined();
    expect(new Negotiation(loginContext(), [oneMessage(-1001)]).preparation).toBeUndefined();
  });

  it("asks for no passphrase: that comes once the KDC offers PKINIT", async () => {
    const asked: string[] = [];
    const passphrase = async ({ text }: { text: string }): Promise<string> => {
      asked.push(text);
      return PASSPHRASE;
    };
    const certificate = root.certificate.octets;
    const { negotiation } = login({ certificate, key: sealed }, { ask: completePrompts({ passphrase }) });
    await negotiation.preparation?.();
    expect(asked).toEqual([]);
    await negotiation.choose(roundOf(OFFER)).catch(() => {});
    expect(asked).toHaveLength(1);
  });

  it("fails in silence, and again where it counts", async () => {
    const { negotiation } = login({ certificate: Uint8Array.of(0x30, 0) });
    await negotiation.preparation?.();
    expect(await refusal(negotiation.choose(roundOf(OFFER)))).toMatch(/^CERTIFICATE: /);
  });

  it("fails in silence too where a mechanism of one's own throws at once", async () => {
    const thrower = {
      ...oneMessage(-1001),
      prepare(): Promise<void> {
        throw new Error("not now");
      },
    };
    await new Negotiation(loginContext(), [thrower]).preparation?.();
  });

  it("is of one attempt: the next one begins anew", async () => {
    const mechanism = pkinit();
    const context = loginContext({ identity: { anchors: root.certificate.octets } });
    await mechanism.prepare?.(context);
    expect(mechanism.begin(context)).not.toBe(mechanism.begin(context));
  });
});
