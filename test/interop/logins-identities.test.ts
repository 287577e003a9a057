// kinit beside MIT's with identities as people's disks have them: the same status of both.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { runProgram, startMitLoginsBed } from "../../tools/beds/index.mjs";
import { runCli } from "../support/cli.ts";
import { describeLive, peers, useBed, wholeTable } from "../support/live.ts";

describe.runIf(wholeTable)("identities in odd files", () => {
  describeLive(["mit", "mit-logins"], "kinit beside MIT's", () => {
    const bed = useBed(async () => {
      const started = await startMitLoginsBed();
      const { file } = started.pki;
      const [cert, key] = ["client-rsa.pem", "client-rsa.key"].map((name) => readFileSync(file(name), "utf8")) as [
        string,
        string,
      ];
      const [otherCert, otherKey] = ["client-ec.pem", "client-ec.key"].map((name) =>
        readFileSync(file(name), "utf8"),
      ) as [string, string];
      const write = (name: string, text: string) => writeFileSync(file(name), text);
      write("combined.pem", cert + key);
      write("key-first.pem", key + cert);
      write("crlf.pem", cert.replaceAll("\n", "\r\n"));
      write("crlf.key", key.replaceAll("\n", "\r\n"));
      write("bom.pem", `\ufeff${cert}`);
      write("text.pem", `Certificate:\n    Data: x -----\n${cert}`);
      write("spaces.pem", cert.replaceAll("\n", "  \n"));
      write("two.pem", otherCert + cert);
      write("no-end.pem", cert.trimEnd());
      const directory = (name: string, files: Readonly<Record<string, string | undefined>>) => {
        mkdirSync(file(name));
        for (const [one, text] of Object.entries(files)) {
          if (text === undefined) mkdirSync(`${file(name)}/${one}`);
          else writeFileSync(`${file(name)}/${one}`, text);
        }
      };
      const good = { "b.crt": cert, "b.key": key };
      directory("one", good);
      directory("two", { "a.crt": otherCert, "a.key": otherKey, ...good });
      directory("nonsense", { "a.crt": "nonsense", "a.key": "nonsense", ...good });
      directory("no-key", { "a.crt": otherCert, ...good });
      directory("directories", { "a.crt": undefined, "a.key": undefined, ...good });
      directory("none", {});
      return started;
    }, 90_000);

    it.each<[string, number]>([
      ["FILE:combined.pem", 0],
      ["FILE:key-first.pem", 0],
      ["FILE:crlf.pem,crlf.key", 0],
      ["FILE:bom.pem,client-rsa.key", 0],
      ["FILE:text.pem,client-rsa.key", 0],
      ["FILE:spaces.pem,client-rsa.key", 0],
      ["FILE:no-end.pem,client-rsa.key", 0],
      ["FILE:two.pem,client-ec.key", 0],
      ["FILE:two.pem,client-rsa.key", 1],
      ["DIR:one", 0],
      ["DIR:nonsense", 0],
      ["DIR:no-key", 0],
      ["DIR:directories", 0],
      ["DIR:two", 1],
      ["DIR:none", 1],
      ["PKCS12:client-rsa-open.p12", 0],
      ["PKCS12:client-ec-open.p12", 0],
      ["PKCS12:client-rsa.p12", 1],
    ])("%s", { timeout: 60_000 }, async (name, status) => {
      const { env } = await bed().kdcOf("all");
      const { dir, pki } = bed();
      const [type = "", rest = ""] = name.split(":");
      const identity = `${type}:${rest.split(",").map(pki.file).join(",")}`;
      const words = ["kinit", "-c", `FILE:${dir}/identities`, "-X", `X509_user_identity=${identity}`, "alice"];
      const ours = await runCli(words, { env });
      const mit = await runProgram(peers.mit.bin("kinit"), words.slice(1), { env: { ...env }, input: "", cwd: dir });
      expect([ours.status, mit.status], `${ours.stderr}\n${mit.text}`).toEqual([status, status]);
    });
  });
});
