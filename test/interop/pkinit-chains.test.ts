// The KDC's certificate under an authority between, whose own certificate the client has: of each rule for such chains one
// that keeps it and one that breaks it, at a real KDC, and MIT's kinit beside. The KDC itself trusts that authority as it is.

import { readFileSync, writeFileSync } from "node:fs";
import { expect, it } from "vitest";
import { anonymous, createKerberos } from "../../src/entry/index.ts";
import { runProgram, startMitLoginsBed } from "../../tools/beds/index.mjs";
import { mustRun } from "../../tools/beds/process.mjs";
import { describeLive, peers, useBed, wholeTable } from "../support/live.ts";

const AUTHORITY = ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign"];
/** What the certificate between has. Ours refuses name constraints of any kind; those here the KDC's name breaks. */
const ROWS: Readonly<Record<string, { lines: readonly string[]; refused?: RegExp }>> = {
  "an authority": { lines: AUTHORITY },
  "a path of none below it": { lines: ["basicConstraints=critical,CA:TRUE,pathlen:0", "keyUsage=keyCertSign"] },
  "no authority": { lines: ["basicConstraints=critical,CA:FALSE"], refused: /basicConstraints/ },
  "a key that may not sign": {
    lines: ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,digitalSignature"],
    refused: /keyUsage/,
  },
  "a critical extension that nobody knows": {
    lines: [...AUTHORITY, "1.2.3.4.5=critical,DER:0500"],
    refused: /extension 1\.2\.3\.4\.5 is critical, and not understood/,
  },
  "the same, not critical": { lines: [...AUTHORITY, "1.2.3.4.5=DER:0500"] },
  "name constraints": {
    lines: [...AUTHORITY, "nameConstraints=critical,permitted;DNS:example.org"],
    refused: /extension 2\.5\.29\.30/,
  },
};

describeLive(["mit", "mit-logins"], "chains of a KDC's certificate", () => {
  const bed = useBed(async () => {
    const started = await startMitLoginsBed();
    const { folder, file } = started.pki;
    const env = { ...peers["mit-logins"].env, OPENSSL_CONF: file("openssl.conf") };
    const openssl = (...args: string[]) => mustRun(peers["mit-logins"].bin("openssl"), args, { env, cwd: folder });
    const subject = ["-newkey", "rsa:2048", "-nodes", "-keyout", "sub.key", "-subj", "/CN=between"];
    await openssl("req", "-x509", ...subject, "-extensions", "ca", "-days", "90", "-out", "sub-root.pem");
    const leaf = ["-newkey", "rsa:2048", "-nodes", "-keyout", "leaf.key", "-subj", "/CN=kdc", "-out", "leaf.csr"];
    await openssl("req", ...leaf);
    const byBetween = ["-CA", "sub-root.pem", "-CAkey", "sub.key", "-set_serial", "77", "-days", "90"];
    const asKdc = ["-extfile", "openssl.conf", "-extensions", "kdc", "-out", "leaf.pem"];
    await openssl("x509", "-req", "-in", "leaf.csr", ...byBetween, ...asKdc);
    const again = ["-key", "sub.key", "-subj", "/CN=between", "-out", "sub.csr"];
    await openssl("req", "-new", ...again);
    for (const [index, { lines }] of Object.values(ROWS).entries()) {
      writeFileSync(file(`sub-${index}.conf`), `${lines.join("\n")}\nsubjectKeyIdentifier=hash\n`);
      const byRoot = ["-CA", "ca-rsa.pem", "-CAkey", "ca-rsa.key", "-set_serial", String(900 + index), "-days", "90"];
      const made = ["-extfile", `sub-${index}.conf`, "-out", `sub-${index}.pem`];
      await openssl("x509", "-req", "-in", "sub.csr", ...byRoot, ...made);
    }
    const kdc = await started.kdcWith({
      realm: [
        `pkinit_identity = FILE:${file("leaf.pem")},${file("leaf.key")}`,
        `pkinit_anchors = FILE:${file("sub-root.pem")}`,
      ],
    });
    return { ...started, chained: kdc };
  }, 60_000);

  const rows = Object.entries(ROWS).map(([what, row], index) => ({ what, index, ...row }));
  it.each(wholeTable ? rows : rows.slice(3, 5))("$what", { timeout: 60_000 }, async ({ index, refused }) => {
    const { chained, pki, dir } = bed();
    const [root, pool] = ["ca-rsa.pem", `sub-${index}.pem`].map(pki.file) as [string, string];
    const conf = String(chained.env.KRB5_CONFIG);
    const kerberos = createKerberos({ config: { files: [conf] } });
    const trust = { anchors: readFileSync(root, "utf8"), pool: readFileSync(pool, "utf8") };
    const login = kerberos.login(anonymous("LOGINS.TEST", trust));
    if (refused === undefined) expect((await login).preauthType).toBe(16);
    else {
      const error = await login.catch((reason: unknown) => reason as Error & { code?: string });
      expect(error).toMatchObject({ code: "KDC_NOT_TRUSTED", message: expect.stringMatching(refused) });
    }
    const file = `${dir}/chain-${index}.conf`;
    const lines = `[libdefaults]\n LOGINS.TEST = {\n  pkinit_anchors = FILE:${root}\n  pkinit_pool = FILE:${pool}\n }\n`;
    writeFileSync(file, `${lines}${readFileSync(conf, "utf8")}`);
    const env = { ...chained.env, KRB5_CONFIG: file };
    const args = ["-n", "-c", `FILE:${dir}/chain-${index}`, "@LOGINS.TEST"];
    const { status, text } = await runProgram(peers.mit.bin("kinit"), args, { env, input: "", cwd: dir });
    expect(status, text).toBe(refused === undefined ? 0 : 1);
  });
});
