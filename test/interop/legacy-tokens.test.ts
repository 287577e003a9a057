// RC4 tokens beside those of MIT's libgssapi, in both directions, in a realm that still has keys of RC4.

import fs from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { createAcceptor, createInitiator, type SecurityContext } from "../../src/entry/gssapi.ts";
import { createClient, keytab } from "../../src/entry/index.ts";
import { arcfourHmac } from "../../src/entry/legacy-enctypes.ts";
import { type ArcfourTokensOptions, arcfourTokens } from "../../src/entry/legacy-tokens.ts";
import { createRemctlServer } from "../../src/entry/server.ts";
import { startGssAcceptor, startMitBed, startRemctld } from "../../tools/beds/index.mjs";
import { arrive } from "../support/gss-arrival.ts";
import { converse, GssPeer } from "../support/gss-peer.ts";
import { describeLive, useBed, wholeTable } from "../support/live.ts";
import { failureOf } from "../support/remctl-harness.ts";
import { bedCommands } from "../support/server-commands.ts";

describeLive(["mit", "python-gssapi"], "RC4 tokens and libgssapi's", () => {
  const bed = useBed(() =>
    startMitBed({
      krb5ConfLibdefaults: ["allow_rc4 = true", "permitted_enctypes = rc4 aes"],
      principals: [
        "addprinc -e arcfour-hmac:normal -randkey host/old",
        "setstr host/old session_enctypes rc4-hmac",
        "addprinc -e arcfour-hmac:normal -pw rc4-password rc4",
        "ktadd -norandkey -k legacy.keytab host/old rc4",
      ].join("\n"),
    }),
  );
  const keys = () => path.join(bed().dir, "legacy.keytab");
  const target = () => `host/old@${bed().realm}`;
  const acceptor = useBed(() => startGssAcceptor({ bed: bed(), keytab: keys() }));
  const remctld = useBed(() => startRemctld({ bed: bed(), keytab: keys() }));
  const enctypes = ["aes256-sha1", "aes128-sha1", arcfourHmac] as const;

  const connect = async (legacy?: ArcfourTokensOptions): Promise<{ context: SecurityContext; peer: GssPeer }> => {
    const credentials = keytab(`rc4@${bed().realm}`, fs.readFileSync(keys()));
    const credential = createClient({ credentials, kdc: bed().kdc, enctypes });
    const legacyTokens = legacy && arcfourTokens(legacy);
    const context = createInitiator({ target: target(), credential, legacyTokens });
    const peer = await GssPeer.connect(acceptor().port);
    peer.sendToken((await context.step()) as Uint8Array);
    await context.step(await peer.receiveToken());
    return { context, peer };
  };

  it("an initiator permits them, and libgssapi reads what it seals; without them nothing is sent", async () => {
    const { context, peer } = await connect({});
    expect(context.etype).toBe(23);
    const sent = await peer.askForFacts("W", context.wrap(Uint8Array.of(1, 2, 3)));
    expect(sent).toMatchObject({ kind: "R", length: 3, confidential: true });
    peer.close();
    expect(await failureOf(connect())).toMatchObject({
      code: "ETYPE_NOT_PERMITTED",
      message: expect.stringContaining("arcfourTokens()"),
    });
  });

  it("a command to remctld and to our server, whose keys are of RC4; without the option nothing is sent", async () => {
    const legacyTokens = arcfourTokens();
    const credentials = keytab(`rc4@${bed().realm}`, fs.readFileSync(keys()));
    const client = createClient({ credentials, kdc: bed().kdc, enctypes, legacyTokens });
    const server = createRemctlServer({
      keytab: fs.readFileSync(keys()),
      enctypes,
      legacyTokens,
      commands: bedCommands(bed().realm),
    });
    await server.listen({ host: "127.0.0.1", port: 0 });
    const command = ["test", "env", "REMOTE_USER"];
    for (const port of [remctld().port, server.port]) {
      const run = { port, service: target() };
      const result = await client.remctl("127.0.0.1", command, run);
      expect([result.status, result.text()]).toEqual([0, `rc4@${bed().realm}\n`]);
      const strict = createClient({ credentials, kdc: bed().kdc, enctypes });
      expect(await failureOf(strict.remctl("127.0.0.1", command, run))).toMatchObject({
        code: "ETYPE_NOT_PERMITTED",
        commandState: "not-sent",
        message: expect.stringContaining("arcfourTokens()"),
      });
    }
    await server.close();
  });

  describe.runIf(wholeTable)("all of it", () => {
    it("sealed, unsealed and MIC both ways, 0 octets to 1 MB: our initiator", { timeout: 60_000 }, async () => {
      const { context, peer } = await connect({ mic: true });
      await converse(context, peer);
      peer.close();
    });

    it("sealed, unsealed and MIC both ways, 0 octets to 1 MB: our acceptor", { timeout: 60_000 }, async () => {
      const { env } = await bed().kinit(`rc4@${bed().realm}`, { password: "rc4-password" });
      const arrival = await arrive(env, target());
      const legacyTokens = arcfourTokens({ mic: true });
      const context = createAcceptor({ keytab: fs.readFileSync(keys()), enctypes, legacyTokens });
      const reply = await context.step(await arrival.peer.receiveToken());
      arrival.peer.sendToken(reply as Uint8Array);
      expect([context.etype, context.hasAcceptorSubkey, context.peer?.components]).toEqual([23, false, ["rc4"]]);
      await converse(context, arrival.peer);
      arrival.close();
      expect(await arrival.program).toMatchObject({ status: 0 });
    });

    it("our acceptor without them refuses, and says what would permit them", async () => {
      const { env } = await bed().kinit(`rc4@${bed().realm}`, { password: "rc4-password" });
      const arrival = await arrive(env, target());
      const context = createAcceptor({ keytab: fs.readFileSync(keys()), enctypes });
      expect(await failureOf(context.step(await arrival.peer.receiveToken()))).toMatchObject({
        code: "ETYPE_NOT_PERMITTED",
        message: expect.stringContaining("arcfourTokens()"),
      });
      arrival.close();
      await arrival.program;
    });
  });
});
