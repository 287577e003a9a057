// kinit -R where the KDC's clock is another, and a program reads the cache meanwhile.

import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { decodeCcacheFile } from "../../../src/credentials/index.ts";
import { createTestRealm } from "../../../src/entry/testing.ts";
import { detectRuntime } from "../../../src/runtime/index.ts";
import { runCli } from "../../support/cli.ts";

it.each(["-R", "-R -V"])(
  "kinit %s keeps the offset of the KDC's clock, and leaves no cache without a ticket",
  async (how) => {
    const root = fs.mkdtempSync(path.join(os.tmpdir(), "krb5-remctl-renewal-"));
    const realm = await createTestRealm({
      realm: "EXAMPLE.TEST",
      principals: { robot: { password: "robot-password" }, "host/a": {} },
      renewLifetimeSeconds: 36_000,
      clockOffsetSeconds: 3_600,
    });
    await realm.listen();
    onTestFinished(async () => {
      await realm.close();
      fs.rmSync(root, { recursive: true, force: true });
    });
    const file = (name: string): string => path.join(root, name);
    fs.writeFileSync(file("krb5.conf"), realm.krb5Conf());
    fs.writeFileSync(file("robot"), realm.keytab("robot"));
    const env = { KRB5_CONFIG: file("krb5.conf"), KRB5CCNAME: `FILE:${file("cache")}` };
    const read = () => decodeCcacheFile(new Uint8Array(fs.readFileSync(file("cache"))));
    expect((await runCli(["kinit", "-k", "-t", file("robot"), "-r", "9h", "robot"], { env })).status).toBe(0);
    const offset = read().clockOffsetMs;
    expect(Math.round((offset ?? 0) / 1_000)).toBeGreaterThan(3_590);

    const runtime = detectRuntime();
    const tickets: number[] = [];
    const files = runtime.files?.() as NonNullable<ReturnType<NonNullable<typeof runtime.files>>>;
    const watched = Object.assign(Object.create(files) as typeof files, {
      rename: async (from: string, to: string) => {
        await files.rename(from, to);
        tickets.push(read().credentials.length);
      },
    });
    const { status, stderr } = await runCli(["kinit", ...how.split(" ")], {
      env,
      runtime: Object.assign(Object.create(runtime), { files: () => watched }),
    });
    expect([status, stderr.includes("Initialized cache\nStored credentials\n")]).toEqual([0, how === "-R -V"]);
    expect(tickets).toEqual([1]);
    expect(read().clockOffsetMs).toBe(offset);
    expect((await runCli(["kvno", "host/a"], { env })).status).toBe(0);
  },
);
