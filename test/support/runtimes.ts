import { findRuntime, type RuntimeName } from "../../tools/runtimes/index.mjs";
import { describeUnless } from "./live.ts";

const NAMES: readonly RuntimeName[] = ["node22", "node24", "deno", "bun", "workerd"];

/** Why the tests of the runtimes cannot run here; empty if they can. */
export const runtimesMissing: string = NAMES.filter((name) => findRuntime(name) === undefined)
  .map((name) => `${name} is not in tools/runtimes: "npm ci" there installs it`)
  .join("; ");

/** A `describe` of tests that start the runtimes of tools/runtimes. */
export function describeRuntimes(name: string, body: () => void): void {
  describeUnless(runtimesMissing, name, body);
}
