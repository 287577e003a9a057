// MIT's kvno asks the embedded realm for tickets of a user: S4U2Self and S4U2Proxy, granted and refused.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, expect, it } from "vitest";
import { createTestRealm } from "../../src/entry/testing.ts";
import { runProgram } from "../../tools/beds/index.mjs";
import { describeLive, peers } from "../support/live.ts";

describeLive("mit", "MIT's kvno and the embedded realm", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "krb5-remctl-delegating-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const file = (name: string): string => path.join(folder, name);

  it("a service gets tickets of alice for itself and for what its list has, and for nothing else", async () => {
    await using realm = await createTestRealm({
      realm: "AD.EXAMPLE",
      domainSid: "S-1-5-21-1-2-3",
      principals: {
        alice: { password: "alice-password" },
        "HTTP/www": { delegatesTo: ["host/back"], isTrustedToAuthenticate: true },
        "host/back": {},
        "host/other": {},
      },
    });
    await realm.listen();
    writeFileSync(file("krb5.conf"), realm.krb5Conf());
    writeFileSync(file("keytab"), realm.keytab(["HTTP/www", "host/back"]));
    const env = { ...peers.mit.env, KRB5_CONFIG: file("krb5.conf"), KRB5CCNAME: `FILE:${file("cc")}` };
    const run = (program: string, ...args: string[]) => runProgram(peers.mit.bin(program), args, { env });
    expect((await run("kinit", "-f", "-k", "-t", file("keytab"), "HTTP/www")).status).toBe(0);
    expect((await run("kvno", "-I", "alice", "HTTP/www")).status).toBe(0);
    const granted = await run("kvno", "-k", file("keytab"), "-I", "alice", "-P", "host/back");
    expect([granted.status, granted.text]).toEqual([0, expect.stringContaining("keytab entry valid")]);
    const refused = await run("kvno", "-I", "alice", "-P", "host/other");
    expect([refused.status, refused.text]).toEqual([1, expect.stringContaining("constrained delegation failed")]);
    expect((await run("klist", "-f")).text).toMatch(/host\/back@AD\.EXAMPLE\n\tfor client alice@AD\.EXAMPLE/);
  });
});
