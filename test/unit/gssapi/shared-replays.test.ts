// Every function that makes an acceptor, in a worker of node:cluster, in workerd and in a process by itself: one decision for
// all (rule H8). A new maker of acceptors belongs in test/portable/acceptor-makers.ts.

import { execFile } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { createTestRealm } from "../../../src/entry/testing.ts";
import { runtimePath } from "../../../tools/runtimes/index.mjs";
import { bundleProgram } from "../../runtimes/build.ts";
import { startWorkerd } from "../../runtimes/workerd.ts";
import { describeRuntimes } from "../../support/runtimes.ts";

const worker = fileURLToPath(new URL("./shared-replays-worker.mjs", import.meta.url));

const PRIMARY = `
  import cluster from "node:cluster";
  cluster.setupPrimary({ execArgv: [], exec: ${JSON.stringify(worker)} });
  cluster.fork().on("message", (said) => console.log(JSON.stringify(said)));`;

describeRuntimes("H8: acceptors made by hand", () => {
  const keytab = async () => {
    const realm = await createTestRealm({ realm: "TEST.EXAMPLE", principals: { "HTTP/www.test.example": {} } });
    return realm.keytab("HTTP/www.test.example");
  };
  const answerOf = async (args: readonly string[]) => {
    const KEYTAB = Buffer.from(await keytab()).toString("base64");
    const { stdout } = await promisify(execFile)(runtimePath("node24"), args, { env: { ...process.env, KEYTAB } });
    const { alone, shared } = JSON.parse(stdout.trim());
    return { alone, shared };
  };
  const made = {
    createAcceptor: "made",
    createSpnegoAcceptor: "made",
    "createSaslServer, GSS-SPNEGO": "made",
    "createSaslServer, GS2-KRB5": "made",
    "createSaslServer, GSSAPI": "made",
    createNegotiateServer: "made",
  };
  const refused = "TypeError: replayCache is undefined, an";
  const none = Object.fromEntries(Object.keys(made).map((name) => [name, refused]));

  it("a process by itself makes them all", async () => {
    expect(await answerOf([worker])).toEqual({ alone: made, shared: made });
  });

  it("a worker of a cluster makes those with a replay cache alone", async () => {
    const { alone, shared } = await answerOf(["--input-type=module", "-e", PRIMARY]);
    expect(shared).toEqual(made);
    expect(alone).toEqual(none);
  });

  it.each([true, false])("a Worker of workerd too, nodejs_compat %s", { timeout: 60_000 }, async (isNodeCompatible) => {
    const directory = fs.mkdtempSync(path.join(os.tmpdir(), "krb5-remctl-makers-"));
    try {
      const { file } = await bundleProgram("portable/acceptors-worker.ts", directory, "esm", {}, ["node:*"]);
      const workerd = await startWorkerd({ module: file, isNodeCompatible });
      try {
        const response = await fetch(workerd.url, { method: "POST", body: new Uint8Array(await keytab()) });
        const text = await response.text();
        expect(response.status, `${text}\n${workerd.logs()}`).toBe(200);
        expect(JSON.parse(text)).toEqual({ alone: none, shared: made, atStart: refused });
      } finally {
        await workerd.close();
      }
    } finally {
      fs.rmSync(directory, { recursive: true, force: true });
    }
  });
});
