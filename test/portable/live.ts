// A login and a command on real servers, for every runtime; each host has a small program of its own around `runLive`.

import { createClient } from "../../src/entry/index.ts";
import { createClient as createLeanNode } from "../../src/entry/lean/node.ts";
import {
  createClient as createLean,
  httpsProxy,
  type LeanClientOptions,
  type SessionClient,
} from "../../src/entry/lean.ts";
import { webSocketDial } from "../../src/entry/websocket.ts";
import { detectRuntime } from "../../src/runtime/index.ts";

const ENTRIES = { main: createClient, lean: createLean, "lean/node": createLeanNode } satisfies Record<
  string,
  (options: LeanClientOptions) => SessionClient
>;

/** What to do; plain JSON. */
export interface LiveConfig {
  readonly principal: string;
  readonly password: string;
  /** One run each. */
  readonly kdcs: readonly (readonly string[])[];
  readonly host: string;
  readonly port: number;
  readonly service: string;
  /** Whose client it is. Default: the main entry's. */
  readonly entry?: keyof typeof ENTRIES;
  /** The URL of a proxy of TCP over WebSocket that leads to the server; without it, the host's TCP. */
  readonly webSocket?: string;
}

/** What a run gave. */
export interface LiveRun {
  readonly status: number;
  readonly text: string;
  /** The KDC endpoints that answered. */
  readonly answered: readonly string[];
  readonly milliseconds: number;
  readonly error?: string;
}

export interface LiveReport {
  readonly adapter: string;
  readonly runs: readonly LiveRun[];
  /** The code of what a wrong password gives: it proves that the others were looked at. */
  readonly wrongPassword: string;
}

export async function runLive(config: LiveConfig): Promise<LiveReport> {
  const { principal, password, kdcs, host, port, service, webSocket, entry = "main" } = config;
  // The main entry asks KDCs at https: URLs by itself.
  const parts = entry === "main" ? {} : { transports: [httpsProxy()] };
  const create: (options: LeanClientOptions) => SessionClient = ENTRIES[entry];
  const common = {
    ...parts,
    port,
    service,
    connectTimeoutMs: 5_000,
    ...(webSocket === undefined ? {} : { dial: webSocketDial(webSocket) }),
  };
  const runs: LiveRun[] = [];
  for (const kdc of kdcs) {
    const answered = new Set<string>();
    const started = Date.now();
    const client = create({
      ...common,
      credentials: { principal, password },
      kdc,
      onTrace: (event) => {
        if (event.type === "kdc-reply") answered.add(event.endpoint);
      },
    });
    try {
      const result = await client.remctl(host, ["test", "test"]);
      const milliseconds = Date.now() - started;
      runs.push({ status: result.status, text: result.text(), answered: [...answered], milliseconds });
    } catch (error) {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      runs.push({ status: -1, text: "", answered: [...answered], milliseconds: Date.now() - started, error: text });
    }
  }
  const wrong = create({ ...common, credentials: { principal, password: "wrong" }, kdc: kdcs[0] ?? [] });
  const wrongPassword = await wrong.remctl(host, ["test", "test"]).then(
    () => "accepted",
    (error: { readonly code?: string }) => error.code ?? String(error),
  );
  return { adapter: detectRuntime().name, runs, wrongPassword };
}
