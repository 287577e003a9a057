// Why rows of the table miss their goals, and what was tried: one reason for each row of the record that missed.
// `npm test` is red for a row without a reason, and for a reason whose row is met by now.

const sizes = (/** @type {string} */ operation, /** @type {Record<string, number[]>} */ enctypes) =>
  Object.entries(enctypes).flatMap(([size, numbers]) =>
    numbers.map((number) => `${operation} ${size}, enctype ${number}`),
  );
const overCalls = (/** @type {string[]} */ rows) => rows.map((row) => `${row}, over OpenSSL's calls`);

/**
 * - `peer`: a program of others stalls, or is faster
 * - `host`: the runtime, its calls into OpenSSL, or the kernel
 * - `machine`: the goal is a time, set on a machine that was faster
 * - `physics`: nothing can change it
 * - `ours`: code of this package: what can be won
 * @typedef {{ by: "peer" | "host" | "machine" | "physics" | "ours", why: string, tried: string, rows: string[] }} Reason
 */

/** @type {readonly Reason[]} */
export const MISSED = [
  {
    by: "machine",
    why:
      "The goal is a time. remctld's fork and the start of the command are most of it: the same client in C needs 2.1 ms beside our own " +
      "server, and 5.8 beside remctld with a command that is not started. Earlier machines, faster by a third to a half, gave 4.4.",
    tried:
      "one write for each message, without Nagle's algorithm (libremctl waits 40 ms for a delayed acknowledgement); what a command allocates",
    rows: ["one-shot echo"],
  },
  {
    by: "host",
    why:
      "A client in C blocks in read(2) and runs again at once. Node wakes from its poll, and settles promises: 0.1 to 0.2 ms for each wait, " +
      "and a command on an open session is one write and one wait. Both share two processors with remctld's fork.",
    tried:
      "corking (there are two writes already), a promise fewer a call (0.97x to 0.99x of the build before), no Error at an orderly close",
    rows: ["one-shot with no output", "keep-alive with no output"],
  },
  {
    by: "host",
    why:
      "The speed is met, the memory is not: Node's socket gives a buffer for each read and its cipher one for each message, and the engine " +
      "collects them when it likes. What is live does not grow: 1 GB of output grows by less than 16 MB does.",
    tried:
      "one buffer for all packets (a stream of the host may still have the one before), AES in pieces of 4 to 32 KB (2 to 60% slower)",
    rows: ["bulk input, 90 MB (stdin=last)"],
  },
  {
    by: "physics",
    why:
      "A tenth of the memory cannot be: a Node process has 60 MB before it does anything, and forked C clients share all but 150 KB each. " +
      "One thread does what 1,000 processes do on two processors.",
    tried:
      "the peak is garbage and the process itself; what lives of an open session of a client is 12 KB (15 before the context was made smaller; at most 20 are wanted)",
    rows: ["1,000 hosts with runOnHosts"],
  },
  {
    by: "host",
    why:
      "A small message is four to six calls from JavaScript into OpenSSL, 0.4 to 1.2 µs each on this machine, where libk5crypto calls its own code; " +
      "the goal of 64 B is lost to the calls, that of 1 KB nearly met. Enctypes 19 and 20, whose hashes cost MIT more, meet theirs.",
    tried:
      "two one-shot hashes in place of an HMAC (64 B from 19.5 to 5.9 µs), key objects made once, HMAC by noble (slower at each size), " +
      "a pool of confounders",
    rows: [...sizes("unwrap", { "64 B": [17, 18], "1 KB": [17] }), "SASL layer: decode 64 B, enctype 18"],
  },
  {
    by: "host",
    why:
      "From 4 KB on OpenSSL's AES-CBC, which is serial, and its SHA are most of the time (wrap of 64 KB: 65 to 85%, by the rows beside " +
      "OpenSSL's own calls). A multiple of MIT's time depends on MIT's build and on the processor.",
    tried:
      "AES in smaller pieces (slower), a token's memory that is not filled with zeros (4 of 114 µs; one mistake would send what was in it)",
    rows: sizes("wrap", { "4 KB": [20], "64 KB": [17, 18] }),
  },
  {
    by: "host",
    why:
      "Beside the same calls of node:crypto into one kept buffer. Sealing and opening make what a caller may keep, a token and a message, " +
      "count the window, and compare the MAC in constant time: 2 to 5 µs of this machine. Views, and the buffer that " +
      "Cipher.update gives, are among them.",
    tried:
      "blocks change places in a kept buffer (6.8 to 5.6 µs), constants folded once, views in place of copies; the window and the " +
      "comparison are checks, and stay",
    rows: overCalls([...sizes("wrap", { "64 B": [17, 18, 19, 20] }), ...sizes("unwrap", { "64 B": [17, 18, 19, 20] })]),
  },
  {
    by: "host",
    why:
      "Beside the same calls into one kept buffer. The token's memory, 64 KB filled with zeros by the engine, and the one copy of the " +
      "message into it are 20 to 50 µs of wrap; unwrap, which copies nothing, is within 10% of its goal.",
    tried: "memory that is not filled (see above), AES in pieces of 4 to 32 KB (2 to 60% slower)",
    rows: overCalls([...sizes("wrap", { "64 KB": [17, 18, 19] }), ...sizes("unwrap", { "64 KB": [17, 18, 20] })]),
  },
  {
    by: "host",
    why:
      "libcurl asks by one connection in C. Here fetch of the host does, whose requests, streams and timers are JavaScript (undici). The " +
      "figure moves from run to run on this machine: 0.68x, 0.78x and 0.73x on one day, 0.83x on the day before.",
    tried:
      "a profile of these rows and PostgreSQL's together: garbage collection 20%, the sockets' writes 13%; of this package each function is " +
      "below 1%, its AES and hashes 5%, so that nothing of it was changed",
    rows: ["HTTP Negotiate: a request with its ticket"],
  },
  {
    by: "host",
    why:
      "It is equal to libpq within what rounds differ by: 1.00x and 0.93x on one day, 1.03x on the day before. PostgreSQL's own time is " +
      "in both.",
    tried: "packets that lie in one read are views already",
    rows: ["PostgreSQL: a row of 2 MB, encrypted"],
  },
  {
    by: "peer",
    why:
      "PostgreSQL forks a process for each login, so that rounds lie up to 109% of the median apart: the figure is not to be trusted. " +
      "The driver pg has its own sockets, parser and type look-up in the time: on a busy machine, in turn, a login without Kerberos took pg 3.2 ms " +
      "of the processor and libpq 0.5, one with it 8.2 and 1.8; by the clock pg without Kerberos took 44 ms, libpq with it 37. " +
      "Both need four round trips. What is ours is above the driver: 5 ms of that busy processor for the stream, the ticket's proof and AES.",
    tried:
      "a profile (see the row of HTTP): garbage collection and sockets first, then the driver's parser and its parameters; " +
      "packets that lie in one read are views already; one question for localhost in place of three, and the ticket's token is made " +
      "while PostgreSQL forks",
    rows: ["PostgreSQL: a login, encrypted, and a query"],
  },
  {
    by: "ours",
    why:
      "The KDC's own time is 0.35 ms. Ours is a tenth of a millisecond each for the request, for opening the reply, for its checks and for " +
      "the socket: each exchange has a new one, so that no late answer of another is heard.",
    tried:
      "key objects and derived keys kept with the credential (1.6 to 1.2 ms), the fingerprint by one-shot hashes (0.88x to 0.96x), " +
      "configuration read once for a realm, no exception at a socket's close, a derived key by one call (together 0.91 to 0.93); a kept UDP socket " +
      "(70 µs of the processor, and a port that a forger has time to guess), AbortControllers made late (0.2 µs each), endpoint text kept (0.2 µs)",
    rows: ["AS exchange with a keytab", "TGS exchange"],
  },
  {
    by: "host",
    why:
      "The time is met (below 10 µs), the multiple of asn1js is not: it stands for 0.5 ms of another program, which this machine and its " +
      "version decide. Half of an encoding is the one allocation of its buffer.",
    tried: "one buffer kept for all output: no difference that could be measured",
    rows: ["AS", "TGS"].flatMap((of) =>
      ["decode", "encode"].map((what) => `DER of ${of === "AS" ? "an" : "a"} ${of}-REP, ${what}`),
    ),
  },
  {
    by: "host",
    why: "Node starts in 40 to 60 ms, and reads 13 files of modules (25 ms of the processor with their compiled code) and its own crypto, streams and sockets (20 ms).",
    tried:
      "each command is loaded when it is called, Node's own modules when a command uses them (2 to 14 ms), and compiled code is kept in a folder of the user's own; one CommonJS file with a code cache " +
      "(7 ms, for a megabyte of code twice in the package), a user-land snapshot (worse); one file with short names beside the 13 that a " +
      "command reads, both with compiled code (0.94 of the processor time, the median of 25 pairs)",
    rows: ["command line, echo, on node"],
  },
  {
    by: "host",
    why: "The engine parses 24 KB of source in a millisecond, and that is nearly all: what runs at the top of the modules is a fiftieth.",
    tried:
      "one file in place of four or seven (classes twice), output without white space (no difference), parts loaded late (a Worker's bundle " +
      "grows by 1.7 KB); NODE_COMPILE_CACHE halves it, which a deployment sets",
    rows: ["import of krb5-remctl", "import of krb5-remctl/lean"],
  },
  {
    by: "ours",
    why:
      "asn1js and noble alone are 28.9 KB, more than the goal. What is left is used by a first command, its errors or a promise of the " +
      "documentation; the next thing to leave out would be a feature.",
    tried: 'the list under "What a Worker\'s bundle is made of"',
    rows: ["a Worker's bundle (password or keytab, AS, TGS, GSS, remctl)"],
  },
  {
    by: "peer",
    why:
      "The client in C, which is the same for either server, takes 171 ms of processor time for 16 MB, nearly all of it libk5crypto's " +
      "decryption; our server takes 85 on the other processor. Of 189 ms by the clock 18 are not the client's: a server that costs nothing " +
      "would be at 2.3x.",
    tried: "nothing further: with a program, which is remctld's work, the goal is met",
    rows: ["server: output, 16 MB, a function"],
  },
];
