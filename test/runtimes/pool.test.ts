// A pool that is shared by requests of a Worker: sockets there belong to the request that opened them.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, it } from "vitest";
import { startMitBed, startRemctld } from "../../tools/beds/index.mjs";
import { useBed } from "../support/live.ts";
import { describeRuntimes } from "../support/runtimes.ts";
import { bundleProgram } from "./build.ts";
import { startWorkerd } from "./workerd.ts";

describeRuntimes("a pool in a Worker", () => {
  const all = useBed(async () => {
    const bed = await startMitBed();
    const remctld = await startRemctld({ bed });
    return { bed, remctld, close: async () => void (await Promise.all([remctld.close(), bed.close()])) };
  });

  it.each([true, false])(
    "PO18: gives no request another's session (nodejs_compat: %s)",
    async (isNodeCompatible) => {
      const { bed, remctld } = all();
      const directory = mkdtempSync(path.join(tmpdir(), "krb5-remctl-pool-"));
      const { file } = await bundleProgram("portable/pool-worker.ts", directory);
      const config = {
        principal: `alice@${bed.realm}`,
        password: bed.passwords.alice,
        kdc: [`tcp://127.0.0.1:${bed.port}`],
        port: remctld.port,
        service: remctld.service,
      };
      const workerd = await startWorkerd({
        module: file,
        isNodeCompatible,
        bindings: { CONFIG: JSON.stringify(config) },
      });
      try {
        for (let request = 0; request < 6; request++) {
          const response = await fetch(workerd.url);
          const text = await response.text();
          expect(JSON.parse(text)).toEqual({
            text: "hello world\n",
            counts: { sessions: 1, idle: 1, opening: 0, waiting: 0 },
          });
        }
      } finally {
        await workerd.close();
        rmSync(directory, { recursive: true, force: true });
      }
    },
    60_000,
  );
});
