import type { RemctlArgument } from "../command/argument.ts";
import { afterRun, type RemctlRun } from "../output/run.ts";
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
): RemctlRun {
  try {
    const run = session.stream(args, options);
    afterRun(run, () => session.close());
    return run;
  } catch (error) {
    void session.close();
    throw error;
  }
}
