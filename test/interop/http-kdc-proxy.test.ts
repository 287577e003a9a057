// createKdcProxy in front of MIT's KDC and password server, over node:http.

import { expect, it } from "vitest";
import { createKdcProxy } from "../../src/entry/http.ts";
import { createClient } from "../../src/entry/index.ts";
import { startMitBed } from "../../tools/beds/index.mjs";
import { describeLive, useBed } from "../support/live.ts";
import { serveHandler } from "../support/serve-handler.ts";

describeLive("mit", "createKdcProxy and MIT's KDC", () => {
  const bed = useBed(() => startMitBed({ kadmind: true, fresh: true }));
  const server = useBed(() =>
    serveHandler(createKdcProxy({ realms: { [bed().realm]: { kdc: bed().kdc, kpasswd: bed().kpasswd } } })),
  );
  const client = (password: string, realm: string = bed().realm) =>
    createClient({
      credentials: { principal: `alice@${realm}`, password },
      kdc: ["https://proxy.example.org/KdcProxy"],
      // A client goes to proxies by TLS only; here it is left out.
      fetch: (_, init) => fetch(`${server().url}/KdcProxy`, init as RequestInit),
    });

  it("a login, a ticket and a new password go through it", async () => {
    const service = { realm: bed().realm, nameType: 3, components: ["host", "localhost"] };
    const one = client(bed().passwords.alice as string);
    expect((await one.getTicket(service)).service.components).toEqual(["host", "localhost"]);
    await one.changePassword("another-password-1");
    expect((await client("another-password-1").getTicket(service)).client.components).toEqual(["alice"]);
  });

  it("a realm that is not listed is refused", async () => {
    const service = { realm: "OTHER.TEST", nameType: 3, components: ["host", "localhost"] };
    await expect(client("x", "OTHER.TEST").getTicket(service)).rejects.toThrow(/HTTP 403/);
  });
});
