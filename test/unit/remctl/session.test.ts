import { describe, expect, it } from "vitest";
import { open, text } from "../../support/remctl-harness.ts";

describe("a session", () => {
  it("runs a command and gives its output and its status", async () => {
    const { session, script } = await open(async (server) => {
      const command = await server.readCommand();
      await server.output(1, "hello ");
      await server.output(2, "warning");
      await server.output(1, "world\n");
      await server.status(7);
      return command;
    });
    const result = await session.run(["account", "show"]);
    expect([result.status, result.text(), result.text("stderr"), result.isSuccess]).toEqual([
      7,
      "hello world\n",
      "warning",
      false,
    ]);
    const command = (await script) as { keepAlive: number; args: Uint8Array[] };
    expect(command.keepAlive).toBe(1);
    expect(command.args.map((arg) => text(arg))).toEqual(["account", "show"]);
    await session.close();
  });
});
