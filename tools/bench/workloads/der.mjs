// DER of real replies of a KDC, both ways, beside asn1js. The codec has no public entry: it is measured in a build of a file a module.

import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { ROOT } from "../../bootstrap.mjs";
import { formatRate, formatRatio } from "../bench.mjs";
import { modulesFolder } from "../library.mjs";
import { askOurs } from "../side.mjs";
import { summarize } from "../stats.mjs";

const GOAL = 100;
const GOAL_NS = 10_000;

/** @type {import("../bench.mjs").Workload} */
export const der = {
  name: "der",
  async measure(bench) {
    const { kdc } = JSON.parse(fs.readFileSync(path.join(ROOT, "krb5-vectors/exchanges/mit-session-18.json"), "utf8"));
    const modules = await modulesFolder();
    const rows = [];
    for (const exchange of ["AS", "TGS"]) {
      const hex = kdc.filter((/** @type {any} */ one) => one.exchange === exchange).at(-1).reply;
      for (const operation of ["decode", "encode"]) {
        const args = { exchange, operation, hex, modules };
        const ask = (/** @type {string} */ codec, /** @type {number} */ count) =>
          askOurs(bench.ours(), "der", count, { ...args, codec });
        await ask("ours", 20_000);
        await ask("asn1js", 100);
        const counts = { ours: bench.isQuick ? 5000 : 30_000, asn1js: bench.isQuick ? 100 : 400 };
        const mine = [];
        const theirs = [];
        for (let round = 0; round < bench.rounds; round++) {
          theirs.push((await ask("asn1js", counts.asn1js)).wallNs / counts.asn1js);
          mine.push((await ask("ours", counts.ours)).wallNs / counts.ours);
        }
        const my = summarize(mine);
        const their = summarize(theirs);
        const ratio = their.median / my.median;
        rows.push({
          title: `DER of ${exchange === "AS" ? "an AS-REP" : "a TGS-REP"}, ${operation}`,
          peer: "asn1js",
          goal: `${GOAL}x, under ${GOAL_NS / 1000} µs`,
          isMet: ratio >= GOAL && my.median < GOAL_NS,
          ours: formatRate(my.median),
          theirs: formatRate(their.median),
          ratio: formatRatio(ratio),
          figures: { ns: my, peerNs: their },
          notes: [],
        });
      }
    }
    return rows;
  },
  async ours({ codec, operation, exchange, hex, modules }, count, meter) {
    const octets = Uint8Array.from(hex.match(/../g), (/** @type {string} */ pair) => Number.parseInt(pair, 16));
    const body =
      codec === "ours" ? await ourCodec(modules, exchange, operation, octets) : await asn1js(operation, octets);
    return meter.time(() => {
      for (let i = 0; i < count; i++) body();
    });
  },
};

/**
 * @param {string} modules @param {string} exchange @param {string} operation @param {Uint8Array} octets
 * @returns {Promise<() => unknown>}
 */
async function ourCodec(modules, exchange, operation, octets) {
  const messages = await import(pathToFileURL(path.join(modules, "krb5/messages/index.js")).href);
  const [decode, encode] =
    exchange === "AS" ? [messages.decodeAsRep, messages.encodeAsRep] : [messages.decodeTgsRep, messages.encodeTgsRep];
  const value = decode(octets);
  if (encode(value).length !== octets.length) throw new Error("what was encoded is not what was decoded");
  return operation === "decode" ? () => decode(octets) : () => encode(value);
}

/** Reads with a walk over all elements, as a program needs them; writes what was read. @param {string} operation @param {Uint8Array} octets */
async function asn1js(operation, octets) {
  const { fromBER } = await import("asn1js");
  const copy = octets.slice().buffer;
  const walk = (/** @type {any} */ node) => {
    let elements = 1;
    for (const child of Array.isArray(node.valueBlock.value) ? node.valueBlock.value : []) elements += walk(child);
    return elements;
  };
  const { result } = fromBER(copy);
  return operation === "decode" ? () => walk(fromBER(copy).result) : () => result.toBER(false);
}
