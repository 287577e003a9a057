// Every function that makes an acceptor, in a worker of node:cluster and in a process by itself: one decision for all
// (rule H8). A new maker of acceptors belongs in shared-replays-worker.mjs.

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { createTestRealm } from "../../../src/entry/testing.ts";
import { runtimePath } from "../../../tools/runtimes/index.mjs";
import { describeRuntimes } from "../../support/runtimes.ts";

const worker = fileURLToPath(new URL("./shared-replays-worker.mjs", import.meta.url));

const PRIMARY = `
  import cluster from "node:cluster";
  cluster.setupPrimary({ execArgv: [], exec: ${JSON.stringify(worker)} });
  cluster.fork().on("message", (said) => console.log(JSON.stringify(said)));`;

describeRuntimes("H8: acceptors made by hand on Node 24", () => {
  const answerOf = async (args: readonly string[]) => {
    const realm = await createTestRealm({ realm: "TEST.EXAMPLE", principals: { "HTTP/www.test.example": {} } });
    const KEYTAB = Buffer.from(realm.keytab("HTTP/www.test.example")).toString("base64");
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

  it("a process by itself makes them all", async () => {
    expect(await answerOf([worker])).toEqual({ alone: made, shared: made });
  });

  it("a worker of a cluster makes those with a replay cache alone", async () => {
    const { alone, shared } = await answerOf(["--input-type=module", "-e", PRIMARY]);
    expect(shared).toEqual(made);
    const without = Object.fromEntries(Object.keys(made).map((name) => [name, refused]));
    expect(alone).toEqual(without);
  });
});
