import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { isOneOfMany } from "../../../src/runtime/node-cluster.ts";
import { runtimePath } from "../../../tools/runtimes/index.mjs";
import { describeRuntimes } from "../../support/runtimes.ts";

it("a process by itself is not one of many", () => {
  expect(isOneOfMany()).toBe(false);
});

describeRuntimes("on Node 24", () => {
  it("a worker of a cluster is", async () => {
    const file = fileURLToPath(new URL("../../../src/runtime/node-cluster.ts", import.meta.url));
    const program = `
      import cluster from "node:cluster";
      const { isOneOfMany } = await import(${JSON.stringify(file)});
      if (cluster.isPrimary) {
        cluster.setupPrimary({ execArgv: [], exec: ${JSON.stringify(fileURLToPath(new URL("./node-cluster-worker.mjs", import.meta.url)))} });
        const worker = cluster.fork({ FILE: ${JSON.stringify(file)} });
        worker.on("message", (said) => console.log(isOneOfMany(), said));
      }`;
    const { stdout } = await promisify(execFile)(runtimePath("node24"), ["--input-type=module", "-e", program]);
    expect(stdout.trim()).toBe("false true");
  });
});
