import type { TraceEvent } from "../../trace.ts";
import type { CommandHost } from "../command.ts";
import { CommandFailure } from "../failure.ts";
import { UsageError } from "../getopt.ts";
import { hostOf } from "../host-of.ts";
import { type Program, runProgram } from "../program.ts";
import { jsonLine } from "../text.ts";
import { formatTraceEvent } from "../trace-lines.ts";
import { TracePage } from "../trace-page.ts";

const program: Program = {
  short: "jH:",
  long: { json: "j", html: "H" },
  stopAtOperand: true,
  usage: `Usage: krb5-remctl trace [-j] [-H file] COMMAND [options]
`,
  help: `Runs a command of this program, and shows every step on standard error: seconds since the start, and what was done. No
step shows a password, a key or a ticket. KRB5_TRACE=/dev/stderr does the same for every command.

  -j    JSON, one event a line
  -H    writes a page with the steps as a diagram, to send to an administrator (--html; mode 0600, replaces a file)

Example: krb5-remctl trace -H login.html kinit alice@EXAMPLE.ORG
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
    const file = args.get("H");
    const page = file === undefined ? undefined : new TracePage(started);
    const onTrace = (event: TraceEvent): void => {
      host.onTrace?.(event);
      page?.add(event);
      if (page !== undefined && !args.has("j")) return;
      // Begun at once, so that a step is seen before what comes of it.
      void host.stderr.write(format(event)).catch(() => {});
    };
    const status = await command.run(hostOf(host, name, rest, { onTrace }));
    if (page !== undefined && file !== undefined)
      await writePage(host, file, await page.html(`krb5-remctl ${name}`, status));
    return status;
  });
}

/** Its owner alone can read it: it has names and addresses. A device is not replaced. */
async function writePage(host: CommandHost, path: string, html: string): Promise<void> {
  const files = host.runtime.files?.();
  if (files === undefined) throw new CommandFailure(`${path}: ${host.runtime.name} has no files`);
  const part = `${path}.${host.now().toString(36)}.part`;
  try {
    await files.writeExclusive(part, new TextEncoder().encode(html), { mode: 0o600 });
    await files.rename(part, path);
  } catch (cause) {
    await files.remove(part).catch(() => false);
    throw new CommandFailure(`${path}: ${(cause as Error).message}`, { cause });
  }
}
