// The cache in a key-value store, on a real Redis with a real KDC and as many processes as a cold start has.

import { execFile } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { encodeHex } from "../../src/bytes/index.ts";
import { freePort, startMitBed } from "../../tools/beds/index.mjs";
import { acceptsTcp, makeFolder, removeFolder, startDaemon } from "../../tools/beds/process.mjs";
import { runtimePath } from "../../tools/runtimes/index.mjs";
import { bundle } from "../support/bundle.ts";
import { randomBytes } from "../support/credentials.ts";
import { describeLive, peers, useBed, wholeTable } from "../support/live.ts";
import { renamed, runProgramFile, usePageProject } from "../support/page-project.ts";
import { programOf } from "../support/pages.ts";
import { connectRedis, type RespClient } from "../support/resp-client.ts";
import { describeRuntimes } from "../support/runtimes.ts";

interface Result {
  readonly logins: number;
  readonly tickets?: number;
  readonly code?: string;
  readonly message?: string;
}

/** As many start at once as a platform starts where a hundred requests come; a plain `npm test` has eight. */
const PROCESSES = wholeTable ? 100 : 8;

describeLive(["mit", "redis"], "a cache in Redis", () => {
  const bed = useBed(() => startMitBed());
  const redis = useBed(async () => {
    const port = await freePort();
    const dir = makeFolder("redis");
    const args = ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", dir];
    const daemon = startDaemon(peers.redis.bin("redis-server"), args, { env: peers.redis.env, cwd: dir });
    for (let i = 0; !(await acceptsTcp(port)); i++) {
      if (i === 200 || !daemon.isRunning) throw new Error(`redis-server did not start: ${daemon.output()}`);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    return {
      port,
      close: async () => {
        await daemon.stop();
        removeFolder(dir);
      },
    };
  });
  const project = usePageProject("redis");
  const key = encodeHex(randomBytes(32));
  let dir: string;
  let child: string;
  let client: RespClient | undefined;

  beforeAll(async () => {
    dir = fs.mkdtempSync(path.join(os.tmpdir(), "store-child-"));
    child = await bundle("store-child.ts", dir);
    client = await connectRedis(redis().port);
  });
  afterAll(() => {
    client?.close();
    fs.rmSync(dir, { recursive: true });
  });
  beforeEach(async () => {
    await client?.send("FLUSHALL", []);
  });

  const start = (user: string, password: string): Promise<Result> =>
    new Promise((resolve, reject) => {
      const args = [child, String(redis().port), bed().kdc[0] as string, `${user}@${bed().realm}`, password, key];
      execFile(process.execPath, args, (error, stdout, stderr) => {
        if (error !== null) reject(new Error(stderr, { cause: error }));
        else resolve(JSON.parse(stdout) as Result);
      });
    });
  const startAll = (user: string, password: string) =>
    Promise.all(Array.from({ length: PROCESSES }, () => start(user, password)));
  const asked = (what: RegExp) => bed().logs().match(what)?.length ?? 0;

  it(`lets one of ${PROCESSES} processes that start at once log in`, { timeout: 120_000 }, async () => {
    const issues = () => asked(/AS_REQ .* ISSUE: .*alice@/g);
    const before = issues();
    const results = await startAll("alice", "alice-password");
    expect(results.filter(({ tickets }) => tickets === 1)).toHaveLength(PROCESSES);
    expect(results.reduce((sum, { logins }) => sum + logins, 0)).toBe(1);
    expect(issues() - before).toBe(1);
  });

  it("shows no ticket, no key and no name to who reads the store", async () => {
    expect(await start("alice", "alice-password")).toEqual({ logins: 1, tickets: 1 });
    const names = ["krb5:*"].map(async (pattern) => {
      // KEYS gives a list, which this client does not read: count, then take the one there must be.
      expect(await client?.send("DBSIZE", [])).toBe(1);
      return String(await client?.send("EVAL", ["return redis.call('KEYS', ARGV[1])[1]", "0", pattern]));
    });
    const [name = ""] = await Promise.all(names);
    expect(name).toMatch(/^krb5:[0-9a-f]{32}:cache$/);
    const octets = Buffer.from(String(await client?.send("GET", [name])), "base64");
    expect(octets.length).toBeGreaterThan(400);
    for (const secret of ["alice", "krbtgt", bed().realm]) expect(octets.includes(secret)).toBe(false);
    expect(octets[0]).toBe(2);
    // A Ticket is APPLICATION 1: no such octets with its tkt-vno.
    expect(octets.includes(Buffer.from("a003020105", "hex"))).toBe(false);
    expect(await client?.send("TTL", [name])).toBeGreaterThan(3_600);
    expect(await start("alice", "alice-password")).toEqual({ logins: 0, tickets: 1 });
  });

  it(`makes one failed login of a wrong password in ${PROCESSES} processes`, { timeout: 120_000 }, async () => {
    const failures = () => asked(/AS_REQ .* PREAUTH_FAILED: .*bob@/g);
    const before = failures();
    const results = await startAll("bob", "not the password");
    expect(results.map(({ code }) => code)).toEqual(results.map(() => "WRONG_PASSWORD"));
    expect(results.reduce((sum, { logins }) => sum + logins, 0)).toBe(1);
    expect(failures() - before).toBe(1);
    expect(results.filter(({ message }) => message?.includes("not tried again before"))).toHaveLength(PROCESSES - 1);
    // The right one is another secret, and does not rest.
    expect(await start("bob", "bob-password")).toEqual({ logins: 1, tickets: 1 });
  });

  it.runIf(wholeTable)(
    "P19: a second process proves a keytab's key unasked, once its tickets are gone; a stale key is one failed login",
    async () => {
      await bed().kadmin("addpol -maxfailure 9 counted\naddprinc -policy counted -randkey +requires_preauth later\n");
      const file = path.join(dir, "later.keytab");
      await bed().kadmin(`ktadd -k ${file} later\n`);
      const run = () => start("later", `keytab:${file}`);
      const requests = () => asked(/AS_REQ .*later@/g);
      const endTickets = async () => {
        const script = "for _, k in ipairs(redis.call('KEYS', 'krb5:*:cache')) do redis.call('DEL', k) end return 1";
        await client?.send("EVAL", [script, "0"]);
      };
      const trips: number[] = [];
      for (let n = 0; n < 3; n++) {
        const before = requests();
        expect(await run()).toEqual({ logins: 1, tickets: 1 });
        trips.push(requests() - before);
        await endTickets();
      }
      expect(trips).toEqual([2, 1, 1]);
      // The key is another's now: proven once, then asked, and no process after it proves unasked.
      const failures = async () => /Failed password attempts: (\d+)/.exec(await bed().kadmin("getprinc later\n"))?.[1];
      await bed().kadmin("cpw -randkey later\n");
      expect(await run()).toMatchObject({ logins: 1, code: "KEYTAB" });
      expect(await failures()).toBe("1");
      expect(await client?.send("DBSIZE", [])).toBe(0);
    },
  );

  describeRuntimes("with Bun's own client", () => {
    it.runIf(wholeTable)(
      "the program of docs/credentials.md: the second process logs in no more",
      { timeout: 60_000 },
      async () => {
        const code = renamed(programOf("docs/credentials.md", "redisStore(redis)"), [
          ["alice@EXAMPLE.ORG", `alice@${bed().realm}`],
          ["password },", `password }, kdc: ${JSON.stringify(bed().kdc)},`],
        ]);
        const before = `import { createClient } from "krb5-remctl";
const redis = new Bun.RedisClient("redis://127.0.0.1:${redis().port}");
const [password, sealingKey] = ["alice-password", Buffer.from("${key}", "hex")];\n`;
        const after = `const { client: who } = await client.getTicket("host/localhost@${bed().realm}");
console.log(who.components.join());
redis.close();\n`;
        const file = project().write(before + code + after);
        const issues = () => asked(/AS_REQ .* ISSUE: .*alice@/g);
        const start = issues();
        for (let process = 0; process < 2; process++) {
          const { stdout, stderr } = await runProgramFile(runtimePath("bun"), [file]);
          expect([stdout, stderr]).toEqual(["alice\n", ""]);
        }
        expect(issues() - start).toBe(1);
      },
    );
  });
});
