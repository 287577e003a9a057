// client.stream: one command, its output as it comes, in a session for it alone. Both clients, in memory and over sockets.

import { describe, expect, it, onTestFinished } from "vitest";
import { createClient, type KerberosError, type RemctlOptions, type RemctlRun } from "../../src/entry/index.ts";
import { createClient as createLean, streamedOutput } from "../../src/entry/lean.ts";
import { createRemctlServer, type RemctlCommand, type ServerEvent } from "../../src/entry/server.ts";
import { createTestRealm } from "../../src/entry/testing.ts";
import { detectRuntime } from "../../src/runtime/index.ts";
import { failureOf, text } from "../support/remctl-harness.ts";
import { open } from "../support/server-bench.ts";
import { bedCommands, largeOutput } from "../support/server-commands.ts";

const clients = ["main", "lean"] as const;
const ways = ["in memory", "by TCP"] as const;

async function world(kind: (typeof clients)[number], way: (typeof ways)[number], more: readonly RemctlCommand[] = []) {
  const principals = { alice: { password: "secret" }, "host/localhost": {} };
  const realm = await createTestRealm({ realm: "TEST.EXAMPLE", principals });
  const events: ServerEvent[] = [];
  const commands = [...more, ...bedCommands("TEST.EXAMPLE")];
  const keytab = realm.keytab("host/localhost");
  const server = createRemctlServer({ keytab, commands, onTrace: (event) => events.push(event) });
  onTestFinished(async () => void (await Promise.all([server.close(), realm.close()])));
  let reach: RemctlOptions & { readonly dial?: typeof server.dial } = {
    dial: (host, port, options) => (port === 88 ? realm : server).dial(host, port, options),
  };
  if (way === "by TCP") {
    await realm.listen();
    await server.listen({ host: "127.0.0.1", port: 0 });
    reach = { port: server.port };
  }
  const credentials = { principal: "alice@TEST.EXAMPLE", password: "secret" };
  // The small client asks KDCs over TCP.
  const kdc = realm.kdc.map((text) => text.replace("udp:", "tcp:"));
  const options = { credentials, kdc, runtime: detectRuntime(), ...reach };
  return {
    server,
    events,
    client: kind === "main" ? createClient(options) : createLean({ ...options, outputKinds: [streamedOutput()] }),
  };
}

async function all(run: RemctlRun): Promise<string> {
  let printed = "";
  for await (const { stream, data } of run) printed += `${stream}: ${text(data)}`;
  return printed;
}

for (const kind of clients) {
  for (const way of ways) {
    describe(`client.stream, ${kind}, ${way}`, () => {
      it("gives output as it comes and then the status; the session is closed after it", async () => {
        const { client, server } = await world(kind, way);
        const run = await client.stream("localhost", ["test", "mixed"]);
        expect(await all(run)).toBe("stdout: out1\nstderr: err1\nstdout: out2\n");
        expect(await run.status).toBe(7);
        await run[Symbol.asyncDispose]();
        await expect.poll(() => server.connections).toBe(0);
      });

      it("gives web streams of more than maxOutputBytes", async () => {
        const { client } = await world(kind, way);
        const octets = largeOutput(400_000);
        const args = ["test", "large-output", String(octets.length)];
        await using run = await client.stream("localhost", args, { maxOutputBytes: 1_000 });
        expect(Buffer.compare(new Uint8Array(await new Response(run.stdout).arrayBuffer()), octets)).toBe(0);
        expect(await run.status).toBe(0);
      });

      it("leaving the block in the middle ends the command; the server hears it", async () => {
        const reasons: unknown[] = [];
        const wait = open("wait", async ({ signal, stdout }) => {
          await stdout.write("begun");
          await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
          reasons.push(signal.reason);
          return 0;
        });
        const { client, server } = await world(kind, way, [wait]);
        const run = await client.stream("localhost", ["wait"]);
        {
          await using _ = run;
          for await (const { data } of run) {
            expect(text(data)).toBe("begun");
            break;
          }
        }
        const error = await failureOf<KerberosError>(run.status);
        expect([error.code, error.commandState]).toEqual(["ABORTED", "maybe-executed"]);
        await expect.poll(() => server.connections).toBe(0);
        expect(reasons).toMatchObject([{ code: "CONNECTION_CLOSED" }]);
      });

      it("its signal and its total time end it, as they end remctl()", async () => {
        const wait = open(
          "wait",
          ({ signal }) => new Promise((done) => signal.addEventListener("abort", () => done(0))),
        );
        const { client, server } = await world(kind, way, [wait]);
        const controller = new AbortController();
        const aborted = await client.stream("localhost", ["wait"], { signal: controller.signal });
        controller.abort();
        expect((await failureOf<KerberosError>(aborted.status)).code).toBe("ABORTED");
        const late = client.stream("localhost", ["wait"], { totalTimeoutMs: 500 });
        expect((await failureOf<KerberosError>(late.then(all))).code).toBe("TIMEOUT");
        await expect.poll(() => server.connections).toBe(0);
      });

      it("what cannot be sent or is refused: no session stays open", async () => {
        const { client, server } = await world(kind, way);
        await expect(client.stream("localhost", ["\ud800"])).rejects.toThrow(TypeError);
        await expect(client.stream("localhost", ["x"], { service: "host/nobody" })).rejects.toMatchObject({
          code: "SERVICE_UNKNOWN",
          commandState: "not-sent",
        });
        const refused = await client.stream("localhost", ["nothing"]);
        expect((await failureOf<KerberosError>(refused.status)).code).toBe("REMCTL_UNKNOWN_COMMAND");
        await expect.poll(() => server.connections).toBe(0);
      });
    });
  }
}

// Protocol section 2.4: with keep-alive 0 the server closes, and a proxy may drop what it holds; with 1 the client says QUIT.
it.each([
  ["by TCP", "keep-alive is 0"],
  ["in memory", "QUIT"],
] as const)("a one-shot %s ends with %s", async (way, reason) => {
  const { client, server, events } = await world("main", way);
  expect((await client.remctl("localhost", ["test", "test"])).status).toBe(0);
  expect(await (await client.stream("localhost", ["test", "test"])).status).toBe(0);
  await expect.poll(() => server.connections).toBe(0);
  const reasons = events.flatMap((event) => (event.type === "closed" ? [event.reason] : []));
  expect(reasons).toEqual([reason, reason]);
});
