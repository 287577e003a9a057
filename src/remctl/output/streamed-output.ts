import type { OutputKind, RemctlOutputKind } from "./output-kind.ts";
import { OutputQueue } from "./output-queue.ts";
import { afterRun, RemctlRun } from "./run.ts";

/**
 * Makes the part that gives a command's output as it comes, for the option `outputKinds`: `client.stream()` and
 * `session.stream()` of `krb5-remctl/lean` need it.
 *
 * @returns a value for `outputKinds`
 * @example
 * ```ts
 * import { createClient, streamedOutput } from "krb5-remctl/lean";
 *
 * const client = createClient({
 *   credentials: { principal: "robot@EXAMPLE.ORG", keytab: async () => octets },
 *   kdc: ["tcp://kdc.example.org:88"],
 *   outputKinds: [streamedOutput()],
 * });
 * const run = await client.stream("server.example.org", ["log", "show"]);
 * await run.stdout.pipeTo(writable);
 * ```
 */
export function streamedOutput(): RemctlOutputKind {
  const kind: OutputKind = {
    output: "streamed",
    begin(start) {
      const queue = new OutputQueue();
      const { status, cancel } = start(queue);
      return new RemctlRun(queue, status, cancel);
    },
    after: afterRun,
  };
  return kind;
}
