// Takes each listed check out of the source in turn and sees its test go red; a check whose test stays green is not
// tested. Works on a copy, never on the tree. Usage: node tools/mutations/run.mjs [RULE...] [--table]

import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { toolArguments } from "../arguments.mjs";
import { loadRules, securityTable } from "./rules.mjs";
import { openSession } from "./session.mjs";

const ROOT = path.resolve(fileURLToPath(new URL("../..", import.meta.url)));

/** A copy of what the tests need; dependencies are linked, since they do not change. */
function copyTree() {
  const copy = fs.mkdtempSync(path.join(os.tmpdir(), "krb5-remctl-mutations-"));
  for (const name of ["src", "site", "test", "krb5-vectors", "tools", "package.json", "tsconfig.json"]) {
    fs.cpSync(path.join(ROOT, name), path.join(copy, name), {
      recursive: true,
      filter: (from) => path.basename(from) !== "node_modules",
    });
  }
  fs.symlinkSync(path.join(ROOT, "node_modules"), path.join(copy, "node_modules"));
  // The live peers too: a copy that unpacks its own takes minutes.
  if (fs.existsSync(path.join(ROOT, ".cache"))) fs.symlinkSync(path.join(ROOT, ".cache"), path.join(copy, ".cache"));
  fs.symlinkSync(path.join(ROOT, "test", "node_modules"), path.join(copy, "test", "node_modules"));
  for (const name of fs.readdirSync(path.join(ROOT, "tools"))) {
    const modules = path.join("tools", name, "node_modules");
    if (fs.existsSync(path.join(ROOT, modules))) fs.symlinkSync(path.join(ROOT, modules), path.join(copy, modules));
  }
  return copy;
}

const rules = loadRules();
const { flags, names: args } = toolArguments({
  command: "npm run mutations --",
  about: "Takes each listed check out of the source in turn, on a copy, and sees its test go red.",
  names: "[RULE...]",
  known: () => [...new Set(rules.map(({ rule }) => rule))],
  options: { table: { about: "the table of rules and tests alone" } },
});
if (flags.has("table")) {
  process.stdout.write(securityTable(rules));
  process.exit(0);
}
const wanted = args.length === 0 ? rules : rules.filter(({ rule }) => args.includes(rule));
const copy = copyTree();
process.on("exit", () => fs.rmSync(copy, { recursive: true, force: true }));

const session = await openSession(copy);
/** What the tests of a file say before anything is taken out. @type {Map<string, Awaited<ReturnType<typeof session.run>>>} */
const before = new Map();

let bad = 0;
for (const [index, { rule, file, find, replace, test, title }] of wanted.entries()) {
  const label = `[${index + 1}/${wanted.length}] ${rule} ${file}`;
  const first = before.get(test) ?? (await session.run(test));
  before.set(test, first);
  const { passed, failed } = first.of(title);
  let problem = passed > 0 && failed === 0 ? "" : `its test is not green before: ${passed} passed, ${failed} failed`;
  if (problem === "") {
    const place = path.join(copy, file);
    const source = fs.readFileSync(place, "utf8");
    const parts = source.split(find);
    if (parts.length !== 2) {
      problem = `the text of the check is in the file ${parts.length - 1} times, not once`;
    } else {
      session.write(place, parts.join(replace));
      const { isBroken, of } = await session.run(test, title);
      session.write(place, source);
      const { passed, failed } = of(title);
      if (isBroken) problem = "the test file does not load without the check";
      else if (passed + failed === 0) problem = "its test did not end in two minutes";
      else if (failed === 0) problem = "its test stays GREEN without the check";
    }
  }
  if (problem !== "") bad += 1;
  process.stdout.write(`${label}: ${problem === "" ? "red without it" : `${problem} (${test}: ${title})`}\n`);
}
await session.close();
process.stdout.write(`${wanted.length - bad} checks proven by their tests, ${bad} not\n`);
process.exit(bad === 0 ? 0 : 1);
