// kinit, klist, kvno, kdestroy, kswitch and kpasswd beside MIT's: the same command lines, the same output and status.

import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { encodeCcacheFile, encodeKeytab } from "../../src/credentials/index.ts";
import { parsePrincipal, tgsPrincipal } from "../../src/krb5/index.ts";
import { freePort, startMitBed } from "../../tools/beds/index.mjs";
import { installCli } from "../support/cli.ts";
import { makeCredential } from "../support/credentials.ts";
import { describeLive, useBed, wholeTable } from "../support/live.ts";
import { ROWS, type Row } from "./cli-table.ts";

interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

type Side = "mit" | "ours";

/** Rows of a plain `npm test`; all of them are compared with CI=true. */
const PLAIN_ROWS = 20;

describeLive("mit", "the tools beside MIT's", () => {
  // Each side changes passwords: each has a realm of its own, made alike.
  const make = (realm: string) =>
    startMitBed({
      realm,
      services: ["nfs/localhost"],
      kadmind: true,
      principals: [
        "addpol -minlength 8 long",
        "modprinc -policy long bob",
        "modprinc -policy long pwexpired",
        'modprinc -pwexpire "2020-01-01 00:00:00" pwexpired',
      ].join("\n"),
      trust: [{ realm: "OTHER.TEST", password: "trust-password" }],
    });
  const beds = { mit: useBed(() => make("EXAMPLE.TEST")), ours: useBed(() => make("EXAMPLE.TEST")) };
  const other = useBed(() =>
    startMitBed({ realm: "OTHER.TEST", trust: [{ realm: "EXAMPLE.TEST", password: "trust-password" }] }),
  );
  const root = fs.mkdtempSync(path.join(os.tmpdir(), "krb5-remctl-cli-"));
  const folder = (side: Side) => path.join(root, side);
  let bin = "";

  beforeAll(async () => {
    bin = await installCli(root);
    for (const side of ["mit", "ours"] as const) {
      beds[side]().addRealm(other());
      fs.mkdirSync(path.join(folder(side), "dir"), { recursive: true, mode: 0o700 });
    }
    const file = (name: string, octets: Uint8Array | string) => fs.writeFileSync(path.join(root, name), octets);
    file("garbage", "garbage\n");
    file("empty", "");
    file("header", Uint8Array.of(5, 2));
    file("bad.conf", "[libdefaults\n");
    const closed = await freePort();
    file(
      "closed.conf",
      `[libdefaults]\n default_realm = EXAMPLE.TEST\n kcm_socket = ${root}/no-kcm\n dns_lookup_kdc = false\n dns_canonicalize_hostname = false\n rdns = false\n[realms]\n EXAMPLE.TEST = {\n  kdc = 127.0.0.1:${closed}\n }\n`,
    );
    const odd = [1, 3, 16, 17, 23, 25, 999, 18].map((etype, i) => ({
      principal: parsePrincipal(`odd\\/name${i}/x@EXAMPLE.TEST`),
      timestamp: new Date(1_700_000_000_000),
      kvno: [0, 1, 255, 256, 70_000, 2 ** 31 - 1, 7, 2 ** 32 - 1][i] as number,
      keyBlock: { etype, octets: new Uint8Array(16).fill(i + 1) },
    }));
    file("odd.keytab", encodeKeytab(odd));
    const owner = parsePrincipal("alice@EXAMPLE.TEST");
    const tgs = tgsPrincipal("EXAMPLE.TEST");
    const ended = makeCredential(tgs, {
      client: owner,
      startTime: new Date(1_700_000_000_000),
      endTime: new Date(1_700_003_600_000),
      renewTill: new Date(1_700_007_200_000),
      addresses: [],
      authData: [],
    });
    file("ended", encodeCcacheFile({ principal: owner, credentials: [ended] }));
    const time = new Date(Math.floor(Date.now() / 1000) * 1000 + 7_200_000);
    const made = [
      makeCredential("host/a@EXAMPLE.TEST", { client: owner, endTime: time }),
      // Flags that no KDC gives at once, another client, no time of renewal, addresses of every kind.
      makeCredential("host/b@EXAMPLE.TEST", {
        client: parsePrincipal("bob@EXAMPLE.TEST"),
        flags: 0x7ffec000,
        authData: [
          { type: 1, octets: Uint8Array.of(1) },
          { type: 128, octets: Uint8Array.of(2) },
        ],
        addresses: [
          { type: 2, octets: Uint8Array.of(192, 0, 2, 1) },
          { type: 24, octets: Uint8Array.of(0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2) },
          { type: 24, octets: Uint8Array.from({ length: 16 }, (_, i) => i) },
        ],
      }),
      makeCredential("host/c\\@d@EXAMPLE.TEST", {
        client: owner,
        flags: 0,
        key: { etype: 23, octets: new Uint8Array(16) },
        addresses: [],
        authData: [],
      }),
    ].map((one) => one);
    file("made", encodeCcacheFile({ principal: owner, credentials: made }));
    for (const side of ["mit", "ours"] as const) {
      // Collections with a file in them that is no cache, and with a primary file that leads out of the directory.
      for (const name of ["bad-file", "bad-primary"]) {
        const directory = path.join(folder(side), name);
        fs.mkdirSync(directory, { mode: 0o700 });
        fs.copyFileSync(path.join(root, "made"), path.join(directory, "tkt"));
      }
      fs.copyFileSync(path.join(root, "garbage"), path.join(folder(side), "bad-file", "tktbad"));
      fs.writeFileSync(path.join(folder(side), "bad-primary", "primary"), "../x\n");
      fs.mkdirSync(path.join(folder(side), "stays", "tkt"), { recursive: true, mode: 0o700 });
    }
  });

  afterAll(() => fs.rmSync(root, { recursive: true, force: true }));

  /** Words, with what they name put in. */
  function fill(text: string, side: Side): string {
    const bed = beds[side]();
    const names: Readonly<Record<string, string>> = {
      W: folder(side),
      REALM: bed.realm,
      OTHER: other().realm,
      KT_ROBOT: bed.keytab.robot,
      KT_ALICE: bed.keytab.alice,
      KT_SERVICE: bed.keytab.service,
      KT_OLD: bed.keytab.oldService,
      GARBAGE: path.join(root, "garbage"),
      EMPTY: path.join(root, "empty"),
      HEADER: path.join(root, "header"),
      CLOSED: path.join(root, "closed.conf"),
      BAD_CONF: path.join(root, "bad.conf"),
      ODD: path.join(root, "odd.keytab"),
      ENDED: path.join(root, "ended"),
      MADE: path.join(root, "made"),
    };
    return text.replace(/\$([A-Z_]+)/g, (whole, name: string) => names[name] ?? whole);
  }

  /** The side's krb5.conf with more lines in `[libdefaults]`. */
  function withLines(side: Side, lines: readonly string[]): string {
    const file = path.join(folder(side), "row.conf");
    const text = fs.readFileSync(beds[side]().env.KRB5_CONFIG as string, "utf8");
    fs.writeFileSync(
      file,
      text.replace("[libdefaults]\n", `[libdefaults]\n${lines.map((one) => ` ${one}\n`).join("")}`),
    );
    return file;
  }

  function runOn(side: Side, line: string, row: Pick<Row, "env" | "input" | "libdefaults">): Promise<Ran> {
    const [program = "", ...args] = (fill(line, side).match(/'[^']*'|\S+/g) ?? []).map((word) =>
      word.replace(/^'(.*)'$/, "$1"),
    );
    const file = side === "mit" ? beds.mit().bin(program) : path.join(bin, program);
    const env = Object.fromEntries(Object.entries(row.env ?? {}).map(([name, value]) => [name, fill(value, side)]));
    const child = spawn(file, args, {
      // MIT's begin some messages with the whole of it.
      argv0: program,
      cwd: folder(side),
      env: {
        PATH: process.env.PATH,
        USER: "root",
        TZ: "UTC",
        LC_ALL: "C",
        ...beds[side]().env,
        KRB5CCNAME: `FILE:${folder(side)}/cc`,
        ...(row.libdefaults === undefined ? {} : { KRB5_CONFIG: withLines(side, row.libdefaults) }),
        ...env,
      },
      timeout: 30_000,
    });
    const out = { stdout: "", stderr: "" };
    child.stdout.on("data", (data) => {
      out.stdout += data;
    });
    child.stderr.on("data", (data) => {
      out.stderr += data;
    });
    child.stdin.on("error", () => {});
    child.stdin.end(row.input ?? "");
    return new Promise((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code) => resolve({ status: code ?? -1, ...out }));
    });
  }

  /** MIT's ktutil shows what it reads where that is not a terminal. */
  function withoutEcho(text: string, input: string): string {
    const read = new Set(input.split("\n"));
    const lines = text.replaceAll("ktutil:  ", "").split("\n");
    return lines.filter((line) => !read.has(line)).join("\n");
  }

  /** What must be the same: times aside, each side's own paths, the words of the usage, and where a file is damaged. */
  function plain(text: string, side: Side, hasKeys = false): string {
    return (hasKeys ? text : text.replace(/\(0x[0-9a-f]+\)/g, (key) => `(key of ${key.length} characters)`))
      .replaceAll(folder(side), "$W")
      .replaceAll(beds[side]().dir, "$BED")
      .replace(/\d\d\/\d\d\/\d\d \d\d:\d\d:\d\d/g, "TIME")
      .replace(/tkt[A-Za-z0-9]{6,}/g, "tktXXXXXX")
      .replace(/^[Uu]sage: [\s\S]*/m, "USAGE\n")
      .replace(
        /: (?:FILE:\S+: )?(?:ccache|keytab)[^\n]*\(at octet \d+\); check that it is whole, and of this format$/gm,
        "",
      )
      .replace(/(Improper format of Kerberos configuration file [^:\n]*): [^\n]*$/gm, "$1");
  }

  // Rows stand on those before them: a plain run stops early, and skips none.
  for (const [i, row] of (wholeTable ? ROWS : ROWS.slice(0, PLAIN_ROWS)).entries()) {
    const settings = (row.libdefaults ?? []).map((one) => `[${one}] `);
    const environment = [...settings, ...Object.entries(row.env ?? {}).map(([name, value]) => `${name}=${value} `)];
    const input = row.input === undefined ? "" : ` <<< ${JSON.stringify(row.input)}`;
    it(`${i + 1}: ${environment.join("")}${row.run}${input}`, async () => {
      const [theirs, ours] = await Promise.all(
        (["mit", "ours"] as const).map(async (side) => {
          for (const line of row.before ?? []) await runOn(side, line, {});
          const { status, stdout, stderr } = await runOn(side, row.run, row);
          const isCompared = row.compare !== "stdout";
          const shown = row.run === "ktutil" ? withoutEcho(stdout, row.input ?? "") : stdout;
          return {
            status,
            stdout: plain(shown, side, row.run === "ktutil"),
            ...(isCompared ? { stderr: plain(stderr, side) } : {}),
          };
        }),
      );
      expect(ours).toEqual(theirs);
    });
  }

  it("shows the times of the same files as MIT's klist does, in any time zone", async () => {
    for (const TZ of ["UTC", "Asia/Kolkata", "America/New_York"]) {
      for (const line of ["klist -ef $MADE", "klist -ef $ENDED", "klist -kte $ODD"]) {
        const [theirs, ours] = await Promise.all(
          (["mit", "ours"] as const).map((side) => runOn(side, line, { env: { TZ } })),
        );
        expect(ours).toEqual(theirs);
      }
    }
  });

  it("compares at least 80 rows", () => expect(ROWS.length).toBeGreaterThan(80));
});
