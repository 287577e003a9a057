// The options of MIT's tools stand in the table of command lines that are run beside MIT's; one without effect is a line in
// the trace. What each option changes: option-effects.test.ts.

import { expect, it } from "vitest";
import { ROWS } from "../../interop/cli-table.ts";
import { runCli } from "../../support/cli.ts";
import { COMMANDS, specOf } from "../../support/option-specs.ts";

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

const table = COMMANDS.flatMap((command) => specOf(command).options.map((option) => [command, option] as const));

it("knows the commands", () => {
  expect(COMMANDS).toEqual(expect.arrayContaining(["doctor", "keytab", "klist", "kinit", "ktutil", "remctl"]));
  expect(table.length).toBeGreaterThan(80);
});

it.each(table.filter(([command]) => MIT.includes(command)))("%s -%s is run beside MIT's", (command, option) => {
  if (NOT_COMPARED.has(`${command} ${option}`)) return;
  const lines = ROWS.flatMap(({ run, before = [] }) => [run, ...before]).filter((line) =>
    line.startsWith(`${command} `),
  );
  const flag = option.length > 1 ? new RegExp(`--${option}`) : new RegExp(`(?:^| )-[A-Za-z0-9]*${option}`);
  expect([option, lines.some((line) => flag.test(line))]).toEqual([option, true]);
});

it.each(COMMANDS.flatMap((command) => specOf(command).unused.map((option) => [command, option] as const)))(
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
