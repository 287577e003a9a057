// What `--help` of each command says: how it is called, what its options mean, and one whole command line.

import { describe, expect, it } from "vitest";
import { commands } from "../../../src/cli/commands/index.ts";
import { runCli } from "../../support/cli.ts";

describe.each(commands.map(({ name }) => name))("%s --help", (name) => {
  it("shows one example, whose options the text has", async () => {
    const { status, stdout, stderr } = await runCli(["krb5-remctl", name, "--help"]);
    expect([status, stderr]).toEqual([0, ""]);
    const [, text = "", example = ""] = /^([\s\S]+\n\n)Example: (.+)\n$/.exec(stdout) ?? [];
    const words = example.replace(/ -- .*/, "").split(" ");
    expect(words).toContain(name);
    const letters = words.filter((word) => /^-[a-zA-Z]/.test(word)).flatMap((word) => [...word.slice(1)]);
    for (const letter of letters) {
      // In the line of the usage, or at the beginning of a line that says what it means.
      expect(text).toMatch(
        new RegExp(`\\[-\\w*${letter}|\\{-${letter} |[[|] ?-${letter}\\b|^ +(?:-\\w )*-${letter}\\b`, "m"),
      );
    }
  });

  it("keeps within 125 columns", async () => {
    const { stdout } = await runCli(["krb5-remctl", name, "--help"]);
    expect(stdout.split("\n").filter((line) => line.replaceAll("\t", "        ").length > 125)).toEqual([]);
  });
});
