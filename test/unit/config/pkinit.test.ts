// What a krb5.conf says of logins with certificates (pkinit_*).

import { describe, expect, it } from "vitest";
import { parseKrb5Conf } from "../../../src/config/index.ts";
import { PkinitConfig } from "../../../src/config/pkinit.ts";

/** Lines of `[libdefaults]`, of the realm's block there, and of its block in `[realms]`. */
const pkinit = (lines: string, own = "", realm = ""): PkinitConfig =>
  new PkinitConfig(
    parseKrb5Conf(`[libdefaults]\n${lines}\nR = {\n${own}\n}\n[realms]\nR = {\n${realm}\n}\n`, { file: "f" }).profile,
    "R",
  );

describe("pkinit_*", () => {
  it("are those of the realm's block of [libdefaults], else of [realms], else of [libdefaults]; never of two", () => {
    const of = (...blocks: [string, string?, string?]) => pkinit(...blocks).anchors.map(({ value }) => value);
    const [all, own, realm] = ["all", "own", "realm"].map((name) => `pkinit_anchors = FILE:/${name}`) as [
      string,
      string,
      string,
    ];
    expect(of(all, own, realm)).toEqual(["FILE:/own"]);
    expect(of(all, "", realm)).toEqual(["FILE:/realm"]);
    expect(of(all)).toEqual(["FILE:/all"]);
    expect(of("")).toEqual([]);
    expect(of(`${all}\n${own}`)).toEqual(["FILE:/all", "FILE:/own"]);
  });

  it("keep their order, each tag by itself", () => {
    const read = pkinit(
      "pkinit_identities = FILE:/a\npkinit_identities = FILE:/b\npkinit_pool = DIR:/p",
      "",
      "pkinit_kdc_hostname = one\npkinit_kdc_hostname = two",
    );
    expect(read.identities).toEqual(["FILE:/a", "FILE:/b"]);
    expect(read.pool.map(({ value }) => value)).toEqual(["DIR:/p"]);
    expect(read.kdcHostnames).toEqual(["one", "two"]);
  });

  it("pkinit_eku_checking is kpKDC or kpServerAuth; none, which lets anybody be the KDC, is refused", () => {
    expect(pkinit("").ekuChecking).toBe("kpKDC");
    for (const value of ["kpKDC", "kpServerAuth"] as const) {
      expect(pkinit(`pkinit_eku_checking = ${value}`).ekuChecking).toBe(value);
    }
    for (const value of ["none", "kpkdc"]) {
      expect(() => pkinit(`pkinit_eku_checking = ${value}`).ekuChecking).toThrow(
        `f:2: pkinit_eku_checking = ${value}: expected kpKDC or kpServerAuth`,
      );
    }
  });

  it("pkinit_dh_min_bits is raised to what there is, and refused above that", () => {
    const of = (bits: string) => pkinit(`pkinit_dh_min_bits = ${bits}`).dhMinBits;
    expect(pkinit("").dhMinBits).toBe(2048);
    expect(["0", "1024", "2048", "2049", "4096"].map(of)).toEqual([2048, 2048, 2048, 4096, 4096]);
    for (const bits of ["4097", "many"]) expect(() => of(bits)).toThrow("expected a number of bits, 4096 at most");
  });

  it("what would be ignored is refused: lists of revoked certificates that are required, and a choice by rules", () => {
    expect(() => pkinit("pkinit_require_crl_checking = true").refuseUnsupported()).toThrow("expected false: lists of");
    expect(() => pkinit("pkinit_cert_match = <EKU>x").refuseUnsupported()).toThrow("expected nothing: name the one");
    expect(() => pkinit("pkinit_require_crl_checking = false").refuseUnsupported()).not.toThrow();
    expect(() => pkinit("").refuseUnsupported()).not.toThrow();
  });
});
