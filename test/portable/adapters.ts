import { createClient } from "../../src/entry/index.ts";
import { createRemctlServer } from "../../src/entry/server.ts";
import { createTestRealm } from "../../src/entry/testing.ts";
import { detectRuntime, webRuntime, workerdRuntime } from "../../src/runtime/index.ts";
import { type Case, equal, refuses } from "./harness.ts";

const SOCKETS = ["connectTcp", "connectUdp", "listenTcp", "listenUdp", "connectUnix", "files", "environment"] as const;

/** What each adapter has of these; `fetch` all have. The suite has no permission of Deno's, and so no UDP there. */
const MEMBERS: Readonly<Record<string, readonly string[]>> = {
  node: SOCKETS,
  bun: SOCKETS,
  deno: SOCKETS.filter((member) => member !== "connectUdp"),
  workerd: ["connectTcp"],
  web: [],
};

const credentials = { principal: "alice@TEST.EXAMPLE", password: "secret" };

/** Every connection and every request that is tried. */
function watched(): { readonly tried: string[]; readonly fetch: () => Promise<never>; readonly dial: () => never } {
  const tried: string[] = [];
  return {
    tried,
    fetch: async () => {
      tried.push("fetch");
      throw new Error("no request was to be made");
    },
    dial: () => {
      tried.push("dial");
      throw new Error("no connection was to be opened");
    },
  };
}

/** What adapters have, and what they say of what they have not. */
export const adapterCases: readonly Case[] = [
  {
    name: "the adapter has what its host has",
    run() {
      const runtime = detectRuntime();
      const found = SOCKETS.filter((member) => runtime[member] !== undefined);
      equal(found, MEMBERS[runtime.name] ?? "nothing is known of this adapter");
      equal(typeof runtime.fetch, "function");
    },
  },
  {
    name: "random octets are of the host",
    run() {
      const drawn = Array.from({ length: 8 }, () => crypto.getRandomValues(new Uint8Array(16)).join());
      equal(new Set(drawn).size, 8);
    },
  },
  ...[webRuntime, workerdRuntime].map((create) => ({
    name: `${create.name}: UDP that is not there is named before any traffic, with what to use instead`,
    async run() {
      const { tried, fetch, dial } = watched();
      const client = createClient({ credentials, kdc: ["udp://kdc.test"], runtime: create(), fetch, dial });
      const { message } = await refuses(() => client.getTicket("host/a@TEST.EXAMPLE"), {
        code: "UNSUPPORTED_BY_RUNTIME",
      });
      equal([tried, /no UDP: write tcp:.*https:/.test(message)], [[], true]);
    },
  })),
  {
    name: "TCP that is not there is named before any traffic, with what to use instead",
    async run() {
      const { tried, fetch } = watched();
      const client = createClient({ credentials, kdc: ["tcp://kdc.test"], runtime: webRuntime(), fetch });
      const { message } = await refuses(() => client.getTicket("host/a@TEST.EXAMPLE"), {
        code: "UNSUPPORTED_BY_RUNTIME",
      });
      equal([tried, /no TCP: use the https:.*dial/.test(message)], [[], true]);
    },
  },
  {
    name: "a server that cannot be reached for want of TCP says so, before the KDC is asked",
    async run() {
      const { tried, fetch } = watched();
      const client = createClient({ credentials, kdc: ["https://kdc.test/KdcProxy"], runtime: webRuntime(), fetch });
      const { message } = await refuses(() => client.remctl("server.test", ["a"]), {
        code: "UNSUPPORTED_BY_RUNTIME",
        commandState: "not-sent",
      });
      equal([tried, /no TCP sockets: give the option `dial`/.test(message)], [[], true]);
    },
  },
  ...(
    [
      ["tickets of kinit's", {}, "give the option `credentials`"],
      ["a cache in a file", { credentials, cache: "FILE:/tmp/krb5cc" }, "use a MEMORY cache or a store"],
      ["a cache at KCM", { credentials, cache: "KCM:" }, "use a FILE cache or a store"],
      ["krb5.conf in a file", { credentials, config: { files: ["/etc/krb5.conf"] } }, "give the text of a krb5.conf"],
    ] as const
  ).map(([what, options, instead]) => ({
    name: `${what} on a host without files: named before any traffic, with what to use instead`,
    async run() {
      const { tried, fetch, dial } = watched();
      const client = createClient({ kdc: ["tcp://kdc.test"], ...options, runtime: webRuntime(), fetch, dial });
      const { message } = await refuses(() => client.getTicket("host/a@TEST.EXAMPLE"), {});
      equal([tried, message.includes("this host has no "), message.includes(instead)], [[], true, true]);
    },
  })),
  {
    name: "listening that is not there is named, with what to use instead",
    async run() {
      const realm = await createTestRealm({ realm: "TEST.EXAMPLE", principals: { "host/localhost": {} } });
      const keytab = realm.keytab("host/localhost");
      const server = createRemctlServer({ keytab, commands: [], runtime: webRuntime() });
      await refuses(() => server.listen({ port: 0 }), { code: "UNSUPPORTED_BY_RUNTIME" });
      await Promise.all([server.close(), realm.close()]);
    },
  },
];
