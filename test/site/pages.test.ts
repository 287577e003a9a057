// The site's pages in Debian's Chromium, opened from a disk as saved copies are: what they show, that nothing leaves them, that
// hostile text stays text, and what axe-core finds.

import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { encodeBase64, encodeHex } from "../../src/bytes/index.ts";
import { createClient } from "../../src/entry/index.ts";
import { createSpnegoInitiator } from "../../src/entry/spnego.ts";
import { createTestRealm, type TestRealm } from "../../src/entry/testing.ts";
import { makeFolder, removeFolder } from "../../tools/beds/process.mjs";
import type { startBrowser } from "../../tools/site/browser.mjs";
import { describeUnless, peers, useBed, wholeTable } from "../support/live.ts";
import { hostileInputs, manyKeys } from "./hostile-inputs.ts";

type Browser = Awaited<ReturnType<typeof startBrowser>>["browser"];
type Page = Awaited<ReturnType<Browser["newPage"]>>;

const ROOT = path.resolve(import.meta.dirname, "..", "..");
const SITE = path.join(ROOT, "tools", "site");
const missing = existsSync(path.join(SITE, "node_modules", "puppeteer-core"))
  ? (peers.chromium.reason ?? "")
  : "tools/site has no node_modules: npm test installs them";
/** Where pictures go that a person wants to look at. */
const pictures = process.env.KRB5_REMCTL_PICTURES;
const MAX_BYTES = 250_000;
/** A KRB-ERROR of Heimdal's KDC, in hexadecimal. */
const recorded = readFileSync(path.join(ROOT, "krb5-vectors", "exchanges", "heimdal-password.json"), "utf8");
const krbError: string = JSON.parse(recorded).kdc[0].reply;

describeUnless(missing, "pages of the site", () => {
  const folder = makeFolder("pages");
  let built: { file: string; bytes: number }[];
  beforeAll(async () => {
    built = await (await import("../../tools/site/pages.mjs")).buildPages(folder);
  }, 60_000);
  afterAll(() => removeFolder(folder));
  const browser = useBed(async () => (await import("../../tools/site/browser.mjs")).startBrowser());

  /** Opens a page; gives what it asked the network for, and what failed in it. */
  async function open(name: string, { width = 1200, isDark = false } = {}) {
    const page = await browser().browser.newPage();
    const asked: string[] = [];
    const failures: string[] = [];
    page.on("request", (request) => asked.push(request.url()));
    page.on("pageerror", (error) => failures.push(String(error)));
    page.on("console", (message) => failures.push(message.text()));
    await page.setViewport({ width, height: 900 });
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: isDark ? "dark" : "light" }]);
    const url = pathToFileURL(path.join(folder, `${name}.html`)).href;
    await page.goto(url);
    return { page, asked, failures, url };
  }

  const textOf = (page: Page, selector: string): Promise<string> =>
    page.$eval(selector, (found) => found.textContent ?? "");

  it("no page is larger than 250 KB compressed, and each says its size", () => {
    for (const { file, bytes } of built) {
      expect(bytes).toBeLessThanOrEqual(MAX_BYTES);
      expect(readFileSync(file, "utf8")).toContain(`weighs ${Math.ceil(bytes / 1000)} KB`);
    }
  });

  describe("the playground", () => {
    async function login(page: Page, choices: Readonly<Record<string, string>> = {}): Promise<string> {
      for (const [id, value] of Object.entries(choices)) {
        const isSelect = await page.$eval(`#${id}`, (found) => found.tagName === "SELECT");
        if (isSelect) await page.select(`#${id}`, value);
        else await page.locator(`#${id}`).fill(value);
      }
      await page.click("button.main");
      await page.waitForFunction(
        () => !/Logging in|Press the button/.test(document.getElementById("outcome")?.textContent ?? ""),
        { timeout: 15_000 },
      );
      return textOf(page, "#outcome");
    }

    it("SI1: shows a login and a command as messages, opens each, and asks nobody for anything", async () => {
      const { page, asked, failures, url } = await open("playground");
      expect(await login(page)).toContain("alice@EXAMPLE.ORG said: hello world");
      const names = await page.$$eval(".step strong", (all) => all.map((one) => one.textContent));
      const expected = [
        "AS-REQ",
        "KRB-ERROR",
        "AS-REQ",
        "AS-REP",
        "TGS-REQ",
        "TGS-REP",
        "greeting",
        "AP-REQ",
        "AP-REP",
      ];
      expect(names.slice(0, 9)).toEqual(expected);
      for (const item of await page.$$(".step button")) {
        await item.click();
        expect(await textOf(page, "#details")).toMatch(/Message \d+: (?!not readable)/);
      }
      await page.click(".step:nth-child(4) button");
      const details = await textOf(page, "#details");
      expect(details).toContain("opened with: the key of alice");
      expect(details).toContain("EncTicketPart");
      expect([asked, failures]).toEqual([[url], []]);
      // Not by chance: what a script of the page tries is refused.
      await page.evaluate(() => fetch("https://localhost:1/").catch(() => {}));
      expect(failures.join()).toContain("Content Security Policy");
      await page.close();
    }, 40_000);

    const failing = [
      ["a wrong password", { password: "wrong" }, "WRONG_PASSWORD"],
      ["an unknown principal", { principal: "nobody" }, "CLIENT_UNKNOWN"],
      ["a clock a day behind", { clock: "-86400", preauth: "none" }, "SERVER_CLOCK_SKEW"],
      ["another nonce", { fault: "wrong-nonce" }, "REPLY_MODIFIED"],
      ["a ticket for another", { fault: "other-client-name" }, "REPLY_MODIFIED"],
      ["a reply cut short", { fault: "truncated", "fault-on": "tgs-rep" }, "NOT_A_KDC"],
    ] as const;
    it.each(wholeTable ? failing : failing.slice(0, 1))(
      "%s: says what failed",
      async (_what, choices, code) => {
        const { page, failures } = await open("playground");
        expect(await login(page, choices)).toContain(`It failed: ${code}`);
        expect((await page.$$(".step")).length).toBeGreaterThan(0);
        expect(failures).toEqual([]);
        await page.close();
      },
      30_000,
    );

    it.each(wholeTable ? ["17", "20", "19"] : ["20"])(
      "works with enctype %s, by SPAKE, and the principal with its realm",
      async (enctype) => {
        const { page } = await open("playground");
        const principal = "alice@EXAMPLE.ORG";
        expect(await login(page, { principal, enctype, preauth: "spake" })).toContain("It worked");
        const steps = await page.$$eval(".step", (all) => all.map((one) => one.textContent ?? ""));
        expect(steps[1]).toContain("asks for a proof first");
        expect(steps[3]).toContain("goes on with the proof that the client began");
        await page.close();
      },
      30_000,
    );

    it("works from the keyboard alone", async () => {
      const { page } = await open("playground");
      await page.focus("#principal");
      await page.keyboard.press("Enter");
      await page.waitForSelector(".step button", { timeout: 15_000 });
      // From the last field of the form over the diagram's buttons.
      await page.focus("button.main");
      await page.keyboard.press("Tab");
      await page.keyboard.press("Enter");
      expect(await textOf(page, "#details")).toContain("Message 1: AS-REQ");
      await page.close();
    }, 30_000);
  });

  describe("the decoder", () => {
    let realm: TestRealm;
    beforeAll(async () => {
      realm = await createTestRealm({
        realm: "TEST.EXAMPLE",
        principals: { alice: { password: "secret" }, "host/a": {}, "<img src=x onerror=alert(1)>": { password: "x" } },
      });
    });
    afterAll(() => realm.close());

    const file = (name: string, octets: Uint8Array): string => {
      const where = path.join(folder, name);
      writeFileSync(where, octets);
      return where;
    };
    /** Does what makes the page decode, and gives what it shows then. */
    async function shown(page: Page, act: () => Promise<unknown>): Promise<string> {
      await page.$eval("#result", (found) => found.removeAttribute("aria-busy"));
      await act();
      await page.waitForFunction(() => document.getElementById("result")?.getAttribute("aria-busy") === "false", {
        timeout: 60_000,
      });
      return textOf(page, "#result");
    }
    const decode = (page: Page, text: string): Promise<string> =>
      shown(page, async () => {
        await page.$eval(
          "#input",
          (found, value) => {
            (found as HTMLTextAreaElement).value = value;
            found.dispatchEvent(new Event("input"));
          },
          text,
        );
        await page.click("button.main");
      });
    const give = async (page: Page, id: string, where: string): Promise<void> => {
      const input = (await page.$(`input#${id}`)) as Awaited<ReturnType<Page["waitForSelector"]>>;
      await (input as { uploadFile(path: string): Promise<void> } | null)?.uploadFile(where);
    };
    const upload = (page: Page, where: string): Promise<string> => shown(page, () => give(page, "file", where));

    it("reads base64, hexadecimal, a dump, a header and a krb5.conf", async () => {
      const { page, asked, failures, url } = await open("decoder");
      const octets = Uint8Array.from(Buffer.from(krbError, "hex"));
      const dump = [...(krbError.match(/.{1,32}/g) ?? [])]
        .map((line, at) => `${(at * 16).toString(16).padStart(4, "0")}  ${(line.match(/../g) ?? []).join(" ")}`)
        .join("\n");
      for (const text of [encodeBase64(octets), encodeHex(octets), dump]) {
        expect(await decode(page, text)).toContain("errorCode: 25 (KDC_ERR_PREAUTH_REQUIRED)");
      }
      const header = `Authorization: Negotiate ${encodeBase64(octets)}`;
      expect(await decode(page, header)).toContain("This is a Negotiate header.");
      const config = await decode(
        page,
        "[libdefaults]\n default_realm = A.TEST\n[realms]\n A.TEST = {\n kdc = k\n }\n",
      );
      expect(config).toContain("default_realm: A.TEST");
      expect([asked, failures]).toEqual([[url], []]);
      await page.close();
    }, 30_000);

    it("SI2: covers the keys of a keytab and cache until asked, and opens tickets with a keytab", async () => {
      const { page, asked, url } = await open("decoder");
      const keytab = realm.keytab("host/a");
      const cache = realm.ccache("alice", { services: ["host/a"] });
      await upload(page, file("a.keytab", keytab));
      const covered = await textOf(page, "#result");
      expect(covered).toContain("host/a@TEST.EXAMPLE");
      expect(covered).toContain("a secret: covered");
      expect(covered).not.toMatch(/[0-9a-f]{32}/);
      await upload(page, file("cc", cache));
      expect(await textOf(page, "#result")).not.toMatch(/EncTicketPart|[0-9a-f]{32}/);
      await give(page, "keytab", file("b.keytab", keytab));
      await page.click("button.main");
      await page.waitForFunction(() => document.getElementById("result")?.textContent?.includes("EncTicketPart"));
      expect(await textOf(page, "#result")).toContain("opened with: the key of host/a@TEST.EXAMPLE");
      await page.click("#secrets");
      await page.waitForFunction(() => /[0-9a-f]{64}/.test(document.getElementById("result")?.textContent ?? ""));
      expect(asked).toEqual([url]);
      await page.close();
    }, 30_000);

    it("unfolds what a keytab opens in a header, however deep it lies", async () => {
      const { page } = await open("decoder");
      const client = createClient({
        credentials: { principal: "alice@TEST.EXAMPLE", password: "secret" },
        kdc: realm.kdc,
        dial: realm.dial,
        config: "",
      });
      const token = await createSpnegoInitiator({ target: "host@a", credential: client }).step();
      const header = `Authorization: Negotiate ${encodeBase64(token as Uint8Array)}`;
      // What is seen without a click.
      const seen = () => page.$eval("#result", (found) => (found as HTMLElement).innerText);
      await decode(page, header);
      expect(await seen()).not.toContain("opened with");
      await give(page, "keytab", file("c.keytab", realm.keytab("host/a")));
      await decode(page, header);
      expect(await seen()).toContain("opened with: the key of host/a@TEST.EXAMPLE");
      expect(await seen()).toContain('cname: "alice"');
      await page.close();
    }, 30_000);

    it("SI3: markup in a principal's name stays text", async () => {
      const { page, failures } = await open("decoder");
      await upload(page, file("hostile", realm.ccache("<img src=x onerror=alert(1)>")));
      expect(await textOf(page, "#result")).toContain("<img src=x onerror=alert(1)>@TEST.EXAMPLE");
      expect(await page.$$("#result img")).toEqual([]);
      expect(failures).toEqual([]);
      await page.close();
    }, 30_000);

    it("takes no file of five megabytes, and says what does", async () => {
      const { page } = await open("decoder");
      await upload(page, file("large", new Uint8Array(5_000_000).fill(0x30)));
      expect(await textOf(page, "#result")).toContain("It does not read: 5000000 octets: this page takes 4194304");
      await page.close();
    });

    describe.runIf(wholeTable)("what is hostile is read in bounded time, into a bounded page", () => {
      it.each(hostileInputs)("%s", { timeout: 120_000 }, async (what, octets, expected) => {
        const { page, failures } = await open("decoder");
        expect(await upload(page, file("hostile", octets()))).toMatch(expected);
        expect(await page.evaluate(() => document.querySelectorAll("#result *").length), what).toBeLessThan(40_000);
        // No escape, no mark of direction.
        expect(await textOf(page, "#result")).not.toMatch(
          /[\u0000-\u0008\u001b\u009b\u200e\u200f\u202a-\u202e\u2066-\u2069]/,
        );
        // It goes on.
        expect(await decode(page, krbError)).toContain("KRB-ERROR");
        expect(failures).toEqual([]);
        await page.close();
      });

      it("a keytab of 60,000 keys that shall open a ticket", { timeout: 120_000 }, async () => {
        const { page, failures } = await open("decoder");
        await give(page, "keytab", file("many.keytab", manyKeys()));
        expect(await upload(page, file("cc", realm.ccache("alice", { services: ["host/a"] })))).toContain(
          "too many keys to try",
        );
        expect(failures).toEqual([]);
        await page.close();
      });
    });

    const unreadable = [
      ["nothing", ""],
      ["words", "this is not Kerberos at all, is it?"],
      ["a message that is nested too deep", `30${"80".repeat(2_000)}`],
    ] as const;
    it.each(wholeTable ? unreadable : unreadable.slice(2))(
      "%s: says that it does not read, and goes on",
      async (_what, text) => {
        const { page, failures } = await open("decoder");
        expect(await decode(page, text)).toContain("It does not read");
        expect(await decode(page, krbError)).toContain("KRB-ERROR");
        expect(failures).toEqual([]);
        await page.close();
      },
      30_000,
    );
  });

  describe.each(["playground", "decoder"])("%s", (name) => {
    const windows = [
      ["a phone, dark", { width: 360, isDark: true }],
      ["wide, light", { width: 1200 }],
      ["wide, dark", { width: 1200, isDark: true }],
      ["a phone, light", { width: 360 }],
    ] as const;
    it.each(wholeTable ? windows : windows.slice(0, 1))(
      "%s: axe-core finds nothing, and nothing is wider than the window",
      async (what, options) => {
        const { page } = await open(name, options);
        if (name === "decoder") await page.locator("#input").fill(krbError);
        await page.click("button.main");
        await page.waitForSelector(name === "playground" ? ".step button" : "#result > *", { timeout: 15_000 });
        if (name === "playground") await page.click(".step:nth-child(2) button");
        if (pictures !== undefined) {
          mkdirSync(pictures, { recursive: true });
          await page.screenshot({
            path: path.join(pictures, `${name}-${what.replace(/\W+/g, "-")}.png`),
            fullPage: true,
          });
        }
        const axe = readFileSync(createRequire(path.join(SITE, "x.js")).resolve("axe-core/axe.min.js"), "utf8");
        // By the debugger: the page's own policy refuses a script from elsewhere.
        const session = await page.createCDPSession();
        await session.send("Runtime.evaluate", { expression: axe });
        const { result } = await session.send("Runtime.evaluate", {
          expression:
            // What it cannot decide alone counts as found.
            "axe.run().then(({ violations, incomplete }) => JSON.stringify([...violations, ...incomplete].map(({ id, nodes }) => [id, nodes.map(({ html }) => html.slice(0, 200))])))",
          awaitPromise: true,
          returnByValue: true,
        });
        expect(JSON.parse(result.value as string)).toEqual([]);
        const overflow = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        );
        expect(overflow).toBeLessThanOrEqual(0);
        // What is chosen is read as a whole: a select cuts it off beside its arrow.
        const cut = await page.$$eval("select", (all) =>
          all
            .filter((select) => {
              const { font, paddingLeft, paddingRight } = getComputedStyle(select);
              const pen = document.createElement("canvas").getContext("2d") as CanvasRenderingContext2D;
              pen.font = font;
              // The arrow is 20 pixels at the right end, in the padding.
              const right = Math.max(20, Number.parseFloat(paddingRight));
              const room = select.clientWidth - Number.parseFloat(paddingLeft) - right;
              return pen.measureText(select.selectedOptions[0]?.textContent ?? "").width > room;
            })
            .map(({ id }) => id),
        );
        expect(cut).toEqual([]);
        await page.close();
      },
      40_000,
    );
  });

  it("without JavaScript it says what it would do", () => {
    for (const { file } of built) {
      expect(readFileSync(file, "utf8")).toMatch(/<noscript>[\s\S]*JavaScript[\s\S]*<\/noscript>/);
      expect(statSync(file).size).toBeGreaterThan(1_000);
    }
  });
});
