import { KerberosError, RemctlServerError } from "../../errors.ts";
import type { RemctlSession } from "../../remctl/index.ts";
import type { CommandHost } from "../command.ts";
import { isBrokenPipe } from "../program.ts";
import { commandArguments } from "./remctl-arguments.ts";
import { Connector } from "./remctl-connect.ts";
import { type Failure, failureOf, type Stage } from "./remctl-failure.ts";
import { jsonReport, plainReport, type Report } from "./remctl-report.ts";

/** What the command line says beside host and command. */
export interface CommandSettings {
  /** Undefined: 4373, then 4444. */
  readonly port: number | undefined;
  /** Undefined: no limit. */
  readonly timeoutMs: number | undefined;
  readonly concurrency: number | undefined;
  readonly protocol: 1 | 2 | undefined;
  readonly localAddress: string | undefined;
  readonly service: string | undefined;
  readonly isDebugging: boolean;
  readonly isJson: boolean;
  readonly isExpanding: boolean;
  readonly isBySrv: boolean;
  readonly allowVersion1: boolean;
}

/** Runs the command on one server; output is written as it comes. Gives the exit status. */
export async function runOnOne(
  host: CommandHost,
  name: string,
  words: readonly string[],
  settings: CommandSettings,
): Promise<number> {
  // What the C library's resolver says of it; here no name is looked up before it is a principal's.
  if (name === "")
    throw new Error(
      `${settings.service === undefined ? "cannot resolve" : "unknown"} host : Name or service not known`,
    );
  const args = await commandArguments(host, words, settings);
  const connector = new Connector(host, settings);
  const report: Report = (settings.isJson ? jsonReport : plainReport)(host, name);
  let session: RemctlSession | undefined;
  let stage: Stage = "connecting";
  try {
    session = await connector.connect(name);
    stage = "reading";
    const run = session.stream(args, { isLast: true });
    for await (const chunk of run) await report.output(chunk);
    const status = await run.status;
    await report.status(status);
    // Of version 1 a status has 32 bits; a process has 8.
    return status & 0xff;
  } catch (error) {
    if (isBrokenPipe(error)) throw error;
    const failure = await failureOf(host, error, connector.about(name, stage));
    await report.failure(failure);
    if (settings.isDebugging && error instanceof KerberosError) await explain(host, error, failure);
    return error instanceof RemctlServerError ? 255 : 1;
  } finally {
    await session?.close();
    connector.close();
  }
}

/** The library's own words, where they say more than those of the C program. */
export async function explain(host: CommandHost, error: KerberosError, { message }: Failure): Promise<void> {
  if (!message.endsWith(error.message)) {
    await host.stderr.write(`${host.name}: ${error.code}, ${error.commandState}: ${error.message}\n`);
  }
}
