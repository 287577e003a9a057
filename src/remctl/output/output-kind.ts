import type { OutputSink } from "./result.ts";
import type { RemctlRun } from "./run.ts";

/** A way to give output beside all of it at the end: `streamedOutput()` makes it. */
export interface RemctlOutputKind {
  /** As it comes. */
  readonly output: "streamed";
}

/** {@link RemctlOutputKind} with what the session does with it. */
export interface OutputKind extends RemctlOutputKind {
  /** Runs a command whose output goes into a sink; `cancel` ends it. */
  begin(start: (sink: OutputSink) => { readonly status: Promise<number>; readonly cancel: () => void }): RemctlRun;
  /** Has `release` run when a command has ended, however it did. */
  after(run: RemctlRun, release: () => Promise<void>): void;
}

/** The part with which output is given as it comes. Throws TypeError where it is missing: the caller's mistake. */
export function outputKindOf(of: string, [kind]: readonly OutputKind[]): OutputKind {
  if (kind === undefined) throw new TypeError(`${of} needs the option outputKinds: [streamedOutput()]`);
  return kind;
}
