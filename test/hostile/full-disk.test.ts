// A disk that is really full: a small file system in memory, where this machine lets us make one.

import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { CredentialError, Keytab, openCache, readKeytabFile, writeKeytabFile } from "../../src/entry/credentials.ts";
import { parsePrincipal } from "../../src/krb5/index.ts";
import { makeCredential, randomBytes } from "../support/credentials.ts";
import { describeUnless } from "../support/live.ts";

const dir = fs.mkdtempSync(path.join(os.tmpdir(), "full-disk-"));
const { status, stderr } = spawnSync("mount", ["-t", "tmpfs", "-o", "size=64k,mode=700", "tmpfs", dir], {
  encoding: "utf8",
});
const isMounted = status === 0;
afterAll(() => {
  if (isMounted) spawnSync("umount", [dir]);
  fs.rmdirSync(dir);
});

const simulated = isMounted
  ? ""
  : `no small file system can be made here (${stderr?.trim() || "no mount"}); a simulated one is in test/unit/credentials`;

describeUnless(simulated, "on a disk that is full", () => {
  const alice = parsePrincipal("alice@EXAMPLE.ORG");
  const file = path.join(dir, "cc");
  const filler = path.join(dir, "filler");
  const cache = openCache(`FILE:${file}`);
  const small = makeCredential("krbtgt/EXAMPLE.ORG@EXAMPLE.ORG");
  /** Leaves no more than some pages. */
  const fill = (leave: number): void => {
    const descriptor = fs.openSync(filler, "w");
    try {
      for (let i = 0; i < 64; i++) fs.writeSync(descriptor, new Uint8Array(4096));
    } catch {
      // That is what it is for.
    }
    const { size } = fs.fstatSync(descriptor);
    fs.ftruncateSync(descriptor, Math.max(0, size - leave));
    fs.closeSync(descriptor);
  };

  beforeAll(async () => {
    await cache.initialize({ principal: alice, credentials: [small] });
  });

  const failure = async (operation: Promise<unknown>): Promise<CredentialError> => {
    const error = await operation.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(CredentialError);
    return error as CredentialError;
  };

  it.each([0, 4096, 8192])("what was there stays, octet for octet, with %i octets left", async (left) => {
    fill(left);
    const before = fs.readFileSync(file);
    const large = makeCredential("host/x@EXAMPLE.ORG", { ticket: randomBytes(60_000) });
    expect((await failure(cache.store(large))).message).toMatch(/ENOSPC.*free some space/);
    expect(fs.readFileSync(file)).toEqual(before);
    expect((await failure(cache.initialize({ principal: alice, credentials: [large] }))).code).toBe("CCACHE");
    expect(fs.readFileSync(file)).toEqual(before);
    expect(fs.readdirSync(dir).sort()).toEqual(["cc", "filler"]);
    fs.rmSync(filler);
    expect((await cache.read())?.credentials).toHaveLength(1);
  });

  it("a keytab too", async () => {
    const name = path.join(dir, "keytab");
    const entry = (kvno: number) => ({
      principal: alice,
      timestamp: new Date(0),
      kvno,
      keyBlock: { etype: 18, octets: randomBytes(32) },
    });
    await writeKeytabFile(name, new Keytab([entry(1)]));
    const before = fs.readFileSync(name);
    fill(0);
    const many = new Keytab(Array.from({ length: 600 }, (_, at) => entry(at)));
    expect((await failure(writeKeytabFile(name, many))).code).toBe("KEYTAB");
    expect(fs.readFileSync(name)).toEqual(before);
    expect(fs.readdirSync(dir).sort()).toEqual(["cc", "filler", "keytab"]);
    fs.rmSync(filler);
    expect((await readKeytabFile(name)).entries).toHaveLength(1);
  });
});
