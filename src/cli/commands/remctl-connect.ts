import { hasCode } from "../../errors.ts";
import { parsePrincipal } from "../../krb5/index.ts";
import type { RemctlSession } from "../../remctl/index.ts";
import type { RemctlClient } from "../../remctl-client/index.ts";
import { createClient } from "../../remctl-client/on-host.ts";
import type { TraceEvent, TraceListener } from "../../trace.ts";
import type { CommandHost } from "../command.ts";
import { formatTraceEvent } from "../trace-lines.ts";
import { type About, contextFailure, type Place, type Stage } from "./remctl-failure.ts";
import type { CommandSettings } from "./remctl-settings.ts";

/** The registered port, and the one that was used before it. */
export const PORTS: readonly number[] = [4373, 4444];

/** Opens sessions with what the environment has: `kinit`'s tickets, krb5.conf, `KRB5CCNAME`. */
export class Connector {
  readonly client: RemctlClient;
  readonly #host: CommandHost;
  readonly #settings: CommandSettings;
  readonly #debug: TraceListener | undefined;
  #last: Place | undefined;
  #isConnected = false;

  constructor(host: CommandHost, settings: CommandSettings) {
    this.#host = host;
    this.#settings = settings;
    if (settings.service !== undefined) checkPrincipal(settings.service);
    this.#debug = settings.isDebugging ? debugLines(host) : undefined;
    this.client = createClient({
      runtime: host.runtime,
      environment: { ...host.runtime.environment?.(), env: host.env },
      now: host.now,
      onTrace: this.#onTrace,
    });
  }

  /** What the command line says of every connection. */
  get options(): NonNullable<Parameters<RemctlClient["connect"]>[1]> {
    const { service, localAddress, timeoutMs = Number.POSITIVE_INFINITY, allowVersion1, protocol } = this.#settings;
    return {
      localAddress,
      allowVersion1,
      protocol,
      connectTimeoutMs: timeoutMs,
      idleTimeoutMs: timeoutMs,
      // As the server will have it: the C program leaves the limits to it too.
      maxArguments: 0xffff_ffff,
      maxCommandBytes: Number.POSITIVE_INFINITY,
      // As libkrb5 reads it: `a@b` is not a host-based service here.
      ...(service === undefined ? {} : { service: parsePrincipal(service) }),
    };
  }

  /** A session with a server. If nobody is there at all, the error is that of the first place that was tried. */
  async connect(name: string): Promise<RemctlSession> {
    const places = await this.#places(name);
    let first: unknown;
    for (const place of places) {
      try {
        const { host, port, isWhole = false } = place;
        // The dot says so to the resolver; a host that lets us look nothing up may have it in a file without one.
        const name = isWhole && this.#host.runtime.lookUp !== undefined ? `${host}.` : host;
        return await this.client.connect(name, { ...this.options, port });
      } catch (error) {
        // Another place is for a server that is not there, never for one that refuses.
        if (this.#isConnected || !isConnecting(error)) {
          this.#last = place;
          throw error;
        }
        this.#last ??= place;
        first ??= error;
      }
    }
    throw first;
  }

  about(name: string, stage: Stage): About {
    const { port, service } = this.#settings;
    const place = this.#last ?? { host: name, port: port ?? (PORTS[0] as number) };
    return { ...place, service, stage: stage === "connecting" && this.#isConnected ? "opening" : stage };
  }

  close(): void {
    this.client.close();
  }

  readonly #onTrace: TraceListener = (event) => {
    if (event.type === "connect") this.#isConnected = false;
    else if (event.type === "connected") this.#isConnected = true;
    this.#host.onTrace?.(event);
    this.#debug?.(event);
  };

  async #places(name: string): Promise<readonly Place[]> {
    const { port, isBySrv, service } = this.#settings;
    if (isBySrv) {
      const { placesBySrv } = await import("./remctl-srv.ts");
      const found = await placesBySrv(this.#host, name, service !== undefined, this.#onTrace);
      if (found !== undefined)
        return found.map((place) => ({ host: place.host, port: port ?? place.port, isWhole: true }));
    }
    return (port === undefined ? PORTS : [port]).map((one) => ({ host: name, port: one }));
  }
}

function checkPrincipal(text: string): void {
  try {
    parsePrincipal(text);
  } catch (cause) {
    throw new Error(`${contextFailure}, Malformed representation of principal`, { cause });
  }
}

/** Whether nobody was there. */
export function isConnecting(error: unknown): boolean {
  return hasCode(error, "CONNECT", "TIMEOUT");
}

/** Each step as a line of standard error, with the milliseconds since the beginning. */
function debugLines(host: CommandHost): TraceListener {
  const startedAt = host.now();
  return (event: TraceEvent) => {
    const line = `${host.name}: ${String(Math.round(event.at - startedAt)).padStart(5)} ms: ${formatTraceEvent(event)}\n`;
    void host.stderr.write(line).catch(() => {});
  };
}
