// Which key of a keytab opens a ticket: createRemctlServer beside Debian's remctld, each with the same keytab.

import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import { decodeKeytab, encodeKeytab, type Keytab, type KeytabEntry } from "../../src/entry/credentials.ts";
import { parsePrincipal } from "../../src/entry/index.ts";
import { createRemctlServer } from "../../src/entry/server.ts";
import { runProgram, startHeimdalBed, startMitBed, startRemctld } from "../../tools/beds/index.mjs";
import { describeLive, useBed } from "../support/live.ts";

type Bed = Awaited<ReturnType<typeof startMitBed>> | Awaited<ReturnType<typeof startHeimdalBed>>;

/** How the C client fares at both servers, which have the same keytab. */
async function atBoth(bed: Bed, keytab: Keytab | readonly KeytabEntry[], service: string): Promise<string[]> {
  const octets = encodeKeytab(keytab);
  const file = path.join(bed.dir, `acceptor-${Math.random().toString(36).slice(2)}.keytab`);
  writeFileSync(file, octets);
  const hello = { command: "test", subcommand: "test", acl: ["ANYUSER"] };
  await using server = createRemctlServer({
    keytab: octets,
    commands: [
      {
        ...hello,
        handler: async ({ stdout }) => {
          await stdout.write("hello world\n");
          return 0;
        },
      },
    ],
  });
  await server.listen({ host: "127.0.0.1", port: 0 });
  const remctld = await startRemctld({ bed, keytab: file });
  try {
    const { env } = await bed.kinit("alice", { password: bed.passwords.alice as string });
    return await Promise.all(
      [remctld.port, server.port].map(async (port) => {
        const where = ["-p", String(port), "-s", service, "127.0.0.1"];
        const { status, stdout } = await runProgram(bed.bin("remctl"), [...where, "test", "test"], { env });
        return status === 0 ? stdout.toString() : "refused";
      }),
    );
  } finally {
    await remctld.close();
  }
}

const WORKS = ["hello world\n", "hello world\n"];
const REFUSED = ["refused", "refused"];

describeLive("mit", "which key of a keytab opens a ticket, at remctld and here", () => {
  const bed = useBed(() => startMitBed());
  const entriesOf = (name: string, file = bed().keytab.service): KeytabEntry[] => {
    const { entries } = decodeKeytab(new Uint8Array(readFileSync(file)));
    return entries.filter(({ principal }) => principal.components.join("/") === name);
  };
  /** The keys of host/localhost under other names. */
  const named = (...names: string[]): KeytabEntry[] =>
    names.flatMap((name) =>
      entriesOf("host/localhost").map((entry) => ({
        ...entry,
        principal: parsePrincipal(name, { defaultRealm: bed().realm }),
      })),
    );

  it.each([
    ["the account's name alone, as Active Directory's tools can write it", ["SERVER$"]],
    ["one key under several names, as adcli writes them", ["SERVER$", "host/LOCALHOST", "RestrictedKrbHost/localhost"]],
    ["the name in another case", ["HOST/Localhost"]],
    ["the name among others", ["HTTP/localhost", "host/localhost"]],
  ])("%s", async (_, names) => {
    expect(await atBoth(bed(), named(...names), "host/localhost")).toEqual(WORKS);
  });

  it.each([
    ["version 0", 0],
    ["another version", 77],
  ])("the right key as %s", async (_, kvno) => {
    const entries = named("host/localhost").map((entry) => ({ ...entry, kvno }));
    expect(await atBoth(bed(), entries, "host/localhost")).toEqual(WORKS);
  });

  it("the low eight bits of version 301", async () => {
    const file = path.join(bed().dir, "wrapped.keytab");
    const text = await bed().kadmin(
      `addprinc -randkey host/wrapped\nmodprinc -kvno 301 host/wrapped\nktadd -norandkey -k ${file} host/wrapped`,
    );
    expect(text).toContain("kvno 301");
    const entries = entriesOf("host/wrapped", file).map((entry) => ({ ...entry, kvno: 301 & 0xff }));
    expect(await atBoth(bed(), entries, "host/wrapped")).toEqual(WORKS);
  });

  it("keys of other services alone open nothing", async () => {
    expect(await atBoth(bed(), entriesOf("HTTP/localhost"), "host/localhost")).toEqual(REFUSED);
  });
});

describeLive(["mit", "heimdal"], "an alias in Heimdal's database", () => {
  const bed = useBed(() => startHeimdalBed({ principals: "modify --alias=host/alias@HEIM.TEST host/localhost" }));

  it("its ticket opens with the key of the name that is in the keytab, at remctld and here", async () => {
    const { entries } = decodeKeytab(new Uint8Array(readFileSync(bed().keytab.service)));
    const own = entries.filter(({ principal }) => principal.components.join("/") === "host/localhost");
    expect(await atBoth(bed(), own, "host/alias")).toEqual(WORKS);
  });
});
