import { ADDRCONFIG } from "node:dns";
import { expect, it } from "vitest";
import { HostNames } from "../../../src/runtime/node-lookup.ts";

type Options = { readonly family?: number; readonly hints?: number };
type Answer = readonly string[] | "never" | Error;

/** A resolver with an answer for each family, and for both at once. */
function resolver(answers: { readonly 4: Answer; readonly 6: Answer; readonly any?: Answer }) {
  const asked: Options[] = [];
  const promises = {
    lookup: (_host: string, options: Options) => {
      asked.push(options);
      const answer = answers[(options.family as 4 | 6 | undefined) ?? "any"] ?? new Error("not asked for");
      if (answer === "never") return new Promise(() => {});
      if (answer instanceof Error) return Promise.reject(answer);
      return Promise.resolve(answer.map((address) => ({ address })));
    },
  };
  return { asked, dns: { promises, ADDRCONFIG } };
}

const lookUp = (host: string, dns: object) => new HostNames(dns).lookUp(host);
const none = Object.assign(new Error("getaddrinfo ENOTFOUND"), { code: "ENOTFOUND" });

it("uses the A records while the AAAA records do not come, and the other way round", async () => {
  const startedMs = performance.now();
  expect(await lookUp("kdc.example", resolver({ 4: ["192.0.2.1"], 6: "never" }).dns)).toEqual(["192.0.2.1"]);
  expect(await lookUp("kdc.example", resolver({ 4: "never", 6: ["2001:db8::1"] }).dns)).toEqual(["2001:db8::1"]);
  expect(performance.now() - startedMs).toBeLessThan(2_000);
});

it("asks for families that the host has addresses of, and has both where both come", async () => {
  const both = resolver({ 4: ["192.0.2.1"], 6: ["2001:db8::1"] });
  expect(await lookUp("kdc.example", both.dns)).toEqual(["2001:db8::1", "192.0.2.1"]);
  expect(both.asked.map(({ family, hints }) => [family, hints])).toEqual([
    [4, ADDRCONFIG],
    [6, ADDRCONFIG],
  ]);
  expect(await lookUp("kdc.example", resolver({ 4: ["192.0.2.1"], 6: none }).dns)).toEqual(["192.0.2.1"]);
});

it("asks for any address where the host has none but its own, and says what is wrong where there is none", async () => {
  expect(await lookUp("self", resolver({ 4: none, 6: none, any: ["127.0.0.1"] }).dns)).toEqual(["127.0.0.1"]);
  await expect(lookUp("none", resolver({ 4: none, 6: none, any: none }).dns)).rejects.toBe(none);
});

it.each(["localhost", "db.localhost", "LOCALHOST."])(
  "asks one question for %s, of which no resolver hears",
  async (host) => {
    const own = resolver({ 4: none, 6: none, any: ["::1", "127.0.0.1"] });
    expect(await lookUp(host, own.dns)).toEqual(["::1", "127.0.0.1"]);
    expect(own.asked.map(({ family }) => family)).toEqual([undefined]);
  },
);

it("asks for both families of a name that only looks like localhost", async () => {
  const other = resolver({ 4: ["192.0.2.1"], 6: none });
  await lookUp("localhost.example", other.dns);
  expect(other.asked.map(({ family }) => family)).toEqual([4, 6]);
});

it("asks one question for IPv6 at a time: two that are dropped would take both of libuv's threads", async () => {
  // As libuv does: two look-ups run, the others wait for one of them.
  let running = 0;
  const queue: (() => void)[] = [];
  const next = (): void => {
    while (running < 2 && queue.length > 0) {
      running += 1;
      queue.shift()?.();
    }
  };
  const promises = {
    lookup: (_host: string, { family }: Options) =>
      new Promise((resolve) => {
        queue.push(() => {
          if (family === 6) return;
          running -= 1;
          resolve([{ address: "192.0.2.1" }]);
          next();
        });
        next();
      }),
  };
  const names = new HostNames({ promises, ADDRCONFIG });
  const startedMs = performance.now();
  const found = await Promise.all(Array.from({ length: 20 }, (_, i) => names.lookUp(`host-${i}.example`)));
  expect(found).toEqual(Array.from({ length: 20 }, () => ["192.0.2.1"]));
  expect(performance.now() - startedMs).toBeLessThan(2_000);
});

it("asks for the family of a local address alone", async () => {
  const both = resolver({ 4: ["192.0.2.1"], 6: ["2001:db8::1"] });
  expect(await new HostNames(both.dns).lookUp("kdc.example", 6)).toEqual(["2001:db8::1"]);
  expect(both.asked.map(({ family }) => family)).toEqual([6]);
});
