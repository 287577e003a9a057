// What shows the site gives files of its folder and of no other, to this machine alone.

import fs from "node:fs";
import { connect } from "node:net";
import os from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { serveFolder } from "../../../tools/site/serve.mjs";

const above = fs.mkdtempSync(path.join(os.tmpdir(), "krb5-remctl-site-"));
const folder = path.join(above, "site");
fs.mkdirSync(path.join(folder, "docs"), { recursive: true });
fs.writeFileSync(path.join(folder, "index.html"), "<p>first");
fs.writeFileSync(path.join(folder, "docs", "index.html"), "<p>docs");
fs.writeFileSync(path.join(folder, "docs", "a b.js"), "1");
fs.writeFileSync(path.join(above, "secret"), "secret");
fs.mkdirSync(path.join(above, "site-of-another"));
fs.writeFileSync(path.join(above, "site-of-another", "secret"), "secret");
const site = await serveFolder(folder, 0);
afterAll(async () => {
  await site.close();
  fs.rmSync(above, { recursive: true });
});

/** As it is: `fetch` would resolve dots first. */
async function get(target: string): Promise<{ status: number; text: string }> {
  const socket = connect(Number(new URL(site.url).port), "127.0.0.1");
  socket.end(`GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString();
  return { status: Number(text.split(" ")[1]), text };
}

describe("the server of the site", () => {
  it.each([
    ["/", "text/html; charset=utf-8", "<p>first"],
    ["/docs/?q=1", "text/html; charset=utf-8", "<p>docs"],
    ["/docs/a%20b.js", "text/javascript; charset=utf-8", "1"],
  ])("gives %s", async (target, type, text) => {
    const response = await fetch(new URL(target, site.url));
    expect([response.status, response.headers.get("content-type"), await response.text()]).toEqual([200, type, text]);
  });

  it.each(["/none", "/docs", "/../secret", "/%2e%2e/secret", "/docs/..%2f..%2fsecret", "/../site-of-another/secret"])(
    "has nothing at %s",
    async (target) => {
      const { status, text } = await get(target);
      expect([status, text.includes("secret")]).toEqual([404, false]);
    },
  );

  it.each(["/%zz", "/%00"])("takes the odd address %s for one that it does not have", async (target) => {
    expect((await get(target)).status).toBe(404);
  });

  it("answers HEAD without the file, and listens at loopback", async () => {
    const response = await fetch(site.url, { method: "HEAD" });
    expect([response.status, await response.text()]).toEqual([200, ""]);
    expect(new URL(site.url).hostname).toBe("127.0.0.1");
  });

  it("a port that is taken is an error", async () => {
    await expect(serveFolder(folder, Number(new URL(site.url).port))).rejects.toThrow(/EADDRINUSE/);
  });
});
