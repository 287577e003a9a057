// A replica with an old database beside the primary KDC: krb5kdc twice, on two copies of a database. Here and with kinit.

import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import { type ClientOptions, createClient, KerberosError, type TraceEvent } from "../../src/entry/index.ts";
import { startMitBed } from "../../tools/beds/index.mjs";
import { describeLive, useBed } from "../support/live.ts";

describeLive("mit", "a replica with an old database beside the primary KDC", () => {
  const bed = useBed(async () => {
    const primary = await startMitBed({ fresh: true });
    const replica = await primary.startKdc({ isReplica: true });
    await primary.kadmin("cpw -pw new-password alice\naddprinc -pw young-password +requires_preauth young\n");
    const confOf = (name: string, primaries: string): string => {
      const kdc = `kdc = 127.0.0.1:${replica.port}\n${primaries}`;
      const text = readFileSync(primary.krb5Conf, "utf8").replace(/^\s*kdc = .*$/m, kdc);
      writeFileSync(path.join(primary.dir, name), text);
      return path.join(primary.dir, name);
    };
    // By another name: MIT compares those, and not the ports.
    const named = `  primary_kdc = localhost:${primary.port}`;
    return {
      ...primary,
      replica,
      both: confOf("both.krb5.conf", named),
      older: confOf("older.krb5.conf", named.replace("primary", "master")),
      alone: confOf("alone.krb5.conf", ""),
      close: () => primary.close(),
    };
  });

  async function logIn(conf: string, name: string, password: string, more: Partial<ClientOptions> = {}) {
    const ports: number[] = [];
    const onTrace = (event: TraceEvent): void => {
      if (event.type === "kdc-request") ports.push(Number(event.endpoint.split(":").at(-1)));
    };
    const { realm } = bed();
    const credentials = { principal: `${name}@${realm}`, password };
    const client = createClient({ credentials, config: { files: [conf] }, dns: false, onTrace, ...more });
    const error = await client.getTicket(`krbtgt/${realm}@${realm}`).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (error !== undefined) expect(error).toBeInstanceOf(KerberosError);
    const isPrimary = ports.map((port) => port === bed().port);
    return { code: (error as KerberosError | undefined)?.code, isPrimary };
  }

  it.each(["both", "older"] as const)(
    "a changed password and a new principal are those of the primary (%s)",
    async (conf) => {
      for (const [name, password] of [
        ["alice", "new-password"],
        ["young", "young-password"],
      ] as const) {
        const { code, isPrimary } = await logIn(bed()[conf], name, password);
        expect(code).toBeUndefined();
        expect(isPrimary.slice(0, 1)).toEqual([false]);
        expect(isPrimary.slice(-2)).toEqual([true, true]);
        expect((await bed().kinit(name, { password }, { krb5Conf: bed()[conf] })).status).toBe(0);
      }
    },
  );

  it("a wrong password is asked of both, once, and counts at each", async () => {
    const { code, isPrimary } = await logIn(bed().both, "bob", "wrong");
    expect(code).toBe("WRONG_PASSWORD");
    expect(isPrimary).toEqual([false, false, true, true]);
  });

  it("without a primary the replica's answer is final, as with kinit", async () => {
    const { code, isPrimary } = await logIn(bed().alone, "alice", "new-password");
    expect(code).toBe("WRONG_PASSWORD");
    expect(isPrimary).toEqual([false, false]);
    const { status } = await bed().kinit("alice", { password: "new-password" }, { krb5Conf: bed().alone });
    expect(status).not.toBe(0);
  });

  it("an account that is locked is asked of nobody else", async () => {
    const { code, isPrimary } = await logIn(bed().both, "locked", "locked-password");
    expect(code).toBe("CLIENT_LOCKED");
    expect(isPrimary).toEqual([false]);
  });
});
