// The figures by room: kept in tools/mutants/figures.json, since nobody can take them anew within a test run.

import fs from "node:fs";
import path from "node:path";
import { read } from "./results.mjs";
import { ROOMS, ROOT } from "./rooms.mjs";

const FILE = path.join(ROOT, "tools", "mutants", "figures.json");

/** @typedef {{ mutants: number, killed: number, noted: number, survived: number, tests: string, measured: string }} Figure */

/** @returns {Record<string, Figure>} */
function figures() {
  return fs.existsSync(FILE) ? JSON.parse(fs.readFileSync(FILE, "utf8")) : {};
}

/**
 * Writes the figures of rooms whose mutants have all been run.
 * @param {string[]} rooms @param {import("./mutants.mjs").Mutant[]} mutants @param {Set<string>} noted
 * @param {string} tests which of the suites were run
 */
export function writeFigures(rooms, mutants, noted, tests) {
  const made = figures();
  for (const room of rooms) {
    const results = read(room);
    const names = mutants.filter((mutant) => mutant.room === room).map(({ name }) => name);
    const notes = names.filter((name) => noted.has(name)).length;
    const killed = names.filter((name) => !noted.has(name) && results[name]?.killed).length;
    const measured = new Date().toISOString().slice(0, 10);
    const survived = names.length - killed - notes;
    made[room] = { mutants: names.length, killed, noted: notes, survived, tests, measured };
  }
  fs.writeFileSync(FILE, `${JSON.stringify(made, null, 2)}\n`);
}

/** The table of SECURITY.md. */
export function mutantsTable() {
  const made = figures();
  const rows = ROOMS.map((room) => {
    const figure = made[room];
    if (figure === undefined) return `| \`${room}\` | not measured yet | | | | | |`;
    const { mutants, killed, noted, survived, tests, measured } = figure;
    const rate = `${((100 * killed) / (mutants - noted)).toFixed(1)}%`;
    return `| \`${room}\` | ${mutants} | ${killed} | ${noted} | ${survived} | ${rate} | ${tests} (${measured}) |`;
  });
  const head = "| room | mutants | killed | noted as equivalent | survived | rate | tests that ran |";
  return [head, "|---|---|---|---|---|---|---|", ...rows, ""].join("\n");
}
