// Cold, warm and open over a link of 50 ms round trip: what a user far away waits for. Counted as well as timed.

import fs from "node:fs";
import path from "node:path";
import { formatRatio } from "../bench.mjs";
import { startDelayLink } from "../delay-link.mjs";
import { clientOf, newClient } from "../library.mjs";
import { askOurs, askPeer } from "../side.mjs";
import { summarize } from "../stats.mjs";

const ROUND_TRIP_MS = 50;

/** @type {import("../bench.mjs").Workload} */
export const link = {
  name: "link",
  async measure(bench) {
    const { runProgram } = await import("../../beds/index.mjs");
    const { bed, remctld, client } = bench.realm;
    const far = startDelayLink(ROUND_TRIP_MS);
    const kdcPort = await far.kdc(bed.port);
    const port = await far.tcp(remctld.port);
    const krb5Conf = path.join(bed.dir, "far.krb5.conf");
    const text = fs.readFileSync(bed.krb5Conf, "utf8");
    fs.writeFileSync(krb5Conf, text.replaceAll(`127.0.0.1:${bed.port}`, `127.0.0.1:${kdcPort}`));
    const far5 = { ...bed.env, KRB5_CONFIG: krb5Conf, KRB5CCNAME: path.join(bed.dir, "far.ccache") };
    const farClient = { ...client, kdc: [`127.0.0.1:${kdcPort}`], service: remctld.service };
    const ours = bench.ours();
    const quiet = ["test", "no-output"];
    const echo = ["bench", "echo", "hello"];
    const args = (/** @type {string} */ operation, /** @type {string[]} */ command) => ({
      operation,
      command,
      client: farClient,
      host: "127.0.0.1",
      port,
    });
    const words = (/** @type {string[]} */ command) => ["127.0.0.1", port, remctld.service, ...command];
    const peer = () => bench.peer("remctl", far5);
    const kinit = () =>
      runProgram(bed.bin("kinit"), ["-k", "-t", String(client.keytabFile), String(client.principal)], { env: far5 });
    const remctl = (/** @type {string[]} */ command) =>
      runProgram(bed.bin("remctl"), ["-p", String(port), "-s", remctld.service, "127.0.0.1", ...command], {
        env: far5,
      });
    const timed = async (/** @type {() => Promise<{ status: number, text: string }>} */ body) => {
      const started = performance.now();
      const result = await body();
      if (result.status !== 0) throw new Error(result.text);
      return { wallNs: (performance.now() - started) * 1e6 };
    };
    /** @type {{ title: string, trips: number, peer: string, ours: () => Promise<any>, theirs: () => Promise<any> }[]} */
    const rows = [
      {
        title: "cold: a login and a command over 50 ms",
        trips: 5,
        peer: "kinit, remctl",
        ours: () => askOurs(ours, "link", 1, args("cold", echo)),
        theirs: () => timed(async () => ((await kinit()).status === 0 ? remctl(echo) : kinit())),
      },
      {
        title: "warm: a command with the ticket there, 50 ms",
        trips: 3,
        peer: "libremctl",
        ours: () => askOurs(ours, "link", 1, args("warm", echo)),
        theirs: () => askPeer(peer(), "one-shot", 1, words(echo)),
      },
      {
        title: "open session, command with no output, 50 ms",
        trips: 1,
        peer: "libremctl",
        ours: () => askOurs(ours, "link", 1, args("open", quiet)),
        theirs: () => askPeer(peer(), "keep-alive", 1, words(quiet)),
      },
    ];
    const results = [];
    try {
      for (const row of rows) results.push(await measure(bench, far, row));
    } finally {
      far.close();
    }
    return results;
  },

  async ours({ operation, command, client: options, host, port }, _count, meter) {
    const target = { port, service: options.service };
    if (operation === "cold") {
      // What is loaded, and a key that is made, is not what this is about: but tickets and addresses start from nothing.
      return meter.time(async () => {
        const client = await newClient(options);
        await client.remctl(host, command, target);
      });
    }
    const client = await clientOf(options);
    await client.getTicket(options.service);
    if (operation === "warm") return meter.time(() => client.remctl(host, command, target));
    const session = await client.connect(host, target);
    // The round trips of the opening were before.
    await new Promise((resolve) => setTimeout(resolve, 2));
    try {
      return await meter.time(() => session.run(command));
    } finally {
      void session.close();
    }
  },
};

/** @param {import("../bench.mjs").Bench} bench @param {import("../delay-link.mjs").Link} far @param {any} row */
async function measure(bench, far, row) {
  const notes = [];
  const mine = [];
  const theirs = [];
  const trips = [];
  const theirTrips = [];
  let failure;
  const settle = () => new Promise((resolve) => setTimeout(resolve, 3 * ROUND_TRIP_MS));
  for (let round = 0; round < (bench.isQuick ? 4 : 10); round++) {
    await settle();
    far.reset();
    const { wallNs } = await row.ours();
    // The first time loads modules and fetches the ticket that the warm one has.
    if (round > 0) {
      mine.push(wallNs);
      trips.push(far.roundTrips());
    }
    if (failure !== undefined) continue;
    try {
      await settle();
      far.reset();
      const sample = await row.theirs();
      if (round > 0) {
        theirs.push(sample.wallNs);
        theirTrips.push(far.roundTrips());
      }
    } catch (error) {
      failure = /** @type {Error} */ (error).message;
      notes.push(`no peer: ${failure}`);
    }
  }
  const my = summarize(mine);
  const their = summarize(theirs);
  // The opening of an open session is no part of what is timed: two trips, the connection and the context.
  const opening = row.trips === 1 ? 2 : 0;
  const counted = Math.max(...trips) - opening;
  const ms = (/** @type {number} */ ns) => `${(ns / 1e6).toFixed(0)} ms`;
  const ratio = theirs.length === 0 ? undefined : their.median / my.median;
  return {
    title: row.title,
    peer: row.peer,
    goal: `${row.trips} round trip${row.trips === 1 ? "" : "s"}`,
    isMet: counted <= row.trips,
    ours: `${counted} trip${counted === 1 ? "" : "s"}, ${ms(my.median)}`,
    theirs: theirs.length === 0 ? "" : `${Math.max(...theirTrips) - opening} trips, ${ms(their.median)}`,
    ratio: ratio === undefined ? "" : formatRatio(ratio),
    figures: { ns: my, trips, peerNs: their, peerTrips: theirTrips },
    notes,
  };
}
