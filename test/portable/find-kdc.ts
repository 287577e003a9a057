// A login at a KDC that DNS names, for every runtime; each host has a small program of its own around `findKdc`.

import { createClient } from "../../src/entry/index.ts";
import { detectRuntime } from "../../src/runtime/index.ts";

/** What to do; plain JSON. */
export interface FindConfig {
  readonly principal: string;
  readonly password: string;
  readonly service: string;
  /** One run each, with no configuration but this. */
  readonly dns: readonly string[];
}

export interface FindReport {
  readonly adapter: string;
  readonly runs: readonly {
    /** Endpoints that answered, each once. */
    readonly answered: readonly string[];
    /** What DNS was asked, as `SRV _kerberos._tcp.example.org`, in order of the alphabet. */
    readonly questions: readonly string[];
    readonly error?: string;
  }[];
}

export async function findKdc({ principal, password, service, dns }: FindConfig): Promise<FindReport> {
  const runs: FindReport["runs"][number][] = [];
  for (const resolver of dns) {
    const answered = new Set<string>();
    const questions: string[] = [];
    const client = createClient({
      credentials: { principal, password },
      config: "",
      dns: resolver,
      onTrace: (event) => {
        if (event.type === "kdc-reply") answered.add(event.endpoint);
        if (event.type === "dns") questions.push(`${event.record} ${event.name}`);
      },
    });
    let error: string | undefined;
    try {
      await client.getTicket(service);
    } catch (caught) {
      error = caught instanceof Error ? (caught.stack ?? caught.message) : String(caught);
    }
    runs.push({ answered: [...answered], questions: questions.sort(), ...(error === undefined ? {} : { error }) });
  }
  return { adapter: detectRuntime().name, runs };
}
