// The KDC's certificate under an authority between, whose own certificate the client has: of each rule for such chains one
// that keeps it and one that breaks it, at a real KDC, and MIT's kinit beside. The KDC itself trusts that authority as it is.

import { readFileSync, writeFileSync } from "node:fs";
import { expect, it } from "vitest";
import { anonymous, createKerberos } from "../../src/entry/index.ts";
import { runProgram, startMitLoginsBed } from "../../tools/beds/index.mjs";
import { mustRun } from "../../tools/beds/process.mjs";
import { describeLive, peers, useBed, wholeTable } from "../support/live.ts";

const AUTHORITY = ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign"];
const LAST = ["basicConstraints=critical,CA:TRUE,pathlen:0", "keyUsage=critical,keyCertSign"];
/** The authority between limits names: the KDC's are the subject CN=kdc, localhost of the DNS, and krbtgt of the realm. */
const limits = (words: string, ...more: readonly string[]) => [...AUTHORITY, `nameConstraints=${words}`, ...more];
const REFUSED =
  /^the certificate of the KDC of LOGINS\.TEST is refused: the name .* is not one that an authority above it/;

interface Row {
  /** What the certificate between has. */
  readonly lines: readonly string[];
  /** Of one more, between the anchor and that. */
  readonly above?: readonly string[];
  readonly refused?: RegExp;
}

const ROWS: Readonly<Record<string, Row>> = {
  "an authority": { lines: AUTHORITY },
  "a path of none below it": { lines: LAST },
  "a path of one below the upper one": { lines: LAST, above: ["basicConstraints=CA:TRUE,pathlen:1"] },
  "a path of none below the upper one": { lines: LAST, above: LAST, refused: /pathLenConstraint/ },
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
  "another host permitted": { lines: limits("critical,permitted;DNS:example.org"), refused: REFUSED },
  "another host permitted, not critical": { lines: limits("permitted;DNS:example.org"), refused: REFUSED },
  "another host permitted above": { lines: AUTHORITY, above: limits("permitted;DNS:example.org"), refused: REFUSED },
  "the host permitted": { lines: limits("critical,permitted;DNS:localhost") },
  "the host permitted, and another": { lines: limits("critical,permitted;DNS:example.org,permitted;DNS:LocalHost") },
  "hosts below it permitted": { lines: limits("critical,permitted;DNS:.localhost"), refused: REFUSED },
  "the host excluded": { lines: limits("critical,excluded;DNS:localhost"), refused: REFUSED },
  "hosts below it excluded": { lines: limits("critical,excluded;DNS:.localhost,excluded;DNS:example.org") },
  "the subject permitted": { lines: limits("critical,permitted;dirName:dn", "[dn]", "CN=KDC") },
  "another subject permitted": { lines: limits("critical,permitted;dirName:dn", "[dn]", "CN=kdc2"), refused: REFUSED },
  "the subject excluded": { lines: limits("critical,excluded;dirName:dn", "[dn]", "CN= Kdc"), refused: REFUSED },
  "another subject excluded": { lines: limits("critical,excluded;dirName:dn", "[dn]", "O=kdc") },
  "names that the KDC has none of": { lines: limits("critical,permitted;email:x.org,permitted;IP:10.0.0.0/255.0.0.0") },
  "another name of a realm permitted": {
    lines: limits("critical,permitted;otherName:1.3.6.1.5.2.2;UTF8:x"),
    refused: /otherName 1\.3\.6\.1\.5\.2\.2 is of a kind that an authority above it limits/,
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
    await openssl(
      "req",
      "-new",
      "-newkey",
      "rsa:2048",
      "-nodes",
      "-keyout",
      "top.key",
      "-subj",
      "/CN=top",
      "-out",
      "top.csr",
    );
    const issue = async (name: string, lines: readonly string[], issuer: readonly [string, string], serial: number) => {
      // Sections of names stand at the end.
      writeFileSync(file(`${name}.conf`), `subjectKeyIdentifier=hash\n${lines.join("\n")}\n`);
      const by = ["-CA", issuer[0], "-CAkey", issuer[1], "-set_serial", String(serial), "-days", "90"];
      const request = name.startsWith("top") ? "top.csr" : "sub.csr";
      await openssl("x509", "-req", "-in", request, ...by, "-extfile", `${name}.conf`, "-out", `${name}.pem`);
      return readFileSync(file(`${name}.pem`), "utf8");
    };
    for (const [index, { lines, above }] of Object.values(ROWS).entries()) {
      const root = ["ca-rsa.pem", "ca-rsa.key"] as const;
      const top = above === undefined ? "" : await issue(`top-${index}`, above, root, 900 + index);
      const issuer = above === undefined ? root : ([`top-${index}.pem`, "top.key"] as const);
      const sub = await issue(`sub-${index}`, lines, issuer, 800 + index);
      writeFileSync(file(`pool-${index}.pem`), sub + top);
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
  it.each(wholeTable ? rows : rows.slice(7, 9))("$what", { timeout: 60_000 }, async ({ index, refused }) => {
    const { chained, pki, dir } = bed();
    const [root, pool] = ["ca-rsa.pem", `pool-${index}.pem`].map(pki.file) as [string, string];
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
