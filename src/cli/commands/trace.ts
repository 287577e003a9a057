import type { TraceEvent } from "../../trace.ts";
import type { CommandHost } from "../command.ts";
import { UsageError } from "../getopt.ts";
import { hostOf } from "../host-of.ts";
import { type Program, runProgram } from "../program.ts";
import { jsonLine } from "../text.ts";
import { formatTraceEvent } from "../trace-lines.ts";

const program: Program = {
  short: "j",
  long: { json: "j" },
  stopAtOperand: true,
  usage: `Usage: krb5-remctl trace [-j] COMMAND [options]
`,
  help: `Runs a command of this program, and shows every step on standard error: seconds since the start, and what was done. No
step shows a password, a key or a ticket. KRB5_TRACE=/dev/stderr does the same for every command.

  -j    JSON, one event a line
`,
  usageStatus: 2,
};

/** `krb5-remctl trace`. */
export function trace(host: CommandHost): Promise<number> {
  return runProgram(program, host, async (args) => {
    const [name, ...rest] = args.operands;
    const command = host.commands?.find((one) => one.name === name && name !== "trace");
    if (name === undefined || command === undefined) {
      throw new UsageError(name === undefined ? "" : `unknown command ${JSON.stringify(name)}`);
    }
    const started = host.now();
    const format = args.has("j")
      ? (event: TraceEvent) => jsonLine(event)
      : (event: TraceEvent) => `${((event.at - started) / 1000).toFixed(3).padStart(8)} ${formatTraceEvent(event)}\n`;
    const onTrace = (event: TraceEvent): void => {
      host.onTrace?.(event);
      // Begun at once, so that a step is seen before what comes of it.
      void host.stderr.write(format(event)).catch(() => {});
    };
    return await command.run(hostOf(host, name, rest, { onTrace }));
  });
}
