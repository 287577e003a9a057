// KDCs that answer when a test says so, over a clock that the test turns.

import { beforeEach, onTestFinished, vi } from "vitest";
import { formatEndpoint, parseEndpoint, type Transport, type TransportName } from "../../../src/transport/index.ts";
import { type ExchangeOptions, exchangeWith, type KdcReply } from "../../../src/transport/kdc-exchange.ts";
import { asReq } from "../../support/fake-kdc.ts";

interface Answer {
  resolve(octets: Uint8Array): void;
  reject(error: unknown): void;
}

/** Puts a clock that stands still in the place of the host's for each test of a file. */
export function stopClock(): void {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
    onTestFinished(() => void vi.useRealTimers());
  });
}

/** Begins an exchange; nothing answers by itself. */
export function ask(endpoints: readonly string[], options: Partial<ExchangeOptions> = {}) {
  const asked: string[] = [];
  const traced: string[] = [];
  const waiting = new Map<string, Answer>();
  const by = (name: TransportName): Transport => ({
    name,
    missing: () => undefined,
    ask: ({ endpoint }) =>
      new Promise((resolve, reject) => {
        asked.push(formatEndpoint(endpoint));
        waiting.set(formatEndpoint(endpoint), { resolve, reject });
      }),
  });
  const outcome: { reply?: KdcReply; error?: unknown } = {};
  exchangeWith({
    realm: "EXAMPLE.ORG",
    endpoints: endpoints.map((text) => parseEndpoint(text)),
    request: asReq(),
    runtime: { name: "node" },
    transports: { tcp: by("tcp"), udp: by("udp"), kkdcp: by("kkdcp") },
    trace: (event) => void traced.push("endpoint" in event ? `${event.type} ${event.endpoint}` : event.type),
    timeoutMs: 10_000,
    hedgeDelayMs: 1000,
    ...options,
  }).then(
    (reply) => {
      outcome.reply = reply;
    },
    (error: unknown) => {
      outcome.error = error;
    },
  );
  const of = (endpoint: string): Answer => {
    const one = waiting.get(endpoint);
    if (one === undefined) throw new Error(`${endpoint} was not asked, but ${asked.join(", ")}`);
    return one;
  };
  return {
    /** Those that were asked, in order. */
    asked,
    /** The steps of the exchange, each with its endpoint. */
    traced,
    /** What came of it, as soon as it is over. */
    outcome,
    answer: (endpoint: string, octets: Uint8Array): void => of(endpoint).resolve(octets),
    refuse: (endpoint: string, error: unknown = new Error("refused")): void => of(endpoint).reject(error),
  };
}

/** Lets time pass, and what was settled be heard. */
export const pass = (milliseconds = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(milliseconds);
