// Two entries that a program bundled apart, or two copies of the package in one process: what one throws, the other knows.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { rolldown } from "rolldown";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestRealm, type TestRealm } from "../../../src/entry/testing.ts";
import { flip } from "../gssapi/pair.ts";

type Main = typeof import("../../../src/entry/index.ts");
type Lean = typeof import("../../../src/entry/lean.ts");
type Gss = typeof import("../../../src/entry/gssapi.ts");

let directory: string;
let main: Main;
let lean: Lean;
let gss: Gss;
let realm: TestRealm;

async function load<Module>(entry: string): Promise<Module> {
  const file = path.join(directory, `${entry}.mjs`);
  const input = path.join(import.meta.dirname, "../../../src/entry", `${entry}.ts`);
  const build = await rolldown({ input, platform: "node", logLevel: "silent", external: ["cloudflare:sockets"] });
  await build.write({ file, format: "esm", codeSplitting: false });
  await build.close();
  return (await import(file)) as Module;
}

beforeAll(async () => {
  directory = mkdtempSync(path.join(tmpdir(), "krb5-remctl-copies-"));
  [main, lean, gss] = await Promise.all([load<Main>("index"), load<Lean>("lean"), load<Gss>("gssapi")]);
  realm = await createTestRealm({
    realm: "TEST.EXAMPLE",
    principals: { alice: { password: "secret" }, "host/localhost": {} },
  });
}, 60_000);
afterAll(async () => {
  await realm.close();
  rmSync(directory, { recursive: true, force: true });
});

const login = (password = "secret") => ({
  credentials: { principal: "alice@TEST.EXAMPLE", password },
  kdc: realm.kdc,
  dial: realm.dial,
});

async function thrown(promise: Promise<unknown>): Promise<unknown> {
  return await promise.then(
    () => expect.fail("it did not fail"),
    (error: unknown) => error,
  );
}

describe("an error of another copy", () => {
  it("that the lean entry threw is known by main, where instanceof does not know it", async () => {
    const error = await thrown(lean.createClient(login("wrong")).getTicket("host/localhost"));
    expect(error).not.toBeInstanceOf(main.KerberosError);
    if (!main.isKerberosError(error)) return expect.fail("it is not known");
    expect([error.code, error.name]).toEqual(["WRONG_PASSWORD", "PreauthError"]);
    expect(main.isSafeToRetry(error)).toBe(false);
  });

  it("that a dial of the caller's throws goes through as it is, with its state", async () => {
    const own = new main.TransportError("CONNECT", "the tunnel is down");
    const client = lean.createClient({ ...login(), dial: () => Promise.reject(own) });
    const error = await thrown(client.remctl("localhost", ["a", "b"]));
    const told = main.isKerberosError(error) ? error : expect.fail("it is not known");
    expect(told.commandState).toBe("not-sent");
    expect([told, told.cause]).toContain(own);
    expect(main.isSafeToRetry(told)).toBe(true);
  });

  it("that a source of the caller's throws ends a command of main as its own would", async () => {
    const own = new gss.GssError("GSS", "GSS_S_FAILURE", "from elsewhere");
    const credentials = {
      kind: "vault",
      open: () => Promise.reject(own),
    };
    const client = main.createClient({ credentials: credentials as never, kdc: realm.kdc, dial: realm.dial });
    const error = await thrown(client.remctl("localhost", ["a", "b"]));
    expect(error).toBe(own);
    expect(own.commandState).toBe("not-sent");
  });

  it("that the keys of another copy throw is a failed proof to a context, and not a fault", async () => {
    const client = main.createClient(login());
    const target = "host/localhost@TEST.EXAMPLE";
    const options = { target, credential: client, enctypes: await client.loadEncTypes?.() };
    const initiator = gss.createInitiator(options as never);
    const acceptor = gss.createAcceptor({ keytab: realm.keytab("host/localhost") });
    const reply = (await acceptor.step(await initiator.step())) as Uint8Array;
    const error = await thrown(initiator.step(flip(reply, reply.length - 1, 1)));
    const told = main.isKerberosError(error) ? error : expect.fail("it is not known");
    expect([told.code, told.name, told.major]).toEqual(["INTEGRITY", "CryptoError", "GSS_S_FAILURE"]);
    expect(told.message).toContain("has not proven that it has its key");
  });
});
