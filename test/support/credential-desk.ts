// A host for tests of credentials: a folder a test, files in it, variables and a configuration, and what the trace notes.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach } from "vitest";
import type { CredentialHost } from "../../src/client/credentials/credential-source.ts";
import { createKerberos, type TraceEvent } from "../../src/entry/index.ts";
import { createTestRealm, type TestRealm } from "../../src/entry/testing.ts";

export const REALM = "TEST.EXAMPLE";

export interface CredentialDesk {
  readonly realm: TestRealm;
  /** The folder of the test that runs. */
  readonly dir: string;
  /** What the trace noted in it. */
  readonly notes: string[];
  /** Writes a file into the folder, and gives its path. */
  put(file: string, octets: string | Uint8Array): string;
  /** The host of this process with other variables and another configuration. */
  hostOf(env: Record<string, string>, more?: object, config?: string): Promise<CredentialHost>;
}

/** For one file of tests: it makes the folders before each test and removes them at the end. */
export async function credentialDesk(): Promise<CredentialDesk> {
  const realm = await createTestRealm({
    realm: REALM,
    principals: { alice: { password: "a" }, robot: { password: "r" }, "host/server": {} },
  });
  const root = mkdtempSync(join(tmpdir(), "credential-desk-"));
  const notes: string[] = [];
  let count = 0;
  let dir = "";
  afterAll(() => rmSync(root, { recursive: true }));
  beforeEach(() => {
    dir = join(root, String(count++));
    mkdirSync(dir, { mode: 0o700 });
    notes.length = 0;
  });
  return {
    realm,
    notes,
    get dir() {
      return dir;
    },
    put: (file, octets) => {
      writeFileSync(join(dir, file), octets, { mode: 0o600 });
      return join(dir, file);
    },
    hostOf: async (env, more = {}, config = `[libdefaults]\n default_realm = ${REALM}\n`) => {
      const own = await createKerberos({ config }).host();
      const onTrace = (event: TraceEvent): void => {
        if (event.type === "note") notes.push(event.text);
      };
      const { uid, ...rest } = own.environment as { uid?: number };
      const environment = { ...(uid === undefined ? {} : { uid }), ...rest, env };
      return { ...own, environment, onTrace, ...more } as CredentialHost;
    },
  };
}

export async function failureOf(promise: Promise<unknown>): Promise<Error & { code?: string; reason?: string }> {
  return (await promise.then(
    () => new Error("it did not fail"),
    (error: unknown) => error,
  )) as Error;
}
