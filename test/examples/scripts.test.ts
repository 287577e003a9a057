// The examples for Node, Deno and Bun, and the one for AWS Lambda, started as docs/edge.md says.

import { type ChildProcess, execFile, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { expect, it, onTestFinished } from "vitest";
import { runtimePath } from "../../tools/runtimes/index.mjs";
import { describeLive, useBed, wholeTable } from "../support/live.ts";
import { describeRuntimes } from "../support/runtimes.ts";
import { exampleFolder, startWorld } from "./world.ts";

const run = promisify(execFile);

describeRuntimes("examples", () =>
  describeLive("mit", "of scripts and functions", () => {
    const world = useBed(startWorld);
    const environment = () => ({
      PATH: process.env.PATH ?? "",
      HOME: exampleFolder("."),
      DENO_NO_UPDATE_CHECK: "1",
      NO_COLOR: "1",
      KDC: `tcp://localhost:${world().kdc.port}`,
      ...world().settings,
    });
    const start = (program: string, args: readonly string[], folder: string) =>
      run(program, args, { cwd: exampleFolder(folder), env: environment() });

    it("Node: output as it comes, and the exit status", async () => {
      const { stdout } = await start(process.execPath, ["remctl.mjs", "account", "show", "alice"], "node");
      expect(stdout).toBe("account: alice\n");
      await expect(start(process.execPath, ["remctl.mjs", "account", "show", "nobody"], "node")).rejects.toMatchObject({
        code: 1,
        stdout: "account: nobody\n",
      });
    });

    it("Deno, with the smallest flags", async () => {
      const { kdc, server } = world();
      const names = "PRINCIPAL,KEYTAB,KDC,REMCTL_HOST,REMCTL_PORT";
      const env = `--allow-env=${names}`;
      const net = (...ports: number[]) => `--allow-net=${ports.map((port) => `localhost:${port}`).join(",")}`;
      const deno = (...flags: string[]) =>
        start(runtimePath("deno"), ["run", "--no-prompt", ...flags, "remctl.ts", "account", "show", "alice"], "deno");
      expect((await deno(env, net(kdc.port, server.port))).stdout).toBe("account: alice\n");
      // Each of them is needed, and what is missing is named.
      await expect(deno(env, net(server.port))).rejects.toMatchObject({
        stderr: expect.stringContaining(`localhost:${kdc.port}`),
      });
      await expect(deno(env, net(kdc.port))).rejects.toMatchObject({
        stderr: expect.stringContaining(`localhost:${server.port}`),
      });
      await expect(deno(net(kdc.port, server.port))).rejects.toMatchObject({ stderr: expect.stringContaining("env") });
    });

    it("OpenTelemetry: a span for the call, and in it the login, the KDC and the command", async () => {
      const { stdout } = await start(process.execPath, ["remctl.mjs", "account", "show", "alice"], "opentelemetry");
      const spans = [...stdout.matchAll(/ {2}name: '([^']+)',\n {2}id: '([^']+)',/g)].map(([, name, id]) => ({
        name,
        id,
      }));
      const parents = [...stdout.matchAll(/parentSpanContext: (?:undefined|\{\n[^}]*spanId: '([^']+)')/g)].map(
        ([, id]) => id,
      );
      const idOf = (wanted: string) => spans.find(({ name }) => name === wanted)?.id;
      const parentOf = (wanted: string) => parents[spans.findIndex(({ name }) => name === wanted)];
      expect(spans.map(({ name }) => name).sort()).toEqual(["AS-REQ", "AS-REQ", "TGS-REQ", "login", "remctl", "run"]);
      expect(parentOf("remctl")).toBeUndefined();
      expect(parentOf("login")).toBe(idOf("remctl"));
      expect(parentOf("AS-REQ")).toBe(idOf("login"));
      expect(parentOf("TGS-REQ")).toBe(idOf("remctl"));
      expect(parentOf("run")).toBe(idOf("remctl"));
      expect(stdout).toContain("'server.address': 'localhost'");
      expect(stdout).toContain("'remctl.status': 0");
    });

    it("Bun", async () => {
      const bun = runtimePath("bun");
      expect((await start(bun, ["remctl.ts", "account", "show", "alice"], "bun")).stdout).toBe("account: alice\n");
      await expect(start(bun, ["remctl.ts", "account", "show", "nobody"], "bun")).rejects.toMatchObject({ code: 1 });
    });

    /** What Lambda's own runtime does: one process, events one after the other, the handler's answer or its error. */
    function startLambda(): { invoke(event: object): Promise<unknown>; child: ChildProcess } {
      const driver = path.join(exampleFolder("lambda"), "driver.mjs");
      writeFileSync(
        driver,
        `import { createInterface } from "node:readline";
import { handler } from "./handler.mjs";
for await (const line of createInterface({ input: process.stdin })) {
  const answer = await handler(JSON.parse(line)).catch((error) => ({ thrown: error.code, commandState: error.commandState }));
  console.log(JSON.stringify(answer));
}`,
      );
      const child = spawn(process.execPath, [driver], { env: environment(), stdio: ["pipe", "pipe", "inherit"] });
      onTestFinished(() => void child.kill());
      const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
      return {
        child,
        async invoke(event) {
          child.stdin.write(`${JSON.stringify(event)}\n`);
          return JSON.parse((await lines.next()).value as string);
        },
      };
    }

    it("Lambda: an event that comes twice is carried out once, with the tickets of the first", async () => {
      const { kdc, creations } = world();
      const lambda = startLambda();
      expect(await lambda.invoke({ user: "ann" })).toEqual({ statusCode: 201, body: "created ann\n" });
      const asked = kdc.connections();
      expect(await lambda.invoke({ user: "ann" })).toEqual({ statusCode: 200, body: "ann is there" });
      expect(creations("ann")).toBe(1);
      expect(kdc.connections()).toBe(asked);
    });

    it("Lambda: a connection that ends in the middle of the command is looked into, not repeated", async () => {
      const { server, isCreated, creations } = world();
      const lambda = startLambda();
      const answer = lambda.invoke({ user: "ben" });
      while (!isCreated("ben")) await new Promise((resolve) => setTimeout(resolve, 5));
      server.cut();
      expect(await answer).toEqual({ statusCode: 201, body: "ben was created" });
      expect(creations("ben")).toBe(1);
    });

    it.runIf(wholeTable)(
      "Lambda: where the command was not sent it throws, so that the platform tries again",
      async () => {
        const { remctld } = world();
        const lambda = startLambda();
        expect(await lambda.invoke({ user: "cat" })).toMatchObject({ statusCode: 201 });
        process.kill(remctld.pid, "SIGSTOP");
        try {
          // The relay takes the connection, nobody answers: the login to remctld never ends.
          expect(await lambda.invoke({ user: "dan" })).toEqual({ thrown: "TIMEOUT", commandState: "not-sent" });
        } finally {
          process.kill(remctld.pid, "SIGCONT");
        }
        expect(await lambda.invoke({ user: "dan" })).toMatchObject({ statusCode: 201 });
      },
    );

    it("Lambda: frozen between two events and continued, as the platform does", async () => {
      const lambda = startLambda();
      expect(await lambda.invoke({ user: "eve" })).toMatchObject({ statusCode: 201 });
      lambda.child.kill("SIGSTOP");
      await new Promise((resolve) => setTimeout(resolve, 1500));
      lambda.child.kill("SIGCONT");
      expect(await lambda.invoke({ user: "fay" })).toMatchObject({ statusCode: 201 });
    });
  }),
);
