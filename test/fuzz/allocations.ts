import v8 from "node:v8";

/** Octets in use. As long as nothing is collected in between, a difference is what was allocated, garbage included. */
export interface MemoryState {
  readonly heapBytes: number;
  readonly bufferBytes: number;
}

export function memoryState(): MemoryState {
  return { heapBytes: v8.getHeapStatistics().used_heap_size, bufferBytes: process.memoryUsage().arrayBuffers };
}

/** Collects garbage, where the program was started with `--expose-gc`. */
export function collect(): void {
  (globalThis as { gc?: () => void }).gc?.();
}
