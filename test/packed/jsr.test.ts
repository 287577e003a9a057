// The module that JSR would serve: what `deno publish` uploads to a registry of our own here, looked at and run. JSR resolves
// package conditions at publishing, as Deno does; so nothing of this package may hang on one.

import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { makeFolder, removeFolder } from "../../tools/beds/process.mjs";
import { ROOT } from "../../tools/bootstrap.mjs";
import { build } from "../../tools/pack/index.mjs";
import { runtimePath } from "../../tools/runtimes/index.mjs";
import { startWorkerd } from "../runtimes/workerd.ts";
import { describeRuntimes } from "../support/runtimes.ts";

const run = promisify(execFile);
const { name, version, exports, publish } = JSON.parse(readFileSync(path.join(ROOT, "jsr.json"), "utf8")) as {
  name: string;
  version: string;
  exports: Record<string, string>;
  publish: { include: string[] };
};
const manifest = JSON.parse(readFileSync(path.join(ROOT, "package.json"), "utf8"));

describeRuntimes("the package on JSR", () => {
  let folder: string;
  let registry: Server;
  let url: string;
  let tarball: Buffer | undefined;
  const served = (...names: string[]) => path.join(folder, "served", ...names);
  const files = (): string[] =>
    readdirSync(served(), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(served(), path.join(entry.parentPath, entry.name)));
  const deno = (args: readonly string[], cwd: string) =>
    run(runtimePath("deno"), args, {
      cwd,
      env: {
        PATH: process.env.PATH,
        HOME: folder,
        DENO_DIR: path.join(folder, "deno"),
        DENO_NO_UPDATE_CHECK: "1",
        NO_COLOR: "1",
        JSR_URL: url,
      },
    }).catch((error: { stderr?: string }) => expect.fail(error.stderr ?? String(error)));

  beforeAll(async () => {
    folder = makeFolder("jsr");
    registry = createServer(async (request, response) => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of request) chunks.push(chunk as Uint8Array);
      const answer = answerOf(request.method ?? "", request.url ?? "", Buffer.concat(chunks));
      const isJson = typeof answer === "object" && !Buffer.isBuffer(answer);
      response.writeHead(answer === undefined ? 404 : 200, {
        "content-type": isJson || answer === undefined ? "application/json" : "text/typescript",
      });
      response.end(
        answer === undefined ? '{"code":"notFound","message":""}' : isJson ? JSON.stringify(answer) : answer,
      );
    });
    await new Promise<void>((resolve) => registry.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(registry.address() as AddressInfo).port}/`;
    mkdirSync(path.join(folder, "repository"));
    for (const file of [...publish.include, "package.json"]) {
      const filter = (source: string) => path.basename(source) !== "node_modules";
      cpSync(path.join(ROOT, file), path.join(folder, "repository", file), { recursive: true, filter });
    }
    symlinkSync(path.join(ROOT, "node_modules"), path.join(folder, "repository", "node_modules"));
    // It refuses slow types and wrong ones, as its dry run does; what that would not show, it uploads.
    const flags = ["--allow-dirty", "--no-provenance", "--token", "none"];
    await deno(["publish", ...flags], path.join(folder, "repository"));
    writeFileSync(path.join(folder, "package.tgz"), tarball as Buffer);
    mkdirSync(served());
    await run("tar", ["-xzf", path.join(folder, "package.tgz"), "-C", served()]);
    // Deno packs files without a mode.
    await run("chmod", ["-R", "u+rwX", served()]);
  }, 240_000);
  afterAll(async () => {
    registry.closeAllConnections();
    await new Promise((resolve) => registry.close(resolve));
    removeFolder(folder);
  });

  /** The part of JSR's registry that publishing and importing need. */
  function answerOf(method: string, path_: string, body: Buffer): Buffer | object | undefined {
    const [pathname = ""] = path_.split("?");
    if (
      method === "POST" &&
      pathname === `/api/scopes/${name.slice(1, name.indexOf("/"))}/packages/krb5-remctl/versions/${version}`
    ) {
      tarball = body;
      const [packageScope, packageName] = name.slice(1).split("/");
      const id = "00000000-0000-0000-0000-000000000000";
      return { id, status: "success", error: null, packageScope, packageName, packageVersion: version };
    }
    if (pathname.startsWith("/api/") && pathname.endsWith("/packages/krb5-remctl")) return { name: "krb5-remctl" };
    if (pathname === `/${name}/meta.json`) return { name, latest: version, versions: { [version]: {} } };
    if (pathname === `/${name}/${version}_meta.json`) {
      const sums = files().map((file) => {
        const octets = readFileSync(served(file));
        const checksum = `sha256-${createHash("sha256").update(octets).digest("hex")}`;
        return [`/${file}`, { size: octets.length, checksum }];
      });
      return { manifest: Object.fromEntries(sums), exports };
    }
    const prefix = `/${name}/${version}/`;
    const file = pathname.slice(prefix.length);
    return pathname.startsWith(prefix) && files().includes(file) ? readFileSync(served(file)) : undefined;
  }

  it("has the same version and the same library exports as the npm package", () => {
    expect(version).toBe(manifest.version);
    // What a program is started with is for Node and Bun, which take it from npm.
    const names = Object.keys(manifest.exports).filter((one) => !/^\.\/(?:package\.json|.*\/register)$/.test(one));
    expect(Object.keys(exports)).toEqual(names);
    for (const [subpath, file] of Object.entries(exports)) {
      const built = file.replace("./src/", "./dist/").replace(/\.ts$/, ".js");
      expect(manifest.exports[subpath].default).toBe(built);
      expect(files()).toContain(file.slice(2));
    }
  });

  it("imports its own files and four packages, none by a condition, nothing of a host", () => {
    const specifiers = new Set<string>();
    const all = new Set(files());
    for (const file of [...all].filter((one) => /^src\/.*\.ts$/.test(one))) {
      const code = readFileSync(served(file), "utf8").replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
      for (const [, specifier = ""] of code.matchAll(
        /^(?:import|(?:import|export)\b[^"';]*?\bfrom)\s*"([^"\n]+)";/gm,
      )) {
        if (!specifier.startsWith(".")) specifiers.add(specifier);
        else if (!all.has(path.join(path.dirname(file), specifier))) expect.fail(`${file}: ${specifier} is not there`);
      }
    }
    const packages = [...specifiers].map((one) => /^npm:(@?[^@]+)@/.exec(one)?.[1] ?? one);
    expect([...new Set(packages)].sort()).toEqual(["@noble/ciphers", "@noble/curves", "@noble/hashes", "asn1js"]);
    expect(manifest.imports).toBeUndefined();
    for (const one of ["@noble/ciphers", "@noble/curves", "@noble/hashes", "asn1js"]) {
      // Of those, too, every host gets the same files.
      const theirs = JSON.parse(readFileSync(path.join(ROOT, "node_modules", one, "package.json"), "utf8"));
      for (const target of Object.values(theirs.exports)) expect(target).toEqual(expect.any(String));
    }
  });

  /** A user's program that tells which adapter serves it. */
  const program = (from: string, does: string) => `
    import { createClient, KerberosError } from "${from}";
    const client = createClient({
      credentials: { principal: "a@B", password: "c" },
      kdc: ["udp://127.0.0.1:9"],
      connectTimeoutMs: 500,
    });
    const answer = await client.${does}.catch((error) => error);
    export const told = answer instanceof KerberosError ? answer.message : String(answer?.stack);`;

  it("is imported by Deno from the registry, and takes Deno's adapter", async () => {
    const project = path.join(folder, "project");
    mkdirSync(path.join(project, "node_modules"), { recursive: true });
    symlinkSync(path.join(ROOT, "node_modules", "@noble"), path.join(project, "node_modules", "@noble"));
    const { dependencies } = manifest;
    const noble = Object.fromEntries(Object.entries(dependencies).filter(([one]) => one.startsWith("@noble/")));
    writeFileSync(path.join(project, "package.json"), JSON.stringify({ dependencies: noble }));
    writeFileSync(
      path.join(project, "main.ts"),
      `${program(`jsr:${name}@${version}`, 'remctl("localhost", ["a"])')}\nconsole.log(told);`,
    );
    const flags = [
      "run",
      "--no-prompt",
      "--no-lock",
      "--node-modules-dir=manual",
      `--allow-import=${new URL(url).host}`,
    ];
    const { stdout } = await deno([...flags, "main.ts"], project);
    // Only Deno's adapter knows of permissions.
    expect(stdout).toBe(
      "Deno does not let this program connect to localhost:4373: run it with --allow-net=localhost:4373\n",
    );
  });

  it("takes each other host's adapter there", async () => {
    // As JSR's npm registry gives it: JavaScript, and its packages by name.
    const entry = path.join(folder, "entry.mjs");
    writeFileSync(entry, program(served(exports["."] as string), 'getTicket("host/localhost@B")'));
    const bundle = async (code: string, file: string): Promise<string> => {
      writeFileSync(path.join(folder, "main.mjs"), code);
      await build({
        entryPoints: [path.join(folder, "main.mjs")],
        outfile: path.join(folder, file),
        bundle: true,
        format: "esm",
        target: "es2022",
        nodePaths: [path.join(ROOT, "node_modules")],
        logLevel: "error",
        plugins: [
          {
            name: "npm",
            setup(builder) {
              builder.onResolve({ filter: /^npm:/ }, ({ path: from, resolveDir }) =>
                builder.resolve(from.replace(/^npm:(@?[^@]+)@[^/]+/, "$1"), { kind: "import-statement", resolveDir }),
              );
            },
          },
        ],
      });
      return path.join(folder, file);
    };
    const script = await bundle('import { told } from "./entry.mjs"; console.log(told);', "script.mjs");
    for (const runtime of [process.execPath, runtimePath("bun")]) {
      const { stdout } = await run(runtime, [script], { cwd: folder });
      // They have datagrams, and try.
      expect(stdout).toMatch(/udp:\/\/127\.0\.0\.1:9: (refused|no answer)/);
    }
    const code = `export default { async fetch() { const { told } = await import("./entry.mjs"); return new Response(told); } };`;
    const worker = await startWorkerd({ module: await bundle(code, "worker.js"), isNodeCompatible: true });
    try {
      expect(await (await fetch(worker.url)).text()).toContain('the "workerd" runtime has no UDP');
    } finally {
      await worker.close();
    }
  });
});
