// A browser without a window that opens pages of the site, for their tests and pictures.

import puppeteer from "puppeteer-core";
import { makeFolder, removeFolder } from "../beds/process.mjs";
import { ensurePeers } from "../peers/index.mjs";

/**
 * Starts Debian's Chromium. It can reach loopback and files, and no name.
 * @returns {Promise<{ browser: import("puppeteer-core").Browser, close(): Promise<void> }>}
 */
export async function startBrowser() {
  const { chromium } = await ensurePeers(["chromium"]);
  if (!chromium.available) throw new Error(`the pages need Chromium: ${chromium.reason}`);
  const folder = makeFolder("site");
  const browser = await puppeteer.launch({
    executablePath: chromium.bin("chromium-headless-shell"),
    userDataDir: folder,
    env: { ...process.env, ...chromium.env, HOME: folder },
    args: [
      // Root has no sandbox.
      "--no-sandbox",
      "--disable-gpu",
      "--disable-dev-shm-usage",
      "--disable-background-networking",
      "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost",
    ],
  });
  const close = async () => {
    await browser.close();
    removeFolder(folder);
  };
  return { browser, close };
}
