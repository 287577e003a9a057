// Entries of an ACL that a ticket must prove.

import { describe, expect, it } from "vitest";
import { CryptoError } from "../../../src/errors.ts";
import { parsePrincipal } from "../../../src/krb5/index.ts";
import type { TicketAuthorization } from "../../../src/pac/index.ts";
import { compileAcl, isPermitted } from "../../../src/server/acl.ts";
import type { AclRequest } from "../../../src/server/command.ts";

const SID = "S-1-5-21-1-2-3-1104";

async function ask(
  acl: readonly string[],
  authorization: Partial<TicketAuthorization> | undefined,
): Promise<[boolean, number]> {
  let failures = 0;
  const request = { principal: parsePrincipal("alice@AD.TEST"), authorization } as unknown as AclRequest;
  const permitted = await isPermitted(compileAcl(acl, "commands[0]", true), request, () => failures++);
  return [permitted, failures];
}

describe("an entry by SID or indicator", () => {
  it("lets in whose ticket has it", async () => {
    expect(await ask([`sid:${SID}`], { sids: ["S-1-1-0", SID], indicators: [] })).toEqual([true, 0]);
    expect(await ask(["indicator:otp"], { sids: [], indicators: ["otp"] })).toEqual([true, 0]);
    expect(await ask(["alice@AD.TEST", `sid:${SID}`], undefined)).toEqual([true, 0]);
  });

  it("AZ5: keeps out whose ticket has it not, and who has no PAC", async () => {
    expect(await ask([`sid:${SID}`], { sids: [`${SID}0`], indicators: [SID] })).toEqual([false, 0]);
    expect(await ask([`sid:${SID}`], { sids: [], indicators: [] })).toEqual([false, 0]);
    expect(await ask([`sid:${SID}`, "indicator:otp"], undefined)).toEqual([false, 0]);
    expect(await ask(["indicator:otp"], { sids: ["otp"], indicators: ["OTP"] })).toEqual([false, 0]);
  });

  it("AZ5: keeps out whose ticket proves nothing, and says so to onError", async () => {
    const forged = {
      get sids(): never {
        throw new CryptoError("INTEGRITY", "the octets were changed");
      },
      indicators: [],
    };
    expect(await ask([`sid:${SID}`], forged)).toEqual([false, 1]);
  });

  it("is refused where the server does not read tickets, and where it is misspelled", () => {
    expect(() => compileAcl([`sid:${SID}`], "commands[0]")).toThrow(/needs the option authorizationData/);
    expect(() => compileAcl(["indicator:otp"], "commands[0]")).toThrow(/needs the option authorizationData/);
    for (const wrong of ["sid:S-1-5-x", "SID:S-1-5-32", "sid:", "indicator:", "indicator:a b"]) {
      expect(() => compileAcl([wrong], "commands[0]", true), wrong).toThrow(TypeError);
    }
  });
});
