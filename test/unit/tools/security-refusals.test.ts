// The table of what a login refuses: each row has its words in the source, and a test that shows it.

import { expect, it } from "vitest";
import { loadRefusals, refusalProblems, refusalsTable } from "../../../tools/security/refusals.mjs";

const row = {
  part: "FAST",
  comes: "an answer to another request",
  code: "REPLY_MODIFIED",
  words: "the nonce differs",
  file: "a.ts",
  test: "t",
  title: "FA2: another nonce",
};
const files: Record<string, string> = {
  "a.ts": 'throw unfit("the nonce differs");',
  t: 'it("FA2: another nonce", () => expect(refused).toMatch(/^REPLY_MODIFIED/))',
};
const problems = (changed: Record<string, string>, what: Partial<typeof row> = {}) =>
  refusalProblems([{ ...row, ...what }], (file) => ({ ...files, ...changed })[file]);

it("a row that is shown and said is good", () => {
  expect(problems({})).toEqual([]);
  expect(refusalsTable([row])).toContain(
    "| FAST | an answer to another request | `REPLY_MODIFIED`: the nonce differs | `t`: FA2: another nonce |",
  );
});

it("tells words that the source does not say, a test that is not there, and a code that it does not expect", () => {
  const where = "refusals: FAST: an answer to another request:";
  expect(problems({ "a.ts": "" })).toEqual([`${where} a.ts does not say: the nonce differs`]);
  expect(problems({ t: 'it("FA3", () => "REPLY_MODIFIED")' })).toEqual([
    `${where} no test of t is called: FA2: another nonce`,
  ]);
  expect(problems({ t: 'it("FA2: another nonce")' })).toEqual([`${where} t does not expect REPLY_MODIFIED`]);
  expect(problems({}, { title: "" })).toEqual([`${where} no test of t is called: `]);
});

it("each kind of login has rows", () => {
  const parts = new Set(loadRefusals().map(({ part }) => part));
  for (const part of [
    "FAST",
    "encrypted challenge",
    "SPAKE",
    "PKINIT",
    "certificates and keys",
    "one-time passwords",
  ]) {
    expect(parts).toContain(part);
  }
});
