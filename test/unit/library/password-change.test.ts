// A password server that cannot be reached, and one that says nothing: only of the first it is known that nothing was done.

import { expect, it } from "vitest";
import { createClient, type TransportError } from "../../../src/entry/index.ts";
import { createTestRealm } from "../../../src/entry/testing.ts";

const KPASSWD = 464;

async function failure(atServer: () => Promise<never>, kpasswd: readonly string[]): Promise<TransportError> {
  const realm = await createTestRealm({ realm: "TEST.EXAMPLE", principals: { alice: { password: "secret" } } });
  const client = createClient({
    credentials: { principal: "alice@TEST.EXAMPLE", password: "secret" },
    kdc: realm.kdc,
    kpasswd,
    kdcTimeoutMs: 500,
    dial: (host, port, options) => (port === KPASSWD ? atServer() : realm.dial(host, port, options)),
  });
  try {
    return await client.changePassword("a new password").then(
      () => expect.unreachable(),
      (error: unknown) => error as TransportError,
    );
  } finally {
    await realm.close();
  }
}

const failing = (code: string) => async () => {
  throw Object.assign(new Error(`connect ${code}`), { code });
};

it.each(["ECONNREFUSED", "ENOTFOUND", "EHOSTUNREACH", "ENETUNREACH"])(
  "%s at every server: nothing was sent, and the password is as it was",
  async (code) => {
    const error = await failure(failing(code), ["tcp://192.0.2.1", "tcp://192.0.2.2"]);
    expect(error).toMatchObject({ code: "KDC_UNREACHABLE", commandState: "not-sent" });
    expect(error.message).toMatch(/^no password server of TEST\.EXAMPLE can be reached, and the password is as it was/);
    expect(error.attempts).toHaveLength(2);
  },
);

it.each([
  ["silent", () => new Promise<never>(() => {})],
  ["closed", failing("ECONNRESET")],
])("one that is %s, beside one that refuses: the password may be changed", async (_, second) => {
  const servers = [failing("ECONNREFUSED"), second];
  const error = await failure(() => (servers.shift() ?? second)(), ["tcp://192.0.2.1", "tcp://192.0.2.2"]);
  expect(error).toMatchObject({ code: "KDC_UNREACHABLE", commandState: "maybe-executed" });
  expect(error.message).toMatch(/^no password server of TEST\.EXAMPLE answered; if one was reached/);
});
