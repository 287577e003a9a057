import { type Attempt, DecodeError, hasCode, isKerberosError, TransportError, UnsupportedError } from "../../errors.ts";
import { withDeadline } from "../../host/index.ts";
import { DNS_RCODE } from "../../iana/index.ts";
import type { Trace } from "../../trace.ts";
import type { SearchOptions } from "../types.ts";
import { type DnsAnswer, type Reading, readAnswer } from "./answer.ts";
import { askByDatagram } from "./ask-datagram.ts";
import { askByHttps } from "./ask-https.ts";
import { askByStream } from "./ask-stream.ts";
import { ExpiringCache } from "./cache.ts";
import { type DnsQuery, type DnsResponse, encodeQuery } from "./message.ts";
import type { RecordType } from "./records.ts";
import { type ResolvConf, readResolvConf } from "./resolv-conf.ts";
import { type DnsHost, type DnsServer, formatServer } from "./server.ts";

/** Options for {@link createResolver}. */
export interface ResolverOptions extends DnsHost {
  /** Resolvers that the user names; undefined: the system's. */
  readonly servers: readonly DnsServer[] | undefined;
  readonly trace: Trace;
  readonly now: () => number;
}

/** A stub resolver. */
export interface Resolver {
  /**
   * The records of a name: an answer without records is an answer. Throws TransportError `DNS` with every
   * resolver that was asked, `ABORTED`, or `UNSUPPORTED_BY_RUNTIME`.
   */
  query<T extends RecordType>(name: string, type: T, options?: SearchOptions): Promise<DnsAnswer<T>>;
}

/** Aliases that one response leaves open and that are asked for. */
const maxFollowUps = 4;
/** A resolver that does not answer is not asked the same again at once (RFC 2308 section 7). */
const failureRestMs = 5000;
/** How long what the system's files say is believed. */
const systemRestMs = 60_000;
const named: Omit<ResolvConf, "servers"> = { timeoutMs: 3000, attempts: 2 };

/**
 * Makes a {@link Resolver}: answers are kept for as long as they say, failures for five seconds. Values are kept, never
 * promises.
 */
export function createResolver(options: ResolverOptions): Resolver {
  return new StubResolver(options);
}

class StubResolver implements Resolver {
  readonly #options: ResolverOptions;
  readonly #answers = new ExpiringCache<DnsAnswer | readonly Attempt[]>();
  #system: { readonly conf: ResolvConf; readonly untilMs: number } | undefined;
  /** The resolver that answered last: it comes first. */
  #preferred: string | undefined;

  constructor(options: ResolverOptions) {
    this.#options = options;
  }

  async query<T extends RecordType>(
    name: string,
    type: T,
    { signal, trace = this.#options.trace }: SearchOptions = {},
  ): Promise<DnsAnswer<T>> {
    const { now } = this.#options;
    const wanted = name.replace(/\.$/, "").toLowerCase();
    const key = `${type} ${wanted}`;
    const kept = this.#answers.get(key, now());
    if (kept !== undefined && "records" in kept) return kept as DnsAnswer<T>;
    if (kept !== undefined) throw noAnswer(wanted, type, kept);
    try {
      const answer = await this.#resolve(wanted, type, signal);
      this.#answers.set(key, answer, now() + answer.ttlSeconds * 1000);
      trace({ type: "dns", name: wanted, record: type.toUpperCase(), records: answer.records.length });
      return answer;
    } catch (error) {
      if (hasCode(error, "DNS")) {
        this.#answers.set(key, error.attempts, now() + failureRestMs);
        trace({ type: "note", text: error.message });
      }
      throw error;
    }
  }

  async #resolve<T extends RecordType>(name: string, type: T, signal: AbortSignal | undefined): Promise<DnsAnswer<T>> {
    let ask = name;
    let ttlSeconds = Number.POSITIVE_INFINITY;
    let reading: Reading<T> | undefined;
    for (let asked = 0; asked <= maxFollowUps; asked++) {
      const response = await this.#ask(ask, type, signal);
      reading = response === undefined ? noRecords(ask) : readAnswer(response, ask, type);
      ttlSeconds = Math.min(ttlSeconds, reading.ttlSeconds);
      if (reading.alias === undefined) {
        return { records: reading.records, canonicalName: reading.canonicalName, ttlSeconds };
      }
      ask = reading.alias;
    }
    return noRecords(name);
  }

  /** Undefined for text that is not a DNS name: no query is sent for it. */
  async #ask(name: string, type: RecordType, signal: AbortSignal | undefined): Promise<DnsResponse | undefined> {
    if (encodeQuery({ name, type, id: 0 }) === undefined) return undefined;
    const { servers, timeoutMs, attempts } = await this.#conf();
    const isPreferred = (server: DnsServer): boolean => formatServer(server) === this.#preferred;
    const order = [...servers.filter(isPreferred), ...servers.filter((server) => !isPreferred(server))];
    const failed: Attempt[] = [];
    for (let round = 0; round < attempts; round++) {
      for (const server of order) {
        const endpoint = formatServer(server);
        const what = `asking ${endpoint} for ${name}`;
        try {
          const response = await withDeadline((inner) => this.#askServer(server, name, type, inner), {
            timeoutMs,
            signal,
            what,
          });
          if (response.rcode === DNS_RCODE.noError || response.rcode === DNS_RCODE.nxDomain) {
            this.#preferred = endpoint;
            return response;
          }
          failed.push({ endpoint, reason: rcodeText(response.rcode) });
        } catch (error) {
          if (isKerberosError(error) && (error.code === "ABORTED" || error.code === "UNSUPPORTED_BY_RUNTIME")) {
            throw error;
          }
          failed.push({ endpoint, reason: reasonOf(error, timeoutMs) });
        }
      }
    }
    throw noAnswer(name, type, failed);
  }

  async #askServer(server: DnsServer, name: string, type: RecordType, signal: AbortSignal): Promise<DnsResponse> {
    const response = await this.#exchange(server, { name, type }, signal);
    if (response.rcode !== DNS_RCODE.formErr) return response;
    // RFC 6891 section 7: what a server from before EDNS says of it.
    return await this.#exchange(server, { name, type, isPlain: true }, signal);
  }

  async #exchange(server: DnsServer, asked: Omit<DnsQuery, "id">, signal: AbortSignal): Promise<DnsResponse> {
    const { runtime, servers, fetch } = this.#options;
    // The user's own way in leads to a resolver that the user named; the system's is reached as the system does.
    const dial = servers === undefined ? undefined : this.#options.dial;
    const host: DnsHost = { runtime, dial, fetch };
    // RFC 8484 section 4.1: one id for all, so that caches on the way work; TLS says whose answer it is.
    const query: DnsQuery = { ...asked, id: server.kind === "https" ? 0 : randomId() };
    const octets = encodeQuery(query) as Uint8Array;
    if (server.kind === "https") {
      need(fetch ?? runtime.fetch, `the "${runtime.name}" runtime has no fetch: give "fetch"`);
      return await askByHttps(server, query, octets, host, signal);
    }
    const hasStream = dial !== undefined || runtime.connectTcp !== undefined;
    if (dial === undefined && runtime.connectUdp !== undefined) {
      try {
        const response = await askByDatagram(server, query, octets, host, signal);
        if (!response.isTruncated || !hasStream) return usable(response);
      } catch (error) {
        // A datagram that could not be sent (a permission, a host that has UDP in name only) leaves TCP; silence does
        // not.
        if (!hasStream || signal.aborted || isKerberosError(error)) throw error;
      }
    }
    need(
      hasStream || undefined,
      `the "${runtime.name}" runtime has neither UDP nor TCP: name a resolver by its https:// URL in "dns"`,
    );
    return usable(await askByStream(server, query, octets, host, signal));
  }

  async #conf(): Promise<ResolvConf> {
    const { servers, runtime, now } = this.#options;
    if (servers !== undefined) return { ...named, servers };
    if (this.#system === undefined || now() >= this.#system.untilMs) {
      const conf = await readResolvConf(runtime);
      if (conf === undefined) {
        throw new UnsupportedError(
          `the "${runtime.name}" runtime does not say which resolvers to ask (it has no readable /etc/resolv.conf): name one in the option \`dns\`, by its address or as https://host/dns-query`,
        );
      }
      this.#system = { conf, untilMs: now() + systemRestMs };
    }
    return this.#system.conf;
  }
}

function noRecords<T extends RecordType>(name: string): Reading<T> {
  return { records: [], canonicalName: name, ttlSeconds: failureRestMs / 1000, alias: undefined };
}

function noAnswer(name: string, type: RecordType, attempts: readonly Attempt[]): TransportError {
  const cure = "look at /etc/resolv.conf, or name the KDC in krb5.conf or by `kdc`";
  const message = `no resolver answered for the ${type.toUpperCase()} records of ${name} (${cure})`;
  return new TransportError("DNS", message, attempts);
}

function usable(response: DnsResponse): DnsResponse {
  const { isTruncated } = response;
  if (isTruncated) throw new DecodeError("the answer is truncated, over TCP too", 0, "DNS message");
  return response;
}

function need(value: unknown, message: string): void {
  if (value === undefined) throw new UnsupportedError(message);
}

/** 16 bits that an attacker who does not see the query cannot guess (RFC 5452). */
function randomId(): number {
  return globalThis.crypto.getRandomValues(new Uint16Array(1))[0] as number;
}

function rcodeText(rcode: number): string {
  const names: Readonly<Record<number, string>> = { 1: "FORMERR", 2: "SERVFAIL", 4: "NOTIMP", 5: "REFUSED" };
  return `it answers ${names[rcode] ?? `with code ${rcode}`}`;
}

function reasonOf(error: unknown, timeoutMs: number): string {
  if (isKerberosError(error)) return error.code === "TIMEOUT" ? `no answer within ${timeoutMs} ms` : error.message;
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
