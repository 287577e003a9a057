// Proxies that ask for Kerberos: squid, with servers behind it.

import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { get as getOverTls } from "node:https";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { negotiateFetch, nodeConnections, type ProxyOptions, proxyAgents } from "../../src/entry/http.ts";
import { createClient } from "../../src/entry/index.ts";
import { startApache, startMitBed, startSquid } from "../../tools/beds/index.mjs";
import { describeLive, useBed, wholeTable } from "../support/live.ts";

describeLive(["mit", "apache", "squid"], "a way out through squid", () => {
  const bed = useBed(() => startMitBed());
  const apache = useBed(() => startApache({ bed: bed() }));
  const squid = useBed(() => startSquid({ bed: bed() }));
  const credential = (name = "alice") =>
    createClient({
      credentials: { principal: `${name}@${bed().realm}`, password: bed().passwords[name] as string },
      kdc: bed().kdc,
    });
  const anchors = () => readFileSync(apache().ca, "utf8");
  const through = (proxy: Partial<ProxyOptions> = {}) =>
    nodeConnections({ trustAnchors: anchors(), proxy: { url: squid().url, credential: credential(), ...proxy } });

  it("a fetch through CONNECT is let in by the proxy as one client, and by the server as another", async () => {
    const fetch = negotiateFetch({
      credential: credential("bob"),
      origins: [apache().tlsUrl],
      connections: through(),
      mutual: "required",
    });
    const answer = await fetch(`${apache().tlsUrl}/private/`);
    expect([answer.status, await answer.text()]).toEqual([200, "hello private\n"]);
    expect(answer.headers.get("x-remote-user")).toBe(`bob@${bed().realm}`);
    // A server that gets no token goes the same way.
    const open = await fetch(`${apache().url}/`);
    expect([open.status, await open.text()]).toEqual([200, "hello \n"]);
  });

  it("H18: a ticket that the proxy does not take is an error, and nothing goes around the proxy", async () => {
    const fetch = negotiateFetch({
      credential: credential(),
      origins: [],
      connections: through({ target: "host@localhost" }),
    });
    await expect(fetch(`${apache().url}/`)).rejects.toMatchObject({ code: "HTTP_PROXY_REFUSED" });
  });

  describe.runIf(wholeTable)("all of it", () => {
    it("node:https with an agent", async () => {
      const { https } = proxyAgents<never, import("node:https").Agent>({
        url: squid().url,
        credential: credential(),
        trustAnchors: anchors(),
      });
      for (let i = 0; i < 2; i++) {
        const status = await new Promise((resolve, reject) => {
          getOverTls(`${apache().tlsUrl}/`, { agent: https }, (answer) => {
            answer.resume().on("end", () => resolve(answer.statusCode));
          }).on("error", reject);
        });
        expect(status).toBe(200);
      }
      https.destroy();
      // squid writes the line when the tunnel ends.
      const line = `CONNECT localhost:${new URL(apache().tlsUrl).port} alice@${bed().realm}`;
      await expect.poll(() => squid().requests(), { timeout: 5_000 }).toContain(line);
    });

    it("a server that is not there is an error of the way", async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const { port } = server.address() as AddressInfo;
      await new Promise((resolve) => server.close(resolve));
      const fetch = negotiateFetch({ credential: credential(), origins: [], connections: through() });
      await expect(fetch(`http://localhost:${port}/`)).rejects.toMatchObject({ code: "CONNECT" });
    });
  });
});
