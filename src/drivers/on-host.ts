import { type Checks, checkOptions, checkRequired, checkWord } from "../checks/index.ts";
import { type Connection, fitsTimer, onAbort } from "../host/index.ts";
import { asBuffer, detectRuntime, driverStream, driverTls } from "../runtime/index.ts";
import type { Layer } from "../sasl/index.ts";
import {
  authenticateKafka,
  bindLdap,
  checkDriver,
  checkEncryption,
  type GssStreamOptions,
  gssStreamChecks,
  type KafkaJsMechanism,
  type PlatformaticMechanism,
  type SaslDriverOptions,
  saslDriverChecks,
  securePostgres,
  withLength,
  withOwnError,
  withoutLength,
  withSasl,
} from "./index.ts";

/**
 * Makes streams for `pg`: the option `stream` of a `Client` or a `Pool`. The driver logs in by Kerberos, unchanged,
 * and its connections are encrypted with GSSAPI, cancel requests too. Leave `ssl` and `password` out.
 *
 * @param options where tickets come from, and whether connections are encrypted
 * @returns a function that makes a stream (a `Duplex` of Node) that is not connected yet
 * @throws TypeError for options that cannot work: the caller's mistake
 * @example
 * ```ts
 * import { createClient } from "krb5-remctl";
 * import { gssStream } from "krb5-remctl/postgres";
 *
 * const credential = createClient();
 * const settings = { host: "db.example.org", user: "alice", database: "alice", stream: gssStream({ credential }) };
 * ```
 */
export function gssStream<T = unknown>(options: GssStreamOptions): () => T {
  check("gssStream", options);
  return () => driverStream((host, port, signal) => connect("gssStream", [{ host, port }], signal, options)) as T;
}

/**
 * Makes sockets for `postgres` (Postgres.js): it is the option `socket`. As {@link gssStream}. Of several hosts it
 * takes the first that can be connected to, with a ticket for that one. Each has `connect_timeout` seconds.
 *
 * @param options where tickets come from, and whether connections are encrypted
 * @returns a function that connects, and gives the stream (a `Duplex` of Node)
 * @throws TypeError for options that cannot work: the caller's mistake
 * @example
 * ```ts
 * import { createClient } from "krb5-remctl";
 * import { postgresSocket } from "krb5-remctl/postgres";
 *
 * const credential = createClient();
 * const settings = { host: "db.example.org", user: "alice", socket: postgresSocket({ credential }) };
 * ```
 */
export function postgresSocket<T = unknown>(
  options: GssStreamOptions,
): (settings: { readonly host?: unknown; readonly port?: unknown; readonly connect_timeout?: unknown }) => Promise<T> {
  check("postgresSocket", options);
  return (settings) =>
    new Promise((resolve, reject) => {
      const places = placesOf(settings);
      const limitMs = limitOf(settings.connect_timeout);
      const stream = driverStream((_host, _port, signal) =>
        connect("postgresSocket", places, signal, options, limitMs),
      );
      // Postgres.js counts from when it has the socket: the connection and the login of before are bounded here.
      const giveUp = (): void => stream.destroy(tooLate(places, limitMs));
      const wholeMs = (limitMs ?? Number.POSITIVE_INFINITY) * places.length;
      const timer = fitsTimer(wholeMs) ? setTimeout(giveUp, wholeMs) : undefined;
      const fail = (error: Error): void => {
        clearTimeout(timer);
        reject(error);
      };
      stream.once("error", fail);
      stream.once("connect", () => {
        clearTimeout(timer);
        stream.off("error", fail);
        resolve(stream as T);
      });
      stream.connect(0);
    });
}

/**
 * Makes the option `sasl` of kafkajs: SASL GSSAPI, with a ticket for each broker (`kafka/HOST`, by the name that the
 * cluster advertises). Use it with the option `ssl`: Kafka has no security layers.
 *
 * @param options where tickets come from
 * @returns the option's value
 * @throws TypeError for options that cannot work: the caller's mistake
 * @example
 * ```ts
 * import { createClient } from "krb5-remctl";
 * import { kafkajs } from "krb5-remctl/drivers";
 *
 * const settings = { brokers: ["b1.example.org:9093"], ssl: true, sasl: kafkajs({ credential: createClient() }) };
 * ```
 */
export function kafkajs(options: SaslDriverOptions): KafkaJsMechanism {
  checkDriver("kafkajs", options, saslDriverChecks);
  return {
    mechanism: "GSSAPI",
    authenticationProvider: ({ host, saslAuthenticate }) => ({
      authenticate: () =>
        logInKafka(options, host, async (octets) => {
          const request = { encode: () => asBuffer(withLength(octets)) };
          const response = { decode: withoutLength, parse: (parsed: Uint8Array) => parsed };
          return ((await saslAuthenticate({ request, response })) as Uint8Array | undefined) ?? new Uint8Array(0);
        }),
    }),
  };
}

/**
 * Makes the option `sasl` of `@platformatic/kafka`: as {@link kafkajs}. Use it with the option `tls`.
 *
 * @param options where tickets come from
 * @returns the option's value
 * @throws TypeError for options that cannot work: the caller's mistake
 * @example
 * ```ts
 * import { createClient } from "krb5-remctl";
 * import { platformaticKafka } from "krb5-remctl/drivers";
 *
 * const sasl = platformaticKafka({ credential: createClient() });
 * const settings = { clientId: "app", bootstrapBrokers: ["b1.example.org:9093"], tls: {}, sasl };
 * ```
 */
export function platformaticKafka(options: SaslDriverOptions): PlatformaticMechanism {
  checkDriver("platformaticKafka", options, saslDriverChecks);
  return {
    mechanism: "GSSAPI",
    authenticate(_mechanism, connection, send, _username, _password, _token, callback) {
      let last: unknown;
      // Asynchronous, so that a broker without a name fails this login, and nothing is thrown into the driver.
      const sasl = async (): Promise<void> =>
        logInKafka(options, connection.host ?? "", (octets) => {
          return new Promise((resolve, reject) => {
            send(connection as never, asBuffer(octets) as never, (error, answer) => {
              last = answer;
              if (error) reject(error);
              else resolve(new Uint8Array(answer.authBytes));
            });
          });
        });
      sasl().then(
        () => callback(null, last as never),
        (error: Error) => callback(error),
      );
    },
  };
}

function logInKafka(
  options: SaslDriverOptions,
  host: string,
  send: (octets: Uint8Array) => Promise<Uint8Array>,
): Promise<void> {
  return withSasl(options, "kafka", host, { layers: ["none"] }, (sasl) => authenticateKafka(sasl, send));
}

/** Options for {@link ldapSocket}. */
export interface LdapSocketOptions extends SaslDriverOptions {
  /** Whether what follows the login is encrypted or signed without TLS. Default `"confidentiality"`. */
  readonly layer?: Layer | undefined;
}

const ldapChecks: Checks<LdapSocketOptions> = {
  ...saslDriverChecks,
  layer: [checkWord, "none", "integrity", "confidentiality"],
};

/**
 * Makes sockets for ldapts: it is the option `createConnection`, and `createSecureConnection` for `ldaps:`. The stream
 * binds with SASL GSSAPI before the driver hears that it is connected, each time that it connects; what follows is
 * encrypted by Kerberos, or by TLS. The driver's own `bind` is not called.
 *
 * @param options where tickets come from, and what protects the octets
 * @returns a function that connects and gives the stream (a `Duplex` of Node)
 * @throws TypeError for options that cannot work: the caller's mistake
 * @example
 * ```ts
 * import { createClient } from "krb5-remctl";
 * import { ldapSocket } from "krb5-remctl/drivers";
 *
 * const createConnection = ldapSocket({ credential: createClient() });
 * const settings = { url: "ldap://ldap.example.org", createConnection };
 * ```
 */
export function ldapSocket<T = never>(
  options: LdapSocketOptions,
): (port: unknown, host?: unknown, tlsOptions?: unknown) => T {
  checkDriver("ldapSocket", options, ldapChecks);
  const { layer = "confidentiality", ...rest } = options;
  return (port, host = "localhost", tlsOptions) => {
    const isTls = typeof tlsOptions === "object" && tlsOptions !== null;
    const stream = driverStream((name, number, signal) =>
      connectAs("ldapSocket", [{ host: name, port: number }], signal, async (raw) => {
        const within = isTls ? await driverTls(raw, name, tlsOptions) : raw;
        const protection = isTls ? ({ tls: true } as const) : { layers: [layer] };
        return await withSasl(rest, "ldap", name, protection, (sasl) => bindLdap(within, sasl, isTls));
      }),
    );
    // `createSecureConnection` waits for the other name of the same.
    stream.once("connect", () => stream.emit("secureConnect"));
    return stream.connect(Number(port), String(host)) as unknown as T;
  };
}

function check(of: string, options: GssStreamOptions): void {
  checkOptions(of, options, gssStreamChecks);
  checkRequired(options, gssStreamChecks, "credential");
  checkEncryption(options);
}

/** A host and its port. */
interface Place {
  readonly host: string;
  readonly port: number;
}

/** Postgres.js has lists of hosts and ports, of the same length. */
function placesOf(settings: { readonly host?: unknown; readonly port?: unknown }): readonly Place[] {
  const [hosts, ports] = [settings.host ?? "localhost", settings.port ?? 5432].map((value) => [value].flat());
  return (hosts as unknown[]).map((host, i) => ({ host: String(host), port: Number(ports?.[i] ?? ports?.[0]) }));
}

/** `connect_timeout` of Postgres.js: seconds, or a function that gives them. 0 or nothing: no limit. */
function limitOf(value: unknown): number | undefined {
  const seconds = Number((typeof value === "function" ? value() : value) ?? 0);
  return seconds > 0 && fitsTimer(seconds * 1000) ? seconds * 1000 : undefined;
}

/** The error of a time that is over, with the code of Postgres.js. */
function tooLate(places: readonly Place[], limitMs = 0): Error {
  const names = places.map(({ host, port }) => `${host}:${port}`).join(", ");
  const what = `the connection to ${names} and its login took longer than ${limitMs / 1000} s`;
  return Object.assign(new Error(`${what}: check that PostgreSQL answers there, or raise connect_timeout`), {
    code: "CONNECT_TIMEOUT",
  });
}

function connect(
  of: string,
  places: readonly Place[],
  signal: AbortSignal,
  options: GssStreamOptions,
  limitMs?: number,
): Promise<Connection> {
  return connectAs(of, places, signal, (raw, host) => securePostgres(raw, host, options, driverTls), limitMs);
}

/** Connects to the first place that can be; gives what `secure` makes of the connection, which ends if that fails. */
async function connectAs(
  of: string,
  places: readonly Place[],
  signal: AbortSignal,
  secure: (raw: Connection, host: string) => Promise<Connection>,
  limitMs?: number,
): Promise<Connection> {
  const { raw, host } = await reach(of, places, signal, limitMs);
  const release = onAbort(signal, () => raw.abort());
  try {
    return await withOwnError(() => secure(raw, host));
  } catch (error) {
    raw.abort();
    throw error;
  } finally {
    release();
  }
}

/** As libpq: another host is tried where none can be connected to, and not after one has refused the login. */
async function reach(of: string, places: readonly Place[], signal: AbortSignal, limitMs?: number) {
  const runtime = detectRuntime();
  if (runtime.connectTcp === undefined) throw new TypeError(`this host has no TCP: ${of} is for Node, Deno and Bun`);
  const failures: Error[] = [];
  for (const { host, port } of places) {
    const limit = limitMs === undefined ? undefined : AbortSignal.timeout(limitMs);
    try {
      const either = limit === undefined ? signal : AbortSignal.any([signal, limit]);
      return { raw: await runtime.connectTcp(host, port, { signal: either }), host };
    } catch (error) {
      signal.throwIfAborted();
      failures.push(limit?.aborted === true ? tooLate([{ host, port }], limitMs) : (error as Error));
    }
  }
  const [only, ...more] = failures;
  if (more.length === 0) throw only;
  const { code } = only as { readonly code?: string };
  throw Object.assign(new AggregateError(failures, failures.map(({ message }) => message).join("; ")), { code });
}
