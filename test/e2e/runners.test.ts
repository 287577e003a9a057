// The test of docs/testing.md with the runners of its table, each by the lines and the command that the page gives. Jest is in test/packed/consumers.test.ts.

import path from "node:path";
import { describe, expect, it } from "vitest";
import { runtimePath } from "../../tools/runtimes/index.mjs";
import { wholeTable } from "../support/live.ts";
import { renamed, runProgramFile, usePageProject } from "../support/page-project.ts";
import { programOf, sectionOf } from "../support/pages.ts";
import { describeRuntimes } from "../support/runtimes.ts";

const section = sectionOf("docs/testing.md", "## With another runner");
/** What the page says in place of `expect`. */
const [, assertion = ""] = /Where there is no `expect`, write `(.+)`\./.exec(section) ?? [];

describe.runIf(wholeTable)("a realm in a box", () => {
  describeRuntimes("with the runners of the page", () => {
    const project = usePageProject("runners");

    it.each([
      ["`node:test`", "case.test.mjs", process.execPath, /^# pass 1$/m],
      ["Deno", "case.test.mjs", runtimePath("deno"), /ok \| 1 passed \| 0 failed/],
      ["Bun", "case.test.mjs", runtimePath("bun"), / 1 pass\n 0 fail/],
    ])("%s", { timeout: 60_000 }, async (runner, name, program, expected) => {
      const row = section.split("\n").find((line) => line.startsWith(`| ${runner} |`)) ?? "";
      const [, , first = "", command = ""] = row.split(" | ").join("|").split("|");
      const lines = [...first.matchAll(/`([^`]+)`/g)].map(([, line]) => line);
      const code = renamed(programOf("docs/testing.md", 'from "vitest"'), [
        ['import { expect, it } from "vitest";', lines.join("\n")],
        ...(first.includes("assert")
          ? ([['expect(result.text()).toBe("hello alice@TEST.EXAMPLE\\n");', `${assertion};`]] as const)
          : []),
      ]);
      expect(code).not.toContain(first.includes("assert") ? "expect(" : "assert");
      const file = project().write(code, name);
      const [, ...args] = command.replaceAll("`", "").trim().split(" ");
      const { status, stdout, stderr } = await runProgramFile(program, [...args, file], {
        cwd: path.dirname(file),
        env: { ...process.env, NO_COLOR: "1" },
      });
      expect([status, `${stdout}${stderr}`]).toEqual([0, expect.stringMatching(expected)]);
    });
  });
});
