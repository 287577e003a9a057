// Credentials as values: what libkrb5 would use here, with caches and keytabs that MIT's programs made or read.

import fs from "node:fs";
import path from "node:path";
import { beforeEach, expect, it } from "vitest";
import { configValue, openCache, readKeytabFile, writeKeytabFile } from "../../src/entry/credentials.ts";
import {
  ccache,
  createClient,
  fromEnvironment,
  KerberosError,
  type KerberosOptions,
  keytab,
  password,
  type TraceEvent,
} from "../../src/entry/index.ts";
import { runProgram, startMitBed, startRemctld } from "../../tools/beds/index.mjs";
import { describeLive, useBed } from "../support/live.ts";
import { rejectedWith } from "../support/rejected.ts";

const failure = rejectedWith(KerberosError);

describeLive("mit", "credentials from the environment", () => {
  const bed = useBed(() => startMitBed());
  let count = 0;
  let dir: string;
  let cache: string;
  let asked: string[];
  beforeEach(() => {
    dir = path.join(bed().dir, `environment-${count++}`);
    fs.mkdirSync(dir);
    cache = `FILE:${dir}/cc`;
    asked = [];
  });
  const onTrace = (event: TraceEvent) => void (event.type === "kdc-request" && asked.push(event.message));
  /** As a process whose variables these are. */
  const world = (env: Record<string, string> = {}, more: KerberosOptions = {}) => ({
    environment: {
      env: { KRB5_CONFIG: bed().krb5Conf, KRB5_CLIENT_KTNAME: `${dir}/none`, ...env },
      uid: 4711,
      euid: 4711,
    },
    onTrace,
    ...more,
  });
  const service = () => `host/localhost@${bed().realm}`;
  const run = (program: string, args: string[], env: Record<string, string> = {}) =>
    runProgram(bed().bin(program), args, { env: { ...bed().env, ...env } });
  const kinit = async (...args: string[]) => {
    const { status, text } = await runProgram(bed().bin("kinit"), ["-c", cache, ...args], {
      env: bed().env,
      input: "alice-password\n",
    });
    if (status !== 0) throw new Error(text);
  };

  it("nothing is said at all: the tickets of kinit, the KDC of krb5.conf, and what is got goes back to the cache", async () => {
    await kinit("alice");
    const client = createClient(world({ KRB5CCNAME: cache }));
    expect(client.principal).toBeUndefined();
    expect((await client.identify()).components).toEqual(["alice"]);
    await client.getTicket(service());
    expect(asked).toEqual(["TGS-REQ"]);
    const { text } = await run("klist", [cache]);
    expect(text).toContain(service());
    // Another process finds it there, and asks nobody; so does MIT's kvno, which could not get another ticket like it.
    await createClient(world({ KRB5CCNAME: cache })).getTicket(service());
    expect(asked).toEqual(["TGS-REQ"]);
    expect((await run("kvno", ["--cached-only", "-c", cache, service()])).status).toBe(0);
  });

  it("finds a service without a realm again, in memory and in the cache", async () => {
    await kinit("alice");
    const client = createClient(world({ KRB5CCNAME: cache }));
    const first = await client.getTicket("host/localhost");
    expect((await client.getTicket("host/localhost")).ticket).toEqual(first.ticket);
    const second = await createClient(world({ KRB5CCNAME: cache })).getTicket("host/localhost");
    expect(second.ticket).toEqual(first.ticket);
    expect(asked).toEqual(["TGS-REQ"]);
  });

  it("default_ccache_name with its %{uid}, and a DIR collection with its primary", async () => {
    await kinit("alice");
    fs.renameSync(`${dir}/cc`, `${dir}/cc4711`);
    const text = fs.readFileSync(bed().krb5Conf, "utf8");
    const config = text.replace("[libdefaults]", `[libdefaults]\n default_ccache_name = FILE:${dir}/cc%{uid}`);
    await createClient(world({}, { config })).getTicket(service());
    const { status } = await runProgram(bed().bin("kinit"), ["-c", `DIR:${dir}`, "bob"], {
      env: bed().env,
      input: "bob-password\n",
    });
    expect(status).toBe(0);
    const bob = createClient(world({ KRB5CCNAME: `DIR:${dir}` }));
    expect((await bob.getTicket(service())).client.components).toEqual(["bob"]);
  });

  it("a client keytab gets tickets where there are none, remarks when it will again, and MIT's programs use them", async () => {
    const env = { KRB5CCNAME: cache, KRB5_CLIENT_KTNAME: bed().keytab.robot };
    const client = createClient(world(env));
    await client.getTicket(service());
    expect(asked).toEqual(["AS-REQ", "AS-REQ", "TGS-REQ"]);
    const contents = await openCache(cache).read();
    const refresh = Number(
      new TextDecoder().decode(configValue(contents as NonNullable<typeof contents>, "refresh_time")),
    );
    expect(refresh).toBeGreaterThan(Date.now() / 1000 + 3600);
    expect((await run("klist", ["-s", cache])).status).toBe(0);
    expect((await run("klist", [cache])).text).toContain(`Default principal: robot@${bed().realm}`);
    // The next process uses them; when half their life is over it gets new ones.
    await createClient(world(env)).getTicket(service());
    expect(asked).toHaveLength(3);
    const later = createClient(world(env, { now: () => refresh * 1000 + 1000 }));
    await later.getTicket(`HTTP/localhost@${bed().realm}`);
    expect(asked.slice(3)).toContain("AS-REQ");
  });

  it("a client keytab of another principal leaves the tickets of kinit alone", async () => {
    await kinit("alice");
    const client = createClient(world({ KRB5CCNAME: cache, KRB5_CLIENT_KTNAME: bed().keytab.robot }));
    expect((await client.getTicket(service())).client.components).toEqual(["alice"]);
    expect(asked).toEqual(["TGS-REQ"]);
  });

  it("says what was looked for where there is nothing", async () => {
    const error = await failure(createClient(world({ KRB5CCNAME: cache })).getTicket(service()));
    expect(error.code).toBe("NO_CREDENTIAL");
    for (const part of [cache, "KRB5CCNAME", `${dir}/none`, "KRB5_CLIENT_KTNAME", "kinit"]) {
      expect(error.message).toContain(part);
    }
    expect(asked).toEqual([]);
  });

  it("says when tickets have ended that nothing can renew", async () => {
    await kinit("-l", "1h", "alice");
    const later = () => Date.now() + 2 * 3_600_000;
    const error = await failure(createClient(world({ KRB5CCNAME: cache }, { now: later })).getTicket(service()));
    expect(error).toMatchObject({ code: "TICKET_EXPIRED" });
    expect(error.message).toMatch(/ended at .*kinit/);
  });

  it("renews a renewable ticket shortly before it ends, in the cache too", async () => {
    await kinit("-l", "2m", "-r", "1h", "alice");
    const before = (await openCache(cache).read())?.credentials[0]?.endTime.getTime() as number;
    // Within the last tenth of its life, but alive at the KDC.
    await new Promise((resolve) => setTimeout(resolve, 1100));
    const client = createClient({ credentials: ccache(cache), ...world({}, { now: () => Date.now() + 115_000 }) });
    await client.getTicket(service());
    expect(asked).toEqual(["TGS-REQ", "TGS-REQ"]);
    const tgts = (await openCache(cache).read())?.credentials.filter(({ server }) => server.components[0] === "krbtgt");
    expect(tgts).toHaveLength(1);
    expect(tgts?.[0]?.endTime.getTime()).toBeGreaterThan(before);
    expect((await run("kvno", ["-c", cache, "HTTP/localhost"])).status).toBe(0);
  });

  it("a password with a cache: the second process does not log in, and kvno goes on with it", async () => {
    const options = { credentials: password("alice", "alice-password"), cache, ...world() };
    await createClient(options).getTicket(service());
    expect(asked).toEqual(["AS-REQ", "AS-REQ", "TGS-REQ"]);
    await createClient(options).getTicket(service());
    expect(asked).toHaveLength(3);
    expect((await run("kvno", ["-c", cache, "HTTP/localhost"])).status).toBe(0);
    expect(fs.statSync(`${dir}/cc`).mode & 0o777).toBe(0o600);
  });

  it("does not put its tickets in the place of another's", async () => {
    await kinit("alice");
    const before = fs.readFileSync(`${dir}/cc`);
    const client = createClient({ credentials: password("bob", "bob-password"), cache, ...world() });
    expect((await failure(client.getTicket(service()))).message).toContain(`has tickets of alice@${bed().realm}`);
    expect(fs.readFileSync(`${dir}/cc`)).toEqual(before);
  });

  it("goes on in memory where the cache cannot be written", async () => {
    const notes: string[] = [];
    const client = createClient({
      credentials: password("alice", "alice-password"),
      cache: `FILE:${dir}/no/such/directory`,
      ...world({}, { onTrace: (event) => void (event.type === "note" && notes.push(event.text)) }),
    });
    await client.getTicket(service());
    await client.getTicket(service());
    expect(notes.join("\n")).toContain("kept in memory only");
  });

  it("keytab() is that of kinit -k where none is named; one written here is used by kinit -k, klist -k and the C remctl", async () => {
    const own = `${dir}/own.keytab`;
    await writeKeytabFile(own, await readKeytabFile(bed().keytab.robot));
    const client = createClient({ credentials: keytab(), ...world({ KRB5_KTNAME: own }) });
    expect((await client.getTicket(service())).client.components).toEqual(["robot"]);
    expect((await run("klist", ["-k", "-e", own])).text).toContain(`robot@${bed().realm}`);
    const { status, text } = await run("kinit", ["-k", "-t", own, "-c", cache, "robot"]);
    expect({ status, text }).toEqual({ status: 0, text: "" });
    const remctld = await startRemctld({ bed: bed() });
    try {
      const args = ["-p", String(remctld.port), "-s", service(), "127.0.0.1", "test", "status", "7"];
      // With tickets of that keytab, and then with a cache that is written here.
      const first = await run("remctl", args, { KRB5CCNAME: cache });
      const other = `FILE:${dir}/other`;
      await createClient({ credentials: keytab("robot", own), cache: other, ...world() }).getTicket(service());
      const second = await run("remctl", args, { KRB5CCNAME: other });
      expect(first.status).toBe(7);
      expect(second).toEqual(first);
    } finally {
      await remctld.close();
    }
  });

  it("fromEnvironment() is what a client has that is given nothing", async () => {
    await kinit("alice");
    const client = createClient({ credentials: fromEnvironment(), ...world({ KRB5CCNAME: cache }) });
    expect((await client.getTicket(service(), { cachedOnly: false })).client.components).toEqual(["alice"]);
    expect((await failure(client.getTicket(`HTTP/localhost@${bed().realm}`, { cachedOnly: true }))).code).toBe(
      "NO_CREDENTIAL",
    );
  });
});
