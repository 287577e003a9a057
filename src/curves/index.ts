/**
 * Elliptic curves, for what no host computes: sums of points (RFC 9588). A group is one file, and a bundle has those
 * that it names; the arithmetic is that of `@noble/curves`, which no other room imports.
 *
 * Layer 1: it may import `bytes`.
 */
export { edwards25519 } from "./edwards25519.ts";
export type { Group, Point } from "./group.ts";
export { loadGroups } from "./load.ts";
export { p256 } from "./p256.ts";
export { p384 } from "./p384.ts";
export { p521 } from "./p521.ts";
