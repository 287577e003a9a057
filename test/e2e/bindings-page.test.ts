// docs/migrating/c-remctl.md shows one program in six languages. Each runs with Debian's own binding of libremctl against
// Debian's remctld, and prints what ours prints.

import { spawnSync } from "node:child_process";
import path from "node:path";
import { expect, it } from "vitest";
import { PASSWORDS, startMitBed, startRemctld } from "../../tools/beds/index.mjs";
import { describeLive, describeUnless, peers, useBed } from "../support/live.ts";
import { type Names, renamed, runProgramFile, usePageProject } from "../support/page-project.ts";
import { programOf, textOf } from "../support/pages.ts";

const PAGE = "docs/migrating/c-remctl.md";
const EXPECTED = { status: 0, stdout: "0 account: alice\na line\nstatus 3\n", stderr: "another\n" };

const { bindings } = peers;
/** A file of the peer, below /usr. */
const find = (pattern: string): string => {
  const found = bindings.find(pattern);
  if (found === undefined) throw new Error(`the bindings have no ${pattern}`);
  return found;
};
/** The program of the page in a language. */
const blockOf = (language: string): string => {
  const [, code] = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, "m").exec(textOf(PAGE)) ?? [];
  if (code === undefined) throw new Error(`${PAGE} has no program in ${language}`);
  return code;
};

interface Language {
  readonly name: string;
  readonly file: string;
  /** The page's address, and this world's. */
  readonly names: (port: number) => Names;
  readonly command: (file: string) => readonly string[];
}

const LANGUAGES: readonly Language[] = [
  {
    name: "perl",
    file: "program.pl",
    names: (port) => [['"server.example.org", undef', `"localhost", ${port}`]],
    command: (file) => [bindings.bin("perl"), `-I${path.resolve(find("lib/*/perl5/*/Net/Remctl.pm"), "../..")}`, file],
  },
  {
    name: "python",
    file: "program.py",
    names: (port) => [['"server.example.org", None', `"localhost", ${port}`]],
    command: (file) => [bindings.bin("python3"), file],
  },
  {
    name: "php",
    file: "program.php",
    names: (port) => [['"server.example.org", 0', `"localhost", ${port}`]],
    command: (file) => [find("bin/php8*"), "-n", "-d", `extension=${find("lib/php/*/remctl.so")}`, file],
  },
  {
    name: "ruby",
    file: "program.rb",
    // The page uses the usual port, which the binding has as a default that can be set.
    names: (port) => [
      ["require 'remctl'\n", `require 'remctl'\nRemctl.default_port = ${port}\n`],
      ["server.example.org", "localhost"],
    ],
    command: (file) => [
      find("bin/ruby3*"),
      "--disable-gems",
      `-I${path.dirname(find("lib/*/ruby/vendor_ruby/*/remctl.so"))}`,
      file,
    ],
  },
];

describeLive("mit", "the program of the page of the C remctl", () => {
  const project = usePageProject("bindings");
  const world = useBed(async () => {
    const bed = await startMitBed();
    const commands: [string, string, string][] = [
      ["account", "show", 'echo "account: $2"'],
      ["log", "show", "echo a line; echo another >&2; exit 3"],
    ];
    const remctld = await startRemctld({ bed, commands });
    const { env } = await bed.kinit("alice", { password: PASSWORDS.alice as string });
    return { bed, remctld, env, close: async () => void (await Promise.all([remctld.close(), bed.close()])) };
  });
  const write = (code: string, names: Names, file: string): string => {
    const text = renamed(code, names);
    expect(text).not.toContain("server.example.org");
    return project().write(text, file);
  };

  it("in this package", { timeout: 60_000 }, async () => {
    const port = `{ port: ${world().remctld.port} })`;
    const file = write(
      programOf(PAGE, "session.noop()"),
      [
        ['["account", "show", "alice"])', `["account", "show", "alice"], ${port}`],
        ['connect("server.example.org")', `connect("localhost", ${port}`],
        ["server.example.org", "localhost"],
      ],
      "program.mjs",
    );
    const { LD_LIBRARY_PATH: _, ...own } = world().env;
    const env = { ...process.env, ...own };
    expect(await runProgramFile(process.execPath, [file], { env })).toEqual(EXPECTED);
  });

  // They are downloaded where CI=true.
  describeUnless(bindings.available ? undefined : `bindings: ${bindings.reason}`, "with the bindings of Debian", () => {
    it.each(LANGUAGES)("in $name", { timeout: 60_000 }, async ({ name, file, names, command }) => {
      const [program = "", ...args] = command(write(blockOf(name), names(world().remctld.port), file));
      const env = { ...process.env, ...bindings.env, ...withLibraries() };
      expect(await runProgramFile(program, args, { env })).toEqual(EXPECTED);
    });

    const compiler = spawnSync("cc", ["--version"]).status === 0;
    it.runIf(compiler)("in C", { timeout: 60_000 }, async () => {
      const file = write(
        blockOf("c"),
        [['"server.example.org", 0', `"localhost", ${world().remctld.port}`]],
        "program.c",
      );
      const out = path.join(path.dirname(file), "program");
      const env = { ...process.env, ...withLibraries() };
      const flags = [
        `-I${path.dirname(find("include/remctl.h"))}`,
        file,
        "-o",
        out,
        `-L${bindings.libDir}`,
        "-lremctl",
      ];
      expect(await runProgramFile("cc", [...flags, "-Wl,--allow-shlib-undefined"], { env })).toMatchObject({
        status: 0,
      });
      expect(await runProgramFile(out, [], { env })).toEqual(EXPECTED);
    });
  });

  /** The login of somebody who ran kinit, and the libraries of both trees. */
  function withLibraries(): NodeJS.ProcessEnv {
    const { env } = world();
    return { ...env, LD_LIBRARY_PATH: [bindings.env.LD_LIBRARY_PATH, env.LD_LIBRARY_PATH].filter(Boolean).join(":") };
  }
});
