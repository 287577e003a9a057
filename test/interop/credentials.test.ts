// Caches and keytabs both ways with the programs of MIT and Heimdal.

import fs from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import { parseKrb5Conf } from "../../src/config/index.ts";
import {
  type CredentialCache,
  configValue,
  credentialOfTicket,
  decodeKeytab,
  encodeKeytab,
  findCredential,
  openCache,
  openCollection,
} from "../../src/credentials/index.ts";
import { ccache, createClient } from "../../src/entry/index.ts";
import { formatPrincipal, parsePrincipal, tgsPrincipal } from "../../src/krb5/index.ts";
import { nodeRuntime } from "../../src/runtime/index.ts";
import { runProgram, startHeimdalBed, startMitBed, startRemctld } from "../../tools/beds/index.mjs";
import { startDaemon } from "../../tools/beds/process.mjs";
import { runCli } from "../support/cli.ts";
import { makeCredential, plainCredential, randomBytes } from "../support/credentials.ts";
import { describeLive, describeUnless, peers, useBed } from "../support/live.ts";

const runtime = nodeRuntime();
const host = {
  ...(runtime.files === undefined ? {} : { files: runtime.files() }),
  ...(runtime.connectUnix === undefined ? {} : { connectUnix: runtime.connectUnix }),
  randomBytes,
};
const open = (name: string | undefined): CredentialCache => openCache(name ?? "", host);
const serversOf = async (cache: CredentialCache) =>
  (await cache.read())?.credentials.map(({ server }) => formatPrincipal(server)) ?? [];

interface Login {
  readonly kdc: string[];
  readonly realm: string;
  readonly passwords: Record<string, string>;
}

/** Logs in with this library and puts the TGT into a cache. */
async function loginInto(cache: CredentialCache, { kdc, realm, passwords }: Login): Promise<void> {
  const client = createClient({
    credentials: { principal: `alice@${realm}`, password: passwords.alice as string },
    kdc,
  });
  const ticket = await client.getTicket(formatPrincipal(tgsPrincipal(realm)));
  await cache.initialize({
    principal: ticket.client,
    credentials: [credentialOfTicket(ticket)],
    config: [{ key: "fast_avail", server: tgsPrincipal(realm), value: new TextEncoder().encode("yes") }],
    clockOffsetMs: ticket.clockOffsetMs,
  });
}

describeLive("mit", "credentials beside MIT's programs", () => {
  const bed = useBed(() => startMitBed());
  const run = (program: string, args: string[], env: Record<string, string>, input?: string) =>
    runProgram(bed().bin(program), args, { env: { ...bed().env, ...env }, ...(input === undefined ? {} : { input }) });
  const file = (name: string) => path.join(bed().dir, name);
  const tgt = () => formatPrincipal(tgsPrincipal(bed().realm));
  const service = () => `host/localhost@${bed().realm}`;

  it("reads a cache that kinit wrote, and writes the same octets again", async () => {
    const login = await bed().kinit("alice", { password: "alice-password" }, { args: ["-f", "-r", "2d", "-a"] });
    expect(login.status, login.text).toBe(0);
    const name = login.env.KRB5CCNAME ?? "";
    const contents = await open(name).read();
    if (contents === undefined) throw new Error("no cache");
    expect(formatPrincipal(contents.principal)).toBe(`alice@${bed().realm}`);
    const ticket = findCredential(contents, { server: parsePrincipal(tgt()), at: new Date() });
    expect(ticket?.renewTill?.getTime()).toBeGreaterThan(Date.now() + 86_400_000);
    expect((ticket?.flags ?? 0) & 0x40800000).toBe(0x40800000);
    expect(contents.config.map(({ key }) => key)).toContain("pa_type");
    expect(configValue(contents, "pa_type", parsePrincipal(tgt()))).toEqual(new TextEncoder().encode("2"));
    const before = fs.readFileSync(name.slice(5));
    const copy = open(`FILE:${file("copy")}`);
    await copy.initialize(contents);
    const klist = async (cache: string) => (await run("klist", ["-f", "-e", "-a", "-C"], { KRB5CCNAME: cache })).text;
    expect((await klist(copy.name)).replace(copy.name, "")).toBe((await klist(name)).replace(name, ""));
    // kinit's order is the same: remarks, then the ticket.
    expect(new Uint8Array(fs.readFileSync(file("copy")))).toEqual(new Uint8Array(before));
  });

  it("writes a cache that klist and kvno use, and reads what kvno adds", async () => {
    const cache = open(`FILE:${file("ours")}`);
    await loginInto(cache, bed());
    const env = { KRB5CCNAME: cache.name };
    expect((await run("klist", ["-s"], env)).status).toBe(0);
    const shown = await run("klist", ["-e", "-f", "-C"], env);
    expect(shown.status, shown.text).toBe(0);
    expect(shown.text).toContain(`Default principal: alice@${bed().realm}`);
    expect(shown.text).toContain("aes256-cts-hmac-sha");
    expect(shown.text).toContain(`config: fast_avail(${tgt()}) = yes`);
    const kvno = await run("kvno", [service()], env);
    expect(kvno.status, kvno.text).toBe(0);
    expect(await serversOf(cache)).toEqual([tgt(), service()]);
    await cache.setConfig({ key: "refresh_time", value: new TextEncoder().encode("123456") });
    expect((await run("klist", ["-C"], env)).text).toContain("config: refresh_time = 123456");
  });

  it("removes a ticket so that MIT's programs do not see it either", async () => {
    const cache = open(`FILE:${file("removal")}`);
    await loginInto(cache, bed());
    const env = { KRB5CCNAME: cache.name };
    await run("kvno", [service()], env);
    await cache.remove(({ server }) => server.components[0] === "host");
    await cache.setConfig({ key: "fast_avail", server: parsePrincipal(tgt()), value: undefined });
    const shown = await run("klist", ["-C"], env);
    expect(shown.status, shown.text).toBe(0);
    expect(shown.text).toContain(tgt());
    expect(shown.text).not.toContain("host/localhost");
    expect(shown.text).not.toContain("fast_avail");
    expect((await run("kvno", [service()], env)).status).toBe(0);
    expect(await serversOf(cache)).toEqual([tgt(), service()]);
  });

  it("keeps all tickets when kvno and this library add to one cache at once", async () => {
    const names = Array.from({ length: 12 }, (_, i) => `svc${i}/localhost`);
    await bed().kadmin(names.map((name) => `addprinc -randkey ${name}`).join("\n"));
    const cache = open(`FILE:${file("shared")}`);
    await loginInto(cache, bed());
    const ours = Array.from({ length: 60 }, (_, i) => `ours/${i}@${bed().realm}`);
    const theirs = Promise.all(names.map((name) => run("kvno", [name], { KRB5CCNAME: cache.name })));
    for (const name of ours) await cache.store(makeCredential(name));
    for (const { status, text } of await theirs) expect(status, text).toBe(0);
    const found = await serversOf(cache);
    for (const name of [...names.map((one) => `${one}@${bed().realm}`), ...ours]) expect(found).toContain(name);
  });

  it("shares a DIR collection", async () => {
    const dir = file("collection");
    fs.mkdirSync(dir);
    const env = { KRB5CCNAME: `DIR:${dir}` };
    expect((await run("kinit", ["alice"], env, "alice-password\n")).status).toBe(0);
    expect((await run("kinit", ["bob"], env, "bob-password\n")).status).toBe(0);
    const collection = openCollection(`DIR:${dir}`, host);
    const caches = (await collection?.list()) ?? [];
    const owners = await Promise.all(caches.map(async (cache) => (await cache.read())?.principal.components[0]));
    // kinit makes a cache of its own for the second principal, and that the primary.
    expect(owners).toEqual(["bob", "alice"]);
    for (const principal of ["alice", "bob"]) {
      const credentials = ccache(`DIR:${dir}`, { principal: `${principal}@${bed().realm}` });
      const { client } = await createClient({ credentials, kdc: bed().kdc }).getTicket(service());
      expect(client.components).toEqual([principal]);
    }
    await collection?.setPrimary(caches[1] as CredentialCache);
    expect((await run("klist", [], env)).text).toContain("Default principal: alice@");
    await run("kswitch", ["-p", "bob"], env);
    expect((await open(`DIR:${dir}`).read())?.principal.components).toEqual(["bob"]);
    const third = await collection?.create();
    if (third === undefined) throw new Error("no cache");
    await loginInto(third, bed());
    const listed = (await run("klist", ["-l"], env)).text;
    expect(listed).toContain(third.name);
    expect((await run("kdestroy", ["-c", third.name], env)).status).toBe(0);
    expect(await third.read()).toBeUndefined();
  });

  it("writes a cache that the C remctl uses", async () => {
    const remctld = await startRemctld({ bed: bed() });
    const cache = open(`FILE:${file("remctl")}`);
    await loginInto(cache, bed());
    const result = await remctld.run({ ...bed().env, KRB5CCNAME: cache.name }, ["test", "test"]);
    expect(result.text).toBe("hello world\n");
    await remctld.close();
  });

  it("reads keytabs that kadmin and ktutil wrote", async () => {
    const alice = decodeKeytab(fs.readFileSync(bed().keytab.alice));
    const principal = parsePrincipal(`alice@${bed().realm}`);
    expect(new Set(alice.entries.map(({ keyBlock }) => keyBlock.etype))).toEqual(new Set([17, 18, 19, 20]));
    const listed = (await run("klist", ["-k", "-K", "-e", bed().keytab.alice], {})).text;
    for (const { kvno, keyBlock } of alice.findAll({ principal })) {
      expect(listed).toContain(`${kvno} alice@${bed().realm}`);
      expect(listed).toContain(`(0x${Buffer.from(keyBlock.octets).toString("hex")})`);
    }
    const made = file("ktutil.keytab");
    // The same key of an enctype that ktutil derives from the password.
    const lines = [
      "addent -password -p alice -k 300 -e aes256-cts-hmac-sha1-96",
      "alice-password",
      `write_kt ${made}`,
      "quit",
    ];
    await run("ktutil", [], {}, `${lines.join("\n")}\n`);
    const entry = decodeKeytab(fs.readFileSync(made)).get({ principal, etype: 18 });
    expect(entry.kvno).toBe(300);
    expect(entry.keyBlock.octets).toEqual(alice.get({ principal, etype: 18 }).keyBlock.octets);
  });

  it("takes what klist takes of a keytab that ends with NULs or is cut within a size", async () => {
    const octets = fs.readFileSync(bed().keytab.alice);
    const { entries } = decodeKeytab(octets);
    const made = file("padded.keytab");
    for (const count of [0, 1, 2, 3, 4, 100]) {
      const padded = Buffer.concat([octets, Buffer.alloc(count)]);
      fs.writeFileSync(made, padded);
      const listed = await run("klist", ["-k", made], {});
      expect([count, listed.status, listed.text.split(`alice@${bed().realm}`).length - 1]).toEqual([
        count,
        0,
        entries.length,
      ]);
      expect(decodeKeytab(padded).entries).toHaveLength(entries.length);
    }
  });

  it("writes keytabs that kinit, klist and ktutil use", async () => {
    const from = decodeKeytab(fs.readFileSync(bed().keytab.alice));
    const bob = {
      ...(from.entries[0] as (typeof from.entries)[0]),
      principal: parsePrincipal("bob/é@R"),
      kvno: 70_000,
    };
    const made = file("ours.keytab");
    fs.writeFileSync(made, encodeKeytab(from.with(bob)));
    const listed = (await run("klist", ["-k", "-e", made], {})).text;
    expect(listed).toContain("70000 bob/é@R (aes");
    const login = await bed().kinit("alice", { keytab: made });
    expect(login.status, login.text).toBe(0);
    expect(await serversOf(open(login.env.KRB5CCNAME))).toEqual([tgt()]);
    // ktutil reads it and writes it again as it was.
    await run("ktutil", [], {}, `read_kt ${made}\nwrite_kt ${made}.2\nquit\n`);
    expect(decodeKeytab(fs.readFileSync(`${made}.2`)).entries.map(({ kvno }) => kvno)).toEqual(
      from.with(bob).entries.map(({ kvno }) => kvno),
    );
  });

  it("reads the bed's own krb5.conf", async () => {
    const config = parseKrb5Conf(fs.readFileSync(bed().krb5Conf, "utf8"), { file: bed().krb5Conf });
    expect(config.libdefaults.defaultRealm).toBe(bed().realm);
    expect(config.kdcs(bed().realm)).toEqual([{ scheme: "any", host: "127.0.0.1", port: bed().port, path: "" }]);
    expect(config.domainRealm("localhost")).toBe(bed().realm);
    expect(config.domainRealm("127.0.0.1")).toBe(bed().realm);
  });
});

describeLive(["mit", "heimdal"], "credentials beside Heimdal's programs", () => {
  const bed = useBed(() => startHeimdalBed());
  const run = (program: string, args: string[], env: Record<string, string> = {}, input?: string) =>
    runProgram(peers.heimdal.bin(program), args, {
      env: { ...bed().heimdalEnv, ...env },
      cwd: bed().dir,
      ...(input === undefined ? {} : { input }),
    });

  it("reads and writes caches", async () => {
    const theirs = `FILE:${bed().dir}/heimdal-cc`;
    fs.writeFileSync(path.join(bed().dir, "pw"), "alice-password\n");
    const login = await run("kinit", [`--password-file=${bed().dir}/pw`, "-c", theirs, `alice@${bed().realm}`]);
    expect(login.status, login.text).toBe(0);
    const contents = await open(theirs).read();
    expect(contents?.credentials[0] && formatPrincipal(contents.credentials[0].server)).toBe(
      formatPrincipal(tgsPrincipal(bed().realm)),
    );
    const ours = open(`FILE:${bed().dir}/ours-cc`);
    await loginInto(ours, bed());
    const shown = await run("heimtools", ["klist", "-v", "-c", ours.name]);
    expect(shown.status, shown.text).toBe(0);
    expect(shown.text).toContain(`krbtgt/${bed().realm}@${bed().realm}`);
    const kgetcred = await run("kgetcred", ["-c", ours.name, `host/localhost@${bed().realm}`]);
    expect(kgetcred.status, kgetcred.text).toBe(0);
    expect(await serversOf(ours)).toContain(`host/localhost@${bed().realm}`);
  });

  it("reads and writes keytabs", async () => {
    const keytab = decodeKeytab(fs.readFileSync(bed().keytab.alice));
    const principal = parsePrincipal(`alice@${bed().realm}`);
    expect(keytab.findAll({ principal }).length).toBeGreaterThan(0);
    const made = path.join(bed().dir, "ours.keytab");
    fs.writeFileSync(made, encodeKeytab(keytab));
    const listed = await run("ktutil", ["-k", made, "list"]);
    expect(listed.text).toContain(`alice@${bed().realm}`);
    const login = await run("kinit", ["-t", made, "-c", `FILE:${bed().dir}/kt-cc`, `alice@${bed().realm}`]);
    expect(login.status, login.text).toBe(0);
  });
});

// The daemon has one place for its socket, which only root can make, and which a machine may use already.
const SOCKET = "/var/run/.heim_org.h5l.kcm-socket";
const kcmCannotRun =
  process.getuid?.() !== 0
    ? "only root can start Heimdal's kcm: its socket has a fixed place"
    : fs.existsSync(SOCKET) && !isStale(SOCKET)
      ? `this machine has a KCM daemon already (${SOCKET})`
      : "";

function isStale(socket: string): boolean {
  const listening = fs.readFileSync("/proc/net/unix", "utf8");
  return !listening.includes(socket) && !listening.includes(socket.replace("/var", ""));
}

describeUnless(kcmCannotRun, "where Heimdal's kcm can run", () => {
  describeLive(["mit", "heimdal", "heimdal-kcm"], "a KCM cache in Heimdal's daemon", () => {
    const bed = useBed(() => startMitBed());
    useBed(async () => {
      fs.rmSync(SOCKET, { force: true });
      const { bin, env } = peers["heimdal-kcm"];
      const daemon = startDaemon(bin("kcm"), ["-c", bed().krb5Conf], { env, cwd: bed().dir });
      for (let i = 0; !fs.existsSync(SOCKET); i++) {
        if (i === 200 || !daemon.isRunning) throw new Error(`kcm did not start: ${daemon.output()}`);
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
      return {
        close: async () => {
          await daemon.stop();
          fs.rmSync(SOCKET, { force: true });
        },
      };
    });
    const run = (program: string, args: string[], input?: string) =>
      runProgram(bed().bin(program), args, {
        env: { ...bed().env, KRB5CCNAME: "KCM:" },
        ...(input === undefined ? {} : { input }),
      });

    it("begins empty, holds several caches, and is emptied, as MIT's tools have it", async () => {
      const { env } = bed();
      const plain = (text: string) => text.replace(/\d\d\/\d\d\/\d\d \d\d:\d\d:\d\d/g, "TIME");
      const both = async (line: string, name = "KCM:") => {
        const [program = "", ...args] = line.split(" ");
        const options = { env: { ...env, KRB5CCNAME: name } };
        const ours = await runCli([program, ...args], options);
        const theirs = await runProgram(bed().bin(program), args, options);
        const text = plain(`${ours.stdout}${ours.stderr}`);
        expect([line, ours.status, text]).toEqual([line, theirs.status, plain(theirs.text)]);
      };
      const ours = async (line: string, name = "KCM:") => {
        const { status, everything } = await runCli(line.split(" "), { env: { ...env, KRB5CCNAME: name } });
        expect(status, everything).toBe(0);
      };
      const none = ["klist", "klist -s", "klist -l", "klist -A", "kdestroy -A", "kdestroy", "kswitch -p alice"];
      for (const line of [...none, "kvno host/localhost"]) await both(line);
      for (const line of ["klist", "klist -l", "klist -A", "kdestroy -A"]) await both(line, "KCM:0:mine");
      await ours(`kinit -kt ${bed().keytab.alice} alice`);
      await both("klist -l");
      await ours(`kinit -kt ${bed().keytab.robot} robot`);
      await ours(`kinit -kt ${bed().keytab.alice} alice`, "KCM:0:mine");
      for (const line of ["klist", "klist -l", "klist -A", "kswitch -p nobody"]) await both(line);
      // One cache of the daemon is that one, and not all.
      for (const line of ["klist -l", "klist -A", "kswitch -p robot"]) await both(line, "KCM:0:mine");
      await ours("kdestroy -A", "KCM:0:mine");
      await both("klist -l");
      await ours("kdestroy -A");
      for (const line of none) await both(line);
    });

    it("is shared with MIT's programs", async () => {
      const tgt = formatPrincipal(tgsPrincipal(bed().realm));
      const login = await run("kinit", ["alice"], "alice-password\n");
      expect(login.status, login.text).toBe(0);
      expect(await serversOf(open("KCM:"))).toEqual([tgt]);
      // Heimdal takes a second ticket to mean that the session key is that ticket's.
      const ticket = makeCredential(`made/up@${bed().realm}`, { secondTicket: new Uint8Array() });
      await open("KCM:").store(ticket);
      const stored = (await open("KCM:").read())?.credentials[1];
      expect(stored && plainCredential(stored)).toEqual(plainCredential(ticket));
      await open("KCM:").remove(({ server }) => server.components[0] === "made");
      expect((await run("kvno", [`host/localhost@${bed().realm}`])).status).toBe(0);
      expect(await serversOf(open("KCM:"))).toEqual([tgt, `host/localhost@${bed().realm}`]);
      await loginInto(open("KCM:"), bed());
      const shown = await run("klist", ["-C"]);
      expect(shown.text).toContain(`Default principal: alice@${bed().realm}`);
      expect(shown.text).toContain("fast_avail");
      const all = await openCollection("KCM:", host)?.list();
      expect(all?.length).toBeGreaterThan(0);
      expect(await open("KCM:").destroy()).toBe(true);
      expect((await run("klist", ["-s"])).status).toBe(1);
      expect(await open("KCM:").read()).toBeUndefined();
    });
  });
});
