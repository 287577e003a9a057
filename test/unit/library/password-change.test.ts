// A password server that cannot be reached, and one that says nothing: only of the first it is known that nothing was done.

import { expect, it } from "vitest";
import { createClient, isSafeToRetry, type TransportError } from "../../../src/entry/index.ts";
import { createTestRealm } from "../../../src/entry/testing.ts";
import type { ByteStream } from "../../../src/entry/websocket.ts";
import { createStreamPair } from "../../../src/host/index.ts";
import { createKrbError, principal } from "../../../src/krb5/index.ts";

const KPASSWD = 464;

async function failure(atServer: () => Promise<ByteStream>, kpasswd: readonly string[]): Promise<TransportError> {
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

it("KRB_AP_ERR_REPEAT may be of our own request, which another server has carried out: not safe to try again", async () => {
  const answer = createKrbError(34, principal("TEST.EXAMPLE", ["kadmin", "changepw"]), Date.now());
  const error = await failure(async () => {
    const [here, there] = createStreamPair();
    const [reader, writer] = [there.readable.getReader(), there.writable.getWriter()];
    void (async () => {
      await reader.read();
      await writer.write(Uint8Array.of(0, 0, 0, answer.length, ...answer));
    })();
    return here;
  }, ["tcp://192.0.2.1"]);
  expect(error).toMatchObject({ code: "REPLAY", commandState: "maybe-executed" });
  expect(isSafeToRetry(error)).toBe(false);
});
