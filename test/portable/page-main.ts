// The main job in a page: each round logs in through kdcproxy at the page's origin, and runs a one-shot through websockify.

import { remctl } from "../../src/entry/index.ts";
import { webSocketDial } from "../../src/entry/websocket.ts";

/** What the page is told; plain JSON. */
export interface PageConfig {
  readonly principal: string;
  readonly password: string;
  /** websockify's URL; it leads to remctld. */
  readonly proxy: string;
  readonly service: string;
  readonly octets: number;
  /** How many rounds: in turn with the browser's `WebSocketStream`, and with its `WebSocket`. */
  readonly rounds: number;
}

const kinds = ["WebSocketStream", "WebSocket"] as const;
type SocketKind = (typeof kinds)[number];

/** What came of a round: the SHA-256 of the output in hex, or an error. */
export interface PageRound {
  readonly kind: SocketKind;
  readonly milliseconds: number;
  readonly digest?: string;
  readonly error?: string;
}

async function run(config: PageConfig, kind: SocketKind): Promise<PageRound> {
  const started = performance.now();
  const kdc = [`${location.origin}/KdcProxy`];
  const credentials = { principal: config.principal, password: config.password };
  const dial = webSocketDial(config.proxy, kind === "WebSocket" ? { WebSocket } : {});
  try {
    const args = ["test", "large-output", String(config.octets)];
    const { stdout } = await remctl("localhost", args, { credentials, kdc, dial, service: config.service });
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", stdout as Uint8Array<ArrayBuffer>));
    const hex = Array.from(digest, (octet) => octet.toString(16).padStart(2, "0")).join("");
    return { kind, milliseconds: performance.now() - started, digest: hex };
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { kind, milliseconds: performance.now() - started, error: text };
  }
}

const config: PageConfig = await (await fetch("/config")).json();
const rounds: PageRound[] = [];
for (let round = 0; round < config.rounds; round++) rounds.push(await run(config, kinds[round % 2] as SocketKind));
await fetch("/report", { method: "POST", body: JSON.stringify(rounds) });
