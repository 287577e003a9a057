import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { TracePage } from "../../../src/cli/trace-page.ts";
import { DIAGRAM_STYLE, element, htmlOf, pageOf, sequenceDiagram } from "../../../src/diagram/index.ts";

const HOSTILE = `</title><script>alert(1)</script><img src=x onerror="alert(1)">' & \u001b[2J\u202e`;

describe("elements as HTML", () => {
  it("DI1: nothing in a text or attribute becomes markup, and nothing steers a terminal or the direction of text", () => {
    const html = htmlOf(element("p", { title: HOSTILE }, HOSTILE));
    expect(html.match(/<[a-z/]+/g)).toEqual(["<p", "</p"]);
    expect(html.match(/"/g)).toHaveLength(2);
    expect(html).not.toMatch(/[\u0000-\u001f\u202e]/);
  });

  it("a text is cut where no person reads on", () => {
    expect(htmlOf("x".repeat(100_000)).length).toBeLessThan(5_000);
  });
});

describe("a page in one file", () => {
  it("DI2: its policy lets in its own style and nothing else", async () => {
    const html = await pageOf("t", DIAGRAM_STYLE, sequenceDiagram([]));
    const style = /<style>([\s\S]*)<\/style>/.exec(html)?.[1] ?? "";
    const digest = createHash("sha256").update(style).digest("base64");
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1];
    expect(policy).toBe(`default-src 'none'; style-src 'sha256-${digest}'; base-uri 'none'; form-action 'none'`);
    expect(html).not.toMatch(/<script|\son\w+=|style="|https?:/);
  });
});

describe("the page of a trace", () => {
  it("shows the steps in their order, each where it was, and the last error in red", async () => {
    const at = Date.UTC(2026, 0, 1);
    const page = new TracePage(at);
    page.add({
      type: "kdc-request",
      at: at + 5,
      call: 1,
      realm: "R.TEST",
      endpoint: "udp://k",
      message: "AS-REQ",
      octets: 99,
    });
    page.add({ type: "kdc-error", at: at + 9, call: 1, realm: "R.TEST", errorCode: 24, errorName: HOSTILE });
    page.add({ type: "command-sent", at: at + 11, call: 1, arguments: 2, octets: 9, messages: 1 });
    page.add({ type: "status", at: at + 12, call: 1, status: 3, milliseconds: 2 });
    const html = await page.html("krb5-remctl kinit", 1);
    expect([...html.matchAll(/<li class="step ([^"]*)"/g)].map(([, kind]) => kind)).toEqual([
      "way client-kdc",
      "at-client error",
      "way client-server",
      "way server-client error",
    ]);
    expect(html).toContain("0.005 s");
    expect(html).toContain("status 1");
    expect(html).not.toContain("<script");
  });

  it("says how many steps it left out", async () => {
    const page = new TracePage(0);
    for (let step = 0; step < 5_003; step++) page.add({ type: "note", at: 1, call: 1, text: "x" });
    expect(await page.html("t", 0)).toContain("3 more steps are left out");
  });
});
