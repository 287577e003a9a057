// DNS messages of dns-packet, which is no part of the library, read by ours, and ours by it.

import fc from "fast-check";
import { expect, it } from "vitest";
import { decodeResponse, encodeQuery } from "../../src/discovery/dns/index.ts";
import { loadDnsPacket, missing } from "../../tools/dns/index.mjs";
import { describeUnless } from "../support/live.ts";

const label = fc.stringMatching(/^[a-z0-9_]([a-z0-9-]{0,20}[a-z0-9])?$/);
const name = fc.array(label, { minLength: 1, maxLength: 5 }).map((labels) => labels.join("."));
const uint16 = fc.nat(65_535);
const ttl = fc.nat(0x7fffffff);
const text = fc.uint8Array({ maxLength: 200 });
// In full: dns-packet has its own idea of some shortened ones.
const ipv6 = fc
  .array(uint16, { minLength: 8, maxLength: 8 })
  .map((groups) => groups.map((one) => one.toString(16)).join(":"));

/** A record as dns-packet takes it, and as ours is to give it. */
const record = fc.oneof(
  fc.tuple(name, ttl, fc.ipV4()).map(([owner, seconds, address]) => [
    { type: "A", name: owner, ttl: seconds, data: address },
    { name: owner, type: "a", ttlSeconds: seconds, data: address },
  ]),
  fc.tuple(name, ttl, ipv6).map(([owner, seconds, address]) => [
    { type: "AAAA", name: owner, ttl: seconds, data: address },
    { name: owner, type: "aaaa", ttlSeconds: seconds, data: new URL(`http://[${address}]/`).hostname.slice(1, -1) },
  ]),
  fc.tuple(fc.constantFrom("CNAME", "PTR"), name, ttl, name).map(([type, owner, seconds, target]) => [
    { type, name: owner, ttl: seconds, data: target },
    { name: owner, type: type.toLowerCase(), ttlSeconds: seconds, data: target },
  ]),
  fc.tuple(name, ttl, uint16, uint16, uint16, name).map(([owner, seconds, priority, weight, port, target]) => [
    { type: "SRV", name: owner, ttl: seconds, data: { priority, weight, port, target } },
    { name: owner, type: "srv", ttlSeconds: seconds, data: { priority, weight, port, target } },
  ]),
  fc.tuple(name, ttl, fc.array(text, { minLength: 1, maxLength: 3 })).map(([owner, seconds, strings]) => [
    { type: "TXT", name: owner, ttl: seconds, data: strings.map((one) => Buffer.from(one)) },
    { name: owner, type: "txt", ttlSeconds: seconds, data: strings },
  ]),
  // It knows no URI records: octets, as RFC 7553 has them.
  fc.tuple(name, ttl, uint16, uint16, text).map(([owner, seconds, priority, weight, target]) => [
    {
      type: "UNKNOWN_256",
      name: owner,
      ttl: seconds,
      data: Buffer.from([priority >> 8, priority & 255, weight >> 8, weight & 255, ...target]),
    },
    { name: owner, type: "uri", ttlSeconds: seconds, data: { priority, weight, target } },
  ]),
  fc
    .tuple(name, ttl, name)
    .map(([owner, seconds, server]) => [{ type: "NS", name: owner, ttl: seconds, data: server }]),
);

describeUnless(missing, "DNS messages of dns-packet", () => {
  it("are read with the same records", () => {
    const packet = loadDnsPacket();
    fc.assert(
      fc.property(name, uint16, fc.array(record, { maxLength: 8 }), uint16, (owner, id, records, minimum) => {
        const octets = packet.encode({
          type: "response",
          id,
          flags: 0x0180,
          questions: [{ type: "SRV", name: owner }],
          answers: records.map(([theirs]) => theirs as never),
          authorities: [
            {
              type: "SOA",
              name: owner,
              ttl: 7,
              data: { mname: owner, rname: owner, serial: 1, refresh: 2, retry: 3, expire: 4, minimum },
            },
          ],
        });
        const response = decodeResponse(new Uint8Array(octets), { name: owner.toUpperCase(), type: "srv", id });
        expect(response).toEqual({
          rcode: 0,
          isTruncated: false,
          answers: records.flatMap(([, ours]) => (ours === undefined ? [] : [ours])),
          authorities: [{ name: owner, type: "soa", ttlSeconds: 7, data: { minimumSeconds: minimum } }],
        });
      }),
      { numRuns: 500 },
    );
  });

  it("reads our questions", () => {
    const packet = loadDnsPacket();
    fc.assert(
      fc.property(name, uint16, fc.constantFrom("a", "aaaa", "srv", "txt", "uri", "ptr"), (owner, id, type) => {
        const read = packet.decode(Buffer.from(encodeQuery({ name: owner, type, id }) as Uint8Array));
        const wanted = type === "uri" ? "UNKNOWN_256" : type.toUpperCase();
        expect([read.id, read.type, read.flag_rd]).toEqual([id, "query", true]);
        expect(read.questions).toEqual([{ name: owner, type: wanted, class: "IN" }]);
        expect(read.additionals).toMatchObject([{ type: "OPT", name: ".", udpPayloadSize: 1232 }]);
      }),
      { numRuns: 300 },
    );
  });
});
