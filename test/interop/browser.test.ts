// A page in Debian's Chromium does the main job: KDC through kdcproxy, remctld through websockify, over TLS.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import {
  largeOutput,
  makeCertificates,
  PASSWORDS,
  runPage,
  startKdcproxy,
  startMitBed,
  startRemctld,
  startWebsockify,
} from "../../tools/beds/index.mjs";
import { makeFolder, removeFolder } from "../../tools/beds/process.mjs";
import type { PageConfig, PageRound } from "../portable/page-main.ts";
import { bundleProgram } from "../runtimes/build.ts";
import { peers, useBed, wholeTable } from "../support/live.ts";
import { describeRuntimes } from "../support/runtimes.ts";

const octets = 15_000_000;
// The promise is 20 of 20. A round takes one to two seconds, and longer beside other work.
const rounds = Number(process.env.KRB5_REMCTL_ROUNDS ?? (wholeTable ? 20 : 4));

describeRuntimes("a page in Chromium", () => {
  const world = useBed(async () => {
    const folder = makeFolder("browser");
    const bed = await startMitBed();
    const tls = await makeCertificates(peers.kdcproxy, folder);
    const remctld = await startRemctld({ bed });
    const kdcproxy = await startKdcproxy({ beds: [bed] });
    const proxy = await startWebsockify({ target: remctld.port, tls });
    const close = async () => {
      await Promise.all([proxy, kdcproxy, remctld, bed].map((one) => one.close()));
      removeFolder(folder);
    };
    return { folder, bed, tls, remctld, kdcproxy, proxy, close };
  });

  it("fifteen megabytes of a one-shot's output, each time", { timeout: 180_000 }, async () => {
    const { folder, bed, tls, remctld, kdcproxy, proxy } = world();
    const { file } = await bundleProgram("portable/page-main.ts", folder, "esm", {}, ["cloudflare:*"]);
    const config: PageConfig = {
      principal: `alice@${bed.realm}`,
      password: PASSWORDS.alice,
      proxy: proxy.url,
      service: remctld.service,
      octets,
      rounds,
    };
    const program = readFileSync(file, "utf8");
    const report: PageRound[] = await runPage({ program, tls, config: { ...config }, kdcproxy, timeoutMs: 170_000 });
    const digest = createHash("sha256").update(largeOutput(octets)).digest("hex");
    expect(report.map((round) => round.error ?? round.digest)).toEqual(new Array(rounds).fill(digest));
  });
}, ["mit", "kdcproxy", "websockify", "chromium"]);
