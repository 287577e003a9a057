import { type Checks, checkOptions, checkRequired, checkWord } from "../checks/index.ts";
import { type Connection, onAbort } from "../host/index.ts";
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
  saslOf,
  securePostgres,
  withLength,
  withOwnError,
  withoutLength,
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
  return () => driverStream((host, port, signal) => connect(host, port, signal, options)) as T;
}

/**
 * Makes sockets for `postgres` (Postgres.js): it is the option `socket`. As {@link gssStream}.
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
): (settings: { readonly host?: unknown; readonly port?: unknown }) => Promise<T> {
  check("postgresSocket", options);
  return (settings) =>
    new Promise((resolve, reject) => {
      const stream = driverStream((host, port, signal) => connect(host, port, signal, options));
      stream.once("error", reject);
      stream.once("connect", () => {
        stream.off("error", reject);
        resolve(stream as T);
      });
      stream.connect(Number(first(settings.port) ?? 5432), String(first(settings.host) ?? "localhost"));
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
        authenticateKafka(saslOf(options, "kafka", host, { layers: ["none"] }), async (octets) => {
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
        authenticateKafka(saslOf(options, "kafka", connection.host ?? "", { layers: ["none"] }), (octets) => {
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
      connectAs("ldapSocket", name, number, signal, async (raw) => {
        const within = isTls ? await driverTls(raw, name, tlsOptions) : raw;
        const sasl = saslOf(rest, "ldap", name, isTls ? { tls: true } : { layers: [layer] });
        return await bindLdap(within, sasl, isTls);
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

/** Postgres.js has lists of hosts and ports. */
function first(value: unknown): unknown {
  return Array.isArray(value) ? value[0] : value;
}

function connect(host: string, port: number, signal: AbortSignal, options: GssStreamOptions): Promise<Connection> {
  return connectAs("gssStream", host, port, signal, (raw) => securePostgres(raw, host, options, driverTls));
}

/** Connects, and gives what `secure` makes of the connection, which ends if that fails. */
async function connectAs(
  of: string,
  host: string,
  port: number,
  signal: AbortSignal,
  secure: (raw: Connection) => Promise<Connection>,
): Promise<Connection> {
  const runtime = detectRuntime();
  if (runtime.connectTcp === undefined) throw new TypeError(`this host has no TCP: ${of} is for Node, Deno and Bun`);
  const raw = await runtime.connectTcp(host, port, { signal });
  const release = onAbort(signal, () => raw.abort());
  try {
    return await withOwnError(() => secure(raw));
  } catch (error) {
    raw.abort();
    throw error;
  } finally {
    release();
  }
}
