// negotiateFetch against Apache with mod_auth_gssapi.

import { describe, expect, it } from "vitest";
import { type NegotiateFetchOptions, negotiateFetch } from "../../src/entry/http.ts";
import { createClient } from "../../src/entry/index.ts";
import { startApache, startMitBed } from "../../tools/beds/index.mjs";
import { describeLive, useBed, wholeTable } from "../support/live.ts";

describeLive(["mit", "apache"], "negotiateFetch and mod_auth_gssapi", () => {
  const bed = useBed(() => startMitBed());
  const apache = useBed(() => startApache({ bed: bed() }));
  const credential = (name = "alice") =>
    createClient({
      credentials: { principal: `${name}@${bed().realm}`, password: bed().passwords[name] as string },
      kdc: bed().kdc,
    });
  const open = (options: Partial<NegotiateFetchOptions> = {}) =>
    negotiateFetch({ credential: credential(), origins: [apache().url], ...options });

  it("is let in as the client, with the server's proof required, and a POST's body arrives", async () => {
    const fetch = open({ mutual: "required" });
    for (const path of ["/private/", "/private/index.html"]) {
      const answer = await fetch(`${apache().url}${path}`);
      expect(answer.status).toBe(200);
      expect(answer.headers.get("x-remote-user")).toBe(`alice@${bed().realm}`);
      expect(await answer.text()).toBe("hello private\n");
    }
  });

  it("without a listed origin gets the 401 as it is, and no ticket is asked for", async () => {
    let asked = 0;
    const own = credential();
    const getTicket: typeof own.getTicket = (...rest) => {
      asked++;
      return own.getTicket(...rest);
    };
    const fetch = open({ credential: { getTicket }, origins: [apache().tlsUrl] });
    expect((await fetch(`${apache().url}/private/`)).status).toBe(401);
    expect(asked).toBe(0);
  });

  describe.runIf(wholeTable)("all of it", () => {
    it("learns the origin: one 401, then tokens at once, each new", async () => {
      const seen: (string | null)[] = [];
      const fetch = open({
        fetch: (input, init) => {
          seen.push(new Headers(init?.headers).get("authorization"));
          return globalThis.fetch(input, init);
        },
      });
      expect((await fetch(`${apache().url}/`)).status).toBe(200);
      for (let i = 0; i < 3; i++) expect((await fetch(`${apache().url}/private/`)).status).toBe(200);
      expect(seen.map((one) => one !== null)).toEqual([false, false, true, true, true]);
      expect(new Set(seen.slice(2)).size).toBe(3);
    });

    it("follows a redirect within the origin with a new token", async () => {
      const answer = await open({ preemptive: true })(`${apache().url}/moved/`);
      expect(answer.status).toBe(200);
      expect(answer.redirected).toBe(true);
      expect(new URL(answer.url).pathname).toBe("/private/");
    });

    it("twenty requests at once", async () => {
      const fetch = open();
      const answers = await Promise.all(
        Array.from({ length: 20 }, async () => (await fetch(`${apache().url}/private/`)).status),
      );
      expect(answers).toEqual(Array.from({ length: 20 }, () => 200));
    });

    it("two credentials are two clients", async () => {
      const names = await Promise.all(
        ["alice", "bob"].map(async (name) => {
          const fetch = open({ credential: credential(name) });
          await fetch(`${apache().url}/private/`);
          return (await fetch(`${apache().url}/private/`)).headers.get("x-remote-user");
        }),
      );
      expect(names).toEqual([`alice@${bed().realm}`, `bob@${bed().realm}`]);
    });
  });
});
