import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { commands } from "../../../src/cli/commands/index.ts";
import { LINKED } from "../../../src/cli/commands/link.ts";
import { accountSalt } from "../../../src/cli/keys-of-password.ts";
import { decodeKeytab, encodeCcacheFile, encodeKeytab } from "../../../src/credentials/index.ts";
import { parsePrincipal } from "../../../src/krb5/index.ts";
import { runCli } from "../../support/cli.ts";
import { makeCredential } from "../../support/credentials.ts";

const root = fs.mkdtempSync(path.join(os.tmpdir(), "krb5-remctl-cli-files-"));
afterAll(() => fs.rmSync(root, { recursive: true, force: true }));
const file = (name: string) => path.join(root, name);
fs.writeFileSync(file("krb5.conf"), "[libdefaults]\n default_realm = EXAMPLE.ORG\n dns_lookup_kdc = false\n");
const env = { KRB5_CONFIG: file("krb5.conf"), KRB5CCNAME: `FILE:${file("cc")}` };
const cli = (words: string[], input = "") => runCli(words, { env, input });

const keyOctets = new Uint8Array(32).fill(0xa5);
const cache = encodeCcacheFile({
  principal: parsePrincipal("alice@EXAMPLE.ORG"),
  credentials: [
    makeCredential("krbtgt/EXAMPLE.ORG@EXAMPLE.ORG", { key: { etype: 18, octets: keyOctets } }),
    makeCredential("host/a@EXAMPLE.ORG", { key: { etype: 18, octets: keyOctets } }),
  ],
});
const keytab = encodeKeytab([
  {
    principal: parsePrincipal("alice@EXAMPLE.ORG"),
    timestamp: new Date(0),
    kvno: 3,
    keyBlock: { etype: 18, octets: keyOctets },
  },
]);

describe("every command", () => {
  it.each(commands.map(({ name }) => name))("%s --help says what it does, with status 0", async (name) => {
    const { status, stdout, stderr } = await cli([name, "--help"]);
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^[Uu]sage: /);
    expect(stdout.split("\n").length).toBeGreaterThan(4);
  });

  it.each(commands.map(({ name }) => name))("%s refuses an option that it has not, with its usage", async (name) => {
    const { status, stdout, stderr } = await cli([name, "--no-such-option"]);
    expect(status).toBeGreaterThan(0);
    expect(stdout).toBe("");
    expect(stderr.length).toBeGreaterThan(0);
  });

  it("is in the list of the program itself", async () => {
    const { status, stdout } = await cli(["krb5-remctl", "--help"]);
    expect(status).toBe(0);
    for (const { name, summary } of commands) expect(stdout).toContain(`  ${name}`.padEnd(8) && summary);
    expect((await cli(["krb5-remctl", "nosuch"])).status).toBe(2);
    expect((await cli(["krb5-remctl"])).status).toBe(2);
    expect((await cli(["krb5-remctl", "--version"])).stdout).toMatch(/^krb5-remctl \d+\.\d+\.\d+\n$/);
  });

  it("runs under its own name and behind the program's", async () => {
    fs.writeFileSync(file("cc"), cache);
    const alone = await cli(["klist"]);
    expect(alone.stdout).toContain("Default principal: alice@EXAMPLE.ORG");
    expect((await cli(["krb5-remctl", "klist"])).stdout).toBe(alone.stdout);
  });
});

/** Where each entry of a keytab begins, with its size. */
function entryStarts(octets: Uint8Array): number[] {
  const view = new DataView(octets.buffer, octets.byteOffset);
  const starts: number[] = [];
  for (let at = 2; at < octets.length; at += 4 + view.getInt32(at)) starts.push(at);
  return starts;
}

describe("hostile caches and keytabs", () => {
  const places = (length: number) => Array.from({ length: 18 }, (_, i) => Math.floor((i * length) / 18));

  it("CL7: a cache cut anywhere is an error with the offset, status 1, and the file as it was", async () => {
    for (const length of places(cache.length)) {
      const cut = cache.slice(0, length);
      fs.writeFileSync(file("cut"), cut);
      const { status, stdout, stderr } = await cli(["klist", file("cut")]);
      // Between two tickets, and where there is a principal only, it is whole.
      if (status === 0) continue;
      expect([status, stdout], String(length)).toEqual([1, ""]);
      expect(stderr).toMatch(
        /^klist: .*\(filename: \S+cut\): ccache.*\(at octet \d+\); check that it is whole, and of this format\n$/,
      );
      expect((await cli(["klist", "-s", file("cut")])).status).toBe(1);
      for (const words of [
        ["kvno", "-c", file("cut"), "host/x"],
        ["kinit", "-R", "-c", file("cut")],
      ]) {
        const other = await cli(words);
        expect(other.status, words.join(" ")).toBe(1);
      }
      expect(new Uint8Array(fs.readFileSync(file("cut")))).toEqual(cut);
    }
  });

  it("CL6: a keytab cut anywhere is an error with the offset, status 1, and the file as it was", async () => {
    const starts = entryStarts(keytab);
    // In the NULs of an entry's size: what is whole before them is read, with a warning.
    const isPadded = (length: number) => starts.some((start) => length >= start && length < start + 4);
    const cuts = places(keytab.length).filter((one) => !isPadded(one) && one > 2);
    expect(cuts.length).toBeGreaterThan(14);
    for (const length of cuts) {
      const cut = keytab.slice(0, length);
      fs.writeFileSync(file("cut.keytab"), cut);
      const { status, stderr } = await cli(["klist", "-k", file("cut.keytab")]);
      expect(status, String(length)).toBe(1);
      expect(stderr).toMatch(/^klist: .*keytab.*\(at octet \d+\); check that it is whole, and of this format\n$/);
      for (const words of [
        ["keytab", "add", "-t", file("cut.keytab"), "bob"],
        ["keytab", "delete", "-t", file("cut.keytab"), "alice"],
      ]) {
        expect((await cli(words, "secret\n")).status, words.join(" ")).toBe(1);
      }
      expect(new Uint8Array(fs.readFileSync(file("cut.keytab")))).toEqual(cut);
    }
  });

  it("CL1: takes no memory for lengths that are not there, and obeys no terminal sequence in a name", async () => {
    const bomb = Uint8Array.of(5, 4, 0, 0, 0, 0, 0, 1, 0x7f, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff);
    fs.writeFileSync(file("bomb"), bomb);
    expect((await cli(["klist", file("bomb")])).status).toBe(1);
    const owner = parsePrincipal("alice\u001b[2J\u001b]0;x\u0007@EXAMPLE.ORG");
    fs.writeFileSync(file("escape"), encodeCcacheFile({ principal: owner, credentials: [] }));
    expect((await cli(["klist", file("escape")])).stdout).toContain("Default principal: alice?[2J?]0;x?@EXAMPLE.ORG\n");
  });

  it("does not follow what is no file", async () => {
    expect((await cli(["klist", root])).stderr).toContain("Bad format in credentials cache");
    expect((await cli(["klist", "/dev/zero"])).status).toBe(1);
  });
});

describe("keytab and ktutil", () => {
  it("adds the keys of a password, replaces and deletes them; the file has mode 0600", async () => {
    const name = file("new.keytab");
    const added = await cli(["keytab", "add", "-t", name, "-V", "5", "alice"], "correct horse\n");
    expect([added.status, added.stdout]).toEqual([0, "Password for alice@EXAMPLE.ORG: "]);
    expect(fs.statSync(name).mode & 0o777).toBe(0o600);
    const first = decodeKeytab(fs.readFileSync(name));
    expect(first.entries.map(({ kvno, keyBlock }) => [kvno, keyBlock.etype])).toEqual([
      [5, 18],
      [5, 17],
      [5, 20],
      [5, 19],
    ]);
    await cli(["keytab", "add", "-t", name, "-V", "5", "-e", "aes256-sha1", "alice"], "another\n");
    const second = decodeKeytab(fs.readFileSync(name));
    expect(second.entries.length).toBe(4);
    const key = (from: typeof first) =>
      from.get({ principal: parsePrincipal("alice@EXAMPLE.ORG"), etype: 18 }).keyBlock.octets;
    expect(key(second)).not.toEqual(key(first));
    const shown = await cli(["keytab", "list", name]);
    expect(shown.stdout).toContain("   5 ");
    expect(shown.stdout).not.toContain("0x");
    expect((await cli(["keytab", "list", "-K", name])).stdout).toContain(
      `(0x${Buffer.from(key(second)).toString("hex")})`,
    );
    expect((await cli(["keytab", "delete", "-t", name, "-e", "aes-sha2", "alice"])).stdout).toBe("2 keys deleted\n");
    expect((await cli(["keytab", "delete", "-t", name, "bob"])).status).toBe(1);
    expect((await cli(["keytab", "delete", "-t", name, "alice"])).stdout).toBe("2 keys deleted\n");
    expect(decodeKeytab(fs.readFileSync(name)).entries).toEqual([]);
  });

  it.each([
    [["keytab", "add", "-t", "x", "-V", "99999999999", "a"]],
    [["keytab", "add", "-t", "x", "-V", "1,", "a"]],
    [["keytab", "add", "-t", "x", "-V", "1,x", "a"]],
    [["keytab", "delete", "-t", "x", "a", "b"]],
    [["keytab", "add", "-t", "x", "-e", "nosuch", "a"]],
    [["keytab", "add", "-t", "x", "-i", "0", "a"]],
    [["keytab", "frobnicate", "a"]],
    [["keytab"]],
  ])("refuses %j", async (words) => expect((await cli(words, "x\n")).status).toBe(2));

  it("CL5: ktutil edits keytabs by lines of standard input", async () => {
    const name = file("ktutil.keytab");
    fs.writeFileSync(file("old.keytab"), keytab);
    const { status, stdout, stderr } = await cli(
      ["ktutil"],
      [
        "addent -password -p alice -k 4 -e aes128-cts",
        "secret words",
        `rkt ${file("old.keytab")}`,
        "l -e",
        "delent 2",
        `wkt "${name}"`,
        "foo",
        "addent -key -p bob -k 1 -e aes128-cts",
        "not hexadecimal c0ffee",
        "quit",
      ].join("\n"),
    );
    expect(status).toBe(0);
    expect(stdout).toContain("   2    3                        alice@EXAMPLE.ORG (aes256-cts-hmac-sha1-96) \n");
    expect(stderr).toContain('Unknown request "foo"');
    expect(stderr).not.toContain("c0ffee");
    expect(decodeKeytab(fs.readFileSync(name)).entries.map(({ kvno }) => kvno)).toEqual([4]);
    await cli(["ktutil"], `rkt ${file("old.keytab")}\nwkt ${name}\n`);
    expect(decodeKeytab(fs.readFileSync(name)).entries.map(({ kvno }) => kvno)).toEqual([4, 3]);
  });
});

describe("advice", () => {
  it("stands on a second line, for a person and not for a log", async () => {
    const missing = `FILE:${file("nosuch")}`;
    const words = ["klist", "-c", missing];
    expect((await runCli(words, { env })).stderr.split("\n").length).toBe(2);
    const person = await runCli(words, { env, isTerminal: true });
    expect(person.stderr).toContain("\n  make one with kinit, or name another with KRB5CCNAME\n");
  });
});

describe("link", () => {
  it.runIf(process.platform === "linux")("makes parents, and comes to an end where none can be made", async () => {
    const linking = (directory: string) => runCli(["link", directory], { env, program: file("main.js") });
    fs.writeFileSync(file("main.js"), "#!/usr/bin/env node\n");
    expect((await linking(file("some/where/bin"))).status).toBe(0);
    for (const place of ["/proc/nosuch", "/proc/nosuch/bin"]) {
      const { status, stderr } = await linking(place);
      expect([status, stderr]).toEqual([1, expect.stringContaining("ENOENT")]);
    }
    const { status, stderr } = await linking(file("krb5.conf"));
    expect([status, stderr]).toEqual([1, expect.stringContaining("EEXIST")]);
  });

  it("CL8: makes a link for every command, and spares what is there", async () => {
    const target = file("main.js");
    const linking = (words: string[]) => runCli(words, { env, program: target });
    fs.writeFileSync(target, "#!/usr/bin/env node\n");
    const bin = file("bin");
    const { status, stdout } = await linking(["link", bin]);
    expect(status).toBe(0);
    expect(stdout.trim().split("\n")).toEqual(LINKED.map((name) => path.join(bin, name)));
    for (const name of LINKED) expect(fs.readlinkSync(path.join(bin, name))).toBe(fs.realpathSync(target));
    expect(fs.statSync(target).mode & 0o111).toBe(0o111);
    // Again: nothing to do.
    expect((await linking(["link", bin])).status).toBe(0);
    fs.unlinkSync(path.join(bin, "kinit"));
    fs.writeFileSync(path.join(bin, "kinit"), "MIT's own");
    const refused = await linking(["link", bin]);
    expect([refused.status, refused.stderr]).toEqual([1, expect.stringContaining("is there already")]);
    expect(fs.readFileSync(path.join(bin, "kinit"), "utf8")).toBe("MIT's own");
    expect((await linking(["link", "-f", bin])).status).toBe(0);
    expect(fs.readlinkSync(path.join(bin, "kinit"))).toBe(fs.realpathSync(target));
  });
});

describe("secrets and keytabs", () => {
  it("ktutil shows no line that may be the password of an entry that it refused, and others as MIT does", async () => {
    for (const words of [
      "addent -password -p alice -k 1",
      "addent -password -p alice -f",
      "addent -key -p alice -k 1",
    ]) {
      const { stdout, stderr } = await cli(["ktutil"], `${words}\nS3cret-passw0rd\nS3cond\n`);
      expect(stdout + stderr).not.toContain("S3cret-passw0rd");
      expect(stderr).toMatch(/Unknown request, not shown: .*\n.*Unknown request "S3cond"/);
    }
  });

  it("keytab add, ten at once, and keytab delete beside them: no key is lost", async () => {
    const name = file("ten.keytab");
    const add = (who: string) => cli(["keytab", "add", "-t", name, "-e", "aes128-sha1", who], "secret\n");
    const ten = Array.from({ length: 10 }, (_, i) => `user${i}`);
    await add("gone");
    const results = await Promise.all([...ten.map(add), cli(["keytab", "delete", "-t", name, "gone"])]);
    expect(results.map(({ status, stderr }) => [status, stderr])).toEqual(results.map(() => [0, expect.anything()]));
    const names = decodeKeytab(fs.readFileSync(name)).entries.map((one) => one.principal.components.join("/"));
    expect(names.sort()).toEqual(ten);
  });

  it("keytab add: several principals of one password, several versions; delete takes some versions out", async () => {
    const name = file("several.keytab");
    const add = ["keytab", "add", "-t", name, "-e", "aes256-sha1", "-a", "WEB$", "-V", "3,4,4"];
    expect(await cli([...add, "WEB$", "host/web"], "secret\n")).toMatchObject({ status: 0 });
    const versions = (): string[] =>
      decodeKeytab(fs.readFileSync(name)).entries.map(
        ({ kvno, principal }) => `${kvno} ${principal.components.join("/")}`,
      );
    expect(versions()).toEqual(["3 WEB$", "4 WEB$", "3 host/web", "4 host/web"]);
    const keys = decodeKeytab(fs.readFileSync(name)).entries.map(({ keyBlock }) => keyBlock.octets);
    expect(new Set(keys.map((octets) => Buffer.from(octets).toString("hex"))).size).toBe(1);
    expect(await cli(["keytab", "delete", "-t", name, "-V", "3,9", "host/web"])).toMatchObject({ status: 0 });
    expect(versions()).toEqual(["3 WEB$", "4 WEB$", "4 host/web"]);
  });

  it("keytab add takes no salt beside those that it asks for, and computes those of Active Directory", async () => {
    for (const both of [
      ["-f", "-s", "x"],
      ["-a", "WEB$", "-s", "x"],
    ]) {
      expect((await cli(["keytab", "add", "-t", file("both"), ...both, "alice"])).status).toBe(2);
    }
    expect(["svc-web", "WEB$"].map((account) => accountSalt(account, "Ad.Test"))).toEqual([
      "AD.TESTsvc-web",
      "AD.TESThostweb.ad.test",
    ]);
  });

  it("a blank line behind a keytab keeps nothing from being read, and is in the trace", async () => {
    fs.writeFileSync(file("blank.keytab"), Buffer.concat([keytab, Buffer.from("\n")]));
    const { status, stdout, everything } = await cli(["klist", "-k", file("blank.keytab")]);
    expect([status, stdout]).toEqual([0, expect.stringContaining("alice@EXAMPLE.ORG")]);
    expect(everything).toContain("blanks behind the last entry of the keytab are passed over");
  });
});
