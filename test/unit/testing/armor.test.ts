// Armor that does not do: its ticket has ended, is of another realm, or cannot be had. Nothing goes out without it.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  ccache,
  createClient,
  createKerberos,
  type KerberosOptions,
  password,
  type TraceEvent,
} from "../../../src/entry/index.ts";
import { createTestRealm, type TestRealm } from "../../../src/entry/testing.ts";

const HOURS_MS = 3_600_000;
let realm: TestRealm;
let other: TestRealm;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "krb5-remctl-armor-"));
  const options = {
    preauth: ["encrypted-timestamp", "fast", "encrypted-challenge"],
    principals: { alice: { password: "secret" }, bob: { password: "of bob" }, robot: {} },
  } as const;
  realm = await createTestRealm({ realm: "TEST.EXAMPLE", ...options });
  other = await createTestRealm({ realm: "OTHER.EXAMPLE", ...options });
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await Promise.all([realm.close(), other.close()]);
});

/** A login of alice with the armor of a cache: what comes of it, and which requests went out. */
async function login(from: TestRealm, options: KerberosOptions = {}) {
  const file = path.join(folder, from.realm);
  writeFileSync(file, from.ccache("robot"), { mode: 0o600 });
  const sent: string[] = [];
  const onTrace = (event: TraceEvent): void => {
    if (event.type === "kdc-request") sent.push(`${event.message} ${event.realm}`);
  };
  const kerberos = createKerberos({
    kdc: realm.kdc,
    dial: realm.dial,
    armor: ccache(`FILE:${file}`),
    onTrace,
    ...options,
  });
  const result = await kerberos.login(password("alice@TEST.EXAMPLE", "secret")).then(
    ({ preauthType }) => String(preauthType),
    (error: Error & { readonly code?: string }) => `${error.code}: ${error.message}`,
  );
  return { result, sent };
}

it("an armor of the realm is taken", async () => {
  expect(await login(realm)).toEqual({ result: "138", sent: ["AS-REQ TEST.EXAMPLE", "AS-REQ TEST.EXAMPLE"] });
});

it("an armor whose ticket has ended is refused before anything is sent", async () => {
  const { result, sent } = await login(realm, { now: () => Date.now() + 11 * HOURS_MS });
  expect(result).toMatch(/^TICKET_EXPIRED: the tickets of robot@TEST\.EXAMPLE in .* ended at .*: log in with kinit$/);
  expect(sent).toEqual([]);
  // Where FAST is taken up as it is offered, the login goes on without.
  const offered = await login(realm, { now: () => Date.now() + 11 * HOURS_MS, armorPolicy: "if-offered" });
  expect(offered).toEqual({ result: "2", sent: ["AS-REQ TEST.EXAMPLE", "AS-REQ TEST.EXAMPLE"] });
});

it("an armor of another realm is refused, and nothing goes out without it", async () => {
  const words =
    /^NO_CREDENTIAL: the armor is of another realm, and gets no .* for TEST\.EXAMPLE .*: give an armor of TEST/;
  const unknown = await login(other);
  expect(unknown.result).toMatch(words);
  expect(unknown.sent).toEqual([]);
  // Its KDC is known, and does not trust ours.
  const dial: TestRealm["dial"] = (host, ...rest) =>
    (String(other.kdc).includes(`//${host}:`) ? other : realm).dial(host, ...rest);
  const kdc = { "TEST.EXAMPLE": realm.kdc, "OTHER.EXAMPLE": other.kdc };
  const untrusted = await login(other, { kdc, dial });
  expect(untrusted.result).toMatch(words);
  expect(new Set(untrusted.sent)).toEqual(new Set(["TGS-REQ OTHER.EXAMPLE"]));
});

it.each([
  [undefined, 2],
  [0, 4],
])(
  "a rejected secret of the armor rests as long as the client's (%s s)",
  async (rejectedSecretRestSeconds, requests) => {
    let sent = 0;
    await using client = createClient({
      kdc: realm.kdc,
      dial: realm.dial,
      credentials: password("alice@TEST.EXAMPLE", "secret"),
      armor: password("bob@TEST.EXAMPLE", "not bob's"),
      rejectedSecretRestSeconds,
      onTrace: ({ type }) => {
        if (type === "kdc-request") sent++;
      },
    });
    for (let i = 0; i < 2; i++) {
      await expect(client.getTicket("host/server@TEST.EXAMPLE")).rejects.toMatchObject({ code: "WRONG_PASSWORD" });
    }
    expect(sent).toBe(requests);
  },
);
