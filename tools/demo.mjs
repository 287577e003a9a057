// `npm run demo`: one remctl command from a password, step by step, in the embedded realm: nothing but Node is needed.
// `npm run demo -- --mit`: the same against a real krb5kdc and a real remctld; from a clean clone it fetches them. Either
// way everything is on loopback ports of its own and is stopped again.

import fs from "node:fs";
import { toolArguments } from "./arguments.mjs";
import { startMitBed, startRemctld } from "./beds/index.mjs";
import { ensureBuild, ensureRootDependencies, requireNode, step } from "./bootstrap.mjs";
import { ensurePeers } from "./peers/index.mjs";

requireNode();

const COMMAND = ["account", "show", "alice"];
const SCRIPT = `echo "account: $2"
echo "asked by: $REMOTE_USER"
echo "this line came on stderr" >&2`;

/** @type {{ name: string, close(): Promise<void>, logs(): string }[]} */
const running = [];
const { flags } = toolArguments({
  command: "npm run demo --",
  about: "One remctl command from a password, step by step, on loopback, in the embedded realm.",
  options: { mit: { about: "against a real krb5kdc and remctld, instead of the embedded realm" } },
});
const isMit = flags.has("mit");
try {
  await main();
} catch (error) {
  console.error(`\nThe demo failed: ${error instanceof Error ? (error.stack ?? error.message) : error}`);
  for (const { name, logs } of running)
    console.error(`\nlast lines of ${name}:\n${logs().split("\n").slice(-15).join("\n")}`);
  process.exitCode = 1;
} finally {
  for (const bed of running.reverse()) await bed.close();
}

async function main() {
  console.log("Set-up");
  await ensureRootDependencies();
  await ensureBuild();
  const { realm, passwords, kdc, service, port } = isMit ? await startReal() : await startEmbedded();

  // By its own name: what is published of the build, and nothing else of it.
  const { remctl } = await import("krb5-remctl");
  const principal = `alice@${realm}`;
  console.log(`\nremctl("localhost", ${JSON.stringify(COMMAND)}) as ${principal}, from a password`);

  /** @type {any[]} */
  const events = [];
  const started = performance.now();
  const onTrace = (/** @type {any} */ event) => {
    const at = performance.now() - started;
    events.push({ ...event, at });
    const line = describe(event);
    if (line) console.log(`  ${at.toFixed(1).padStart(7)} ms  ${line}`);
  };
  const options = {
    credentials: { principal, password: passwords.alice },
    kdc,
    service,
    port,
    totalTimeoutMs: 30_000,
  };
  const result = await remctl("localhost", COMMAND, { ...options, onTrace });
  const total = performance.now() - started;

  console.log("\nstdout:");
  process.stdout.write(indent(result.stdout));
  console.log("stderr:");
  process.stdout.write(indent(result.stderr));
  console.log(`exit status: ${result.status}`);

  console.log("\nTime of each step");
  for (const [name, milliseconds] of summarize(events, total)) {
    console.log(`  ${name.padEnd(14)} ${milliseconds.toFixed(1).padStart(7)} ms`);
  }

  // A realm that let everyone in would prove nothing.
  await step("with a wrong password", async () => {
    try {
      await remctl("localhost", COMMAND, { ...options, credentials: { principal, password: "wrong" } });
    } catch (error) {
      const { name, code } = /** @type {any} */ (error);
      return `refused, ${name} with code ${code}`;
    }
    throw new Error("a wrong password was accepted");
  });
  if (process.platform === "linux") {
    const native = /libkrb5|libgssapi/.test(fs.readFileSync("/proc/self/maps", "utf8"));
    console.log(`  libkrb5 in this process: ${native ? "YES" : "no"}`);
  }
  if (result.status !== 0) throw new Error(`the command ended with ${result.status}, not 0`);
}

/** A real krb5kdc and a real remctld. */
async function startReal() {
  const { mit } = await ensurePeers(["mit"], { log: (line) => console.log(`  ${line}`) });
  if (!mit.available) throw new Error(`the demo needs krb5kdc and remctld: ${mit.reason}`);
  const bed = await startMitBed();
  running.push({ name: "krb5kdc", close: bed.close, logs: bed.logs });
  console.log(`  krb5kdc serves ${bed.realm} at ${bed.kdc.join(" and ")} (process ${bed.pid})`);
  const remctld = await startRemctld({ bed, commands: [["account", "show", SCRIPT]] });
  running.push({ name: "remctld", close: remctld.close, logs: remctld.logs });
  console.log(`  remctld listens at 127.0.0.1:${remctld.port} (process ${remctld.pid})`);
  return { realm: bed.realm, passwords: bed.passwords, kdc: bed.kdc, service: remctld.service, port: remctld.port };
}

/** The realm and the server of this package, in this process, on loopback sockets. */
async function startEmbedded() {
  const { createTestRealm } = await import("krb5-remctl/testing");
  const { createRemctlServer } = await import("krb5-remctl/server");
  const name = "TEST.EXAMPLE";
  const passwords = { alice: "correct horse battery staple" };
  const realm = await createTestRealm({
    realm: name,
    principals: { alice: { password: passwords.alice }, "host/localhost": {} },
  });
  running.push({ name: "the embedded realm", close: () => realm.close(), logs: () => "" });
  await realm.listen();
  console.log(`  the embedded KDC serves ${name} at ${realm.kdc.join(" and ")} (this process)`);
  const server = createRemctlServer({
    keytab: realm.keytab("host/localhost"),
    commands: [
      {
        command: "account",
        subcommand: "show",
        acl: ["ANYUSER"],
        handler: async (/** @type {any} */ { args, user, stdout, stderr }) => {
          await stdout.write(`account: ${new TextDecoder().decode(args[0])}\nasked by: ${user}\n`);
          await stderr.write("this line came on stderr\n");
          return 0;
        },
      },
    ],
  });
  running.push({ name: "the remctl server", close: () => server.close(), logs: () => "" });
  await server.listen({ host: "127.0.0.1", port: 0 });
  console.log(`  the remctl server listens at 127.0.0.1:${server.port} (this process)`);
  return { realm: name, passwords, kdc: realm.kdc, service: `host/localhost@${name}`, port: server.port };
}

/** One line for a trace event; empty for those that would only repeat another. @param {any} event @returns {string} */
function describe(event) {
  switch (event.type) {
    case "kdc-request":
      return `${exchangeOf(event.message)}: ${event.message}, ${event.octets} octets, to ${event.endpoint}`;
    case "kdc-reply":
      return `              reply, ${event.octets} octets, after ${event.milliseconds.toFixed(1)} ms`;
    case "kdc-failed":
      return `KDC ${event.endpoint} failed: ${event.reason}`;
    case "kdc-error":
      return `              the KDC says ${event.errorName} (${event.errorCode})${event.text ? `: ${event.text}` : ""}`;
    case "preauth-offered":
      return `              pre-authentication offered: ${event.mechanisms.join(", ")}`;
    case "preauth-chosen":
      return `              chosen: ${event.mechanism}, key ${event.etype}, salt ${JSON.stringify(event.salt)}`;
    case "clock-offset":
      return `              the KDC's clock is ${event.seconds} s from ours`;
    case "ticket":
      return `${event.exchange} exchange: ticket for ${event.service}, session key ${event.etype}${event.cached ? ", kept from before" : ""}`;
    case "referral":
      return `TGS exchange: referred from ${event.from} to ${event.to}`;
    case "connect":
      return `connect:      ${event.host} port ${event.port}`;
    case "connected":
      return `connect:      connected after ${event.milliseconds.toFixed(1)} ms`;
    case "context-token":
      return `context:      token ${event.direction}, ${event.octets} octets`;
    case "context-established":
      return `context:      established with ${event.peer}, ${event.etype}${event.acceptorSubkey ? ", the server's sub-key" : ""}`;
    case "command-sent":
      return `command:      ${event.arguments} arguments, ${event.octets} octets in ${event.messages} sealed message(s)`;
    case "output":
      return `output:       ${event.stream}, ${event.octets} octets`;
    case "status":
      return `exit status:  ${event.status}`;
    case "server-error":
      return `server error: ${event.text} (${event.remoteCode})`;
    default:
      return "";
  }
}

/** @param {string} message */
function exchangeOf(message) {
  return message === "AS-REQ" ? "AS exchange" : message === "TGS-REQ" ? "TGS exchange" : "KDC";
}

/** @param {any[]} events @param {number} total @returns {[string, number][]} */
function summarize(events, total) {
  const first = (/** @type {(event: any) => boolean} */ test) => events.find(test)?.at;
  const last = (/** @type {(event: any) => boolean} */ test) => events.filter(test).at(-1)?.at;
  /** @type {[string, number | undefined, number | undefined][]} */
  const spans = [
    ["AS exchange", 0, last((e) => e.type === "ticket" && e.exchange === "AS")],
    ["TGS exchange", first((e) => e.message === "TGS-REQ"), last((e) => e.type === "ticket" && e.exchange === "TGS")],
    ["context", first((e) => e.type === "context-token"), first((e) => e.type === "context-established")],
    ["command", first((e) => e.type === "command-sent"), first((e) => e.type === "status")],
    ["all", 0, total],
  ];
  return spans.flatMap(([name, from, to]) => (from === undefined || to === undefined ? [] : [[name, to - from]]));
}

/** @param {Uint8Array} octets */
function indent(octets) {
  return new TextDecoder().decode(octets).replace(/^(?=.)/gm, "  | ");
}
