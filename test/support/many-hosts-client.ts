// Runs as a process of its own, bundled, with what test/support/many-hosts-servers.ts printed on its stdin: one runOnHosts call, and
// what it took. Arguments: how many hosts at once. Prints one line of JSON.

import { readFileSync, writeFileSync } from "node:fs";
import { createClient, type KerberosError } from "../../src/entry/index.ts";
import type { ManyHosts } from "./many-hosts-servers.ts";

/** What the process prints. */
export interface ManyHostsReport {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly baseMB: number;
  /** The highest resident size during the run less the one before it. */
  readonly growthMB: number;
  /** The same, less the size of a process that has only loaded its code. */
  readonly coldGrowthMB: number;
  readonly logins: number;
  readonly serviceTickets: number;
  readonly mostAtOnce: number;
  readonly right: number;
  /** By the host's fault (`none` without one): each code and state, and how often. */
  readonly failures: Record<string, Record<string, number>>;
  readonly summary: {
    readonly done: number;
    readonly succeeded: number;
    readonly nonZero: number;
    readonly failed: number;
  };
}

const world = JSON.parse(readFileSync(0, "utf8")) as ManyHosts;
const concurrency = Number(process.argv[2] ?? 50);
const tickets = { AS: 0, TGS: 0 };
const start = () =>
  createClient({
    credentials: { principal: `alice@${world.realm}`, password: "secret" },
    kdc: world.kdc,
    connectTimeoutMs: 6_000,
    onTrace: (event) => {
      if (event.type === "ticket" && !event.cached) tickets[event.exchange]++;
    },
  });
const residentKB = (name: string): number =>
  Number(new RegExp(`${name}:\\s+(\\d+)`).exec(readFileSync("/proc/self/status", "utf8"))?.[1]);

const target = (index: number) => {
  const { port, service } = world.hosts[index] as ManyHosts["hosts"][number];
  return { host: "127.0.0.1", port, service };
};
// One wave by another client: what a process takes once, for code that is compiled and a heap that is in use, is no growth by hosts.
const coldKB = residentKB("VmRSS");
const warmUp = start();
const wave = world.hosts.flatMap(({ fault }, index) => (fault === undefined ? [target(index)] : []));
await warmUp.runOnHosts(wave.slice(0, concurrency), ["who", "warm"], { concurrency });
warmUp.close();
Object.assign(tickets, { AS: 0, TGS: 0 });
globalThis.gc?.();
await new Promise((resolve) => setTimeout(resolve, 100));
const baseKB = residentKB("VmRSS");
// The highest size is counted from here.
writeFileSync("/proc/self/clear_refs", "5");
const client = start();

let right = 0;
let mostAtOnce = 0;
const failures: Record<string, Record<string, number>> = {};
const nonce = (index: number): string => `nonce-${index * 7919}`;
const cpu = process.cpuUsage();
const summary = await client.runOnHosts(
  world.hosts.map((_, index) => target(index)),
  ({ port }) => ["who", nonce(world.hosts.findIndex((host) => host.port === port))],
  {
    concurrency,
    onProgress: ({ running }) => {
      mostAtOnce = Math.max(mostAtOnce, running);
    },
    onResult: ({ index, result, error }) => {
      const fault = world.hosts[index]?.fault ?? "none";
      if (error !== undefined) {
        const { code, commandState } = error as KerberosError;
        const counts = failures[fault] ?? {};
        failures[fault] = counts;
        const key = `${code} ${commandState}`;
        counts[key] = (counts[key] ?? 0) + 1;
      } else if (
        fault === "none" &&
        result.status === index % 7 &&
        result.text() === `h${index} alice@${world.realm} ${nonce(index)}\n`.padEnd(200, ".")
      ) {
        right++;
      }
    },
  },
);
const { user, system } = process.cpuUsage(cpu);
const peakKB = residentKB("VmHWM");
const { done, succeeded, nonZero, failed, milliseconds } = summary;
const report: ManyHostsReport = {
  seconds: milliseconds / 1000,
  cpuSeconds: (user + system) / 1e6,
  baseMB: baseKB / 1024,
  growthMB: (peakKB - baseKB) / 1024,
  coldGrowthMB: (peakKB - coldKB) / 1024,
  logins: tickets.AS,
  serviceTickets: tickets.TGS,
  mostAtOnce,
  right,
  failures,
  summary: { done, succeeded, nonZero, failed },
};
console.log(JSON.stringify(report));
