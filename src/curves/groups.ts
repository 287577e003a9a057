import { edwards25519 } from "./edwards25519.ts";
import type { Group } from "./group.ts";
import { p256 } from "./p256.ts";
import { p384 } from "./p384.ts";
import { p521 } from "./p521.ts";

/** Every group, in the order of the registry. */
export const groups: readonly Group[] = [edwards25519, p256, p384, p521];
