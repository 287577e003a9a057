// Cold, warm and open over a link of 50 ms round trip: what a user far away waits for. Once through a proxy, where the round trips are
// counted, and once over a link that is as a real one, where they are timed.

import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { formatRatio } from "../bench.mjs";
import { startDelayLink } from "../delay-link.mjs";
import { startFarLink } from "../far-link.mjs";
import { clientOf, newClient } from "../library.mjs";
import { askOurs, askPeer, Side } from "../side.mjs";
import { summarize } from "../stats.mjs";

const ROUND_TRIP_MS = 50;
const QUIET = ["test", "no-output"];
const ECHO = ["bench", "echo", "hello"];
/** What makes of five round trips three: docs/cold-starts.md. */
const BOTH = { directTicket: true, preauth: "timestamp-first" };
const oursFile = fileURLToPath(new URL("../ours.mjs", import.meta.url));

/**
 * @typedef {object} Way one of the two links
 * @property {string} words what rows are called by it
 * @property {string} host
 * @property {number} port of remctld
 * @property {number} kdcPort
 * @property {Side} ours
 * @property {(env: Record<string, string>) => Side} peer
 * @property {(program: string, args: readonly string[]) => [string, string[]]} enter
 * @property {{ reset: () => void, roundTrips: () => number }} [counter]
 * @property {() => Promise<void>} close
 *
 * @typedef {object} LinkRow
 * @property {string} title
 * @property {number} trips
 * @property {string} peer
 * @property {boolean} [isOpen] the connection and the context were before, and are not timed
 * @property {() => Promise<{ wallNs: number }>} ours
 * @property {() => Promise<{ wallNs: number }>} theirs
 */

/** @type {import("../bench.mjs").Workload} */
export const link = {
  name: "link",
  async measure(bench) {
    const results = [];
    for (const start of [startProxied, startReal]) {
      let way;
      try {
        way = await start(bench);
      } catch (error) {
        const reason = /** @type {Error} */ (error).message;
        results.push({ title: "over a real link of 50 ms", notes: [`not measured: ${reason}`] });
        continue;
      }
      try {
        for (const row of await rowsOf(bench, way)) results.push(await measure(bench, way, row));
      } finally {
        await way.close();
      }
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

/** Through a proxy, which counts what waits for what. @param {import("../bench.mjs").Bench} bench @returns {Promise<Way>} */
async function startProxied(bench) {
  const { bed, remctld } = bench.realm;
  const far = startDelayLink(ROUND_TRIP_MS);
  return {
    words: "",
    host: "127.0.0.1",
    kdcPort: await far.kdc(bed.port),
    port: await far.tcp(remctld.port),
    ours: bench.ours(),
    peer: (env) => bench.peer("remctl", env),
    enter: (program, args) => [program, [...args]],
    counter: far,
    close: async () => far.close(),
  };
}

/** As on a network: handshakes, Nagle's algorithm and delayed acknowledgements. @param {import("../bench.mjs").Bench} bench @returns {Promise<Way>} */
async function startReal(bench) {
  const { startRemctld } = await import("../../beds/index.mjs");
  const { bed } = bench.realm;
  const far = await startFarLink(bench.peers.program("far"), ROUND_TRIP_MS);
  /** @type {Side[]} */
  const sides = [];
  const side = (/** @type {string} */ program, /** @type {readonly string[]} */ args, /** @type {any} */ env) => {
    const made = new Side(...far.enter(program, args), { env });
    sides.push(made);
    return made;
  };
  /** @type {Side | undefined} */
  let peer;
  try {
    const commands = /** @type {[string, string, string][]} */ ([["bench", "echo", 'echo "$2"']]);
    const remctld = await startRemctld({ bed, commands, bindAddresses: [far.host] });
    const { program, args, env } = bench.runtime;
    const native = bench.peers.program("remctl");
    return {
      words: ", a real link",
      host: far.host,
      kdcPort: await far.kdc(bed.port),
      port: remctld.port,
      ours: side(program, [...args, oursFile], env),
      peer: (more) => {
        if (native === undefined) throw new Error(bench.peers.reason("remctl"));
        peer ??= side(native, [], { ...bench.peers.env, ...more });
        return peer;
      },
      enter: far.enter,
      close: async () => {
        for (const one of sides) await one.close();
        await remctld.close();
        await far.close();
      },
    };
  } catch (error) {
    await far.close();
    throw error;
  }
}

/** @param {import("../bench.mjs").Bench} bench @param {Way} way @returns {Promise<LinkRow[]>} */
async function rowsOf(bench, way) {
  const { runProgram } = await import("../../beds/index.mjs");
  const { bed, client, remctld } = bench.realm;
  const { host, port, kdcPort, words } = way;
  const { service } = remctld;
  const name = `far${words === "" ? "" : "-real"}`;
  const krb5Conf = path.join(bed.dir, `${name}.krb5.conf`);
  const text = fs.readFileSync(bed.krb5Conf, "utf8");
  fs.writeFileSync(krb5Conf, text.replaceAll(`127.0.0.1:${bed.port}`, `${host}:${kdcPort}`));
  const env = { ...bed.env, KRB5_CONFIG: krb5Conf, KRB5CCNAME: path.join(bed.dir, `${name}.ccache`) };
  const own = { ...client, kdc: [`${host}:${kdcPort}`], service };
  const ask = (/** @type {string} */ operation, /** @type {string[]} */ command, more = {}) =>
    askOurs(way.ours, "link", 1, { operation, command, client: { ...own, ...more }, host, port });
  const askC = (/** @type {string} */ operation, /** @type {string[]} */ command) =>
    askPeer(way.peer(env), operation, 1, [host, port, service, ...command]);
  /** @param {string} program @param {string[]} args */
  const run = async (program, args) => {
    const [file, all] = way.enter(bed.bin(program), args);
    const result = await runProgram(file, all, { env });
    if (result.status !== 0) throw new Error(result.text);
  };
  const nativeCold = async () => {
    const started = performance.now();
    await run("kinit", ["-k", "-t", String(client.keytabFile), String(client.principal)]);
    await run("remctl", ["-p", String(port), "-s", service, host, ...ECHO]);
    return { wallNs: (performance.now() - started) * 1e6 };
  };
  return [
    {
      title: `cold: a login and a command over 50 ms${words}`,
      trips: 5,
      peer: "kinit, remctl",
      ours: () => ask("cold", ECHO),
      theirs: nativeCold,
    },
    {
      title: `cold, with directTicket and timestamp-first, 50 ms${words}`,
      trips: 3,
      peer: "kinit, remctl",
      ours: () => ask("cold", ECHO, BOTH),
      theirs: nativeCold,
    },
    {
      title: `warm: a command with the ticket there, 50 ms${words}`,
      trips: 3,
      peer: "libremctl",
      ours: () => ask("warm", ECHO),
      theirs: () => askC("one-shot", ECHO),
    },
    {
      title: `open session, command with no output, 50 ms${words}`,
      trips: 1,
      peer: "libremctl",
      isOpen: true,
      ours: () => ask("open", QUIET),
      theirs: () => askC("keep-alive", QUIET),
    },
  ];
}

/** @param {import("../bench.mjs").Bench} bench @param {Way} way @param {LinkRow} row */
async function measure(bench, { counter }, row) {
  const notes = [];
  const mine = [];
  const theirs = [];
  const trips = [];
  const theirTrips = [];
  let failure;
  const settle = () => new Promise((resolve) => setTimeout(resolve, 3 * ROUND_TRIP_MS));
  /** What one run took, and its round trips: counted, or as many as fit into its time. @param {() => Promise<{ wallNs: number }>} body */
  const once = async (body) => {
    await settle();
    counter?.reset();
    const { wallNs } = await body();
    // The opening of an open session is no part of what is timed: two trips, the connection and the context.
    const counted = counter && counter.roundTrips() - (row.isOpen ? 2 : 0);
    return { wallNs, trips: counted ?? Math.floor(wallNs / 1e6 / ROUND_TRIP_MS) };
  };
  for (let round = 0; round < (bench.isQuick ? 4 : 10); round++) {
    const own = await once(row.ours);
    // The first time loads modules and fetches the ticket that the warm one has.
    if (round > 0) {
      mine.push(own.wallNs);
      trips.push(own.trips);
    }
    if (failure !== undefined) continue;
    try {
      const their = await once(row.theirs);
      if (round > 0) {
        theirs.push(their.wallNs);
        theirTrips.push(their.trips);
      }
    } catch (error) {
      failure = /** @type {Error} */ (error).message;
      notes.push(`no peer: ${failure}`);
    }
  }
  const my = summarize(mine);
  const their = summarize(theirs);
  // A time has noise, a count has none.
  const tripsOf = (/** @type {number[]} */ all) => (counter === undefined ? summarize(all).median : Math.max(...all));
  const say = (/** @type {number} */ count, /** @type {number} */ ns) =>
    `${counter === undefined ? "" : `${count} trip${count === 1 ? "" : "s"}, `}${(ns / 1e6).toFixed(0)} ms`;
  const counted = tripsOf(trips);
  const ratio = theirs.length === 0 ? undefined : their.median / my.median;
  return {
    title: row.title,
    peer: row.peer,
    goal: `${row.trips} round trip${row.trips === 1 ? "" : "s"}`,
    isMet: counted <= row.trips,
    ours: say(counted, my.median),
    theirs: theirs.length === 0 ? "" : say(tripsOf(theirTrips), their.median),
    ratio: ratio === undefined ? "" : formatRatio(ratio),
    figures: { ns: my, trips, peerNs: their, peerTrips: theirTrips },
    notes,
  };
}
