// What a command line does, as anybody outside sees it: exit status, outputs, notes of the trace, what went to the KDC,
// the files that are there after it.

import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import type { Connection, Files, Runtime } from "../../src/host/index.ts";
import { KDC_OPTION } from "../../src/iana/index.ts";
import { decodeAsReq, decodeTgsReq } from "../../src/krb5/messages/index.ts";
import { nodeRuntime } from "../../src/runtime/index.ts";
import { runCli } from "./cli.ts";

/** Replaced in command lines: `$K` is the folder that all share, `$W` that of one run. */
export interface EffectWorld {
  readonly shared: string;
  readonly values: Readonly<Record<string, string>>;
}

/** Runs command lines, separated by `;`, in a folder of their own; ` < ` gives the lines of standard input, `VAR=x` before a command its environment. */
export async function effectsOf(lines: string, { shared, values }: EffectWorld): Promise<string> {
  const own = fs.mkdtempSync(path.join(os.tmpdir(), "krb5-remctl-effects-"));
  const fill = (text: string): string =>
    text.replace(/\$(\w+)/g, (whole, name) => ({ K: shared, W: own, ...values })[name as string] ?? whole);
  const seen: string[] = [];
  try {
    for (const line of lines.split("; ")) {
      const [command = "", input] = line.split(" < ");
      const words = (command.match(/'[^']*'|\S+/g) ?? []).map((word) => fill(word.replace(/^'(.*)'$/, "$1")));
      const env: Record<string, string> = {
        KRB5_CONFIG: path.join(shared, "krb5.conf"),
        KRB5CCNAME: `FILE:${own}/cc`,
        KRB5_KTNAME: path.join(shared, "bob"),
        KRB5_CLIENT_KTNAME: path.join(shared, "alice"),
      };
      while (/^[A-Z0-9_]+=/.test(words[0] ?? "")) {
        const [name = "", value = ""] = (words.shift() as string).split(/=(.*)/s);
        env[name] = value;
      }
      const requests: string[] = [];
      const startedAt = performance.now();
      const result = await runCli(words, {
        env,
        runtime: watched(requests, values.DNS_PORT),
        program: path.join(shared, "main.js"),
        ...(input === undefined ? {} : { input: fill(input).replaceAll("\\n", "\n") }),
      });
      const trace = result.everything.split("\n").at(-1) ?? "[]";
      const notes = (JSON.parse(trace) as { type: string; text?: string }[]).filter(({ type }) => type === "note");
      seen.push(`status ${result.status}`, result.stdout, result.stderr);
      if (performance.now() - startedAt > 4_000) seen.push("lasted more than 4 s");
      seen.push(...notes.map(({ text }) => `note: ${text}`), ...requests);
    }
    seen.push(...filesOf(own));
    return seen.join("\n").replaceAll(own, "$W").replaceAll(shared, "$K");
  } finally {
    fs.rmSync(own, { recursive: true, force: true });
  }
}

function filesOf(folder: string): string[] {
  return fs.readdirSync(folder).map((name) => {
    const { mode, uid, gid } = fs.statSync(path.join(folder, name));
    return `file ${name} ${(mode & 0o777).toString(8)} user ${uid} group ${gid}`;
  });
}

/** This host, which tells of each request to a KDC; names below `.test` are its own, and DNS is at a port of it. */
function watched(requests: string[], dnsPort: string | undefined): Runtime {
  const runtime = nodeRuntime();
  const files = runtime.files?.() as Files;
  const read: Files["read"] = async (name, options) =>
    name === "/etc/resolv.conf" ? Buffer.from("nameserver 127.0.0.1\n") : files.read(name, options);
  return {
    ...runtime,
    files: () => Object.assign(Object.create(files) as Files, { read }),
    connectUdp: (host, port, options) =>
      (runtime as Required<Runtime>).connectUdp(host, port === 53 ? Number(dnsPort) : port, options),
    lookUp: async (host) => (/\.test\.?$/.test(host) ? ["127.0.0.1"] : ((await runtime.lookUp?.(host)) ?? [])),
    async connectTcp(host, port, options) {
      const from = options.localAddress === undefined ? "" : ` from ${options.localAddress}`;
      requests.push(`connect ${host}:${port}${from}`);
      const connection = (await runtime.connectTcp?.(host, port, options)) as Connection;
      const write = (octets: Uint8Array): Promise<void> => {
        const shown = requestOf(octets.slice(4));
        if (shown !== undefined) requests.push(shown);
        return connection.write(octets);
      };
      return {
        write,
        read: () => connection.read(),
        hasUnread: () => connection.hasUnread?.() ?? false,
        close: () => connection.close(),
        abort: () => connection.abort(),
      };
    },
  };
}

function requestOf(octets: Uint8Array): string | undefined {
  const [tag] = octets;
  if (tag !== 0x6a && tag !== 0x6c) return undefined;
  const { reqBody, padata = [] } = tag === 0x6a ? decodeAsReq(octets) : decodeTgsReq(octets);
  const { kdcOptions, cname, sname, realm, from, till, rtime, etype, addresses } = reqBody;
  const minutes = (time: Date | undefined): string =>
    time === undefined ? "none" : `${Math.round((time.getTime() - Date.now()) / 60_000)}m`;
  const options = Object.entries(KDC_OPTION).filter(([, bit]) => (kdcOptions & bit) !== 0);
  return [
    tag === 0x6a ? "AS-REQ" : "TGS-REQ",
    `options=${options.map(([name]) => name).join(",")}`,
    `cname=${cname?.nameString.join("/")}(${cname?.nameType})`,
    `sname=${sname?.nameString.join("/")}(${sname?.nameType})@${realm}`,
    `from=${minutes(from)} till=${minutes(till)} rtime=${minutes(rtime)}`,
    `etype=${etype.join()} addresses=${addresses?.length ?? 0}`,
    `padata=${padata.map(({ padataType }) => padataType).join()}`,
  ].join(" ");
}
