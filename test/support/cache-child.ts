// Runs as a process of its own, bundled: a program that uses a FILE cache, to be killed or to be another user.

import fs from "node:fs";
import { openCache } from "../../src/credentials/ccache/index.ts";
import { parsePrincipal } from "../../src/krb5/principal-text.ts";
import { nodeFiles } from "../../src/runtime/node-files.ts";
import { makeCredential, randomBytes } from "./credentials.ts";

const [what = "", name = "", count = "0", trusted] = process.argv.slice(2);
const trust = trusted === undefined ? {} : { trustOwner: Number(trusted) };
const cache = openCache(name, { files: nodeFiles(), randomBytes, ...trust });
const principal = parsePrincipal("alice@EXAMPLE.ORG");
const ticket = (i: number) => makeCredential(`s/${process.pid}-${i}@EXAMPLE.ORG`);

const report = (value: unknown) => fs.writeSync(1, `${JSON.stringify(value)}\n`);

async function attempt(run: () => Promise<unknown>): Promise<unknown> {
  try {
    return { value: (await run()) ?? null };
  } catch (error) {
    const { name: kind, code, message } = error as { name: string; code: string; message: string };
    return { error: { kind, code, message } };
  }
}

switch (what) {
  case "add":
    for (let i = 0; i < Number(count); i++) await cache.store(ticket(i));
    break;
  case "churn": {
    // Until it is killed: makes the cache anew, adds, removes.
    report("ready");
    for (let i = 0; ; i++) {
      if (i % 4 === 0) await cache.initialize({ principal, credentials: [ticket(i)] });
      await cache.store(makeCredential(`s/${i}@EXAMPLE.ORG`, { ticket: randomBytes(6_000) }));
      await cache.setConfig({ key: "refresh_time", value: randomBytes(4) });
      await cache.remove(({ server }) => server.components[1] === String(i));
    }
  }
  case "try":
    report({
      read: await attempt(async () => (await cache.read())?.credentials.length),
      initialize: await attempt(() => cache.initialize({ principal })),
      store: await attempt(() => cache.store(ticket(0))),
      destroy: await attempt(() => cache.destroy()),
    });
    break;
  default:
    throw new Error(`no such thing to do: ${what}`);
}
