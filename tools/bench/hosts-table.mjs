// The table of docs/performance.md that holds Deno and workerd beside Node, and why a host is slower in a row.

import fs from "node:fs";
import path from "node:path";
import { ROOT } from "../bootstrap.mjs";
import { aroundTable } from "./table.mjs";

/** Around the table. @type {import("./table.mjs").Marks} */
export const HOSTS = { from: "<!-- hosts: written by node tools/bench/hosts.mjs --write -->", to: "<!-- /hosts -->" };

/** What the table is made from. */
export const HOSTS_RECORD = path.join(ROOT, "docs", "figures", "bench-hosts.json");

/** A row that takes more than so many times Node's processor time has a reason. */
export const MOST = 2;

/**
 * @typedef {{ host: string, why: string, rows: string[] }} HostReason
 * @typedef {{ title: string, us: Record<string, number> }} HostRow microseconds of processor time, by host
 */

/** @type {HostReason[]} */
export const HOST_REASONS = [
  {
    host: "deno",
    why:
      "its `node:crypto`. AES alone, with nothing of this package, enciphers 150 MB a second where Node's does 850, and deciphers 160 where " +
      "OpenSSL, which deciphers several blocks of CBC at once, does 2,400. Web Cryptography would save a third to a half from 16 KB on, and take twice the time below.",
    rows: [
      "wrap and unwrap 4 KB, enctype 18",
      "wrap and unwrap 64 KB, enctype 18",
      "wrap and unwrap 4 KB, enctype 20",
      "wrap and unwrap 64 KB, enctype 20",
    ],
  },
  {
    host: "workerd",
    why:
      "AES and SHA in plain JavaScript, octet for octet: without `nodejs_compat` the host computes in promises alone, and a message is sealed in " +
      "one step. What that would save, and cost, is measured below.",
    rows: [
      "wrap and unwrap 1 KB, enctype 18",
      "wrap and unwrap 4 KB, enctype 18",
      "wrap and unwrap 64 KB, enctype 18",
      "wrap and unwrap 1 KB, enctype 20",
      "wrap and unwrap 4 KB, enctype 20",
      "wrap and unwrap 64 KB, enctype 20",
    ],
  },
];

/** Rows that have to have a reason and have none, and reasons without such a row. @param {HostRow[]} rows @param {HostReason[]} [reasons] */
export function hostFaults(rows, reasons = HOST_REASONS) {
  const faults = [];
  for (const { title, us } of rows) {
    for (const [host, time] of Object.entries(us)) {
      const found = reasons.filter((reason) => reason.host === host && reason.rows.includes(title)).length;
      const times = time / Number(us.node);
      if (times > MOST && found !== 1)
        faults.push(
          `"${title}" on ${host} takes ${times.toFixed(1)} times Node's time and has ${found} reasons: give one`,
        );
      if (times <= MOST && found > 0)
        faults.push(
          `"${title}" on ${host} takes ${times.toFixed(1)} times Node's time: its reason is stale, take it out`,
        );
    }
  }
  for (const { host, rows: titles } of reasons) {
    for (const title of titles) {
      if (rows.find((row) => row.title === title)?.us[host] === undefined)
        faults.push(`"${title}" on ${host} is not measured: correct the name`);
    }
  }
  return faults;
}

/** @param {{ date: string, machine: any, hosts: Record<string, string>, busy: number, rows: HostRow[] }} record */
export function formatHosts({ date, machine, hosts, busy, rows }, reasons = HOST_REASONS) {
  const others = Object.keys(hosts).filter((host) => host !== "node");
  const time = (/** @type {number} */ us) =>
    us < 1000 ? `${us.toFixed(us < 100 ? 1 : 0)} µs` : `${(us / 1000).toFixed(2)} ms`;
  const cell = (/** @type {HostRow} */ { us }, /** @type {string} */ host) =>
    `${time(Number(us[host]))}, ${(Number(us[host]) / Number(us.node)).toFixed(1)} times`;
  const notes = reasons.map(({ host, why }, at) => `(${at + 1}) ${hosts[host]}: ${why}`);
  const noteOf = (/** @type {string} */ host, /** @type {string} */ title) => {
    const at = reasons.findIndex((reason) => reason.host === host && reason.rows.includes(title));
    return at < 0 ? "" : ` (${at + 1})`;
  };
  return [
    "",
    `${date}, ${machine.cpu}, ${machine.cores} cores; ${Object.values(hosts).join(", ")}; other programs used ${(100 * busy).toFixed(0)}% of the processors.`,
    "",
    `| processor time of an operation | ${["node", ...others].map((host) => hosts[host]).join(" | ")} |`,
    `|---|---|${others.map(() => "---|").join("")}`,
    ...rows.map(
      (row) =>
        `| ${row.title} | ${time(Number(row.us.node))} | ${others.map((host) => cell(row, host) + noteOf(host, row.title)).join(" | ")} |`,
    ),
    "",
    ...notes.flatMap((note) => [note, ""]),
  ].join("\n");
}

/** Writes the table of the page anew, from a record. @param {Parameters<typeof formatHosts>[0]} record */
export function writeHosts(record) {
  const page = path.join(ROOT, "docs", "performance.md");
  const { before, after } = aroundTable(fs.readFileSync(page, "utf8"), HOSTS);
  fs.writeFileSync(page, `${before}${formatHosts(record)}${after}`);
  console.log("docs/performance.md: table written");
}
