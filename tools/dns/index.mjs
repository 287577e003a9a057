// dns-packet for tests elsewhere, which cannot import it by name.

import fs from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

/**
 * @typedef {{ type: string, name: string, class?: string, ttl?: number, data?: any }} Answer
 *
 * @typedef {object} DnsPacket what the tests use of it
 * @property {(packet: { type: "response", id: number, flags: number, questions: object[], answers: Answer[], authorities?: Answer[] }) => Buffer} encode
 * @property {(octets: Uint8Array) => { id: number, type: string, flag_rd: boolean, questions: { name: string, type: string, class: string }[], additionals: Answer[] }} decode
 */

/** Why it is not there; empty if it is. */
export const missing = fs.existsSync(new URL("node_modules/dns-packet", import.meta.url))
  ? ""
  : 'dns-packet is not in tools/dns: "npm ci" there installs it';

/** @returns {DnsPacket} */
export function loadDnsPacket() {
  return require("dns-packet");
}
