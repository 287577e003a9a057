import { chooseProvider } from "../crypto/index.ts";
import { detectRuntime } from "../runtime/index.ts";
import { createRealm, type TestRealmOptions } from "./create-realm.ts";
import type { TestRealm } from "./realm.ts";

/**
 * Makes a test realm with its KDC (RFC 4120 sections 3.1 and 3.3). {@link TestRealm.handle} and {@link TestRealm.dial}
 * work at once; {@link TestRealm.listen} opens loopback sockets.
 *
 * @param options the realm's name, its principals and its policy
 * @returns the realm, with the keys of its principals made
 * @throws TypeError or RangeError for options that make no realm: the caller's mistake
 * @example
 * ```ts
 * import { createTestRealm } from "krb5-remctl/testing";
 *
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
