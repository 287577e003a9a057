import type { RemctlArgument } from "../command/argument.ts";
import type { OutputKind } from "../output/output-kind.ts";
import type { RemctlRun } from "../output/run.ts";
import type { StreamOptions } from "./options.ts";
import type { RemctlSession } from "./session.ts";

/**
 * Begins the only command of a session, which is closed when the command ends. Throws what {@link RemctlSession.stream}
 * throws.
 */
export function streamAlone(
  session: RemctlSession,
  args: readonly RemctlArgument[],
  options: StreamOptions,
  { after }: OutputKind,
): RemctlRun {
  try {
    const run = session.stream(args, options);
    after(run, () => session.close());
    return run;
  } catch (error) {
    void session.close();
    throw error;
  }
}
