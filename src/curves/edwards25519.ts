import { edwards } from "@noble/curves/abstract/edwards.js";
import type { Group } from "./group.ts";
import { NobleGroup } from "./noble-group.ts";

const ORDER = 0x1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3edn;

/** edwards25519 (RFC 7748 section 4.1), encoded as in RFC 8032 section 3.1. */
export const edwards25519: Group = /* @__PURE__ */ new NobleGroup(
  {
    number: 1,
    name: "edwards25519",
    hash: "sha256",
    elementBytes: 32,
    scalarBytes: 32,
    order: ORDER,
    m: "d048032c6ea0b6d697ddc2e86bda85a33adac920f1bf18e1b0c6d166a5cecdaf",
    n: "d3bfb518f44f3430f29d0c92af503865a1ed3281dc69b35dd868ba85f886c4ab",
    isLittleEndian: true,
  },
  () => {
    const p = 2n ** 255n - 19n;
    const curve = edwards({
      p,
      n: ORDER,
      h: 8n,
      a: p - 1n,
      d: 0x52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca135978a3n,
      Gx: 0x216936d3cd6e53fec0a4e231fdd6dc5c692cc7609525a7b2c9562d608f25d51an,
      Gy: 0x6666666666666666666666666666666666666666666666666666666666666658n,
    });
    // A point with no table of multiples, which takes longer to make than one login gains from it.
    const base = curve.fromAffine(curve.BASE.toAffine());
    return { base, decode: (octets) => curve.fromBytes(octets) };
  },
);
