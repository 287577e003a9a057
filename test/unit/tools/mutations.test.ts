// Each rule's check is taken out by its row in tools/mutations/rules, and what is left must be a program: a file that does
// not load turns every test red, and proves nothing of the rule.

import fs from "node:fs";
import { parseSync } from "rolldown/utils";
import { expect, it } from "vitest";
import { loadRules } from "../../../tools/mutations/rules.mjs";

const without = (source: string, find: string, replace: string) => source.split(find).join(replace);
const errorsOf = (file: string, text: string) => parseSync(file, text).errors;

it("each check that is taken out leaves a file that can be read", () => {
  const broken = loadRules().flatMap(({ rule, file, find, replace }) => {
    const [first] = errorsOf(file, without(fs.readFileSync(file, "utf8"), find, replace));
    return first === undefined ? [] : [`${rule} in ${file}: ${first.message}`];
  });
  expect(broken).toEqual([]);
});

it("and one that leaves no program is told", () => {
  expect(errorsOf("a.ts", without("if (a) b();", "(a)", "false"))).not.toEqual([]);
  expect(errorsOf("a.ts", without("if (a) b();", "(a)", "(false)"))).toEqual([]);
});
