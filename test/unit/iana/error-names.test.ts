import { expect, test } from "vitest";
import { KRB_ERROR, krbErrorName } from "../../../src/iana/index.ts";

test("each KRB-ERROR code has its name, and no other number has one", () => {
  const named = new Map<number, string>(Object.entries(KRB_ERROR).map(([name, code]) => [code, name]));
  for (let code = -1; code < 300; code++) expect(krbErrorName(code)).toBe(named.get(code) ?? `KRB_ERR_${code}`);
});
