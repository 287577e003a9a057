import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { isKerberosError, KerberosError, RemctlError } from "../../../src/entry/index.ts";
import { hasCode, hasName, kdcErrorOf } from "../../../src/errors.ts";
import { fieldsOf } from "./narrowing.ts";
import { allCodes, errorOf, nameOf } from "./one-of-each.ts";

describe("the union of errors", () => {
  it.each(allCodes)("%s has one class, which its name tells", (code) => {
    const error = errorOf(code);
    expect(error.code).toBe(code);
    expect(error.name).toBe(nameOf(code));
    expect(isKerberosError(error)).toBe(true);
    expect(error).toBeInstanceOf(KerberosError);
    expect(error).toBeInstanceOf(Error);
    expect(error instanceof RemctlError).toBe(error.name.startsWith("Remctl"));
    expect([hasCode(error, code), hasName(error, error.name), hasCode(error)]).toEqual([true, true, false]);
    expect(fieldsOf(error)).toBeDefined();
  });

  it("is told from everything else", () => {
    const others = [
      undefined,
      null,
      0,
      "KDC",
      {},
      new Error("KDC"),
      new TypeError("x"),
      { code: "KDC", name: "KdcError" },
    ];
    const looksLike = Object.assign(new Error("no"), { code: "KDC", name: "KdcError" });
    for (const other of [...others, looksLike, () => {}, new Proxy({}, {})]) expect(isKerberosError(other)).toBe(false);
    // A mark of another version of the union is none of ours.
    const later = Object.assign(new Error("no"), { [Symbol.for("krb5-remctl.error")]: 2 });
    expect(isKerberosError(later)).toBe(false);
  });

  it("is safe to log: no octets, and of a cause that is not ours its text alone", () => {
    for (const code of allCodes) {
      const error = errorOf(code);
      error.stdout = new Uint8Array([0x73, 0x65, 0x63]);
      const cause = Object.assign(new Error("beneath"), { password: "hunter2" });
      const outer = Object.defineProperty(errorOf("GSS"), "cause", { value: Object.assign(error, { cause }) });
      const json = JSON.stringify(outer);
      expect(json).not.toMatch(/hunter2|token|stdout|remoteOctets/);
      expect(JSON.parse(json)).toMatchObject({ code: "GSS", cause: { code, name: error.name, cause: "beneath" } });
      expect(inspect(errorOf(code))).not.toMatch(/Uint8Array/);
    }
  });

  it("is logged to an end, whatever its causes are", () => {
    const round = errorOf("KDC");
    round.cause = round;
    expect(JSON.stringify(round).length).toBeLessThan(5000);
    const proxy = errorOf("KDC");
    proxy.cause = Object.create(null);
    expect(JSON.stringify(proxy)).toContain('"KDC"');
  });

  it("finds the KRB-ERROR among the causes", () => {
    const own = errorOf("KDC");
    expect(kdcErrorOf(own)).toBe(own);
    const outer = Object.assign(errorOf("PREAUTH"), { cause: Object.assign(new Error("between"), { cause: own }) });
    expect(kdcErrorOf(outer)).toBe(own);
    const round = errorOf("TIMEOUT");
    round.cause = round;
    expect([kdcErrorOf(round), kdcErrorOf("KDC"), kdcErrorOf(undefined)]).toEqual([undefined, undefined, undefined]);
  });
});
