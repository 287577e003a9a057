import type { SequenceStep } from "../../src/diagram/index.ts";
import { readAll, stepOf } from "../playground/read.ts";
import { PASSWORD, runOnce } from "../playground/session.ts";

/** A login by password and a command, from the messages of one in the embedded realm. */
export async function loginSteps(): Promise<SequenceStep[]> {
  const run = await runOnce({
    principal: "alice",
    password: PASSWORD,
    command: "account show alice",
    preauth: "encrypted-timestamp",
    enctype: 18,
    clockSeconds: 0,
    fault: "",
    faultOn: "as-rep",
  });
  if ("error" in run.outcome) throw run.outcome.error;
  return (await readAll(run)).map(stepOf);
}
