// Logins with armor: what a KDC, or who answers for it, can make of them.

import { describe, expect, it } from "vitest";
import { armorOf, Exchanges, passwordSecret } from "../../../src/client/index.ts";
import { KEY_USAGE, KRB_ERROR, PADATA } from "../../../src/iana/index.ts";
import {
  decodeApReq,
  decodeAsReq,
  decodeAuthenticator,
  encodeKrbError,
  importEncryptionKey,
  openData,
  type PaData,
  parsePrincipal,
} from "../../../src/krb5/index.ts";
import { armorKey } from "../../../src/preauth/fast/armor.ts";
import { fastMessages } from "../../../src/preauth/fast/messages.ts";
import { encryptedChallenge, encTimestamp } from "../../../src/preauth/index.ts";
import { errorOf, fxError, openRequest, sealResponse } from "../../support/fast-kdc.ts";
import { encTypes, find, logIn, PASSWORD, PreauthKdc, REALM } from "../../support/preauth-kdc.ts";
import { pa } from "../../support/preauth-mechanisms.ts";
import { refusal } from "./harness.ts";

const client = parsePrincipal(`alice@${REALM}`);
const kdc = await PreauthKdc.create(() => "usual");
const ticket = await logIn(kdc);

interface World {
  readonly errors?: readonly (readonly [code: number, methods?: readonly PaData[]])[];
  /** Instead of `errors`. */
  readonly answer?: (request: Uint8Array) => ReturnType<typeof errorOf>;
  readonly policy?: "required" | "if-offered";
  readonly noTicket?: boolean;
  readonly pac?: boolean | "claims" | undefined;
}

/** A login at a KDC that answers with these errors, the last again and again. */
function world({ errors = [], answer, policy = "required", noTicket = false, pac }: World) {
  const requests: number[][] = [];
  const counts = { tickets: 0, forgotten: 0 };
  const tickets = {
    getTicket: async () => {
      counts.tickets++;
      if (noTicket) throw new Error("no armor today");
      return ticket;
    },
    forget: async () => {
      counts.forgotten++;
    },
  };
  const exchanges = new Exchanges({
    loadEncTypes: async () => encTypes,
    trace: () => {},
    preauth: [encryptedChallenge, encTimestamp],
    armor: armorOf(tickets, policy),
    pac,
    transport: {
      exchange: async (_, request) => {
        requests.push((decodeAsReq(request).padata ?? []).map(({ padataType }) => padataType));
        if (answer !== undefined) return encodeKrbError(answer(request));
        const [code, methods] = errors[Math.min(requests.length, errors.length) - 1] ?? [60];
        return encodeKrbError(errorOf(code, methods));
      },
    },
  });
  return { requests, counts, logIn: () => exchanges.login(client, passwordSecret(client, PASSWORD)) };
}

/** The request inside the armor, and the armor key. */
function openArmored(request: Uint8Array) {
  const value = find(decodeAsReq(request).padata, PADATA.fxFast) as Uint8Array;
  const { armor } = fastMessages.decode("PA-FX-FAST-REQUEST", value);
  const { authenticator } = decodeApReq(armor?.armorValue as Uint8Array);
  const { subkey } = decodeAuthenticator(openData(ticket.sessionKey, KEY_USAGE.apReqAuthenticator, authenticator));
  const key = armorKey(
    encTypes,
    importEncryptionKey(encTypes, subkey as NonNullable<typeof subkey>),
    ticket.sessionKey,
  );
  return { key, opened: openRequest(key, value).inner };
}

const timestamp = [kdc.etypeInfo, pa(PADATA.encTimestamp)];
const withFast = [...timestamp, pa(PADATA.fxFast)];
const plain = [PADATA.reqEncPaRep];
const { KDC_ERR_PREAUTH_REQUIRED, KDC_ERR_PREAUTH_FAILED, KRB_AP_ERR_TKT_EXPIRED } = KRB_ERROR;

describe("armor that is required", () => {
  it.each([
    ["offers a timestamp", [KDC_ERR_PREAUTH_REQUIRED, timestamp]],
    ["offers FAST in the clear", [KDC_ERR_PREAUTH_REQUIRED, withFast]],
    ["refuses a proof", [KDC_ERR_PREAUTH_FAILED]],
  ] as const)("FA5: an error without armor that %s gets nothing more", async (_what, error) => {
    const { requests, counts, logIn: login } = world({ errors: [error] });
    expect(await refusal(login())).toMatch(/^FAST_STRIPPED: /);
    expect(requests).toEqual([[PADATA.fxFast]]);
    expect(counts).toEqual({ tickets: 1, forgotten: 0 });
  });

  it.each([32, 33, 37])("FA6: a ticket that the KDC refuses by error %d is replaced, once", async (code) => {
    const { requests, counts, logIn: login } = world({ errors: [[code]] });
    expect(await refusal(login())).toMatch(/^FAST_STRIPPED: /);
    expect(requests).toEqual([[PADATA.fxFast], [PADATA.fxFast]]);
    expect(counts).toEqual({ tickets: 2, forgotten: 1 });
  });

  it.each([true, "claims"] as const)(
    "FA6: so is one where a PAC is asked for (%s), which proves nothing",
    async (pac) => {
      const { counts, logIn: login } = world({ errors: [[KRB_AP_ERR_TKT_EXPIRED]], pac });
      expect(await refusal(login())).toMatch(/^FAST_STRIPPED: /);
      expect(counts).toEqual({ tickets: 2, forgotten: 1 });
    },
  );

  it("P11: after a proof the same error brings no new armor, and no second proof", async () => {
    const inner: number[][] = [];
    const { counts, logIn: login } = world({
      answer: (request) => {
        const { key, opened } = openArmored(request);
        inner.push(opened.padata.map(({ padataType }) => padataType));
        if (inner.length > 1) return errorOf(KRB_AP_ERR_TKT_EXPIRED);
        const padata = [fxError(KDC_ERR_PREAUTH_REQUIRED), kdc.etypeInfo, pa(PADATA.encryptedChallenge)];
        return errorOf(KDC_ERR_PREAUTH_REQUIRED, [sealResponse(key, { padata, nonce: opened.reqBody.nonce })]);
      },
    });
    expect(await refusal(login())).toMatch(/^FAST_STRIPPED: /);
    expect(inner).toEqual([plain, [PADATA.encryptedChallenge, ...plain]]);
    expect(counts).toEqual({ tickets: 1, forgotten: 0 });
  });

  it("FA8: a KDC without FAST is asked nothing without armor, and what it offers is not taken up", async () => {
    const without = [kdc.etypeInfo, pa(PADATA.encryptedChallenge), pa(PADATA.encTimestamp)];
    for (const code of [KDC_ERR_PREAUTH_REQUIRED, KRB_ERROR.KDC_ERR_PREAUTH_FAILED, KRB_ERROR.KRB_ERR_GENERIC]) {
      const { requests, logIn: login } = world({ errors: [[code, without]] });
      expect(await refusal(login())).toMatch(/^FAST_STRIPPED: .*if the realm has no FAST, leave out the armor/);
      expect(requests).toEqual([[PADATA.fxFast]]);
    }
  });

  it("no ticket, no login", async () => {
    const { requests, logIn: login } = world({ errors: [[KDC_ERR_PREAUTH_REQUIRED, timestamp]], noTicket: true });
    await expect(login()).rejects.toThrow("no armor today");
    expect(requests).toEqual([]);
  });
});

describe("armor where it is offered", () => {
  const policy = "if-offered";

  it("is taken up then, and nothing without it after", async () => {
    const { requests, logIn: login } = world({ errors: [[KDC_ERR_PREAUTH_REQUIRED, withFast]], policy });
    expect(await refusal(login())).toMatch(/^FAST_STRIPPED: /);
    expect(requests).toEqual([plain, [PADATA.fxFast]]);
  });

  it.each([
    ["is not offered", { errors: [[KDC_ERR_PREAUTH_REQUIRED, timestamp], [KRB_AP_ERR_TKT_EXPIRED]] }],
    ["is not to be had", { errors: [[KDC_ERR_PREAUTH_REQUIRED, withFast], [60]], noTicket: true }],
  ] as const)("the login goes on without where it %s", async (_what, more) => {
    const { requests, logIn: login } = world({ ...more, policy });
    expect(await refusal(login())).not.toMatch(/^FAST_STRIPPED/);
    expect(requests).toEqual([plain, [PADATA.encTimestamp, ...plain]]);
  });
});
