// verifyPassword against real KDCs, and against one that poses as the realm's and knows the password.

import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { formatPrincipal, KerberosError, type VerifyPasswordOptions, verifyPassword } from "../../src/entry/index.ts";
import { startHeimdalBed, startMitBed } from "../../tools/beds/index.mjs";
import { describeLive, useBed } from "../support/live.ts";
import { rejectedWith } from "../support/rejected.ts";

interface Bed {
  readonly realm: string;
  readonly kdc: readonly string[];
  readonly passwords: Record<string, string>;
  readonly keytab: { readonly service: string };
}

const failure = rejectedWith(KerberosError);

const check = (bed: Bed, name: string, secret: string, more: Partial<VerifyPasswordOptions> = {}) =>
  verifyPassword(name, secret, {
    keytab: bed.keytab.service,
    realms: [bed.realm],
    kdc: { [bed.realm]: bed.kdc },
    ...more,
  });

function suite(bed: () => Bed, spoofed: () => Bed): void {
  it("VP1: takes the right password, and gives the principal", async () => {
    const secret = bed().passwords.alice as string;
    for (const name of ["alice", `alice@${bed().realm}`]) {
      expect(formatPrincipal((await check(bed(), name, secret)).principal)).toBe(`alice@${bed().realm}`);
    }
    const keytab = new Uint8Array(readFileSync(bed().keytab.service));
    await check(bed(), "alice", secret, { keytab, service: `HTTP/localhost@${bed().realm}` });
  });

  it("refuses a wrong one, also right after the right one, and an unknown person", async () => {
    await check(bed(), "alice", bed().passwords.alice as string);
    expect((await failure(check(bed(), "alice", "wrong"))).code).toBe("WRONG_PASSWORD");
    expect((await failure(check(bed(), "nobody", "wrong"))).code).toBe("CLIENT_UNKNOWN");
    await check(bed(), "alice", bed().passwords.alice as string);
  });

  it("tells apart a password that has ended", async () => {
    expect((await failure(check(bed(), "pwexpired", bed().passwords.pwexpired as string))).code).toBe(
      "PASSWORD_EXPIRED",
    );
  });

  it("VP1: refuses a KDC that poses as the realm's and knows the password", async () => {
    const kdc = { [bed().realm]: spoofed().kdc };
    const error = await failure(check(bed(), "alice", spoofed().passwords.alice as string, { kdc }));
    expect(error).toMatchObject({ code: "REPLY_MODIFIED", message: expect.stringContaining("did not prove") });
    // With the false KDC's own keytab it would pass: what tells them apart is the key.
    await check(spoofed(), "alice", spoofed().passwords.alice as string, { kdc });
  });
}

describeLive("mit", "verifyPassword at MIT", () => {
  const bed = useBed(() => startMitBed());
  const spoofed = useBed(() => startMitBed({ fresh: true }));
  suite(bed, spoofed);

  it("tells apart an account that has ended, or is locked", async () => {
    expect((await failure(check(bed(), "expired", bed().passwords.expired as string))).code).toBe("CLIENT_EXPIRED");
    expect((await failure(check(bed(), "locked", bed().passwords.locked as string))).code).toBe("CLIENT_LOCKED");
  });
});

describeLive("heimdal", "verifyPassword at Heimdal", () => {
  const bed = useBed(() => startHeimdalBed());
  const spoofed = useBed(() => startHeimdalBed({ fresh: true }));
  suite(bed, spoofed);
});
