// What limits each workload now: who wants a row faster looks there first.

/**
 * - `peer`: a program of others does the work that takes the time
 * - `host`: the runtime, the kernel or OpenSSL
 * - `physics`: round trips
 * - `ours`: code of this package
 * @typedef {{ by: "peer" | "host" | "physics" | "ours", why: string }} Limit
 */

/** @type {Readonly<Record<string, Limit>>} by workload */
export const LIMITS = {
  link: { by: "physics", why: "round trips before the first octet" },
  "one-shot": { by: "peer", why: "remctld forks a process and starts the command" },
  "keep-alive": { by: "peer", why: "remctld starts the command" },
  "one-shot-quiet": { by: "peer", why: "remctld forks; Node's sockets cost 0.1 ms more than C's" },
  "keep-alive-quiet": { by: "host", why: "one write and one read: the event loop wakes" },
  pipeline: { by: "peer", why: "remctld runs one command after another" },
  "bulk-output": { by: "peer", why: "remctld reads and seals pieces of 4 KB" },
  "bulk-input": { by: "host", why: "AES, and a buffer for each message" },
  concurrent: { by: "host", why: "one process has one thread" },
  wrap: { by: "host", why: "OpenSSL's AES and HMAC" },
  unwrap: { by: "host", why: "OpenSSL's AES and HMAC" },
  floor: { by: "ours", why: "header, window and copies around OpenSSL's calls" },
  context: { by: "ours", why: "keys, an AP-REQ and its reply" },
  spnego: { by: "ours", why: "keys, an AP-REQ and its reply" },
  sasl: { by: "host", why: "OpenSSL's AES and HMAC" },
  http: { by: "host", why: "fetch of the host; the server accepts a ticket for each request" },
  drivers: { by: "ours", why: "a context for each login, AES for each packet; the driver's own parser is in it" },
  "string-to-key": { by: "host", why: "OpenSSL's PBKDF2" },
  kdc: { by: "ours", why: "request, reply and their checks; the KDC's share is a third" },
  logins: { by: "host", why: "points of curves in JavaScript (SPAKE), asn1js (PKINIT)" },
  der: { by: "host", why: "the one allocation of an encoding" },
  "command-line": { by: "host", why: "the runtime starts and reads modules" },
  import: { by: "host", why: "the engine parses, or reads its cache" },
  worker: { by: "host", why: "the runtime's calls" },
  growth: { by: "host", why: "memory, as the engine collects it" },
  server: { by: "host", why: "one thread, and the C client beside it, whose own cryptography bounds output" },
  "server-memory": { by: "host", why: "the heap, as the engine gives it back" },
  "kdc-server": { by: "ours", why: "the realm is for tests" },
};
