// SPNEGO where there are two mechanisms: MIT's libgssapi with krb5 and NTLM (gss-ntlmssp) offers them in each order, and asks
// for the MICs that protect the choice.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, it } from "vitest";
import type { KerberosError } from "../../src/entry/index.ts";
import { createSpnegoAcceptor, describeToken, type SpnegoAcceptorOptions } from "../../src/entry/spnego.ts";
import { acceptorData, NTLMSSP, ntlmEnv, startMitBed } from "../../tools/beds/index.mjs";
import { ALL_FLAGS, arrive } from "../support/gss-arrival.ts";
import { sha256 } from "../support/gss-peer.ts";
import { describeLive, useBed, wholeTable } from "../support/live.ts";

const SPNEGO = "1.3.6.1.5.5.2";
const KRB5 = "1.2.840.113554.1.2.2";
const MUTUAL = 2;

describeLive(["mit", "python-gssapi", "gss-ntlmssp"], "createSpnegoAcceptor and an initiator that has NTLM too", () => {
  const bed = useBed(() => startMitBed());
  const folder = useBed(async () => {
    const at = mkdtempSync(path.join(tmpdir(), "krb5-remctl-ntlm-"));
    return { path: at, close: async () => rmSync(at, { recursive: true, force: true }) };
  });

  const offering = async (offer: readonly string[], flags: number = ALL_FLAGS) => {
    const login = await bed().kinit(`alice@${bed().realm}`, { password: bed().passwords.alice as string });
    const env = { ...login.env, ...(await ntlmEnv(folder().path)) };
    return await arrive(env, "host@localhost", { mech: SPNEGO, offer, flags });
  };
  const acceptor = (options: Partial<SpnegoAcceptorOptions> = {}) =>
    createSpnegoAcceptor({
      keytab: new Uint8Array(readFileSync(bed().keytab.service)),
      service: "host",
      ...options,
    });

  it.runIf(wholeTable).each([
    ["mutual", ALL_FLAGS],
    ["not mutual", ALL_FLAGS & ~MUTUAL],
  ])("NTLM first, with its token, %s: krb5 is chosen, and both MICs are right", async (_, flags) => {
    const { peer, close, program } = await offering([NTLMSSP, KRB5], flags);
    const context = acceptor();
    const came: unknown[] = [];
    const went: unknown[] = [];
    while (!context.isEstablished) {
      const token = await peer.receiveToken();
      came.push(describeToken(token));
      const answer = await context.step(token);
      if (answer === undefined) break;
      went.push(describeToken(answer));
      peer.sendToken(answer);
    }
    expect(came).toMatchObject([
      { kind: "spnego-init", mechanisms: [{ oid: NTLMSSP }, { oid: KRB5 }], token: { kind: "ntlm" }, hasMic: false },
      { kind: "spnego-response", token: { kind: "krb5", message: "AP-REQ" } },
      ...(flags === ALL_FLAGS ? [{ kind: "spnego-response", token: undefined, hasMic: true }] : []),
    ]);
    expect(went[0]).toMatchObject({ state: "request-mic", mechanism: { oid: KRB5 }, token: undefined });
    expect(went.at(-1)).toMatchObject({ hasMic: true });
    expect([context.isEstablished, context.wasReselected, context.peer?.components]).toEqual([true, true, ["alice"]]);
    expect(await peer.askForFacts("I")).toMatchObject({ mech: KRB5 });
    const data = acceptorData(1000);
    expect(await peer.askForFacts("W", context.wrap(data))).toMatchObject({ sha256: sha256(data) });
    close();
    await program;
  });

  it.runIf(wholeTable)("krb5 first: it is the first choice, and no MIC is needed", async () => {
    const { peer, close, program } = await offering([KRB5, NTLMSSP]);
    const context = acceptor();
    const token = await peer.receiveToken();
    expect(describeToken(token)).toMatchObject({ mechanisms: [{ oid: KRB5 }, { oid: NTLMSSP }] });
    peer.sendToken((await context.step(token)) as Uint8Array);
    expect([context.isEstablished, context.wasReselected]).toEqual([true, false]);
    expect(await peer.askForFacts("I")).toMatchObject({ mech: KRB5 });
    close();
    await program;
  });

  it.runIf(wholeTable)("NTLM alone is refused, and the words say so; libgssapi takes the rejection", async () => {
    const { peer, close, program } = await offering([NTLMSSP]);
    const error = await acceptor()
      .step(await peer.receiveToken())
      .then(
        () => expect.fail("it was accepted"),
        (reason: KerberosError) => reason,
      );
    expect(error).toMatchObject({ code: "SPNEGO_NO_COMMON_MECHANISM", message: expect.stringContaining("NTLM") });
    peer.sendToken(error.token as Uint8Array);
    expect((await program).status).toBe(1);
    close();
  });
});
