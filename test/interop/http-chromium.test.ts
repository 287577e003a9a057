// createNegotiateServer, asked by Debian's Chromium with MIT's libgssapi: what a person at a desk has.

import fs from "node:fs";
import { expect, it } from "vitest";
import { createReplayCache } from "../../src/entry/gssapi.ts";
import { type Authenticated, createNegotiateServer } from "../../src/entry/http.ts";
import { makeCertificates, runPage, startMitBed } from "../../tools/beds/index.mjs";
import { makeFolder, removeFolder } from "../../tools/beds/process.mjs";
import { bundleProgram } from "../runtimes/build.ts";
import { describeLive, peers, wholeTable } from "../support/live.ts";
import { serveHandler } from "../support/serve-handler.ts";

describeLive(["mit", "chromium", "apache"], "createNegotiateServer and Chromium", () => {
  it.runIf(wholeTable).each([
    ["its user's ticket lets it in", "localhost", "200 hello alice"],
    ["it sends nothing to a server that its policy does not list", "other.example", "401"],
  ])("%s", { timeout: 120_000 }, async (_, allowed, expected) => {
    const folder = makeFolder("chromium-sso");
    const bed = await startMitBed();
    const clients: Authenticated[] = [];
    const negotiate = createNegotiateServer({
      keytab: new Uint8Array(fs.readFileSync(bed.keytab.service)),
      replayCache: createReplayCache(),
    });
    const site = await serveHandler(
      negotiate.protect((_, client) => {
        clients.push(client);
        return new Response(`hello ${client.principal}\n`);
      }),
    );
    try {
      const { file } = await bundleProgram("portable/sso-page.ts", folder);
      const { env } = await bed.kinit(`alice@${bed.realm}`, { password: bed.passwords.alice as string });
      const answers = await runPage({
        program: fs.readFileSync(file, "utf8"),
        tls: await makeCertificates(peers.apache, folder),
        config: { paths: ["/private/", "/private/again"] },
        site: site.port,
        switches: [`--auth-server-allowlist=${allowed}`, "--gssapi-library-name=libgssapi_krb5.so.2"],
        env: { ...peers.mit.env, ...env },
        timeoutMs: 100_000,
      });
      const full = expected.endsWith("alice") ? `${expected}@${bed.realm}` : expected;
      expect(answers).toEqual([full, full]);
      expect(clients.length).toBe(expected === "401" ? 0 : 2);
      // What Chromium asks of a context: neither the server's proof nor the ticket that could be delegated.
      for (const { context } of clients) expect(context.flags).toMatchObject({ mutual: false, delegation: false });
    } finally {
      await site.close();
      await bed.close();
      removeFolder(folder);
    }
  });
});
