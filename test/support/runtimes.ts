import { findRuntime, type RuntimeName } from "../../tools/runtimes/index.mjs";
import { describeUnless, type PeerName, peers } from "./live.ts";

const NAMES: readonly RuntimeName[] = ["node22", "node24", "deno", "bun", "workerd"];

/** Why the tests of the runtimes cannot run here; empty if they can. */
export const runtimesMissing: string = NAMES.filter((name) => findRuntime(name) === undefined)
  .map((name) => `${name} is not in tools/runtimes: "npm ci" there installs it`)
  .join("; ");

/** A `describe` of tests that start the runtimes of tools/runtimes, and perhaps peers. */
export function describeRuntimes(name: string, body: () => void, needs: readonly PeerName[] = []): void {
  const missing = needs.filter((peer) => !peers[peer].available).map((peer) => `${peer}: ${peers[peer].reason}`);
  describeUnless([runtimesMissing, ...missing].filter(Boolean).join("; "), name, body);
}
