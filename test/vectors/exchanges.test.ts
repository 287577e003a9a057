// Conversations that were recorded from live peers, replayed with the same seed and time: no network, the same octets.

import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { decodeHex, encodeHex } from "../../src/bytes/index.ts";
import { asn1jsTree, ourTree } from "../support/asn1js-tree.ts";
import { ExchangeDriver, type RecordedExchange, recordedTicket } from "../support/recorded-exchange.ts";
import { ReplayedConnection, writtenBy } from "../support/replayed-connection.ts";

const folder = new URL("../../krb5-vectors/exchanges/", import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith(".json"));
const recordings = files.map((name) => JSON.parse(readFileSync(new URL(name, folder), "utf8")) as RecordedExchange);

/** The KDCs of a recording, and what they were asked. */
async function replayKdc(recording: RecordedExchange, inputs = recording.inputs) {
  const driver = await ExchangeDriver.create(inputs);
  const asked: string[] = [];
  const tickets = await driver.getTickets(async (exchange, realm, request) => {
    const next = recording.kdc[asked.length];
    expect([exchange, realm]).toEqual([next?.exchange, recording.inputs.realm]);
    asked.push(encodeHex(request));
    return decodeHex(next?.reply ?? "");
  });
  return { driver, asked, ...tickets };
}

it("there is a recording of each kind", () => {
  expect(recordings.map(({ name }) => name).sort()).toEqual([
    "heimdal-password",
    "mit-keytab",
    "mit-password",
    "mit-session-17",
    "mit-session-18",
    "mit-session-19",
    "mit-session-20",
  ]);
});

describe.each(recordings)("$name", (recording) => {
  const { kdc, remctl } = recording;

  it("every request is the recorded one, and the replies give the recorded tickets", async () => {
    const { asked, tgt, ticket } = await replayKdc(recording);
    expect(asked).toEqual(kdc.map(({ request }) => request));
    expect(recordedTicket(tgt)).toEqual(recording.tgt);
    expect(recordedTicket(ticket)).toEqual(recording.ticket);
  });

  it("with another seed the reply is refused: its nonce is of another request", async () => {
    const inputs = { ...recording.inputs, seed: "00".repeat(32) };
    await expect(replayKdc(recording, inputs)).rejects.toMatchObject({ code: "REPLY_MODIFIED" });
  });

  it("both DER readers see the same in every message", () => {
    for (const text of kdc.flatMap(({ request, reply }) => [request, reply])) {
      const octets = decodeHex(text);
      expect(ourTree(octets)).toEqual(asn1jsTree(octets));
    }
  });

  const etype = /^mit-session-(\d+)$/.exec(recording.name)?.[1];
  if (etype !== undefined) {
    it("the session key has the enctype of its name", () => {
      expect(recording.ticket.etype).toBe(Number(etype));
    });
  }

  if (remctl !== undefined) {
    it("the remctl conversation has our recorded octets, and gives the output and the status", async () => {
      const { driver, ticket } = await replayKdc(recording);
      const connection = new ReplayedConnection(remctl.chunks);
      const result = await driver.runRemctl(connection, ticket, remctl.command);
      expect(connection.written).toBe(writtenBy("client", remctl.chunks));
      expect(result).toEqual({ status: remctl.status, stdout: remctl.stdout, stderr: remctl.stderr });
      expect([remctl.status, new TextDecoder().decode(decodeHex(remctl.stdout))]).toEqual([0, "hello world\n"]);
    });

    it("a server octet that changed is refused", async () => {
      const { driver, ticket } = await replayKdc(recording);
      const last = remctl.chunks.map(({ from }) => from).lastIndexOf("server");
      const chunks = remctl.chunks.map((chunk, index) => {
        if (index !== last) return chunk;
        const octets = decodeHex(chunk.octets);
        octets[octets.length - 1] = (octets.at(-1) as number) ^ 1;
        return { ...chunk, octets: encodeHex(octets) };
      });
      const connection = new ReplayedConnection(chunks);
      await expect(driver.runRemctl(connection, ticket, remctl.command)).rejects.toMatchObject({ name: "GssError" });
    });
  }
});
