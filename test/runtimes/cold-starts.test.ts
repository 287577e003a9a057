// A cold command in a Worker, counted at the wire: its connections to KDC and server are opened at once, within the four that it may
// have, and none that waits takes the place of one that is needed.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, it } from "vitest";
import { startMitBed, startRemctld } from "../../tools/beds/index.mjs";
import { startDelayLink } from "../../tools/bench/delay-link.mjs";
import { useBed, wholeTable } from "../support/live.ts";
import { describeRuntimes } from "../support/runtimes.ts";
import { bundleProgram } from "./build.ts";
import { startWorkerd } from "./workerd.ts";

describeRuntimes("a cold command in a Worker", () => {
  const all = useBed(async () => {
    const bed = await startMitBed();
    const remctld = await startRemctld({ bed });
    const link = startDelayLink(20);
    const [kdcPort, port] = [await link.kdc(bed.port), await link.tcp(remctld.port)];
    const directory = mkdtempSync(path.join(tmpdir(), "krb5-remctl-cold-"));
    const { file } = await bundleProgram("portable/cold-worker.ts", directory);
    const workerd = await startWorkerd({ module: file, isNodeCompatible: true });
    const config = {
      principal: `robot@${bed.realm}`,
      keytab: [...readFileSync(bed.keytab.robot)],
      kdc: [`tcp://127.0.0.1:${kdcPort}`],
      host: "127.0.0.1",
      port,
      service: remctld.service,
      command: ["test", "env", "REMOTE_USER"],
      times: 1,
    };
    const ask = async (more: object): Promise<[number, string[]]> => {
      link.reset();
      const response = await fetch(workerd.url, { method: "POST", body: JSON.stringify({ ...config, ...more }) });
      if (!response.ok) throw new Error(`${await response.text()}\n${workerd.logs()}`);
      return [link.roundTrips(), (await response.json()) as string[]];
    };
    const close = async (): Promise<void> => {
      await workerd.close();
      await Promise.all([remctld.close(), bed.close()]);
      link.close();
      rmSync(directory, { recursive: true, force: true });
    };
    return { ask, who: config.principal, close };
  });

  const both = { directTicket: true, preauth: "timestamp-first" };

  it.runIf(wholeTable)("four round trips with both options, one more than by UDP; six with neither", async () => {
    const { ask, who } = all();
    expect(await ask(both)).toEqual([4, [who]]);
    expect(await ask({})).toEqual([6, [who]]);
  });

  it.runIf(wholeTable)("RT9: twelve at once in one request all succeed", async () => {
    const { ask, who } = all();
    const [, printed] = await ask({ times: 12 });
    expect(printed).toEqual(Array.from({ length: 12 }, () => who));
  });
}, ["mit"]);
