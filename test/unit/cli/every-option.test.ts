// Every option that a command takes is looked at by it, and those of MIT's tools stand in the table of command lines that
// are run beside MIT's; one without effect is a line in the trace.

import fs from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import { ROWS } from "../../interop/cli-table.ts";
import { runCli } from "../../support/cli.ts";

const folder = path.join(import.meta.dirname, "../../../src/cli/commands");
const source = (file: string): string => fs.readFileSync(path.join(folder, file), "utf8");
/** A command's file, with those that have parts of it. */
const files = fs.readdirSync(folder).filter((file) => file.endsWith(".ts"));
const commands = files
  .filter((file) => /^const program: Program = \{$/m.test(source(file)))
  .map((file) => file.replace(/\.ts$/, ""));

function specOf(command: string): { readonly options: readonly string[]; readonly unused: readonly string[] } {
  const text = source(`${command}.ts`);
  const short = /^ {2}short: "([^"]*)"/m.exec(text)?.[1] ?? "";
  const long = /^ {2}long: \{([^}]*)\}/m.exec(text)?.[1] ?? "";
  const unused = /^ {2}unused: \{([^}]*)\}/m.exec(text)?.[1] ?? "";
  return {
    options: [
      ...new Set([
        ...short.replaceAll(":", ""),
        ...[...long.matchAll(/: "([^":]+):?"/g)].map(([, name]) => name as string),
      ]),
    ],
    unused: [...unused.matchAll(/"?([\w-]+)"?: "/g)].map(([, name]) => name as string),
  };
}

/** What MIT has too. */
const MIT = ["kinit", "klist", "kdestroy", "kvno", "kswitch"];
/** Of a Kerberos that is gone, and what we say is not there yet: the same words as MIT's are not to be had. */
const NOT_COMPARED = new Set([
  "kinit n",
  "kinit T",
  "kvno h",
  "kvno I",
  "kvno U",
  "kvno F",
  "kvno u2u",
  "kinit 5",
  "kdestroy 5",
  "klist 5",
  "kvno C",
  "klist V",
]);

const table = commands.flatMap((command) => specOf(command).options.map((option) => [command, option] as const));

it("knows the commands", () => {
  expect(commands).toEqual(expect.arrayContaining(["doctor", "keytab", "klist", "kinit", "ktutil", "remctl"]));
  expect(table.length).toBeGreaterThan(80);
});

it.each(table)("%s -%s is looked at", (command, option) => {
  const { unused } = specOf(command);
  const parts = files.filter((file) => file === `${command}.ts` || file.startsWith(`${command}-`)).map(source);
  // The doctor's checks have a folder of their own.
  const checks = path.join(folder, "../doctor");
  if (command === "doctor")
    parts.push(...fs.readdirSync(checks).map((file) => fs.readFileSync(path.join(checks, file), "utf8")));
  // What these two share.
  if (["k5start", "krenew"].includes(command)) parts.push(source("../keeper-options.ts"));
  const letter = option.replace(/[^\w-]/g, "");
  const read = new RegExp(
    `(?:has|get|all|spanOf|of)\\((?:args, )?"${letter}"\\)|name === "${letter}"|\\["${letter}",|, "${letter}"\\]|has\\("\\w*${letter}\\w*"\\)`,
  );
  expect([option, unused.includes(option) || parts.some((text) => read.test(text))]).toEqual([option, true]);
});

it.each(table.filter(([command]) => MIT.includes(command)))("%s -%s is run beside MIT's", (command, option) => {
  if (NOT_COMPARED.has(`${command} ${option}`)) return;
  const lines = ROWS.flatMap(({ run, before = [] }) => [run, ...before]).filter((line) =>
    line.startsWith(`${command} `),
  );
  const flag = option.length > 1 ? new RegExp(`--${option}`) : new RegExp(`(?:^| )-[A-Za-z0-9]*${option}`);
  expect([option, lines.some((line) => flag.test(line))]).toEqual([option, true]);
});

it.each(commands.flatMap((command) => specOf(command).unused.map((option) => [command, option] as const)))(
  "%s -%s has no effect, and the trace says so",
  async (command, option) => {
    const word = option.length > 1 ? `--${option}` : `-${option}`;
    const value = ["I", "X"].includes(option) ? ["a=b"] : [];
    const { everything } = await runCli([command, word, ...value, "x@NO.SUCH"], {
      env: { KRB5_CONFIG: "/nosuch", KRB5CCNAME: "/nosuch/cc" },
    });
    expect(everything).toContain(`${word}${value.length > 0 ? " a=b" : ""} has no effect: `);
  },
);

it("kinit -X with an attribute that is not known goes on, and the trace says so without its value", async () => {
  const { everything } = await runCli(["kinit", "-X", "shoe_size=forty-five", "x@NO.SUCH"], {
    env: { KRB5_CONFIG: "/nosuch", KRB5CCNAME: "/nosuch/cc" },
  });
  expect(everything).toContain("-X shoe_size has no effect: it is not known");
  expect(everything).not.toContain("forty-five");
});
