// Conversations with live KDCs and Debian's remctld, written to krb5-vectors/exchanges. Not a test: vitest only runs the
// TypeScript. Every realm has fresh keys and is deleted at the end.

import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, it } from "vitest";
import { encodeHex } from "../../src/bytes/index.ts";
import type { Connection } from "../../src/host/index.ts";
import { detectRuntime } from "../../src/runtime/index.ts";
import { createKdcTransport } from "../../src/transport/index.ts";
import { runProgram, startHeimdalBed, startMitBed, startRemctld } from "../../tools/beds/index.mjs";
import { ensurePeers } from "../../tools/peers/index.mjs";
import {
  ExchangeDriver,
  type ExchangeInputs,
  type RecordedChunk,
  type RecordedExchange,
  type RecordedKdcExchange,
  recordedTicket,
} from "../support/recorded-exchange.ts";

const folder = fileURLToPath(new URL("../../krb5-vectors/exchanges/", import.meta.url));
const COMMAND = ["test", "test"];
const runtime = detectRuntime();
const connectTcp = runtime.connectTcp?.bind(runtime) as NonNullable<typeof runtime.connectTcp>;

interface Case {
  readonly name: string;
  readonly description: string;
  readonly peer: string;
  readonly inputs: Omit<ExchangeInputs, "seed" | "time">;
  readonly kdc: readonly string[];
  readonly remctlPort?: number;
}

/** A connection that notes what goes over it. */
function tapped(connection: Connection, chunks: RecordedChunk[]): Connection {
  return {
    async read() {
      const octets = await connection.read();
      if (octets !== undefined) chunks.push({ from: "server", octets: encodeHex(octets) });
      return octets;
    },
    write(octets) {
      chunks.push({ from: "client", octets: encodeHex(octets) });
      return connection.write(octets);
    },
    close: () => connection.close(),
    abort: () => connection.abort(),
  };
}

async function record({ name, description, peer, inputs: given, kdc, remctlPort }: Case): Promise<void> {
  const time = new Date();
  const seed = createHash("sha256").update(randomBytes(32)).digest("hex");
  const inputs: ExchangeInputs = { ...given, seed, time: time.toISOString() };
  const driver = await ExchangeDriver.create(inputs);
  const transport = createKdcTransport({ runtime, kdcs: () => kdc });
  const messages: RecordedKdcExchange[] = [];
  const { tgt, ticket } = await driver.getTickets(async (exchange, realm, request) => {
    const reply = await transport.exchange(realm, request);
    messages.push({ exchange, request: encodeHex(request), reply: encodeHex(reply) });
    return reply;
  });
  const result: RecordedExchange = {
    description,
    name,
    source: `recorded from ${peer}${remctlPort === undefined ? "" : " and Debian's remctld"}, ${time.toISOString().slice(0, 10)}; a throw-away realm`,
    inputs,
    kdc: messages,
    tgt: recordedTicket(tgt),
    ticket: recordedTicket(ticket),
  };
  let remctl: RecordedExchange["remctl"];
  if (remctlPort !== undefined) {
    const chunks: RecordedChunk[] = [];
    const connection = tapped(await connectTcp("127.0.0.1", remctlPort, {}), chunks);
    remctl = { command: COMMAND, ...(await driver.runRemctl(connection, ticket, COMMAND)), chunks };
  }
  const file = { ...result, ...(remctl === undefined ? {} : { remctl }) };
  writeFileSync(`${folder}${name}.json`, `${JSON.stringify(file, null, 2)}\n`);
}

beforeAll(() => {
  mkdirSync(folder, { recursive: true });
});

describe("MIT", () => {
  let bed: Awaited<ReturnType<typeof startMitBed>>;
  let peer: string;
  beforeAll(async () => {
    bed = await startMitBed({ fresh: true });
    // Every build of libkrb5 carries its version in a string.
    const library = (await ensurePeers(["mit"])).mit;
    const found = await runProgram("grep", ["-rhoam1", "krb5-[0-9][0-9.]*-final", `${library.root}/usr/lib`], {});
    const version = /krb5-([0-9.]+)-final/.exec(found.text)?.[1];
    if (version === undefined) throw new Error("no version in libkrb5");
    peer = `MIT krb5 ${version} (krb5kdc)`;
  });
  afterAll(() => bed?.close());

  const inputs = (client: string, secret: { password: string } | { keytab: string }) => ({
    realm: bed.realm,
    client: `${client}@${bed.realm}`,
    service: `host/localhost@${bed.realm}`,
    ...secret,
  });

  it("password", async () => {
    const server = await startRemctld({ bed });
    try {
      await record({
        name: "mit-password",
        description: "a password, MIT's KDC, and a command on remctld",
        peer,
        inputs: inputs("alice", { password: bed.passwords.alice as string }),
        kdc: bed.kdc,
        remctlPort: server.port,
      });
    } finally {
      await server.close();
    }
  });

  it("keytab", async () => {
    const keytab = encodeHex(new Uint8Array(readFileSync(bed.keytab.robot)));
    const description = "a keytab, MIT's KDC";
    await record({ name: "mit-keytab", description, peer, inputs: inputs("robot", { keytab }), kdc: bed.kdc });
  });

  it.each([
    [17, "aes128-sha1"],
    [18, "aes256-sha1"],
    [19, "aes128-sha2"],
    [20, "aes256-sha2"],
  ] as const)("session key of enctype %i", async (etype, enctype) => {
    const kdc = await bed.startKdc({ permittedEnctypes: [enctype] });
    const server = await startRemctld({ bed: { ...bed, krb5Conf: kdc.krb5Conf } });
    try {
      const user = `bob-${enctype.replace("-", "")}`;
      await record({
        name: `mit-session-${etype}`,
        description: `a password, MIT's KDC with keys of enctype ${etype} only, and a command on remctld`,
        peer,
        inputs: inputs(user, { password: bed.passwords[user] as string }),
        kdc: kdc.kdc,
        remctlPort: server.port,
      });
    } finally {
      await server.close();
      await kdc.close();
    }
  });
});

describe("Heimdal", () => {
  it("password", async () => {
    const bed = await startHeimdalBed({ fresh: true });
    try {
      const { heimdal } = await ensurePeers(["heimdal"]);
      const version = /Heimdal ([0-9][\w.]*)/.exec(
        (await runProgram(heimdal.bin("kdc"), ["--version"], { env: heimdal.env })).text,
      );
      await record({
        name: "heimdal-password",
        description: "a password, Heimdal's KDC",
        peer: `Heimdal ${version?.[1] ?? ""} (kdc)`.replace("  ", " "),
        inputs: {
          realm: bed.realm,
          client: `alice@${bed.realm}`,
          service: `host/localhost@${bed.realm}`,
          password: bed.passwords.alice as string,
        },
        kdc: bed.kdc,
      });
    } finally {
      await bed.close();
    }
  });
});
