// Services over HTTP behind Apache with mod_auth_gssapi: `trino-client`, unchanged, by its axios, and WebHDFS by `fetch`. Neither Trino nor
// Hadoop can be had here: a small server of the tests answers in their words, to whom Apache has let in.

import { createServer, type IncomingMessage } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { negotiateFetch } from "../../src/entry/http.ts";
import { createClient } from "../../src/entry/index.ts";
import { startApache, startMitBed } from "../../tools/beds/index.mjs";
import { driversMissing, requireDriver } from "../support/drivers.ts";
import { describeLive, describeUnless, useBed, wholeTable } from "../support/live.ts";

interface Answer {
  readonly status?: number;
  readonly location?: string;
  readonly body: unknown;
}

/** What of Trino's and of WebHDFS' HTTP the clients ask for. */
function answerTo({ method, url = "", headers }: IncomingMessage): Answer {
  const site = `http://${headers.host}/private/behind`;
  const columns = [{ name: "who", type: "varchar" }];
  if (method === "POST" && url === "/v1/statement") {
    return { body: { id: "q1", nextUri: `${site}/v1/statement/q1/1`, stats: {} } };
  }
  if (url === "/v1/statement/q1/1") return { body: { id: "q1", columns, data: [["alice"]], stats: {} } };
  if (url.startsWith("/webhdfs/v1/data?op=OPEN")) return { status: 307, location: `${site}/datanode/data`, body: {} };
  if (url === "/datanode/data") return { body: { text: "of a datanode" } };
  if (url.startsWith("/webhdfs/v1/data?op=GETFILESTATUS")) return { body: { FileStatus: { owner: "alice" } } };
  return { status: 404, body: { url } };
}

async function startBackend() {
  const server = createServer((request, response) => {
    request.resume().on("end", () => {
      const { status = 200, location, body } = answerTo(request);
      const more = location === undefined ? {} : { Location: location };
      response.writeHead(status, { "Content-Type": "application/json", ...more }).end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    server.close();
  };
  return { port: (server.address() as AddressInfo).port, close };
}

describe.runIf(wholeTable)("all of it", () => {
  describeUnless(driversMissing, "with the drivers of tools/drivers", () => {
    describeLive(["mit", "apache"], "services over HTTP", () => {
      const bed = useBed(() => startMitBed());
      const backend = useBed(startBackend);
      const apache = useBed(() => startApache({ bed: bed(), behind: backend().port }));
      const site = () => `${apache().url}/private/behind`;

      function openedAs(principal: string, password: string): typeof fetch {
        const credential = createClient({ credentials: { principal, password }, kdc: bed().kdc });
        return negotiateFetch({ credential, origins: [apache().url] });
      }
      const alice = () => openedAs(`alice@${bed().realm}`, bed().passwords.alice as string);

      async function rowsOf(fetch: typeof globalThis.fetch): Promise<unknown[]> {
        const trino = requireDriver.resolve("trino-client");
        // The axios of trino-client: each of its requests is made with these defaults.
        const { defaults } = createRequire(trino)("axios");
        Object.assign(defaults, { adapter: "fetch", env: { ...defaults.env, fetch, Request: null } });
        const { Trino } = requireDriver("trino-client");
        const rows: unknown[] = [];
        const results = await Trino.create({ server: `${site()}/`, source: "tests" }).query("select 1");
        for await (const { data = [] } of results) rows.push(...data);
        return rows;
      }

      it("trino-client asks as alice", async () => {
        expect(await rowsOf(alice())).toEqual([["alice"]]);
      });

      it("trino-client fails with its own error, with our code behind it", async () => {
        const error = await rowsOf(openedAs(`alice@${bed().realm}`, "wrong")).catch((reason: unknown) => reason);
        expect(error).toBeInstanceOf(Error);
        const said = [error, (error as Error).cause].map(
          (one) => (one as { readonly code?: string } | undefined)?.code,
        );
        expect(said).toContain("WRONG_PASSWORD");
      });

      it("WebHDFS is read, through the redirect to a datanode", async () => {
        const open = alice();
        const status = await open(`${site()}/webhdfs/v1/data?op=GETFILESTATUS`);
        expect(await status.json()).toEqual({ FileStatus: { owner: "alice" } });
        const data = await open(`${site()}/webhdfs/v1/data?op=OPEN`);
        expect(await data.json()).toEqual({ text: "of a datanode" });
        expect((await fetch(`${site()}/webhdfs/v1/data?op=GETFILESTATUS`)).status).toBe(401);
      });
    });
  });
});
