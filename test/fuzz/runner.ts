import fc from "fast-check";
import { KerberosError } from "../../src/errors.ts";
import { collect, type MemoryState, memoryState } from "./allocations.ts";
import type { FuzzTarget } from "./target.ts";

/** The most that one input may cost: of 64 KB or less, this long; of memory, four times its size and this much. */
const MAX_MS = 100;
const MAX_EXTRA_BYTES = 2 ** 20;

export interface FuzzResult {
  readonly inputs: number;
  /** The smallest input found, and what is wrong with it. */
  readonly found: { readonly input: Uint8Array; readonly says: string } | undefined;
}

/** However slow the machine, a target gets so many inputs. */
export const LEAST_INPUTS = 100;

/** Feeds a target for a time, and with no fewer than {@link LEAST_INPUTS}. The same seed gives the same inputs. */
export async function fuzz(
  target: FuzzTarget<never>,
  { ms, seed }: { readonly ms: number; readonly seed: number },
): Promise<FuzzResult> {
  let inputs = 0;
  const property = fc.asyncProperty(target.inputs, async (input) => {
    inputs++;
    await tryInput(target, input);
  });
  const timed = { seed, numRuns: 2 ** 31 - 1, interruptAfterTimeLimit: ms, markInterruptAsFailure: false };
  let { counterexample, errorInstance } = await fc.check(property, timed);
  if (counterexample === null && inputs < LEAST_INPUTS) {
    const counted = { seed: seed + 1, numRuns: LEAST_INPUTS - inputs };
    ({ counterexample, errorInstance } = await fc.check(property, counted));
  }
  if (counterexample === null) return { inputs, found: undefined };
  return {
    inputs,
    found: { input: counterexample[0], says: String((errorInstance as Error)?.stack ?? errorInstance) },
  };
}

/** One input; throws if the target breaks its promise: typed errors only, little time, little memory. */
export async function tryInput(target: FuzzTarget<never>, input: Uint8Array): Promise<void> {
  let cost = await measure(target, input);
  for (let again = 0; again < 4 && isTooMuch(cost, input); again++) {
    // Another program, a collection or the compiler may have had the time: what the input itself costs, it costs again.
    collect();
    const next = await measure(target, input, collect);
    cost = { ...next, ms: Math.min(cost.ms, next.ms), heapBytes: Math.min(cost.heapBytes, next.heapBytes) };
  }
  if (isTooMuch(cost, input)) {
    const { ms, heapBytes, bufferBytes } = cost;
    throw new Error(
      `${input.length} octets took ${ms.toFixed(1)} ms, ${heapBytes} octets of heap and ${bufferBytes} of buffers`,
    );
  }
  if (cost.value !== undefined) await target.verify?.(cost.value, input);
}

interface Cost extends MemoryState {
  readonly ms: number;
  readonly value: undefined | never;
}

/** Runs a target; `settle` runs before the memory is looked at: with a collection, what counts is what is still held. */
async function measure(target: FuzzTarget<never>, input: Uint8Array, settle = (): void => {}): Promise<Cost> {
  // The target may keep or change what it is given.
  const own = input.slice();
  const before = memoryState();
  const started = performance.now();
  const cpu = process.cpuUsage();
  let value: undefined | never;
  try {
    value = await target.run(own);
  } catch (error) {
    if (!(error instanceof KerberosError)) throw error;
  }
  // On a machine that does other things too, what the clock says is not what the input costs; nor is the work of other threads.
  const { user, system } = process.cpuUsage(cpu);
  const ms = Math.min(performance.now() - started, (user + system) / 1000);
  // Buffers count as they were taken, garbage too: a large one is the attack.
  const { bufferBytes } = memoryState();
  settle();
  const { heapBytes } = memoryState();
  return { ms, heapBytes: heapBytes - before.heapBytes, bufferBytes: bufferBytes - before.bufferBytes, value };
}

function isTooMuch({ ms, heapBytes, bufferBytes }: Cost, { length }: Uint8Array): boolean {
  return ms > MAX_MS || Math.max(heapBytes, 0) + Math.max(bufferBytes, 0) > 4 * length + MAX_EXTRA_BYTES;
}
