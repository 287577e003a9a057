// A DNS answer that anybody may have made, as long as one can be, full of the records that cost most.

import { describe, expect, it } from "vitest";
import { readAnswer } from "../../../src/discovery/dns/answer.ts";
import { decodeResponse, encodeName, type RecordType } from "../../../src/discovery/dns/index.ts";
import { endpointsOfSrv, serversOfUri } from "../../../src/discovery/server-records.ts";
import { DNS_TYPE } from "../../../src/iana/index.ts";
import { startCpuClock } from "../../support/cpu-clock.ts";

const MOST = 65_535;
/** The question, which every record points at: 104 labels. */
const NAME = `${"a.".repeat(100)}r.test`;
const POINTER = Buffer.from([0xc0, 12]);

function record(type: RecordType, data: Buffer): Buffer {
  const head = Buffer.alloc(10);
  head.writeUInt16BE(DNS_TYPE[type], 0);
  head.writeUInt16BE(1, 2);
  head.writeUInt32BE(60, 4);
  head.writeUInt16BE(data.length, 8);
  return Buffer.concat([POINTER, head, data]);
}

/** A message of as many such answers as have room, with none of authority. */
function answer(type: RecordType, data: (index: number) => Buffer): Uint8Array {
  const question = Buffer.concat([encodeName(NAME) as Uint8Array, Buffer.from([0, 0, 0, 1])]);
  question.writeUInt16BE(DNS_TYPE[type], question.length - 4);
  const parts: Buffer[] = [];
  let room = MOST - 12 - question.length;
  for (let next = record(type, data(0)); next.length <= room; next = record(type, data(parts.length))) {
    parts.push(next);
    room -= next.length;
  }
  const header = Buffer.from([0, 7, 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0]);
  header.writeUInt16BE(parts.length, 6);
  return Buffer.concat([header, question, ...parts]);
}

/** Milliseconds of processor time, the least of five. */
function costMs(work: () => void): number {
  return Math.min(
    ...Array.from({ length: 5 }, () => {
      const elapsed = startCpuClock();
      work();
      return elapsed();
    }),
  );
}

const numbers = (...values: readonly number[]): Buffer => {
  const octets = Buffer.alloc(2 * values.length);
  for (const [i, value] of values.entries()) octets.writeUInt16BE(value % 65_536, 2 * i);
  return octets;
};

const fullAnswers: readonly (readonly [what: string, type: RecordType, data: (index: number) => Buffer])[] = [
  ["hosts of one priority", "srv", (i) => Buffer.concat([numbers(0, i, i + 1), POINTER])],
  ["hosts of a priority each", "srv", (i) => Buffer.concat([numbers(i, 0, i + 1), POINTER])],
  ["hosts without a port", "srv", () => Buffer.concat([numbers(0, 0, 0), POINTER])],
  ["servers", "uri", (i) => Buffer.concat([numbers(0, i), Buffer.from("krb5srv::udp:a")])],
  ["texts that are no servers", "uri", (i) => Buffer.concat([numbers(0, i), Buffer.from("krb5srv::kkdcp:https://[:")])],
  ["addresses", "a", () => Buffer.from([192, 0, 2, 1])],
  ["addresses of IPv6", "aaaa", (i) => Buffer.alloc(16, i)],
  ["texts", "txt", () => Buffer.from([0])],
];

describe("a DNS answer of 64 KB", () => {
  it.each(fullAnswers)("full of %s (%s): at most 100 ms, and 256 lines of trace", (_what, type, data) => {
    const octets = answer(type, data);
    let notes = 0;
    let records = 0;
    const cost = costMs(() => {
      notes = 0;
      const reading = readAnswer(decodeResponse(octets, { name: NAME, type, id: 7 }), NAME, type);
      records = reading.records.length;
      const trace = (): void => void notes++;
      if (type === "srv") endpointsOfSrv([], reading.records as never, trace, Math.random);
      if (type === "uri") serversOfUri(reading.records as never, 88, trace, Math.random);
    });
    expect([cost < 100, records, notes <= 256, octets.length > 65_000]).toEqual([true, 256, true, true]);
  });
});
