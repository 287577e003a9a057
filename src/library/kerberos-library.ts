import { checkOptions, checkPart } from "../checks/index.ts";
import type {
  CredentialHost,
  CredentialSource,
  ExchangesOptions,
  KeptTickets,
  Kerberos,
  Login,
  LoginArmor,
  LoginOptions,
  PasswordChangeOptions,
  RefreshOptions,
  S4uUser,
  ServiceTicketOptions,
  WalkTicketOptions,
} from "../client/index.ts";
import {
  Asking,
  armorOf,
  askPrimary,
  cacheShelf,
  checkNewPassword,
  Exchanges,
  explicitArmor,
  isCredentialSource,
  KerberosClient,
  loginChecks,
  openSource,
  passwordChangeChecks,
  proxyTicket,
  refreshChecks,
  selfTicket,
  validateTicket,
} from "../client/index.ts";
import { Krb5Config, krb5ConfPaths, loadKrb5Config, Profile, parseKrb5Conf } from "../config/index.ts";
import { MemoryCaches } from "../credentials/index.ts";
import { chooseProvider, createEncTypeSet, type EncType, type EncTypeSet } from "../crypto/index.ts";
import { createLocator, type Locator } from "../discovery/index.ts";
import { ConfigError } from "../errors.ts";
import { type Dial, type Fetch, type HostEnvironment, limitedDial, type Runtime } from "../host/index.ts";
import {
  checkTicket,
  DEFAULT_SKEW_SECONDS,
  type Principal,
  permittedTypes,
  principal,
  principalOf,
  registeredNames,
  type ServiceTicket,
  weakEtypesOf,
} from "../krb5/index.ts";
import { createTrace, type Trace, type TracedOperation, tracedCall } from "../trace.ts";
import { createKdcTransport, type KdcSearch, type KdcTransport } from "../transport/index.ts";
import { isPlain, kdcsOf } from "./kdc-lists.ts";
import { checkSource, s4uChecks, userChecks, walkChecks } from "./kerberos-checks.ts";
import { mechanismsByConfig, ticketDefaults } from "./kerberos-defaults.ts";
import type { LibraryOptions } from "./kerberos-options.ts";
import { changePassword, PASSWORD_TICKET } from "./password-change.ts";
import { typesOfConfig } from "./permitted-enctypes.ts";
import { preauthChoice } from "./preauth-choice.ts";
import { proxyFetch } from "./proxy-fetch.ts";

/** How long the KDCs of a realm have to answer, where no option says it. */
const KDC_TIMEOUT_MS = 10_000;

/**
 * What all clients of a program stand on: its host, configuration, locator and transport, each looked for when it is
 * first needed. It keeps no ticket.
 */
export class KerberosLibrary implements Kerberos {
  readonly options: LibraryOptions;
  readonly runtime: Runtime;
  readonly trace: Trace;
  /** The caller's `dial`, within the host's limits. */
  readonly dial: Dial | undefined;
  readonly exchanges: Exchanges;
  readonly asking: Asking = new Asking();
  readonly #types: readonly EncType[] | undefined;
  // Values, not promises: a Worker's promise belongs to the request that made it.
  #encTypes: EncTypeSet | undefined;
  #config: Krb5Config | undefined;
  #loading: Promise<Krb5Config> | undefined;
  #locator: Locator | undefined;
  #host: CredentialHost | undefined;
  #transport: KdcTransport | undefined;
  #home: string | undefined;
  readonly #fetch: Fetch | undefined;
  readonly #findHome: () => Promise<string | undefined>;

  /**
   * `home` tells the realm that a plain list of KDCs is of: the client's, or else the default or that of the first
   * login.
   */
  constructor(options: LibraryOptions, home?: () => Promise<string>) {
    this.options = options;
    this.#types = options.enctypes === undefined ? undefined : permittedTypes(options.enctypes);
    this.runtime = options.runtime;
    this.#fetch = proxyFetch(options, this.runtime);
    this.dial = limitedDial(this.runtime, options.dial);
    this.trace = createTrace(options.onTrace, options.now, options.runtime.traceChannel?.());
    const { login, now, ask, skewSeconds, allowPreauthDowngrade, pac } = options;
    this.#findHome = home ?? (async () => (await this.config()).libdefaults.defaultRealm ?? this.#home);
    const plain: ExchangesOptions = {
      transport: {
        exchange: async (realm, request, search) => (await this.#kdcTransport()).exchange(realm, request, search),
        hasOtherPrimary: async (...asked) => (await (await this.#kdcTransport()).hasOtherPrimary?.(...asked)) ?? false,
      },
      loadEncTypes: () => this.loadEncTypes(),
      trace: this.trace,
      now,
      prompts: this.asking.hear(ask),
      explicitArmor,
      primary: askPrimary,
      pac,
      allowPreauthDowngrade,
      weakLogin: login && weakEtypesOf(login),
      ...preauthChoice(options.preauth, () => mechanismsByConfig(() => this.#config)),
      names: registeredNames(),
      skewSeconds: () => skewSeconds ?? this.#config?.libdefaults.clockskewSeconds ?? DEFAULT_SKEW_SECONDS,
      isTimeLearned: () => this.#config?.libdefaults.kdcTimesync ?? true,
      capaths: (client, server) => this.#config?.capaths(client, server),
      configuredRealm: (host) => this.#config?.domainRealm(host),
      realmOfHost: async (host, search) => (await this.locator()).realmOfHost(host, search),
    };
    this.exchanges = new Exchanges({
      ...plain,
      armor: options.armor && this.#armor(options.armor as CredentialSource, plain),
    });
  }

  /** The client whose tickets armor the logins; its own login has no armor. */
  #armor(credentials: CredentialSource, plain: ExchangesOptions): LoginArmor {
    const tickets = new KerberosClient({
      principal: credentials.principal,
      exchanges: new Exchanges(plain),
      open: async () => {
        const host = await this.host();
        const opened = await openSource(credentials, host);
        return { ...opened, defaults: ticketDefaults(host, opened.principal, this.options) };
      },
      openShelf: cacheShelf,
      rejectedSecretRestSeconds: this.options.rejectedSecretRestSeconds,
      isSharing: this.runtime.hasRequestBoundPromises !== true,
      turnMs: 2 * (this.options.kdcTimeoutMs ?? KDC_TIMEOUT_MS),
    });
    return armorOf(tickets, this.options.armorPolicy ?? "required");
  }

  async host(): Promise<CredentialHost> {
    if (this.#host !== undefined) return this.#host;
    const config = await this.config();
    const { files, connectUnix } = this.runtime;
    const kcmSocket = config.libdefaults.kcmSocket;
    const environment = (): HostEnvironment => this.#environment();
    this.#host = {
      config,
      // Looked at when a default name is asked for: to find a user's name may take a directory service.
      get environment() {
        return environment();
      },
      randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
      // Of this program part only: a client shares its tickets with nobody who does not have them.
      memory: new MemoryCaches(),
      // The clock of the events is the client's.
      onTrace: ({ at: _, ...step }) => this.trace(step),
      ...(files === undefined ? {} : { files: files.call(this.runtime) }),
      ...(connectUnix === undefined ? {} : { connectUnix: connectUnix.bind(this.runtime) }),
      ...(kcmSocket === undefined ? {} : { kcmSocket }),
    };
    return this.#host;
  }

  async config(): Promise<Krb5Config> {
    if (this.#config !== undefined) return this.#config;
    // A call that comes while it is being read waits for the same reading, where a host lets two requests do so.
    const isShared = this.runtime.hasRequestBoundPromises !== true;
    this.#loading = (isShared && this.#loading) || this.#loadConfig();
    try {
      this.#config ??= await this.#loading;
    } finally {
      this.#loading = undefined;
    }
    return this.#config;
  }

  async locator(): Promise<Locator> {
    const { fetch, now, dns, site } = this.options;
    const { dial } = this;
    this.#locator ??= createLocator({
      config: await this.config(),
      runtime: this.runtime,
      trace: this.trace,
      dial,
      fetch,
      now,
      dns,
      site,
    });
    return this.#locator;
  }

  /** The permitted enctypes, computed by the fastest that this host has. */
  async loadEncTypes(): Promise<EncTypeSet> {
    if (this.#encTypes !== undefined) return this.#encTypes;
    const config = await this.config();
    const types = this.#types ?? typesOfConfig(config, this.options.knownTypes);
    this.#encTypes = createEncTypeSet(types, await chooseProvider(this.runtime));
    return this.#encTypes;
  }

  async login(credentials: CredentialSource, options: LoginOptions = {}): Promise<Login> {
    checkSource(credentials);
    checkOptions("kerberos.login", options, loginChecks);
    return await this.#login(credentials, options);
  }

  /** `trace` of a call that logs in on its way, so that the login is a part of it. */
  async #login(credentials: CredentialSource, options: LoginOptions, trace?: Trace): Promise<Login> {
    const host = await this.host();
    const { principal, loadSecret } = await openSource(credentials, host);
    if (loadSecret === undefined) {
      throw new TypeError(`a login needs a password or a keytab; credentials of kind ${credentials.kind} have neither`);
    }
    this.#home ??= principal.realm;
    const { login } = ticketDefaults(host, principal, this.options);
    const secret = await loadSecret();
    const wishes = { ...login, ...options };
    return await this.#call("login", (exchanges) => exchanges.login(principal, secret, wishes), trace);
  }

  async getServiceTicket(
    tgt: ServiceTicket,
    service: string | Principal,
    options: WalkTicketOptions & KeptTickets = {},
  ): Promise<{ readonly ticket: ServiceTicket; readonly intermediate: readonly ServiceTicket[] }> {
    checkTicket("tgt", tgt);
    const name = principalOf("service", service);
    checkOptions("kerberos.getServiceTicket", options, walkChecks);
    const defaults = ticketDefaults(await this.host(), tgt.client, this.options);
    return await this.#call("getTicket", (exchanges) =>
      exchanges.getServiceTicket(tgt, name, { ...defaults.service, ...options }),
    );
  }

  async impersonate(
    tgt: ServiceTicket,
    user: S4uUser,
    options: Pick<ServiceTicketOptions, "enctypes" | "signal"> & KeptTickets = {},
  ): Promise<ServiceTicket> {
    checkTicket("tgt", tgt);
    checkPart("user", user, userChecks);
    checkOptions("kerberos.impersonate", options, s4uChecks);
    return await this.#call("impersonate", (exchanges) => selfTicket(exchanges, tgt, user, options));
  }

  async actFor(
    tgt: ServiceTicket,
    evidence: ServiceTicket,
    service: string | Principal,
    options: Pick<ServiceTicketOptions, "enctypes" | "signal"> & KeptTickets = {},
  ): Promise<ServiceTicket> {
    checkTicket("tgt", tgt);
    checkTicket("evidence", evidence);
    const name = principalOf("service", service);
    checkOptions("kerberos.actFor", options, s4uChecks);
    return await this.#call("getTicket", (exchanges) => proxyTicket(exchanges, tgt, evidence, name, options));
  }

  async renew(ticket: ServiceTicket, options: RefreshOptions = {}): Promise<ServiceTicket> {
    checkTicket("ticket", ticket);
    checkOptions("kerberos.renew", options, refreshChecks);
    return await this.#call("renew", (exchanges) => exchanges.renew(ticket, options));
  }

  async validate(ticket: ServiceTicket, options: RefreshOptions = {}): Promise<ServiceTicket> {
    checkTicket("ticket", ticket);
    checkOptions("kerberos.validate", options, refreshChecks);
    return await this.#call("validate", (exchanges) => validateTicket(exchanges, ticket, options));
  }

  async forward(tgt: ServiceTicket, options: RefreshOptions = {}): Promise<ServiceTicket> {
    checkTicket("tgt", tgt);
    checkOptions("kerberos.forward", options, refreshChecks);
    return await this.#call("forward", (exchanges) => exchanges.forward(tgt, options));
  }

  #call<T>(
    operation: TracedOperation,
    body: (exchanges: Exchanges) => Promise<T>,
    within: Trace = this.trace,
  ): Promise<T> {
    return tracedCall(within, { operation }, (trace) => body(this.exchanges.reportingTo(trace)));
  }

  async changePassword(
    credentials: CredentialSource | ServiceTicket,
    newPassword: string | Uint8Array,
    options: PasswordChangeOptions = {},
  ): Promise<void> {
    if (!isCredentialSource(credentials)) checkTicket("credentials", credentials);
    checkNewPassword(newPassword);
    checkOptions("kerberos.changePassword", options, passwordChangeChecks);
    const { signal } = options;
    const search = signal === undefined ? {} : { signal };
    await tracedCall(this.trace, { operation: "changePassword" }, async (trace) => {
      const ticket = isCredentialSource(credentials)
        ? (await this.#login(credentials, { ...PASSWORD_TICKET, ...search }, trace)).ticket
        : await this.#passwordTicket(credentials, search);
      this.#home ??= ticket.client.realm;
      const { options: settings, exchanges } = this;
      const locator = await this.locator();
      const encTypes = await this.loadEncTypes();
      const home = await this.#findHome();
      const host = await this.host();
      const world = { settings, locator, host, exchanges, encTypes, home, dial: this.dial, fetch: this.#fetch };
      await changePassword({ ...world, trace, isLocated: this.#isLocated() }, ticket, newPassword, options);
    });
  }

  /** A ticket for the password service: the one given, or one that a ticket-granting ticket gets. */
  async #passwordTicket(ticket: ServiceTicket, options: { readonly signal?: AbortSignal }): Promise<ServiceTicket> {
    const [service] = ticket.service.components;
    if (service !== "krbtgt") return ticket;
    const name = principal(ticket.client.realm, ["kadmin", "changepw"]);
    return (await this.getServiceTicket(ticket, name, options)).ticket;
  }

  /** Whether configuration and DNS are asked: not where the KDCs that are named are all there is to know. */
  #isLocated(): boolean {
    const { kdc, config } = this.options;
    return kdc === undefined || (config !== undefined && config !== false);
  }

  #environment(): HostEnvironment {
    return this.options.environment ?? this.runtime.environment?.() ?? { env: {} };
  }

  async #loadConfig(): Promise<Krb5Config> {
    const { config } = this.options;
    if (config instanceof Krb5Config) return config;
    if (typeof config === "string") return parseKrb5Conf(config, { onTrace: this.trace });
    const files = this.runtime.files?.();
    if (typeof config === "object") {
      if (files === undefined)
        throw new ConfigError("this host has no files: give the text of a krb5.conf as `config`");
      return await loadKrb5Config({ files, paths: config.files, trace: this.trace });
    }
    // KDCs that are named are all there is to know, unless the configuration is asked for too.
    const isWanted = config ?? this.options.kdc === undefined;
    if (!isWanted || files === undefined) return new Krb5Config(new Profile([]));
    const paths = krb5ConfPaths(this.#environment());
    return await loadKrb5Config({ files, paths, allowNone: true, trace: this.trace });
  }

  /** Asked for where a list of KDCs depends on it: nobody may be there without a choice. */
  async #kdcHome(): Promise<string | undefined> {
    const { kdc } = this.options;
    return kdc !== undefined && isPlain(kdc) ? await this.#findHome() : undefined;
  }

  async #kdcTransport(): Promise<KdcTransport> {
    if (this.#transport !== undefined) return this.#transport;
    const { kdcTimeoutMs = KDC_TIMEOUT_MS } = this.options;
    const { dial } = this;
    const { udpPreferenceLimit, requestTimeoutSeconds } = (await this.config()).libdefaults;
    this.#transport ??= createKdcTransport({
      runtime: (await this.locator()).runtime,
      kdcs: async (realm, search) => this.#kdcs(realm, await this.#kdcHome(), search),
      // KDCs that an option names are all alike.
      primaryKdcs: async (realm, search) => {
        const isNamed =
          this.options.kdc !== undefined && kdcsOf(this.options.kdc, realm, await this.#kdcHome()).length > 0;
        return isNamed || !this.#isLocated() ? [] : (await this.locator()).primaryKdcs(realm, search);
      },
      trace: this.trace,
      timeoutMs: kdcTimeoutMs,
      udpPreferenceBytes: udpPreferenceLimit,
      ...(requestTimeoutSeconds === undefined ? {} : { totalTimeoutMs: requestTimeoutSeconds * 1000 }),
      dial,
      fetch: this.#fetch,
      fetchOf: async (realm) => (await this.locator()).fetchOf(realm),
    });
    return this.#transport;
  }

  async #kdcs(realm: string, home: string | undefined, search: KdcSearch): Promise<readonly string[]> {
    const { kdc } = this.options;
    const named = kdc === undefined ? [] : kdcsOf(kdc, realm, home);
    if (named.length > 0) return named;
    const found = this.#isLocated() ? await (await this.locator()).kdcs(realm, search) : [];
    if (found.length > 0) return found;
    throw new ConfigError(
      `no KDC for realm ${realm}: add it to the option \`kdc\`, for example { "${realm}": ["tcp://..."] }, to [realms] of krb5.conf, or to DNS (SRV _kerberos._tcp.${realm})`,
      { code: "NO_KDC_FOR_REALM", realm },
    );
  }
}
