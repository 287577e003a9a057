// Runs as a process of its own, bundled, in a network of its own with a resolv.conf that names this program: a resolver
// that never answers for IPv6, with a wildcard in the domain of the search list. Says what became of names.

import dgram from "node:dgram";
import fs from "node:fs";
import net from "node:net";
import { Writer } from "../../src/bytes/index.ts";
import { createLocator } from "../../src/discovery/index.ts";
import { detectRuntime } from "../../src/runtime/index.ts";

const [LOOPBACK, ELSEWHERE] = [Uint8Array.of(127, 0, 0, 1), Uint8Array.of(192, 0, 2, 1)];
const TYPE = { a: 1, srv: 33 };

const kdc = net.createServer((socket) => void socket.end()).listen(0, "127.0.0.1");
await new Promise((resolve) => kdc.once("listening", resolve));
const { port } = kdc.address() as net.AddressInfo;

const dns = dgram.createSocket("udp4");
dns.on("message", (octets, from) => {
  const said = answer(octets);
  if (said !== undefined) dns.send(said, from.port, from.address);
});
await new Promise<void>((resolve) => dns.bind(53, "127.0.0.1", resolve));

function answer(octets: Uint8Array): Uint8Array | undefined {
  const labels: string[] = [];
  let at = 12;
  for (let length = octets[at] ?? 0; length > 0; length = octets[at] ?? 0) {
    labels.push(new TextDecoder().decode(octets.subarray(at + 1, at + 1 + length)).toLowerCase());
    at += 1 + length;
  }
  const [name, type] = [labels.join("."), (octets[at + 1] ?? 0) * 256 + (octets[at + 2] ?? 0)];
  if (type === 28) return undefined;
  const isKnown = /^(?:kdc[0-9]*\.names\.test|_kerberos\._tcp\.names\.test)$/.test(name);
  const isWild = name.endsWith(".wild.test");
  let data: Uint8Array | undefined;
  if (type === TYPE.a && (isWild || name.startsWith("kdc"))) data = isWild ? ELSEWHERE : LOOPBACK;
  if (type === TYPE.srv && isKnown && name.startsWith("_")) {
    const target = new Writer(32);
    for (const label of ["kdc", "names", "test"]) target.uint8(label.length).bytes(new TextEncoder().encode(label));
    data = new Writer(64).uint16(0).uint16(0).uint16(port).bytes(target.uint8(0).finish()).finish();
  }
  const writer = new Writer(512).bytes(octets.subarray(0, 2)).uint16(0x8180 | (isKnown || isWild ? 0 : 3));
  writer
    .uint16(1)
    .uint16(data === undefined ? 0 : 1)
    .uint16(0)
    .uint16(0)
    .bytes(octets.subarray(12, at + 5));
  if (data !== undefined) writer.uint16(0xc00c).uint16(type).uint16(1).uint32(60).uint16(data.length).bytes(data);
  return writer.finish();
}

const runtime = detectRuntime();
const locator = createLocator({ runtime });

async function timed(run: () => Promise<unknown>) {
  const started = performance.now();
  const value = await run();
  return { value, seconds: (performance.now() - started) / 1000 };
}

const names = Array.from({ length: 12 }, (_, i) => `kdc${i}.names.test.`);
const report = {
  streams: await timed(async () => (await runtime.connectTcp?.("kdc.names.test.", port, {}))?.abort()),
  datagrams: await timed(async () => (await runtime.connectUdp?.("kdc.names.test.", port, {}))?.close()),
  many: await timed(async () => (await Promise.all(names.map((name) => runtime.lookUp?.(name)))).flat()),
  // The search list leads a name with fewer than five dots to the wildcard.
  relative: await timed(async () => await runtime.lookUp?.("kdc.names.test")),
  fromDns: await timed(async () => {
    const [found] = await locator.kdcs("NAMES.TEST");
    const [host = "", given] = found?.replace("tcp://", "").split(":") ?? [];
    (await locator.runtime.connectTcp?.(host, Number(given), {}))?.abort();
    return host;
  }),
};
fs.writeSync(1, `${JSON.stringify(report)}\n`);
