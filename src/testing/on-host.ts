import { chooseProvider } from "../crypto/index.ts";
import { detectRuntime } from "../runtime/index.ts";
import { createRealm, type TestRealm, type TestRealmOptions } from "./realm.ts";

/**
 * Makes a test realm with its KDC (RFC 4120 sections 3.1 and 3.3). It is ready at once for {@link TestRealm.handle} and
 * {@link TestRealm.dial}; {@link TestRealm.listen} opens loopback sockets.
 *
 * Throws `TypeError` or `RangeError` for options that make no realm.
 *
 * ```ts
 * await using realm = await createTestRealm({
 *   realm: "TEST.EXAMPLE",
 *   principals: { alice: { password: "secret" }, "host/localhost": {} },
 * });
 * await realm.listen();
 * const keytab = realm.keytab("host/localhost");
 * ```
 */
export async function createTestRealm(options: TestRealmOptions): Promise<TestRealm> {
  const runtime = detectRuntime();
  return createRealm(options, { runtime, provider: await chooseProvider(runtime) });
}
