import { hasName, isKerberosError, type KerberosError } from "../../errors.ts";
import type { OutputChunk, RemctlSession } from "../../remctl/index.ts";
import type { CommandHost } from "../command.ts";
import { isBrokenPipe, messageOf } from "../program.ts";
import { commandArguments } from "./remctl-arguments.ts";
import { Connector } from "./remctl-connect.ts";
import { type Failure, failureOf, type Stage } from "./remctl-failure.ts";
import { jsonReport, plainReport, type Report } from "./remctl-report.ts";
import type { CommandSettings } from "./remctl-settings.ts";

/** Runs the command on one server; output is written as it comes. Gives the exit status. */
export async function runOnOne(
  host: CommandHost,
  name: string,
  words: readonly string[],
  settings: CommandSettings,
): Promise<number> {
  const report: Report = (settings.isJson ? jsonReport : plainReport)(host, name);
  let connector: Connector | undefined;
  let session: RemctlSession | undefined;
  let stage: Stage = "connecting";
  try {
    // What the C library's resolver says of it; here no name is looked up before it is a principal's.
    if (name === "") {
      const what = settings.service === undefined ? "cannot resolve" : "unknown";
      throw new Error(`${what} host : Name or service not known`);
    }
    const args = await commandArguments(host, words, settings);
    connector = new Connector(host, settings);
    session = await connector.connect(name);
    stage = "reading";
    const run = session.stream(args, { isLast: true });
    const lost = await writeAll(host, run, report);
    const status = await run.status;
    await report.status(status);
    // Of version 1 a status has 32 bits; a process has 8. Lost output is not a success.
    return status & 0xff || (lost ? 1 : 0);
  } catch (error) {
    if (isBrokenPipe(error)) throw error;
    if (connector === undefined) {
      if (!settings.isJson) throw error;
      await report.failure({ message: messageOf(error), error, octets: undefined });
      return 1;
    }
    const failure = await failureOf(host, error, connector.about(name, stage));
    // Where even that cannot be written, the status says it.
    await report.failure(failure).catch((lost: unknown) => {
      if (isBrokenPipe(lost)) throw lost;
    });
    if (settings.isDebugging && isKerberosError(error)) await explain(host, error, failure);
    return hasName(error, "RemctlServerError") ? 255 : 1;
  } finally {
    await session?.close();
    connector?.close();
  }
}

/**
 * Writes the output as it comes. What cannot be written is read all the same, so that the command comes to its end;
 * told once.
 */
async function writeAll(host: CommandHost, run: AsyncIterable<OutputChunk>, report: Report): Promise<boolean> {
  let isLost = false;
  for await (const chunk of run) {
    if (isLost) continue;
    try {
      await report.output(chunk);
    } catch (error) {
      if (isBrokenPipe(error)) throw error;
      isLost = true;
      await host.stderr
        .write(`${host.name}: local write of command output failed: ${errnoText(error)}\n`)
        .catch(() => {});
    }
  }
  return isLost;
}

function errnoText(error: unknown): string {
  const { code } = error as { readonly code?: unknown };
  return code === "ENOSPC" ? "No space left on device" : messageOf(error);
}

/** The library's own words, where they say more than those of the C program. */
export async function explain(host: CommandHost, error: KerberosError, { message }: Failure): Promise<void> {
  if (!message.endsWith(error.message)) {
    await host.stderr.write(`${host.name}: ${error.code}, ${error.commandState}: ${error.message}\n`);
  }
}
