// DNS messages made by hand, so that each octet can be wrong; and small DNS servers on loopback that answer with them.

import dgram from "node:dgram";
import net from "node:net";
import { onTestFinished } from "vitest";
import { Writer } from "../../src/bytes/index.ts";
import { freePort } from "../../tools/beds/ports.mjs";

export const TYPE = { a: 1, cname: 5, soa: 6, ptr: 12, txt: 16, aaaa: 28, srv: 33, opt: 41, uri: 256 } as const;

const ascii = new TextEncoder();

/** A name with no compression. */
export function name(text: string): Uint8Array {
  const writer = new Writer(64);
  for (const label of text === "" ? [] : text.split(".")) writer.uint8(label.length).bytes(ascii.encode(label));
  return writer.uint8(0).finish();
}

/** A pointer to an offset in the message (RFC 1035 section 4.1.4). */
export function pointer(offset: number): Uint8Array {
  return Uint8Array.of(0xc0 | (offset >> 8), offset & 255);
}

export interface Rr {
  readonly owner: Uint8Array;
  readonly type: number;
  readonly recordClass?: number;
  readonly ttl?: number;
  readonly data: Uint8Array;
  /** Instead of the length of `data`. */
  readonly length?: number;
}

export function rr(owner: string, type: keyof typeof TYPE, data: Uint8Array, ttl = 60): Rr {
  return { owner: name(owner), type: TYPE[type], data, ttl };
}

export function srv(owner: string, priority: number, weight: number, port: number, target: string, ttl = 60): Rr {
  return rr(owner, "srv", join(new Writer(6).uint16(priority).uint16(weight).uint16(port).finish(), name(target)), ttl);
}

export function uri(owner: string, priority: number, weight: number, target: string, ttl = 60): Rr {
  return rr(owner, "uri", join(new Writer(4).uint16(priority).uint16(weight).finish(), ascii.encode(target)), ttl);
}

export function txt(owner: string, ...strings: readonly string[]): Rr {
  return rr(owner, "txt", join(...strings.map((text) => join(Uint8Array.of(text.length), ascii.encode(text)))));
}

export function soa(owner: string, ttl: number, minimum: number): Rr {
  const numbers = new Writer(20).uint32(1).uint32(2).uint32(3).uint32(4).uint32(minimum).finish();
  return rr(owner, "soa", join(name("ns.example"), name("hostmaster.example"), numbers), ttl);
}

export function join(...parts: readonly Uint8Array[]): Uint8Array {
  const writer = new Writer(64);
  for (const part of parts) writer.bytes(part);
  return writer.finish();
}

/** What a question in wire form asks. */
export interface Asked {
  readonly id: number;
  readonly flags: number;
  readonly name: string;
  readonly type: number;
  readonly octets: Uint8Array;
  /** Header and question, without what follows. */
  readonly end: number;
}

export function readQuestion(octets: Uint8Array): Asked {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  const labels: string[] = [];
  let at = 12;
  for (let length = octets[at]!; length > 0; length = octets[at]!) {
    labels.push(new TextDecoder().decode(octets.subarray(at + 1, at + 1 + length)));
    at += 1 + length;
  }
  return {
    id: view.getUint16(0),
    flags: view.getUint16(2),
    name: labels.join("."),
    type: view.getUint16(at + 1),
    octets,
    end: at + 5,
  };
}

export interface ResponseParts {
  readonly id?: number;
  /** Beside the response bit. */
  readonly flags?: number;
  readonly rcode?: number;
  readonly question?: Uint8Array | undefined;
  readonly questions?: number | undefined;
  readonly answers?: readonly Rr[];
  readonly authorities?: readonly Rr[];
  /** Instead of the true numbers of records. */
  readonly counts?: readonly [answers: number, authorities: number, additionals: number];
}

/** An answer to a question in wire form. */
export function response(question: Uint8Array, parts: ResponseParts = {}): Uint8Array {
  const asked = readQuestion(question);
  const { answers = [], authorities = [] } = parts;
  const [an, ns, ar] = parts.counts ?? [answers.length, authorities.length, 0];
  const writer = new Writer(512).uint16(parts.id ?? asked.id);
  writer.uint16(0x8000 | (parts.flags ?? 0) | (parts.rcode ?? 0));
  writer
    .uint16(parts.questions ?? 1)
    .uint16(an)
    .uint16(ns)
    .uint16(ar);
  writer.bytes(parts.question ?? question.subarray(12, asked.end));
  for (const { owner, type, recordClass = 1, ttl = 60, data, length = data.length } of [...answers, ...authorities]) {
    writer.bytes(owner).uint16(type).uint16(recordClass).uint32(ttl).uint16(length).bytes(data);
  }
  return writer.finish();
}

export interface FakeDns {
  /** As the option `dns` takes it. */
  readonly address: string;
  /** Questions that came, by `udp` or `tcp`. */
  readonly asked: readonly { readonly how: "udp" | "tcp"; readonly name: string; readonly type: number }[];
}

/** What a fake server says: nothing, one message, or several one after another (by UDP). */
export type Say = (asked: Asked, how: "udp" | "tcp") => Uint8Array | readonly Uint8Array[] | undefined;

/** A server on 127.0.0.1, UDP and TCP on one port. It ends with the test. */
export async function fakeDns(say: Say): Promise<FakeDns> {
  const asked: { how: "udp" | "tcp"; name: string; type: number }[] = [];
  const hear = (octets: Uint8Array, how: "udp" | "tcp"): readonly Uint8Array[] => {
    const question = readQuestion(octets);
    asked.push({ how, name: question.name, type: question.type });
    const said = say(question, how);
    return said === undefined ? [] : said instanceof Uint8Array ? [said] : said;
  };
  const tcp = net.createServer((socket) => {
    let received = Buffer.alloc(0);
    socket.on("error", () => {});
    socket.on("data", (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < 2 || received.length < 2 + received.readUInt16BE()) return;
      for (const message of hear(new Uint8Array(received.subarray(2)), "tcp")) {
        socket.write(new Writer(message.length + 2).data16(message).finish());
      }
      socket.end();
    });
  });
  // One port for both, which no other socket of this machine has by chance.
  const port = await freePort();
  await new Promise<void>((resolve) => tcp.listen(port, "127.0.0.1", resolve));
  const udp = dgram.createSocket("udp4");
  udp.on("message", (octets, from) => {
    for (const message of hear(new Uint8Array(octets), "udp")) udp.send(message, from.port, from.address);
  });
  await new Promise<void>((resolve) => udp.bind(port, "127.0.0.1", resolve));
  onTestFinished(async () => {
    await new Promise<void>((resolve) => void udp.close(() => resolve()));
    await new Promise((resolve) => tcp.close(resolve));
  });
  return { address: `127.0.0.1:${port}`, asked };
}

/** Answers from a table of records by `name type`; names that are not there have NXDOMAIN. */
export function zone(records: readonly Rr[]): Say {
  const text = (octets: Uint8Array): string => readQuestion(join(new Uint8Array(12), octets, new Uint8Array(4))).name;
  return ({ octets, name: wanted, type }) => {
    const own = records.filter(({ owner }) => text(owner).toLowerCase() === wanted.toLowerCase());
    const answers = own.filter((record) => record.type === type || record.type === TYPE.cname);
    return response(octets, { answers, rcode: own.length === 0 ? 3 : 0 });
  };
}
