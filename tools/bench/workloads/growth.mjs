// How the cost grows: time and memory of our side against output, hosts, commands and tickets. Straight lines are wanted: what
// one more costs is the same at both ends.

import { formatRate, megabytes } from "../bench.mjs";
import { clientOf, load } from "../library.mjs";
import { askOurs } from "../side.mjs";
import { quantile } from "../stats.mjs";

/** How much dearer one may be at the greatest size than at the size before it. */
const STRAIGHT = 1.5;
const KB = 1024;
const MB = 1024 * KB;

const series = [
  {
    operation: "output",
    title: "output of one command",
    sizes: [KB, 64 * KB, MB, 16 * MB, 256 * MB, 1024 * MB],
    quickest: 4,
    unit: KB,
    name: (/** @type {number} */ n) => (n < MB ? `${n / KB} KB` : n < 1024 * MB ? `${n / MB} MB` : "1 GB"),
  },
  { operation: "hosts", title: "hosts with runOnHosts", sizes: [1, 10, 100, 1000], quickest: 3, unit: 1 },
  {
    operation: "commands",
    title: "commands on a session",
    sizes: [1, 100, 1000, 10_000, 100_000],
    quickest: 3,
    unit: 1,
  },
  { operation: "tickets", title: "tickets in a cache: one found", sizes: [1, 100, 1000, 10_000], quickest: 3, unit: 0 },
];

/** @type {import("../bench.mjs").Workload} */
export const growth = {
  name: "growth",
  async measure(bench) {
    const { client } = bench.realm;
    const { host, port, service } = await bench.realm.embedded();
    const results = [];
    for (const one of series) {
      const { operation, title, unit, name = (/** @type {number} */ n) => n.toLocaleString("en") } = one;
      // A process of its own for each line, so that its memory is no other's.
      const ours = bench.ours();
      const args = { operation, client: { ...client, service }, host, port };
      const ask = (/** @type {number} */ size) => askOurs(ours, "growth", size, args);
      await ask(/** @type {number} */ (one.sizes[1]));
      const points = [];
      for (const size of bench.isQuick ? one.sizes.slice(0, one.quickest) : one.sizes) {
        const base = ours.resetPeak();
        const times = [];
        const rounds = size === one.sizes.at(-1) ? 1 : 3;
        for (let round = 0; round < rounds; round++) times.push((await ask(size)).wallNs);
        points.push({ size, ns: quantile(times, 0.5), growthBytes: ours.peakBytes() - base });
      }
      const [before, last] = points.slice(-2);
      if (before === undefined || last === undefined) throw new Error("a line needs two points");
      const each = (/** @type {{ size: number, ns: number }} */ { size, ns }) => (unit === 0 ? ns : ns / (size / unit));
      const bend = each(last) / each(before);
      results.push({
        title: `growth: ${title}`,
        peer: "",
        goal: `straight: ${STRAIGHT}x at most`,
        isMet: bend <= STRAIGHT,
        ours: points
          .map((point) => `${name(point.size)}: ${formatRate(point.ns)}, +${megabytes(point.growthBytes)}`)
          .join("; "),
        theirs: "",
        ratio: `${bend.toFixed(2)}x a piece`,
        figures: { points, bend },
        notes:
          operation === "tickets" ? ["the realm and its keys are in the same process: the memory is theirs too"] : [],
      });
      await bench.drop(ours);
    }
    return results;
  },

  async ours({ operation, client: options, host, port }, size, meter) {
    if (operation === "tickets") return await findTicket(size, meter);
    const client = await clientOf(options);
    const { service } = options;
    await client.getTicket(service);
    if (operation === "hosts") {
      const targets = (function* () {
        for (let i = 0; i < size; i++) yield { host, port, service };
      })();
      return await meter.time(async () => {
        const { succeeded } = await client.runOnHosts(targets, ["bench", "echo", "hello"], { onResult: () => {} });
        if (succeeded !== size) throw new Error(`${succeeded} of ${size} hosts`);
      });
    }
    const session = await client.connect(host, { port, service });
    try {
      return await meter.time(async () => {
        if (operation === "commands") {
          for (let i = 0; i < size; i++) await session.run(["bench", "quiet"]);
          return;
        }
        let total = 0;
        for await (const { data } of session.stream(["bench", "zeros", String(size)])) total += data.length;
        if (total !== size) throw new Error(`${total} octets, not ${size}`);
      });
    } finally {
      await session.close();
    }
  },
};

const FOUND = 20_000;

/** A ticket among so many, found again and again. The realm is an embedded one, in this process. @param {number} size @param {any} meter */
async function findTicket(size, meter) {
  const { createTestRealm } = await load("entry/testing.js");
  const { createClient } = await load("entry/index.js");
  /** @type {Record<string, object>} */
  const principals = { alice: { password: "secret" } };
  for (let i = 0; i < size; i++) principals[`host/server-${i}`] = {};
  const realm = await createTestRealm({ realm: "GROWTH.EXAMPLE", principals });
  const client = createClient({
    credentials: { principal: "alice@GROWTH.EXAMPLE", password: "secret" },
    kdc: realm.kdc,
    dial: realm.dial,
  });
  for (let i = 0; i < size; i++) await client.getTicket(`host/server-${i}@GROWTH.EXAMPLE`);
  const find = async (/** @type {number} */ times) => {
    for (let i = 0; i < times; i++) await client.getTicket(`host/server-${(i * 7919) % size}@GROWTH.EXAMPLE`);
  };
  await find(FOUND);
  const { wallNs, cpuNs } = await meter.time(() => find(FOUND));
  await realm.close();
  return { wallNs: wallNs / FOUND, cpuNs: cpuNs / FOUND };
}
