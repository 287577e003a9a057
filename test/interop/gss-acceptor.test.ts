// libgssapi's initiator against createAcceptor.

import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { createAcceptor, type KerberosError, type SecurityContext } from "../../src/entry/gssapi.ts";
import { acceptorData, startMitBed } from "../../tools/beds/index.mjs";
import { ALL_FLAGS as ALL, type Arrival, arrive } from "../support/gss-arrival.ts";
import { converse, sha256 } from "../support/gss-peer.ts";
import { describeLive, useBed } from "../support/live.ts";

const ENCTYPES = { "aes128-sha1": 17, "aes256-sha1": 18, "aes128-sha2": 19, "aes256-sha2": 20 } as const;
const FLAGS = { mutual: 2, replay: 4, sequence: 8, confidentiality: 16, integrity: 32 } as const;

async function accept(context: SecurityContext, { peer }: Arrival): Promise<void> {
  const reply = await context.step(await peer.receiveToken());
  if (reply !== undefined) peer.sendToken(reply);
}

describeLive(["mit", "python-gssapi"], "createAcceptor and libgssapi's initiator", () => {
  const bed = useBed(() => startMitBed());
  const target = () => `host/localhost@${bed().realm}`;
  const keytab = () => new Uint8Array(readFileSync(bed().keytab.service));

  for (const [name, etype] of Object.entries(ENCTYPES)) {
    it(`sealed, unsealed and MIC both ways, 0 octets to 1 MB, under ${name}`, { timeout: 60_000 }, async () => {
      const kdc = await bed().startKdc({ permittedEnctypes: [name as keyof typeof ENCTYPES] });
      try {
        const user = `bob-${name.replace("-", "")}`;
        const secret = { password: bed().passwords[user] as string };
        const { env } = await bed().kinit(`${user}@${bed().realm}`, secret, { krb5Conf: kdc.krb5Conf });
        const arrival = await arrive(env, target());
        const context = createAcceptor({ keytab: keytab() });
        await accept(context, arrival);
        expect(context.etype).toBe(etype);
        expect(context.peer?.components).toEqual([user]);
        expect(context.self?.components).toEqual(["host", "localhost"]);
        expect(context.flags).toMatchObject({ mutual: true, replay: true, sequence: true, confidentiality: true });
        await converse(context, arrival.peer);
        arrival.close();
        expect(await arrival.program).toMatchObject({ status: 0 });
      } finally {
        await kdc.close();
      }
    });
  }

  const login = () => bed().kinit(`alice@${bed().realm}`, { password: bed().passwords.alice as string });

  it("without mutual authentication", async () => {
    const { env } = await login();
    const arrival = await arrive(env, target(), { flags: ALL & ~FLAGS.mutual });
    const context = createAcceptor({ keytab: keytab() });
    expect(await context.step(await arrival.peer.receiveToken())).toBeUndefined();
    expect(context.flags.mutual).toBe(false);
    await converse(context, arrival.peer);
    arrival.close();
    await arrival.program;
  });

  it("channel bindings: the same are accepted, other ones and none are refused and the initiator hears of it", async () => {
    const { env } = await login();
    const bindings = acceptorData(20);
    const same = await arrive(env, target(), { bindings });
    const context = createAcceptor({ keytab: keytab(), channelBindings: bindings });
    await accept(context, same);
    const data = acceptorData(100);
    expect(await same.peer.askForFacts("W", context.wrap(data))).toMatchObject({ sha256: sha256(data) });
    same.close();
    await same.program;

    for (const other of [{ bindings: acceptorData(21) }, {}]) {
      const arrival = await arrive(env, target(), other);
      const strict = createAcceptor({ keytab: keytab(), channelBindings: bindings });
      const error = await strict.step(await arrival.peer.receiveToken()).then(
        () => expect.fail("it was accepted"),
        (reason: KerberosError) => reason,
      );
      expect(error.code).toBe("GSS_BAD_BINDINGS");
      arrival.peer.sendToken(error.token as Uint8Array);
      expect(await arrival.program).toMatchObject({ status: 1 });
      arrival.close();
    }
  });

  it("a key that is not in the keytab: libgssapi reads the error token and says what it says", async () => {
    const { env } = await login();
    const old = new Uint8Array(readFileSync(bed().keytab.oldService));
    for (const [host, words] of [
      ["localhost", "The ticket isn't for us"],
      ["changed", "Key version is not available"],
      ["replaced", "Decrypt integrity check failed"],
    ] as const) {
      const arrival = await arrive(env, `host/${host}@${bed().realm}`);
      const error = await createAcceptor({ keytab: old })
        .step(await arrival.peer.receiveToken())
        .then(
          () => expect.fail("it was accepted"),
          (reason: KerberosError) => reason,
        );
      expect(error.code).toBe(host === "localhost" ? "SERVER_REJECTED_TICKET" : "SERVER_KEY_CHANGED");
      arrival.peer.sendToken(error.token as Uint8Array);
      const { status, text } = await arrival.program;
      expect(status).toBe(1);
      expect(text).toContain(words);
      arrival.close();
    }
  });
});
