// A Worker's requests: one abandoned midway, ten at once, a hundred; connections, logins and CPU counted.

import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createClient, type KerberosError } from "../../src/entry/index.ts";
import { startMitBed, startRemctld } from "../../tools/beds/index.mjs";
import { useBed, wholeTable } from "../support/live.ts";
import { describeRuntimes } from "../support/runtimes.ts";
import { type Bundle, bundleProgram } from "./build.ts";
import { CountingProxies } from "./counting-proxy.ts";
import { startWorkerd, type Workerd } from "./workerd.ts";

/** Each entry's client, on a Worker that has what it needs, with accounts that it must not lock. */
const entries = [
  { entry: "krb5-remctl", isNodeCompatible: false, victims: ["main-calls", "main-requests"] },
  { entry: "lean", isNodeCompatible: false, victims: ["lean-calls", "lean-requests"] },
  { entry: "lean/node", isNodeCompatible: true, victims: ["node-calls", "node-requests"] },
] as const;

async function startAll() {
  const strict = ["lockable", ...entries.flatMap(({ victims }) => victims)];
  // Five failed proofs lock an account of this policy.
  const bed = await startMitBed({
    principals: [
      "addpol -maxfailure 5 strict",
      ...strict.map((name) => `addprinc -policy strict -pw right-${name} +requires_preauth ${name}`),
    ].join("\n"),
  });
  const remctld = await startRemctld({ bed });
  return {
    bed,
    remctld,
    close: async () => {
      await remctld.close();
      await bed.close();
    },
  };
}

/** Milliseconds of CPU that a process has used. */
function cpuMs(pid: number): number {
  const text = fs.readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  // utime and stime, in hundredths of a second.
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** A Worker that has one entry's client, a new one for each test, and what it asks of the KDC. */
function useWorker(
  all: () => Awaited<ReturnType<typeof startAll>>,
  { entry, isNodeCompatible }: (typeof entries)[number],
) {
  let directory: string;
  let worker: Bundle;
  let proxies: CountingProxies;
  let workerd: Workerd;
  let config: object;
  let loginsBefore = 0;

  const start = (settings: object): Promise<Workerd> =>
    startWorkerd({
      module: worker.file,
      isNodeCompatible,
      bindings: { CONFIG: JSON.stringify(settings) },
    });

  beforeAll(async () => {
    directory = fs.mkdtempSync(path.join(os.tmpdir(), "krb5-remctl-requests-"));
    worker = await bundleProgram("portable/requests-worker.ts", directory);
  });

  afterAll(() => {
    fs.rmSync(directory, { recursive: true, force: true });
  });

  /** Logins that the KDC has granted. */
  const logins = (): number =>
    all()
      .bed.logs()
      .match(/AS_REQ .*: ISSUE: /g)?.length ?? 0;

  beforeEach(async () => {
    const { bed, remctld } = all();
    proxies = new CountingProxies();
    config = {
      entry,
      principal: `alice@${bed.realm}`,
      password: bed.passwords.alice,
      kdc: [`tcp://127.0.0.1:${await proxies.listen(bed.port)}`],
      host: "127.0.0.1",
      port: await proxies.listen(remctld.port),
      service: remctld.service,
    };
    workerd = await start(config);
    loginsBefore = logins();
  });

  afterEach(async () => {
    proxies.close();
    await workerd.close();
  });

  const get = async (where: string, signal?: AbortSignal): Promise<unknown> => {
    const response = await fetch(`${workerd.url}${where}`, signal === undefined ? {} : { signal });
    const body = await response.text();
    if (!response.ok) throw new Error(`${body}\n${workerd.logs()}`);
    return JSON.parse(body);
  };

  return {
    get,
    get proxies() {
      return proxies;
    },
    get pid() {
      return workerd.pid;
    },
    logins: () => logins() - loginsBefore,
    /** Starts it anew, as another client. */
    async restart(more: object) {
      await workerd.close();
      workerd = await start({ ...config, ...more });
    },
  };
}

const measured: string[] = [];

describeRuntimes("requests of a Worker", () => {
  const all = useBed(startAll);

  describe.each(wholeTable ? entries : entries.slice(0, 1))("with the client of $entry", (row) => {
    const worker = useWorker(all, row);
    const { get, logins } = worker;
    it.runIf(wholeTable)(
      "a login that its request abandons midway: every later request succeeds",
      async () => {
        worker.proxies.delayMs = 400;
        expect(await get("/abandon?after=100")).toBe("abandoned");
        // Connections to KDC and server are opened at once (RT9), four at most.
        expect(worker.proxies.total).toBeLessThanOrEqual(4);
        const waiting = [get("/command"), get("/command")];
        worker.proxies.delayMs = 0;
        expect(await Promise.all(waiting)).toEqual(Array(2).fill("hello world\n"));
        for (let count = 0; count < 3; count++) expect(await get("/command")).toBe("hello world\n");
        // It was cut off for good, and one of the others logged in.
        expect([await get("/finished"), logins()]).toEqual([0, 1]);
        // Its turn lasts to its deadline, twice 10 s: a login begun sooner could be a second failed one.
      },
      40_000,
    );

    it("a client that goes away midway holds up nobody", async () => {
      worker.proxies.delayMs = 300;
      const controller = new AbortController();
      const abandoned = get("/command", controller.signal);
      setTimeout(() => controller.abort(), 150);
      await expect(abandoned).rejects.toMatchObject({ name: "AbortError" });
      worker.proxies.delayMs = 0;
      expect(await Promise.all([get("/command"), get("/command")])).toEqual(Array(2).fill("hello world\n"));
    });

    it("commands abandoned midway, in any number, hold up nobody", async () => {
      expect(await get("/command")).toBe("hello world\n");
      worker.proxies.delayMs = 300;
      await Promise.all(Array.from({ length: 12 }, () => get("/abandon?count=6&after=100")));
      worker.proxies.delayMs = 0;
      expect(await Promise.all(Array.from({ length: 5 }, () => get("/command")))).toEqual(
        Array(5).fill("hello world\n"),
      );
      expect(await get("/finished")).toBe(0);
    });

    it("ten commands at once in one request: four connections and no more, one login", async () => {
      worker.proxies.delayMs = 20;
      expect(await get("/at-once?count=10")).toEqual(Array(10).fill("hello world\n"));
      expect(worker.proxies.most).toBe(4);
      expect(logins()).toBe(1);
    });

    it("a pool and a run on many hosts keep to four connections too", async () => {
      worker.proxies.delayMs = 20;
      expect(await get("/pool?count=10")).toEqual(Array(10).fill("hello world\n"));
      expect(worker.proxies.most).toBeLessThanOrEqual(4);
      expect(await get("/hosts?count=10")).toEqual([10, []]);
      expect(worker.proxies.most).toBeLessThanOrEqual(4);
    });

    it("ten requests at once: one connection each, three for the one login, and no more", async () => {
      worker.proxies.delayMs = 20;
      const requests = Array.from({ length: 10 }, () => get("/command"));
      expect(await Promise.all(requests)).toEqual(Array(10).fill("hello world\n"));
      // A command's each, and the three of the login: two messages and the service ticket, opened at once (RT9).
      expect(worker.proxies.total).toBe(13);
      expect(logins()).toBe(1);
    });

    it.runIf(wholeTable)(
      "a hundred requests, cold, twenty at once: one AS exchange",
      async () => {
        // remctld forks for each and has a short queue: more at once would measure that.
        for (let wave = 0; wave < 5; wave++) {
          const requests = Array.from({ length: 20 }, () => get("/command"));
          expect(await Promise.all(requests)).toEqual(Array(20).fill("hello world\n"));
        }
        expect(logins()).toBe(1);
        // One for each of the login's two messages, one for the service ticket, one for each command.
        expect(worker.proxies.total).toBe(103);
      },
      60_000,
    );

    it.each([
      ["twenty calls in one request", row.victims[0], () => get("/outcomes?count=20")],
      [
        "twenty requests at once",
        row.victims[1],
        async () => (await Promise.all(Array.from({ length: 20 }, () => get("/outcomes?count=1")))).flat(),
      ],
    ] as const)("P11: %s with a wrong password: one failed proof, and no locked account", async (_what, name, run) => {
      const { bed } = all();
      const principal = `${name}@${bed.realm}`;
      await worker.restart({ principal, password: "wrong" });
      expect(await run()).toEqual(Array(20).fill("WRONG_PASSWORD"));
      expect(failedProofs(bed.logs(), principal)).toBe(1);
      await worker.restart({ principal, password: `right-${name}` });
      expect(await get("/command")).toBe("hello world\n");
    });
  });

  it("the policy of those accounts locks one after five failed proofs", async () => {
    const { bed } = all();
    const credentials = { principal: `lockable@${bed.realm}`, password: "wrong" };
    const codes: string[] = [];
    for (let count = 0; count < 6; count++) {
      const ticket = createClient({ credentials, kdc: bed.kdc }).getTicket("host/localhost");
      codes.push(
        await ticket.then(
          () => "",
          (error: KerberosError) => error.code,
        ),
      );
    }
    expect(codes).toEqual([...Array(5).fill("WRONG_PASSWORD"), "CLIENT_LOCKED"]);
  });

  describe.runIf(wholeTable || process.env.KRB5_REMCTL_MEASURE)("what a command costs", () => {
    const worker = useWorker(all, entries[0]);
    const { get } = worker;
    afterAll(() => {
      if (process.env.KRB5_REMCTL_MEASURE) console.log(measured.join("\n"));
    });

    it.each(["password", "keytab"] as const)(
      "CPU with a %s: some milliseconds a command, and the login's",
      async (how) => {
        if (how === "keytab") {
          const { bed } = all();
          const keytab = fs.readFileSync(bed.keytab.robot).toString("base64");
          await worker.restart({ principal: `robot@${bed.realm}`, keytab });
        }
        await get("/provider");
        const before = cpuMs(worker.pid);
        await get("/command");
        const cold = cpuMs(worker.pid) - before;
        for (let count = 0; count < 20; count++) await get("/command");
        const warm = cpuMs(worker.pid);
        for (let count = 0; count < 100; count++) await get("/command");
        const perCommand = (cpuMs(worker.pid) - warm) / 100;
        measured.push(
          `CPU of workerd with a ${how}: first command with its login ${cold} ms, then ${perCommand} ms each`,
        );
        expect(perCommand).toBeLessThan(30);
        expect(cold).toBeLessThan(1_000);
      },
      60_000,
    );

    it("wrap and unwrap without nodejs_compat", async () => {
      expect(await get("/provider")).toBe("noble");
      await get("/wrap?count=500&size=1024");
      for (const size of [64, 1_024, 65_536]) {
        const count = (size > 10_000 ? 10 : 300) * (process.env.KRB5_REMCTL_MEASURE ? 10 : 1);
        const before = cpuMs(worker.pid);
        const start = cpuMs(worker.pid);
        await get(`/wrap?count=1&size=${size}`);
        const overhead = cpuMs(worker.pid) - start;
        expect(await get(`/wrap?count=${count}&size=${size}`)).toBe(count * size);
        const usedMs = Math.max(1, cpuMs(worker.pid) - before - 2 * overhead);
        const each = (usedMs / count) * 1_000;
        measured.push(`wrap and unwrap of ${size} octets: ${each.toFixed(0)} us of CPU`);
        expect(each).toBeLessThan(size > 10_000 ? 60_000 : 3_000);
      }
    }, 60_000);
  });
}, ["mit"]);

/** Proofs of a principal's secret that the KDC has refused. */
function failedProofs(logs: string, principal: string): number {
  return logs.split("\n").filter((line) => /AS_REQ .*: PREAUTH_FAILED: /.test(line) && line.includes(principal)).length;
}
