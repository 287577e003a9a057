// `krb5-remctl doctor` against set-ups that are broken in one way each: it names that, and nothing else.

import dgram from "node:dgram";
import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Finding } from "../../src/cli/doctor/report.ts";
import type { Runtime } from "../../src/host/index.ts";
import { nodeRuntime } from "../../src/runtime/index.ts";
import { freePort, startMitBed, startRemctld } from "../../tools/beds/index.mjs";
import { type CliWorld, runCli } from "../support/cli.ts";
import { describeLive, useBed, wholeTable } from "../support/live.ts";

const root = fs.mkdtempSync(path.join(os.tmpdir(), "krb5-remctl-doctor-"));
afterAll(() => fs.rmSync(root, { recursive: true, force: true }));

describeLive(["mit", "faketime"], "doctor", () => {
  const bed = useBed(() => startMitBed({ principals: "addprinc -e rc4-hmac:normal -pw x +requires_preauth weak" }));
  const remctld = useBed(() => startRemctld({ bed: bed() }));
  const oldServer = useBed(() => startRemctld({ bed: bed(), keytab: bed().keytab.oldService }));
  const aheadServer = useBed(() => startRemctld({ bed: bed(), clockOffsetSeconds: 3_000 }));
  const behindServer = useBed(() => startRemctld({ bed: bed(), clockOffsetSeconds: -3_000 }));
  const skewedServer = useBed(() => startRemctld({ bed: bed(), clockOffsetSeconds: 450 }));
  const silent: net.Server[] = [];
  let config = "";
  let silentPort = 0;
  let closedPort = 0;
  let greetingPort = 0;
  let hangingUpPort = 0;
  let version1Port = 0;

  beforeAll(async () => {
    closedPort = await freePort();
    config = fs.readFileSync(bed().krb5Conf, "utf8");
    silentPort = await listenSilently();
    greetingPort = await listenWith((socket) => socket.write("SSH-2.0-OpenSSH_9.6\r\n"));
    // A token of version 1, of one octet.
    version1Port = await listenWith((socket) => socket.write(Uint8Array.of(0x02, 0, 0, 0, 1, 0)));
    hangingUpPort = await listenWith((socket) => socket.on("data", () => socket.end()));
  });
  afterAll(() => {
    for (const server of silent) server.close();
    for (const socket of open) socket.destroy();
    udp?.close();
  });

  const open = new Set<net.Socket>();
  let udp: dgram.Socket | undefined;
  /** A program that is neither KDC nor remctld. */
  async function listenWith(greet: (socket: net.Socket) => void): Promise<number> {
    const port = await freePort();
    const server = net.createServer((socket) => {
      open.add(socket);
      socket.on("error", () => {});
      greet(socket);
    });
    silent.push(server);
    await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
    return port;
  }
  /** TCP and UDP at one port: what arrives is dropped. */
  async function listenSilently(): Promise<number> {
    const port = await listenWith(() => {});
    udp = dgram.createSocket("udp4");
    await new Promise<void>((resolve) => udp?.bind(port, "127.0.0.1", resolve));
    return port;
  }

  let count = 0;
  /** A krb5.conf that differs in one thing. */
  function confWith(change: (text: string) => string): string {
    const file = path.join(root, `krb5-${count++}.conf`);
    fs.writeFileSync(file, change(config));
    return file;
  }
  const kdcAt = (port: number | string) =>
    confWith((text) =>
      text.replace(/kdc = 127\S+/, `kdc = ${String(port).includes(":") ? port : `127.0.0.1:${port}`}`),
    );
  const tcpKdcAt = (port: number) => kdcAt(`tcp/127.0.0.1:${port}`);

  interface Broken {
    readonly name: string;
    /** It waits for seconds: run with CI=true. */
    readonly waits?: true;
    readonly words: () => readonly string[];
    readonly conf?: () => string;
    readonly world?: () => CliWorld;
    /** The checks that fail, each with a word of what it says. */
    readonly fails: Readonly<Record<string, RegExp>>;
    /** A word of the advice. */
    readonly advice: RegExp;
  }
  const withKeytab = (...words: string[]) => ["-t", bed().keytab.alice, `alice@${bed().realm}`, ...words];
  const remctlAt = () => ["-p", String(remctld().port)];

  async function examine(
    one: Pick<Broken, "words" | "conf" | "world">,
  ): Promise<{ status: number; findings: Finding[]; everything: string }> {
    const world = one.world?.() ?? {};
    const result = await runCli(["doctor", "-j", "-T", "2", ...one.words()], {
      ...world,
      env: {
        KRB5_CONFIG: one.conf?.() ?? bed().krb5Conf,
        KRB5CCNAME: `FILE:${root}/none`,
        KRB5_KTNAME: `FILE:${root}/none`,
        ...world.env,
      },
    });
    expect(result.stderr).toBe("");
    return {
      ...result,
      findings: result.stdout
        // The prompt, which in this process ends with no newline.
        .replace(/Password for [^ ]*: /, "")
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as Finding),
    };
  }

  it("finds a good set-up good, from the configuration to the remctl login", async () => {
    const { status, findings } = await examine({ words: () => [...remctlAt(), ...withKeytab("localhost")] });
    expect(findings.filter(({ outcome }) => outcome !== "ok")).toEqual([]);
    expect(status).toBe(0);
    const checks = new Set(findings.map(({ check }) => check));
    for (const check of [
      "configuration",
      "realm",
      "KDC port",
      "clock",
      "principal",
      "pre-authentication",
      "enctypes",
      "keytab",
      "login",
      "host name",
      "service",
      "remctl port",
      "remctl",
    ]) {
      expect(checks).toContain(check);
    }
  });

  it("prints a line for each check, and what to do below a failure", async () => {
    const world = { env: { KRB5_CONFIG: bed().krb5Conf, KRB5CCNAME: `FILE:${root}/none` } };
    const { status, stdout } = await runCli(["doctor", `nosuch@${bed().realm}`], world);
    expect(status).toBe(1);
    expect(stdout).toMatch(/^ok {4}KDC port {12}udp:\/\/127\.0\.0\.1:\d+ answers in \d+ ms$/m);
    expect(stdout).toMatch(
      /^FAIL {2}principal {11}the KDC of EXAMPLE\.TEST does not know nosuch@EXAMPLE\.TEST\n {26}-> check its spelling/m,
    );
    const seen = await runCli(["doctor", `nosuch@${bed().realm}`], { ...world, isTerminal: true });
    expect(seen.stdout).toContain("...   KDCs\r");
  });

  /** A runtime in whose network one port's packets vanish. */
  function firewalled(port: number): Runtime {
    const inner = nodeRuntime();
    return {
      ...inner,
      connectTcp: (host, to, options) =>
        to === port
          ? new Promise((_, reject) => options.signal?.addEventListener("abort", () => reject(options.signal?.reason)))
          : (inner.connectTcp as NonNullable<Runtime["connectTcp"]>)(host, to, options),
    };
  }
  const lookupOf = (name: string) => new RegExp(`${name} has no address`);

  const table: readonly Broken[] = [
    {
      name: "the KDC's port is wrong",
      words: () => withKeytab(),
      conf: () => kdcAt(closedPort),
      fails: { "KDC port": /connection refused/ },
      advice: /is it the right port/,
    },
    {
      name: "a firewall drops what goes to the KDC",
      words: () => withKeytab(),
      conf: () => kdcAt(silentPort),
      fails: { "KDC port": /no answer/ },
      advice: /firewall/,
    },
    {
      name: "what listens at the KDC's port greets as ssh",
      words: () => withKeytab(),
      conf: () => tcpKdcAt(greetingPort),
      fails: { "KDC port": /: what answers there speaks another protocol$/ },
      advice: /something else than krb5kdc listens there/,
    },
    {
      name: "what listens at the KDC's port hangs up",
      words: () => withKeytab(),
      conf: () => tcpKdcAt(hangingUpPort),
      fails: { "KDC port": /: accepts the connection and closes it/ },
      advice: /something else than krb5kdc listens there/,
    },
    {
      name: "what listens at the KDC's port says nothing",
      words: () => withKeytab(),
      conf: () => tcpKdcAt(silentPort),
      fails: { "KDC port": /: accepts the connection and does not answer/ },
      advice: /something else than krb5kdc listens there/,
    },
    {
      name: "the KDC's port is remctld's",
      waits: true,
      words: () => withKeytab(),
      conf: () => tcpKdcAt(remctld().port),
      fails: { "KDC port": /: accepts the connection and / },
      advice: /something else than krb5kdc listens there/,
    },
    {
      name: "a firewall drops what goes to the KDC by TCP",
      waits: true,
      words: () => withKeytab(),
      conf: () => tcpKdcAt(4373),
      world: () => ({ runtime: firewalled(4373) }),
      fails: { "KDC port": /: no answer$/ },
      advice: /firewall/,
    },
    {
      name: "the KDC proxy speaks no TLS",
      words: () => withKeytab(),
      conf: () => kdcAt(`https://127.0.0.1:${greetingPort}/KdcProxy`),
      fails: { "KDC port": /\/KdcProxy: what answers there does not speak TLS$/ },
      advice: /something else than a KDC proxy listens there/,
    },
    {
      name: "the KDC's name does not exist",
      words: () => withKeytab(),
      conf: () => kdcAt("kdc.invalid:88"),
      fails: { "KDC name": lookupOf("kdc.invalid") },
      advice: /the name is wrong or DNS does not answer/,
    },
    {
      name: "the realm is none",
      words: () => ["alice@NO.REALM"],
      fails: { realm: /no KDC of realm NO\.REALM is known/ },
      advice: /is the realm's name right/,
    },
    {
      name: "the realm is written in lower case",
      words: () => [`alice@${bed().realm.toLowerCase()}`],
      fails: { realm: /no KDC of realm example\.test is known/ },
      advice: /capitals included/,
    },
    {
      name: "the KDC serves another realm",
      words: () => ["alice@OTHER.TEST"],
      conf: () =>
        confWith((text) =>
          text.replace("[domain_realm]", ` OTHER.TEST = {\n  kdc = 127.0.0.1:${bed().port}\n }\n[domain_realm]`),
        ),
      fails: { principal: /./ },
      advice: /realm/,
    },
    {
      name: "no realm is named, and there is no default",
      words: () => ["alice@"],
      conf: () => confWith((text) => text.replace(/default_realm.*/, "")),
      fails: { principal: /default realm/ },
      advice: /name it in full/,
    },
    {
      name: "krb5.conf does not read",
      words: () => withKeytab(),
      conf: () => confWith((text) => text.replace("[realms]", "[realms")),
      fails: { configuration: /krb5-\d+\.conf:\d+: / },
      advice: /correct the line/,
    },
    {
      name: "this clock is ten minutes behind",
      words: () => withKeytab(),
      world: () => ({ now: () => Date.now() - 600_000 }),
      fails: { clock: /this clock is (?:599|600|601) s behind/ },
      advice: /set the clock/,
    },
    {
      name: "this clock is an hour ahead",
      words: () => withKeytab(),
      world: () => ({ now: () => Date.now() + 3_600_000 }),
      fails: { clock: /ahead of/ },
      advice: /set the clock/,
    },
    {
      name: "the principal is unknown",
      words: () => [`alicia@${bed().realm}`],
      fails: { principal: /does not know alicia/ },
      advice: /spelling/,
    },
    {
      name: "the principal is locked",
      words: () => [`locked@${bed().realm}`],
      fails: { principal: /locked or disabled/ },
      advice: /administrator/,
    },
    {
      name: "the principal has expired",
      words: () => [`expired@${bed().realm}`],
      fails: { principal: /has expired/ },
      advice: /administrator/,
    },
    {
      name: "the password has expired",
      words: () => [`pwexpired@${bed().realm}`],
      fails: { principal: /the password of pwexpired@EXAMPLE.TEST has expired/ },
      advice: /kpasswd/,
    },
    {
      name: "the password is wrong",
      words: () => ["-w", `alice@${bed().realm}`],
      world: () => ({ input: "wrong\n" }),
      fails: { login: /refuses the password/ },
      advice: /tried once/,
    },
    {
      name: "the principal has no key of an enctype that is left",
      words: () => [`bob-aes256sha1@${bed().realm}`],
      conf: () => confWith((text) => text.replace(/permitted_enctypes.*/, "permitted_enctypes = aes128-sha2")),
      fails: { enctypes: /./ },
      advice: /AES keys|permit the enctype/,
    },
    {
      name: "the keytab is not there",
      words: () => ["-t", `${root}/nosuch`, `alice@${bed().realm}`],
      fails: { keytab: /not found/ },
      advice: /name another/,
    },
    {
      name: "the keytab is another principal's",
      words: () => ["-t", bed().keytab.robot, `alice@${bed().realm}`],
      fails: { keytab: /has no key of alice.*robot@/ },
      advice: /name one of these/,
    },
    {
      name: "the keytab's key is old",
      words: () => ["-t", `${root}/old.keytab`, `bob@${bed().realm}`],
      fails: { login: /it is old/ },
      advice: /write it anew/,
    },
    {
      name: "the ticket has ended",
      words: () => [`alice@${bed().realm}`],
      world: () => ({ env: { KRB5CCNAME: `FILE:${root}/ended` } }),
      fails: { ticket: /ended/ },
      advice: /log in again/,
    },
    {
      name: "the cache is damaged",
      words: () => [`alice@${bed().realm}`],
      world: () => ({ env: { KRB5CCNAME: `FILE:${root}/damaged` } }),
      fails: { ticket: /at octet/ },
      advice: /kdestroy/,
    },
    {
      name: "the host's name does not exist",
      words: () => withKeytab("server.invalid"),
      fails: { "host name": lookupOf("server.invalid"), service: /does not know host\/server\.invalid/ },
      advice: /the name is wrong/,
    },
    {
      name: "the service is unknown",
      words: () => [...remctlAt(), "-s", "remctl/localhost", ...withKeytab("localhost")],
      fails: { service: /does not know remctl\/localhost/ },
      advice: /full name/,
    },
    {
      name: "nothing listens at remctl's port",
      words: () => ["-p", String(closedPort), ...withKeytab("localhost")],
      fails: { "remctl port": /connection refused/ },
      advice: /does remctld run/,
    },
    {
      name: "a firewall drops what goes to remctl's port",
      waits: true,
      words: () => ["-p", "4373", ...withKeytab("localhost")],
      world: () => ({ runtime: firewalled(4373) }),
      fails: { "remctl port": /no answer/ },
      advice: /firewall/,
    },
    {
      name: "what listens at remctl's port says nothing",
      waits: true,
      words: () => ["-p", String(silentPort), ...withKeytab("localhost")],
      fails: { remctl: /does not answer/ },
      advice: /not a remctld/,
    },
    {
      name: "what listens at remctl's port greets as ssh",
      words: () => ["-p", String(greetingPort), ...withKeytab("localhost")],
      fails: { remctl: /is not a remctld$/ },
      advice: /something else listens there/,
    },
    {
      name: "remctl's port is the KDC's",
      words: () => ["-p", String(bed().port), ...withKeytab("localhost")],
      fails: { remctl: /is not a remctld$/ },
      advice: /something else listens there/,
    },
    {
      name: "the server speaks version 1 alone",
      words: () => ["-p", String(version1Port), ...withKeytab("localhost")],
      fails: { remctl: /answered as protocol version 1/ },
      advice: /older than remctl 2/,
    },
    {
      name: "the server's clock is ahead, so that the ticket has ended there",
      words: () => ["-p", String(aheadServer().port), ...withKeytab("localhost")],
      fails: { clock: /the server's clock is (?:2999|3000|3001) s ahead of this one \(KRB_AP_ERR_TKT_EXPIRED\)/ },
      advice: /set the server's clock/,
    },
    {
      name: "the server's clock is behind, so that the ticket has not begun there",
      words: () => ["-p", String(behindServer().port), ...withKeytab("localhost")],
      fails: { clock: /the server's clock is (?:2999|3000|3001) s behind this one \(KRB_AP_ERR_TKT_NYV\)/ },
      advice: /set the server's clock/,
    },
    {
      name: "the server's clock is ahead by less than a ticket's life",
      words: () => ["-p", String(skewedServer().port), ...withKeytab("localhost")],
      fails: { clock: /the server's clock is (?:449|450|451) s ahead of this one \(KRB_AP_ERR_SKEW\)/ },
      advice: /set the server's clock/,
    },
    {
      name: "the server's keytab lacks the key",
      words: () => [...remctlAt(), "-s", "host/nokeytab", ...withKeytab("localhost")],
      fails: { "service key": /has no key of host\/nokeytab@EXAMPLE\.TEST, or runs for another principal/ },
      advice: /look at its keytab/,
    },
    {
      name: "the host's name is empty",
      words: () => withKeytab(""),
      fails: { "host name": /the name is empty/ },
      advice: /name the remctl server's host/,
    },
    {
      name: "the server's key is old",
      words: () => ["-p", String(oldServer().port), "-s", "host/replaced", ...withKeytab("localhost")],
      fails: { "service key|remctl": /old key|old one/ },
      advice: /keytab/,
    },
    {
      name: "the server's own keytab is old",
      words: () => ["-s", `host/changed@${bed().realm}`, ...remctlAt(), ...withKeytab("localhost")],
      world: () => ({ env: { KRB5_KTNAME: `FILE:${bed().keytab.oldService}` } }),
      fails: { "own keytab": /has kvno 2, the KDC uses 3/, "service key|remctl": /./ },
      advice: /ktadd/,
    },
  ];

  beforeAll(async () => {
    await bed().kadmin(`ktadd -norandkey -k ${root}/old.keytab bob\ncpw -pw bob-new bob`);
    const env = { KRB5_CONFIG: bed().krb5Conf, KRB5CCNAME: `FILE:${root}/ended` };
    expect((await runCli(["kinit", "-l", "1s", "-kt", bed().keytab.alice, "alice"], { env })).status).toBe(0);
    fs.writeFileSync(path.join(root, "damaged"), fs.readFileSync(path.join(root, "ended")).subarray(0, 100));
    await new Promise((resolve) => setTimeout(resolve, 1_500));
  });

  const rows = table.filter(({ waits = false }) => wholeTable || !waits);
  it.each(rows.map((row) => [row.name, row] as const))("%s", async (_name, row) => {
    const { status, findings, everything } = await examine(row);
    expect(status).toBe(1);
    const failures = findings.filter(({ outcome }) => outcome === "fail");
    const names = [...new Set(failures.map(({ check }) => check))];
    // Those and no others.
    expect(names.length, JSON.stringify(failures)).toBe(Object.keys(row.fails).length);
    for (const [check, detail] of Object.entries(row.fails)) {
      const found = failures.find((one) => check.split("|").includes(one.check));
      expect(found?.detail, `${check} in ${JSON.stringify(failures)}`).toMatch(detail);
    }
    expect(failures.map(({ advice }) => advice).join("\n")).toMatch(row.advice);
    expect(everything).not.toMatch(/alice-password|pwexpired-password/);
  });

  it("logs in as the keytab's own principal where none is named", async () => {
    const { status, findings } = await examine({ words: () => ["-t", bed().keytab.robot] });
    expect(findings).toContainEqual(
      expect.objectContaining({
        check: "login",
        outcome: "ok",
        detail: expect.stringContaining(`robot@${bed().realm}`),
      }),
    );
    expect(status).toBe(0);
  });

  it("says what a login would do by krb5.conf: the same as the library, and what is passed over", async () => {
    const failedWith = async (change: (text: string) => string) => {
      const { findings } = await examine({ words: () => withKeytab(), conf: () => confWith(change) });
      return findings.filter(({ outcome }) => outcome !== "ok" && outcome !== "skip");
    };
    const inRealm = await failedWith((text) =>
      text.replace(/ +kdc = 127\S+/, (line) => `  disable_encrypted_timestamp = true\n${line}`),
    );
    expect(inRealm).toMatchObject([
      {
        check: "pre-authentication",
        outcome: "fail",
        detail: expect.stringMatching(/this client has (?!.*TIMESTAMP)/),
      },
    ]);
    const inDefaults = (line: string) => failedWith((text) => text.replace("[libdefaults]", `[libdefaults]\n ${line}`));
    expect(await inDefaults("default_tkt_enctypes = rc4")).toMatchObject([
      { check: "configuration", outcome: "fail", detail: expect.stringContaining("default_tkt_enctypes allows none") },
    ]);
    expect(await inDefaults("forwardable = true # yes")).toMatchObject([
      {
        check: "configuration",
        outcome: "warn",
        detail: expect.stringContaining("forwardable = true # yes: expected"),
      },
    ]);
  });

  it("warns of a KDC without an address beside one that answers", async () => {
    const both = () => confWith((text) => text.replace(/ +kdc = 127\S+/, (line) => `  kdc = kdc.invalid\n${line}`));
    const { status, findings } = await examine({ words: () => withKeytab(), conf: both });
    expect(findings.filter(({ outcome }) => outcome !== "ok")).toMatchObject([
      { check: "KDC name", outcome: "warn", detail: expect.stringMatching(lookupOf("kdc.invalid")) },
    ]);
    expect(status).toBe(0);
  });

  it("says why something was not tried", async () => {
    const skipped = async (one: Pick<Broken, "words" | "conf" | "world">) =>
      Object.fromEntries(
        (await examine(one)).findings.flatMap(({ check, outcome, detail }) =>
          outcome === "skip" ? [[check, detail]] : [],
        ),
      );
    const world = () => ({ input: "x\n" });
    for (const name of ["nosuch", "locked", "expired"]) {
      const { login } = await skipped({ words: () => ["-w", `${name}@${bed().realm}`], world });
      expect([name, login]).toEqual([name, "not tried, because of the KDC's answer above"]);
    }
    const { login } = await skipped({ words: () => withKeytab(), conf: () => tcpKdcAt(closedPort) });
    expect(login).toBe("not tried: there is no KDC");
    const { remctl } = await skipped({ words: () => withKeytab("server.invalid") });
    expect(remctl).toBe("not tried: the host has no address");
    const { remctl: closed } = await skipped({ words: () => ["-p", String(closedPort), ...withKeytab("localhost")] });
    expect(closed).toBe("the port does not answer");
  });

  it("is a table of at least 20", () => expect(table.length).toBeGreaterThanOrEqual(20));
});
