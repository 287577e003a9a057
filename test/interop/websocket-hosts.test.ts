// The WebSocket adapter over each host's own WebSocket: Node 22's, Deno's two, Bun's, and both that a Worker has.

import { writeFileSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import { PASSWORDS, runProgram, startMitBed, startRemctld, startWebsockify } from "../../tools/beds/index.mjs";
import { makeFolder, removeFolder } from "../../tools/beds/process.mjs";
import { build } from "../../tools/pack/index.mjs";
import { runtimePath } from "../../tools/runtimes/index.mjs";
import { startWorkerd } from "../runtimes/workerd.ts";
import { describeLive, useBed } from "../support/live.ts";
import { describeRuntimes } from "../support/runtimes.ts";

const source = path.join(import.meta.dirname, "..", "..", "src");

describeRuntimes("the WebSocket adapter of each host", () =>
  describeLive(["mit", "websockify"], "through websockify", () => {
    const world = useBed(async () => {
      const folder = makeFolder("websocket-hosts");
      const bed = await startMitBed();
      const remctld = await startRemctld({ bed });
      const kdc = Number(new URL(bed.kdc[0] as string).port);
      const proxy = await startWebsockify({ tokens: { "kdc:88": kdc, "localhost:4373": remctld.port } });
      const close = async () => {
        await Promise.all([proxy, remctld, bed].map((one) => one.close()));
        removeFolder(folder);
      };
      return { bed, proxy, folder, close };
    });

    /** One bundle: a program that tells what a command printed. `place` makes the target of webSocketDial from `url`. */
    async function bundle(name: string, place: string, end: string): Promise<string> {
      const { bed, proxy, folder } = world();
      const code = `
        import { remctl } from "${source}/entry/index.ts";
        import { webSocketDial } from "${source}/entry/websocket.ts";
        const target = async (host, port) => {
          const url = "${proxy.url}?token=" + host + ":" + port;
          return ${place};
        };
        const text = async () => {
          const result = await remctl("localhost", ["test", "large-output", "300000"], {
            credentials: { principal: "alice@${bed.realm}", password: "${PASSWORDS.alice}" },
            kdc: ["tcp://kdc:88"],
            dial: webSocketDial(target),
          });
          return "octets: " + result.stdout.length;
        };
        ${end}`;
      writeFileSync(path.join(folder, `${name}.ts`), code);
      const outfile = path.join(folder, `${name}.mjs`);
      await build({
        entryPoints: [path.join(folder, `${name}.ts`)],
        outfile,
        bundle: true,
        format: "esm",
        target: "es2022",
        nodePaths: [path.join(source, "..", "node_modules")],
        logLevel: "error",
      });
      return outfile;
    }

    it.each([
      ["Node 22", "node22", [], "WebSocket"],
      ["Node 24", "node24", [], "WebSocket"],
      ["Deno", "deno", ["run", "--no-prompt", "--allow-net"], "WebSocket"],
      ["Deno with back-pressure", "deno", ["run", "--no-prompt", "--allow-net", "--unstable-net"], "WebSocketStream"],
      ["Bun", "bun", [], "WebSocket"],
    ] as const)("%s", async (_, runtime, flags, kind) => {
      const used = `console.log(typeof WebSocketStream === "function" ? "WebSocketStream" : "WebSocket", await text());`;
      const file = await bundle(kind, "url", used);
      const { text } = await runProgram(runtimePath(runtime), [...flags, file], { timeoutMs: 15_000 });
      expect(text.trim()).toBe(`${kind} octets: 300000`);
    });

    it.each([
      ["new WebSocket", "url"],
      [
        "the socket of a response",
        `(await fetch(url.replace("ws:", "http:"), { headers: { Upgrade: "websocket", "Sec-WebSocket-Protocol": "binary" } })).webSocket`,
      ],
    ])("a Worker, by %s", async (_, place) => {
      const end = "export default { fetch: async () => new Response(await text().catch((error) => error.stack)) };";
      const module = await bundle("worker", place, end);
      const worker = await startWorkerd({ module, isNodeCompatible: true });
      try {
        expect(await (await fetch(worker.url)).text()).toBe("octets: 300000");
      } finally {
        await worker.close();
      }
    });
  }),
);
