import { fileURLToPath } from "node:url";
import { runProgram } from "../../tools/beds/index.mjs";
import { peers } from "./live.ts";

/** What libremctl is told to do; see libremctl.py. */
export type LibremctlOperation =
  | { readonly op: "noop" }
  | { readonly op: "command"; readonly args: readonly (string | { readonly size: number })[] }
  | { readonly op: "repeat"; readonly args: readonly string[]; readonly times: number };

interface Stream {
  readonly octets: number;
  readonly sha256: string;
  /** Its first 200 octets. */
  readonly text: string;
}

/** What came of it. */
export interface LibremctlResult {
  readonly failure?: string;
  readonly noop?: true;
  readonly status?: number;
  readonly error?: number;
  readonly text?: string;
  readonly stdout?: Stream;
  readonly stderr?: Stream;
  readonly messages?: number;
  readonly milliseconds?: number | readonly number[];
}

/** libremctl, the C library, on one connection: runs the operations and gives a result for each. */
export async function libremctl(
  env: Record<string, string>,
  port: number,
  operations: readonly LibremctlOperation[],
): Promise<LibremctlResult[]> {
  const python = peers["python-gssapi"];
  const script = fileURLToPath(new URL("./libremctl.py", import.meta.url));
  const open = { op: "open", host: "127.0.0.1", port, principal: "host/localhost" };
  const input = [open, ...operations].map((operation) => `${JSON.stringify(operation)}\n`).join("");
  const ran = await runProgram(python.bin("python3"), ["-B", script], {
    env: { ...python.env, ...env, LD_LIBRARY_PATH: python.env.LD_LIBRARY_PATH ?? "" },
    input,
    timeoutMs: 120_000,
  });
  if (ran.status !== 0) throw new Error(`libremctl.py ended with ${ran.status}: ${ran.stderr}`);
  const lines = ran.stdout.toString().split("\n").filter(Boolean);
  const [opened, ...results] = lines.map((line) => JSON.parse(line) as LibremctlResult);
  if (opened?.failure !== undefined) throw new Error(`libremctl: ${opened.failure}`);
  return results;
}
