// The figures by room: kept in tools/mutants/figures.json, since nobody can take them anew within a test run.

import fs from "node:fs";
import path from "node:path";
import { read } from "./results.mjs";
import { ROOMS, ROOT } from "./rooms.mjs";

const FILE = path.join(ROOT, "tools", "mutants", "figures.json");

/** @typedef {{ mutants: number, of?: number, seed?: number, killed: number, noted: number, survived: number, tests: string, measured: string }} Figure */

/** @typedef {import("./mutants.mjs").Mutant} Mutant */

/** @returns {Record<string, Figure>} */
function figures() {
  return fs.existsSync(FILE) ? JSON.parse(fs.readFileSync(FILE, "utf8")) : {};
}

/**
 * Writes the figures of rooms whose mutants, or a sample of them, have been run.
 * @param {string[]} rooms
 * @param {{ all: Mutant[], chosen: Mutant[], noted: Set<string>, tests: string, seed: number | undefined }} run `tests`
 *   says which of the suites were run
 */
export function writeFigures(rooms, { all, chosen, noted, tests, seed }) {
  const made = figures();
  for (const room of rooms) {
    const results = read(room);
    const names = chosen.filter((mutant) => mutant.room === room).map(({ name }) => name);
    const of = all.filter((mutant) => mutant.room === room).length;
    const notes = names.filter((name) => noted.has(name)).length;
    const killed = names.filter((name) => !noted.has(name) && results[name]?.killed).length;
    const measured = new Date().toISOString().slice(0, 10);
    const survived = names.length - killed - notes;
    const part = seed === undefined ? {} : { of, seed };
    made[room] = { mutants: names.length, ...part, killed, noted: notes, survived, tests, measured };
  }
  fs.writeFileSync(FILE, `${JSON.stringify(made, null, 2)}\n`);
}

/** The table of SECURITY.md. */
export function mutantsTable() {
  const made = figures();
  const rows = ROOMS.map((room) => {
    const figure = made[room];
    if (figure === undefined) return `| \`${room}\` | not measured yet | | | | | |`;
    const { mutants, of, seed, killed, noted, survived, tests, measured } = figure;
    const run = of === undefined ? mutants : `${mutants} of ${of}, seed ${seed}`;
    const rate = `${((100 * killed) / (mutants - noted)).toFixed(1)}%`;
    return `| \`${room}\` | ${run} | ${killed} | ${noted} | ${survived} | ${rate} | ${tests} (${measured}) |`;
  });
  const head = "| room | mutants | killed | noted as equivalent | survived | rate | tests that ran |";
  return [head, "|---|---|---|---|---|---|---|", ...rows, ""].join("\n");
}
