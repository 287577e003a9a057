// The program of docs/cold-starts.md, as it stands but for the names of its world, over a link whose round trips are counted.

import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { startMitBed, startRemctld } from "../../tools/beds/index.mjs";
import { startDelayLink } from "../../tools/bench/delay-link.mjs";
import { ensureBuild } from "../../tools/bootstrap.mjs";
import { describeLive, useBed } from "../support/live.ts";
import { programOf } from "../support/pages.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

describeLive("mit", "docs/cold-starts.md", () => {
  const world = useBed(async () => {
    await ensureBuild();
    const bed = await startMitBed();
    const commands: [string, string, string][] = [["account", "show", 'echo "account: $2"']];
    const remctld = await startRemctld({ bed, commands });
    return { bed, remctld, close: async () => void (await Promise.all([remctld.close(), bed.close()])) };
  });

  it("runs a command in three round trips", async () => {
    const { bed, remctld } = world();
    const link = startDelayLink(10);
    const [kdc, port] = [await link.kdc(bed.port), await link.tcp(remctld.port)];
    const project = mkdtempSync(path.join(tmpdir(), "krb5-remctl-cold-"));
    mkdirSync(path.join(project, "node_modules"));
    symlinkSync(root, path.join(project, "node_modules", "krb5-remctl"));
    writeFileSync(path.join(project, "package.json"), JSON.stringify({ type: "module" }));
    const code = programOf("docs/cold-starts.md", "timestamp-first")
      .replace('"server.example.org"', '"localhost"')
      .replace("host/server.example.org@EXAMPLE.ORG", remctld.service)
      .replace("EXAMPLE.ORG", bed.realm)
      .replace("/etc/robot.keytab", bed.keytab.robot)
      .replace("udp://kdc.example.org", `udp://127.0.0.1:${kdc}`)
      .replace("directTicket", `port: ${port}, directTicket`);
    writeFileSync(path.join(project, "cold.js"), code);
    const { stdout } = await promisify(execFile)(process.execPath, ["cold.js"], { cwd: project });
    rmSync(project, { recursive: true });
    link.close();
    expect(stdout).toBe("0 account: alice\n\n");
    expect(link.roundTrips()).toBe(3);
  });
});
