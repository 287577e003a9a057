// The process that tools/bench/cold.mjs starts: `cold-main.mjs LIBRARY`, with the job as JSON in COLD_JOB.

import process from "node:process";
import { pathToFileURL } from "node:url";
import { command } from "./cold-command.mjs";

const now = () => performance.timeOrigin + performance.now();
const first = now();
const library = await import(pathToFileURL(String(process.argv[2])).href);
const imported = now();
const marks = await command(library, JSON.parse(process.env.COLD_JOB ?? ""), now);
process.stdout.write(`${JSON.stringify({ first, imported, ...marks })}\n`, () => process.exit(0));
