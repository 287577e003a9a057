import { checkList, checkOctets, checkOptions, checkText, refuse } from "../checks/index.ts";
import { encodeCcacheFile, encodeKeytab } from "../credentials/index.ts";
import type { CryptoProvider } from "../crypto/index.ts";
import { TransportError, UnsupportedError } from "../errors.ts";
import {
  abortedError,
  type ByteStream,
  connectionOf,
  createStreamPair,
  type Listener,
  type Runtime,
  signalOf,
} from "../host/index.ts";
import { type Principal, principal } from "../krb5/index.ts";
import { awaitDelivery } from "./await-delivery.ts";
import {
  checkKerberosDate,
  checkPolicy,
  currentKeys,
  type Fault,
  type FaultHandle,
  hostsOf,
  type Issued,
  issueTicket,
  issueWithKey,
  type KdcState,
  nameTypeOf,
  type PolicyChange,
  type PrincipalChange,
  parseComponents,
  pem,
  saidOf,
  TestKdc,
  type TestPrincipalOptions,
  trustEachOther,
  validityFrom,
} from "./kdc/index.ts";
import { formatKrb5Conf, type Krb5ConfOptions, type RealmAddress } from "./krb5-conf.ts";
import {
  type CcacheOptions,
  ccacheChecks,
  certificateChecks,
  exchangeChecks,
  handleChecks,
  keytabChecks,
  krb5ConfChecks,
  listenChecks,
  passwordChecks,
  type TestCertificateOptions,
} from "./option-checks.ts";
import { serveDatagram, serveStream } from "./serve.ts";

/** What the entry file gives beside the caller's options. */
export interface RealmHost {
  readonly runtime: Runtime;
  readonly provider: CryptoProvider;
}

/**
 * A realm for tests: a KDC, its principals and the ways to reach it. Keys are in memory only. Made by
 * `createTestRealm`.
 */
export class TestRealm {
  /** The realm's name. */
  readonly realm: string;
  readonly #state: KdcState;
  readonly #kdc: TestKdc;
  readonly #host: RealmHost;
  readonly #trusted = new Set<TestRealm>();
  readonly #timers = new Map<ReturnType<typeof setTimeout>, () => void>();
  readonly #connections = new Set<{ abort(): void }>();
  #closing: AbortController = new AbortController();
  #listeners: Listener[] = [];
  #port: number | undefined;

  /** {@link createTestRealm} makes one. */
  constructor(state: KdcState, host: RealmHost) {
    this.realm = state.realm;
    this.#state = state;
    this.#host = host;
    this.#kdc = new TestKdc(state);
  }

  /**
   * Answers one request, whatever its octets. It does no I/O and does not wait.
   *
   * @param request the request without framing
   * @param context how the request came: over UDP a large answer becomes KRB_ERR_RESPONSE_TOO_BIG
   * @returns the answer without framing; undefined where a KDC says nothing
   * @throws TypeError for a request that is not octets, or a context that is not one: the caller's mistake
   */
  handle(
    request: Uint8Array,
    context: { readonly transport: "tcp" | "udp" } = { transport: "tcp" },
  ): Uint8Array | undefined {
    checkOctets("request", request);
    checkOptions("realm.handle", context, handleChecks);
    return this.#kdc.handle(request, context);
  }

  /**
   * Where the KDC is, for a client's `kdc` option: loopback addresses after {@link TestRealm.listen}; before, a name
   * that only {@link TestRealm.dial} knows.
   */
  get kdc(): string[] {
    if (this.#port === undefined) return [`tcp://${this.#memoryHost}:88`];
    return [`tcp://127.0.0.1:${this.#port}`, `udp://127.0.0.1:${this.#port}`];
  }

  /**
   * Listens on loopback, TCP and UDP on one port.
   *
   * @param options `port`: 0, the default, takes a free one
   * @throws KerberosError `UNSUPPORTED_BY_RUNTIME` where the host cannot listen: there, use {@link TestRealm.dial}
   */
  async listen(options: { readonly port?: number | undefined } = {}): Promise<void> {
    checkOptions("realm.listen", options, listenChecks);
    const { runtime } = this.#host;
    const { listenTcp, listenUdp } = runtime;
    if (listenTcp === undefined || listenUdp === undefined) {
      throw new UnsupportedError(`${runtime.name} cannot listen: give the client realm.dial instead`);
    }
    if (this.#port !== undefined) throw new TypeError("the realm listens already: use its kdc");
    const host = "127.0.0.1";
    const sleep = (ms: number): Promise<void> => this.#sleep(ms);
    for (let attempt = 1; ; attempt++) {
      const tcp = await listenTcp({ host, port: options.port ?? 0 }, (connection) => this.#serve(connection));
      try {
        const udp = await listenUdp({ host, port: tcp.port }, (datagram, reply) => {
          serveDatagram(datagram, reply, this.#kdc, sleep).catch(() => {});
        });
        this.#listeners = [tcp, udp];
        this.#port = tcp.port;
        return;
      } catch (error) {
        // Somebody has the UDP port of that number: another number then, unless the caller wants this one.
        await tcp.close();
        if (options.port !== undefined || attempt === 10) throw error;
      }
    }
  }

  /** Stops listening, ends connections and forgets all keys. */
  async close(): Promise<void> {
    for (const [timer, done] of this.#timers) {
      clearTimeout(timer);
      done();
    }
    this.#timers.clear();
    this.#closing.abort();
    this.#closing = new AbortController();
    const listeners = this.#listeners;
    this.#listeners = [];
    this.#port = undefined;
    for (const connection of this.#connections) connection.abort();
    await Promise.all(listeners.map((listener) => listener.close()));
    this.#state.database.wipe();
  }

  /** Closes the realm at the end of an `await using`; see {@link TestRealm.close}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /**
   * Connects to the KDC without a socket: a client's `dial` option. A host that is the KDC of a realm that trusts this
   * one leads there, every other name to this realm.
   */
  readonly dial = (
    host: string,
    port: number,
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): ByteStream => {
    signalOf(options)?.throwIfAborted();
    const [client, server] = createStreamPair();
    const target = this.#reachable().find((realm) => realm.#isAt(host, port)) ?? this;
    target.#serve(connectionOf(server));
    return client;
  };

  /**
   * Asks KDCs without sockets or framing, like the client's own transport: this realm's, or one's that trusts it.
   * Throws TransportError: `KDC_UNREACHABLE` for another realm, `ABORTED`, and `CONNECTION_CLOSED` by a fault or by
   * {@link TestRealm.close}.
   */
  readonly transport: {
    exchange(realm: string, request: Uint8Array, options?: { readonly signal?: AbortSignal }): Promise<Uint8Array>;
  } = {
    exchange: async (name, request, options = {}) => {
      checkOptions("realm.transport.exchange", options, exchangeChecks);
      const { signal } = options;
      const target = this.#reachable().find(({ realm }) => realm === name);
      if (target === undefined) {
        throw new TransportError("KDC_UNREACHABLE", `${this.realm} knows no realm ${name}`);
      }
      return target.#ask(request, signal);
    },
  };

  /**
   * Adds a principal, or takes the place of one. The keys of a password are made here.
   *
   * @param name the name without the realm, for example `alice` or `host/localhost`
   * @param options its password or none, and its policy
   * @throws TypeError or RangeError for options that make no principal, and for a name that is another's: the caller's
   *   mistake
   */
  async addPrincipal(name: string, options: TestPrincipalOptions = {}): Promise<void> {
    await this.#state.database.add(name, options);
  }

  /**
   * Changes what the KDC knows of a principal, except its keys. New aliases replace the old ones. Failures are
   * forgotten.
   *
   * @param name the name without the realm
   * @param options what is to change
   * @throws RangeError for an unknown name, TypeError for an alias that is another's name: the caller's mistakes
   */
  changePrincipal(name: string, options: PrincipalChange): void {
    const entry = this.#state.database.get(name);
    this.#state.database.change(entry, options);
  }

  /**
   * Removes a principal with its keys; tickets that it has stay good.
   *
   * @param name the name without the realm
   */
  removePrincipal(name: string): void {
    this.#state.database.remove(name);
  }

  /**
   * Sets a new password under the next key version. An expiry that has passed was the old password's, and ends with it.
   *
   * @param name the name without the realm
   * @param password the new password
   * @param options `passwordExpires`: when this one expires
   */
  async setPassword(
    name: string,
    password: string,
    options: { readonly passwordExpires?: Date | undefined } = {},
  ): Promise<void> {
    checkOptions("realm.setPassword", options, passwordChecks);
    await this.#state.database.setPassword(this.#state.database.get(name), password, options.passwordExpires);
  }

  /**
   * Makes new random keys under the next version, like `ktadd` of `kadmin`; a keytab from before does not have them.
   *
   * @param name the name without the realm
   */
  rotateKey(name: string): void {
    this.#state.database.rotate(this.#state.database.get(name));
  }

  /**
   * Changes the KDC's policy from the next request on. The enctypes stay, and what is known of pre-authentication.
   *
   * @param policy what is to change
   * @throws TypeError or RangeError for a value that is not one: the caller's mistake
   */
  setPolicy(policy: Omit<PolicyChange, "enctypes" | "preauth">): void {
    checkPolicy(policy);
    const { policy: before } = this.#state;
    const after = { ...before, ...saidOf(policy) };
    const shiftMs = (after.clockOffsetSeconds - before.clockOffsetSeconds) * 1000;
    checkKerberosDate("the realm's clock", new Date(this.#state.now().getTime() + shiftMs));
    this.#state.policy = after;
  }

  /**
   * Shares keys with another realm, both ways: tickets of each get tickets of the other (RFC 4120 section 1.2).
   * Services and clients of realms on the way are found by referrals (RFC 6806).
   *
   * @param other a realm made by {@link createTestRealm}
   */
  trust(other: TestRealm): void {
    if (!(other instanceof TestRealm)) refuse("other", other, "a realm made by createTestRealm");
    trustEachOther(this.#state, other.#state);
    this.#trusted.add(other);
    other.#trusted.add(this);
  }

  /**
   * Does one thing wrong from now on, and everything else right and under the right key.
   *
   * @param fault what goes wrong, in which message, and how often
   * @returns a handle that counts the fault and ends it
   * @throws TypeError or RangeError for a fault that could never happen: the caller's mistake
   * @example
   * ```ts
   * import { createTestRealm } from "krb5-remctl/testing";
   *
   * const realm = await createTestRealm({ realm: "TEST.EXAMPLE", principals: { alice: { password: "secret" } } });
   * const fault = realm.fault({ on: "as-rep", name: "wrong-nonce", count: 1 });
   * ```
   */
  fault(fault: Fault): FaultHandle {
    return this.#kdc.faults.add(fault);
  }

  /** Ends all faults. */
  clearFaults(): void {
    this.#kdc.faults.clear();
  }

  /**
   * Makes a keytab file (version 2) of principals.
   *
   * @param names one name or several, without the realm
   * @param options `history`: also the older keys
   * @returns the octets of the file
   */
  keytab(
    names: string | readonly string[],
    options: {
      /** With the keys of before. */
      readonly history?: boolean | undefined;
    } = {},
  ): Uint8Array {
    checkOptions("realm.keytab", options, keytabChecks);
    const list = typeof names === "string" ? [names] : names;
    checkList("names", list, checkText);
    const entries = list.flatMap((name) => {
      const entry = this.#state.database.get(name);
      const keys = options.history === true ? entry.keys : currentKeys(entry);
      const { components } = entry;
      const principal = { realm: this.realm, nameType: nameTypeOf(components), components };
      return keys.map(({ kvno, etype, key, made }) => ({
        principal,
        timestamp: made,
        kvno,
        keyBlock: { etype, octets: key.octets },
      }));
    });
    return encodeKeytab(entries);
  }

  /**
   * The certificate of the realm's authority in PEM: what a client knows the KDC by in PKINIT.
   *
   * @throws TypeError in a realm without PKINIT: the caller's mistake
   */
  get anchors(): string {
    return pem("CERTIFICATE", this.#authority("realm.anchors").certificate);
  }

  /**
   * Issues a certificate to a client of this realm, with a new key (RFC 4556 section 3.2.2).
   *
   * @param client the name without the realm
   * @param options what the certificate says
   * @returns certificate, key (PKCS#8) and the realm's authority in PEM: what `certificate()` of the clients takes
   * @throws TypeError in a realm without PKINIT, RangeError for an unknown client: the caller's mistakes
   */
  async certificate(
    client: string,
    options: TestCertificateOptions = {},
  ): Promise<{ readonly certificate: string; readonly key: string; readonly anchors: string }> {
    checkOptions("realm.certificate", options, certificateChecks);
    const authority = this.#authority("realm.certificate");
    const { encTypes, groups = [] } = this.#state;
    const { components } = this.#state.database.get(client);
    const { algorithm = "EC", names = [client], isForClients = true } = options;
    const usual = validityFrom(this.#state.now());
    const { notBefore = usual.notBefore, notAfter = usual.notAfter } = options;
    const certified = names.map((name) => {
      const nameString = parseComponents(name, this.realm);
      return { realm: this.realm, nameType: nameTypeOf(nameString), nameString };
    });
    const issued = await issueWithKey({ provider: encTypes.provider, groups }, authority, {
      algorithm,
      subject: components.join("/"),
      names: certified,
      usage: isForClients ? "clientUsage" : undefined,
      notBefore,
      notAfter,
    });
    return { ...issued, anchors: this.anchors };
  }

  #authority(name: string): NonNullable<KdcState["pkinit"]>["authority"] {
    const { pkinit } = this.#state;
    if (pkinit !== undefined) return pkinit.authority;
    throw new TypeError(`${name} is of realms with PKINIT: give createTestRealm preauth: ["pkinit"]`);
  }

  /**
   * Makes a FILE credential cache (version 4) with a ticket-granting ticket, as after a login, and tickets for services
   * of this realm. No request is made and no password asked.
   *
   * @param client the name without the realm
   * @param options services, lifetimes and flags
   * @returns the octets of the file
   * @throws RangeError for an unknown client or service, and for a life that ends before it begins: the caller's
   *   mistakes
   */
  ccache(client: string, options: CcacheOptions = {}): Uint8Array {
    checkOptions("realm.ccache", options, ccacheChecks);
    const { services = [], ...rest } = options;
    const issued = [`krbtgt/${this.realm}`, ...services].map((name) => issueTicket(this.#state, client, name, rest));
    const toPrincipal = ({ nameType, nameString }: Issued["clientName"]): Principal =>
      principal(this.realm, nameString, nameType);
    const credentials = issued.map(({ clientName, part, ticket }) => ({
      client: toPrincipal(clientName),
      server: toPrincipal(part.sname),
      key: { etype: part.key.keytype, octets: part.key.keyvalue },
      authTime: part.authtime,
      startTime: part.starttime ?? part.authtime,
      endTime: part.endtime,
      ...(part.renewTill === undefined ? {} : { renewTill: part.renewTill }),
      isSkey: false,
      flags: part.flags,
      addresses: [],
      authData: [],
      ticket,
      secondTicket: new Uint8Array(0),
    }));
    return encodeCcacheFile({
      principal: principal(this.realm, this.#state.database.get(client).components),
      credentials,
    });
  }

  /**
   * Writes a krb5.conf for native tools that knows this realm and those that trust it. It needs {@link
   * TestRealm.listen} first.
   *
   * @param options whose tools they are, and which transport
   * @returns the text of the file
   */
  krb5Conf(options: Krb5ConfOptions = {}): string {
    checkOptions("realm.krb5Conf", options, krb5ConfChecks);
    return formatKrb5Conf(
      this.#reachable().map((realm) => realm.#address()),
      options,
    );
  }

  get #memoryHost(): string {
    return `kdc.${this.realm.toLowerCase()}`;
  }

  #address(): RealmAddress {
    const address = this.#port === undefined ? `${this.#memoryHost}:88` : `127.0.0.1:${this.#port}`;
    return { realm: this.realm, address, hosts: hostsOf(this.#state.database.entries) };
  }

  #isAt(host: string, port: number): boolean {
    return host === this.#memoryHost || (this.#port !== undefined && host === "127.0.0.1" && port === this.#port);
  }

  /** This realm first. */
  #reachable(): TestRealm[] {
    const seen = new Set<TestRealm>([this]);
    for (const realm of seen) for (const other of realm.#trusted) seen.add(other);
    return [...seen];
  }

  #serve(connection: ReturnType<typeof connectionOf>): void {
    this.#connections.add(connection);
    serveStream(connection, this.#kdc, (ms) => this.#sleep(ms)).finally(() => this.#connections.delete(connection));
  }

  async #ask(request: Uint8Array, signal: AbortSignal | undefined): Promise<Uint8Array> {
    const { realm } = this;
    // Before the KDC has the request, or a fault would have been for nothing.
    if (signal?.aborted === true) throw abortedError(`asking the test KDC of ${realm}`, signal);
    const delivery = this.#kdc.deliver(request, { transport: "tcp" });
    const closing = this.#closing.signal;
    return awaitDelivery(delivery, { realm, signal, closing, sleep: (ms) => this.#sleep(ms) });
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#timers.delete(timer);
        resolve();
      }, ms);
      this.#timers.set(timer, resolve);
    });
  }
}
