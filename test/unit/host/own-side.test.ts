// A connection that fails because of this machine: the message says what to do here, and not to look at the server.

import { createServer } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { obstacleAdvice } from "../../../src/cli/doctor/network.ts";
import { isKerberosError, TransportError } from "../../../src/errors.ts";
import { cureOf, obstacleOf } from "../../../src/host/index.ts";
import { createKerberos } from "../../../src/library/on-host.ts";
import { createClient } from "../../../src/remctl-client/on-host.ts";
import { nodeRuntime } from "../../../src/runtime/index.ts";

const coded = (code: string, more: object = {}): Error =>
  Object.assign(new Error(`words of ${code}`), { code, ...more });

const OURS = [
  [
    "the address to connect from is of another machine",
    coded("EADDRNOTAVAIL", { syscall: "bind" }),
    /address to connect from/,
  ],
  ["the address to connect from is of another kind", coded("EINVAL", { syscall: "bind" }), /address to connect from/],
  ["the address to connect from is none", coded("ERR_INVALID_IP_ADDRESS"), /address to connect from/],
  ["no port is free", coded("EADDRNOTAVAIL", { syscall: "connect" }), /no free port/],
  ["the firewall here", coded("EACCES"), /look at the firewall of this machine/],
  ["a sandbox", coded("EPERM"), /look at the firewall of this machine/],
  ["the limit of the process", coded("EMFILE"), /too many files are open: raise the limit/],
  ["the limit of the machine", coded("ENFILE"), /too many files are open: raise the limit/],
  ["a network that is down", coded("ENETDOWN"), /look at the network of this machine/],
  ["a network without a route", coded("ENETUNREACH"), /look at the network of this machine/],
] as const;

const credentials = { principal: "alice@R.TEST", password: "secret" };

it.each(OURS)("%s: the error of a remctl server says it", async (_, cause, words) => {
  const connectTcp = (_host: string, port: number) =>
    port === 88 ? new Promise<never>(() => {}) : Promise.reject<never>(cause);
  const runtime = Object.assign(Object.create(nodeRuntime()), { connectTcp });
  const client = createClient({ credentials, kdc: ["tcp://127.0.0.1:88"], runtime });
  const error = await client.remctl("127.0.0.1", ["a"]).catch((thrown: unknown) => thrown);
  expect(isKerberosError(error) && [error.code, error.message]).toEqual(["CONNECT", expect.stringMatching(words)]);
  expect((error as Error).message).not.toContain("check its name");
});

it.each(OURS)("%s: the error of a KDC says it, and doctor", async (_, cause, words) => {
  const runtime = Object.assign(Object.create(nodeRuntime()), { connectTcp: () => Promise.reject(cause) });
  const kerberos = createKerberos({ kdc: ["tcp://127.0.0.1:88", "tcp://127.0.0.2:88"], runtime });
  const { password } = await import("../../../src/client/index.ts");
  const error = await kerberos.login(password(credentials.principal, "x")).catch((thrown: unknown) => thrown);
  expect(isKerberosError(error) && [error.code, error.message]).toEqual([
    "KDC_UNREACHABLE",
    expect.stringMatching(words),
  ]);
  expect((error as Error).message).not.toContain("check that one runs");
  expect(cureOf(error)).toMatch(words);
  expect(obstacleOf(cause)).toBe(String((cause as { code?: string }).code).startsWith("ENET") ? "unreachable" : "here");
});

it("what another machine says is not put down to this one", () => {
  for (const code of ["ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "ENOTFOUND", "constructor", "EINVAL"]) {
    expect(cureOf(coded(code))).toBeUndefined();
    expect(obstacleOf(coded(code))).not.toBe("here");
  }
  expect(cureOf("text")).toBeUndefined();
  expect(obstacleAdvice("refused", "remctld", "-p")).toContain("does remctld run?");
});

it("of several addresses the cure counts that all of them need", () => {
  const both = (...errors: Error[]): Error =>
    Object.assign(new Error("both", { cause: new AggregateError(errors, "") }), { code: "ENETUNREACH" });
  expect(cureOf(both(coded("ENETUNREACH"), coded("ECONNREFUSED")))).toBeUndefined();
  expect(cureOf(both(coded("ECONNREFUSED"), coded("ENETUNREACH")))).toBeUndefined();
  expect(cureOf(both(coded("ENETUNREACH"), coded("ENETUNREACH")))).toContain("network of this machine");
  expect(cureOf(new TransportError("CONNECT", "x", [], { cause: both(coded("EMFILE"), coded("EMFILE")) }))).toContain(
    "raise the limit",
  );
});

it.each(["192.0.2.1", "::1", "nonsense"])("this host's own sockets: localAddress %s", async (localAddress) => {
  const server = createServer(() => {}).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as { readonly port: number };
  const silent = createServer(() => {}).listen(0, "127.0.0.1");
  await new Promise((resolve) => silent.once("listening", resolve));
  onTestFinished(() => void silent.close());
  const kdc = [`tcp://127.0.0.1:${(silent.address() as { readonly port: number }).port}`];
  const client = createClient({ credentials, kdc, localAddress, port, kdcTimeoutMs: 5_000 });
  await expect(client.remctl("127.0.0.1", ["a"])).rejects.toMatchObject({
    code: "CONNECT",
    message: expect.stringMatching(/^cannot connect to the remctl server; correct the address to connect from/),
    attempts: [{ obstacle: "here" }],
  });
});

it("an error that is its own cause is looked at a few times", () => {
  const error = new Error("round");
  error.cause = error;
  expect(cureOf(error)).toBeUndefined();
});
