import { isKerberosError, TransportError } from "../errors.ts";
import type { SecurityContext } from "../gssapi/index.ts";
import { type Connection, withDeadline } from "../host/index.ts";
import { formatPrincipal } from "../krb5/index.ts";
import { MAX_MESSAGE_BYTES, type Packet, PacketParser } from "../remctl-wire/index.ts";
import { authorizationOf } from "./authorization.ts";
import type { ServedClient, ServerParts } from "./client.ts";
import { type Caller, dispatch } from "./dispatch.ts";
import { Hangup, REFUSAL, type Refusal, Unfinished } from "./failure.ts";
import { acceptContext } from "./handshake.ts";
import { IdleTimer } from "./idle-timer.ts";
import { Inbox } from "./inbox.ts";
import { Outbox } from "./outbox.ts";
import type { CommandOutput } from "./output.ts";
import { serveVersion1 } from "./version-1.ts";
import { serveVersion2 } from "./version-2.ts";

/** How long the closing of a connection may take. */
const closeTimeoutMs = 5_000;
/** When no read can tell that the client has gone, a running command looks by itself: after so long, and so on. */
const probeDelaysMs: readonly number[] = [0, 100, 1_000];
const laterProbesMs = 10_000;
/** Octets of a packet that any connection may hold: those of the longest message (section 1) and of its sealing. */
const freePacketBytes = MAX_MESSAGE_BYTES + 1024;

/** Octets of a context token that any connection may hold: a ticket with much authorization data has some 64 KB. */
const freeTokenBytes = 131_072;

/** One client: its connection from the first octet to the last. Nothing of it outlives {@link run}. */
export class ClientConnection implements ServedClient {
  readonly parser: PacketParser = new PacketParser();
  readonly inbox: Inbox;
  readonly outbox: Outbox;
  readonly context: SecurityContext;
  readonly parts: ServerParts;
  readonly #connection: Connection;
  readonly #address: string | undefined;
  readonly #idle: IdleTimer;
  readonly #stall: IdleTimer;
  /** Runs from the first octet of a command to its last. */
  readonly #whole: IdleTimer;
  #isUnfinished = false;
  #held = 0;
  #caller: Caller | undefined;
  #running: AbortController | undefined;
  #probe: (() => void) | undefined;
  #probeTimer: ReturnType<typeof setTimeout> | undefined;
  #probes = 0;
  #reason: string | undefined;
  #isDraining = false;
  /** For the client's next packet: nothing is to be answered. */
  #isWaiting = false;
  #isGone = false;
  /** Made for those who ask, in the handshake: an idle connection has none. */
  #gone: AbortController | undefined;

  constructor(connection: Connection, context: SecurityContext, address: string | undefined, parts: ServerParts) {
    const { idleTimeoutMs, commandTimeoutMs } = parts.limits;
    this.#connection = connection;
    this.context = context;
    this.#address = address;
    this.parts = parts;
    this.#idle = new IdleTimer(idleTimeoutMs, () => this.#hangUp(`the client sent nothing for ${idleTimeoutMs} ms`));
    this.#stall = new IdleTimer(idleTimeoutMs, () => this.#lose(`the client read nothing for ${idleTimeoutMs} ms`));
    this.inbox = new Inbox(connection);
    this.#whole = new IdleTimer(commandTimeoutMs, () => {
      this.inbox.giveUp(new Unfinished(`a command was not whole after ${commandTimeoutMs} ms`, REFUSAL.tooSlow));
    });
    this.inbox.onEnd = (how) => {
      if (how === "failed") this.#lose("the connection failed");
      else this.#startProbing();
    };
    this.inbox.onFull = () => this.#startProbing();
    this.outbox = new Outbox(connection, context, {
      slabs: parts.slabs,
      stall: this.#stall,
      onFailure: () => this.#lose("the client has closed the connection"),
    });
  }

  /** The principal, once it is known. */
  get user(): string | undefined {
    return this.#caller?.user;
  }

  /** Whether nothing can be sent any more. */
  get isGone(): boolean {
    return this.#isGone;
  }

  get gone(): AbortSignal {
    this.#gone ??= new AbortController();
    if (this.#isGone) this.#gone.abort(clientGone());
    return this.#gone.signal;
  }

  /** Serves the client until one of them ends it. Never rejects. */
  async run(): Promise<void> {
    const { report } = this.parts;
    let reason: string;
    try {
      const protocol = await this.#begin();
      reason = await (protocol === 1 ? serveVersion1(this) : serveVersion2(this));
      await this.outbox.drain();
    } catch (error) {
      reason = describe(error);
      if (!(error instanceof Hangup || isKerberosError(error))) {
        this.parts.onError(error, { user: this.user, line: undefined });
      }
    }
    reason = this.#reason ?? reason;
    await this.#close();
    this.#idle.dispose();
    this.#stall.dispose();
    this.#whole.dispose();
    this.#hold(0);
    this.#stopProbing();
    this.outbox.dispose();
    this.context.dispose();
    report({ type: "closed", user: this.user, reason });
  }

  /** The next packet, or undefined if the client has ended its side or the server is closing. */
  async nextPacket(): Promise<Packet | undefined> {
    for (;;) {
      if (this.#isDraining) return undefined;
      const packet = this.parser.next();
      this.#watch(packet === undefined);
      if (packet !== undefined) return packet;
      let octets: Uint8Array | undefined;
      this.#idle.begin();
      this.#isWaiting = true;
      try {
        octets = await this.inbox.take();
      } finally {
        this.#isWaiting = false;
        this.#idle.end();
      }
      if (octets === undefined) return undefined;
      this.parser.push(octets);
    }
  }

  /** Tells whether messages of a command are missing: its octets are counted and its time runs. */
  awaitsMore(isUnfinished: boolean): void {
    this.#isUnfinished = isUnfinished;
    if (!isUnfinished) this.#whole.end();
  }

  /** Since when the client has sent nothing and nothing is left to do for it; undefined if that is not so. */
  get idleSince(): number | undefined {
    const isIdle = this.#isWaiting && this.#caller !== undefined && this.#whole.since === undefined;
    return isIdle && this.#reason === undefined ? this.#idle.since : undefined;
  }

  /** Ends the connection of a client that is idle. */
  giveWay(): void {
    this.#hangUp("its place was needed, and it was idle for longer than any other");
  }

  /** Opens a sealed message. A token that does not open is answered with `farewell`, and the connection ends. */
  async unwrap(token: Uint8Array, farewell: Uint8Array): Promise<Uint8Array> {
    try {
      // Section 2.1 step 6: confidentiality is not optional, and remctld does not look.
      return this.context.unwrap(token, { requireConf: true, farewell });
    } catch (error) {
      if (isKerberosError(error) && error.token !== undefined) {
        await this.outbox.packet(this.outbox.dataFlags, error.token);
        await this.outbox.drain();
      }
      throw error;
    }
  }

  /**
   * Runs one command with `output`; gives its exit status or the error to answer with. `probe` sends a sign of life.
   */
  async runCommand(args: readonly Uint8Array[], output: CommandOutput, probe?: () => void): Promise<number | Refusal> {
    const { table, report, isTraced, onError } = this.parts;
    const caller = this.#caller as Caller;
    const running = new AbortController();
    const startedMs = performance.now();
    let line: (() => string) | undefined;
    this.#running = running;
    this.#probe = probe;
    if (this.isGone) running.abort(clientGone());
    this.inbox.readAhead();
    if (this.inbox.isStopped) this.#startProbing();
    let outcome: number | Refusal;
    try {
      outcome = await dispatch(args, {
        table,
        caller,
        signal: running.signal,
        output,
        onCommand: (format) => {
          line = format;
          if (!isTraced) return;
          report({ type: "command", user: caller.user, address: this.#address, line: format() });
        },
        onError: (error) => {
          // A handler that fails because its client has gone has not failed.
          if (!(this.isGone && isClosed(error))) onError(error, { user: caller.user, line: line?.() });
        },
      });
    } finally {
      this.#running = undefined;
      this.#probe = undefined;
      this.#stopProbing();
    }
    if (typeof outcome === "number") {
      report({ type: "status", user: caller.user, status: outcome, milliseconds: performance.now() - startedMs });
    }
    return outcome;
  }

  /** The server closes: the connection ends, at once or with the answer that is being given. */
  drain(): void {
    this.#isDraining = true;
    this.#reason ??= "the server is closing";
    if (this.#isWaiting) void this.#close();
  }

  /** Tells the command that runs to end. */
  cancel(): void {
    this.#running?.abort(new TransportError("ABORTED", "the server is closing"));
  }

  /** Ends the connection without more ado. */
  abort(reason: string): void {
    this.#lose(reason);
  }

  /** Makes the security context; gives the version of the protocol. */
  async #begin(): Promise<1 | 2> {
    const { handshakeTimeoutMs } = this.parts.limits;
    const startedMs = performance.now();
    const limit = new IdleTimer(handshakeTimeoutMs, () =>
      this.#lose(`no security context within ${handshakeTimeoutMs} ms`),
    );
    limit.begin();
    let protocol: 1 | 2;
    try {
      protocol = await acceptContext(this, (context) => this.#authenticated(context));
    } finally {
      limit.dispose();
      this.#gone = undefined;
    }
    const { user } = this.#caller as Caller;
    const milliseconds = performance.now() - startedMs;
    this.parts.report({ type: "authenticated", user, address: this.#address, protocol, milliseconds });
    return protocol;
  }

  /** Takes the caller's name from the established context, and counts the connection as theirs. */
  #authenticated(context: SecurityContext): void {
    const { peer: principal, expires } = context;
    if (principal === undefined) throw new Hangup("the security context has no name of its initiator");
    const user = formatPrincipal(principal);
    this.parts.admit(user);
    this.#caller = {
      user,
      principal,
      address: this.#address,
      expires,
      authorization: this.parts.table.readsTickets ? authorizationOf(context) : undefined,
    };
  }

  /**
   * Looks at what has come of the next packet. The room that it takes is its principal's; before that one is known, it
   * is of the room that strangers share, by their addresses. Throws Unfinished, or Hangup for a stranger.
   */
  #watch(isPartial: boolean): void {
    const free = this.#caller === undefined ? freeTokenBytes : freePacketBytes;
    this.#hold(Math.max(0, this.parser.heldBytes - free));
    if (this.#caller === undefined) return;
    if (!this.#isUnfinished && !(isPartial && this.parser.hasLeftover)) this.#whole.end();
    else if (this.#whole.since === undefined) this.#whole.begin();
  }

  #hold(octets: number): void {
    const more = octets - this.#held;
    if (more === 0) return;
    const { budget, strangers } = this.parts;
    const { user } = this;
    const allowance = user === undefined ? strangers.of(this.#address ?? "") : budget.of(user);
    if (more < 0) allowance.give(-more);
    else if (!allowance.take(more)) {
      if (user === undefined) throw new Hangup("there is no room for so long a context token");
      throw new Unfinished("there is no room for its packet", REFUSAL.tooMuchData);
    }
    this.#held = octets;
  }

  /** Ends the connection in an orderly way: what was sent arrives. */
  #hangUp(reason: string): void {
    this.#reason ??= reason;
    void this.#close();
  }

  /** The connection is of no use any more. */
  #lose(reason: string): void {
    this.#reason ??= reason;
    this.#isGone = true;
    this.#gone?.abort(clientGone());
    this.#stopProbing();
    this.#running?.abort(clientGone());
    this.#connection.abort();
  }

  async #close(): Promise<void> {
    if (this.isGone) return;
    try {
      await withDeadline(() => this.#connection.close(), { timeoutMs: closeTimeoutMs, what: "closing the connection" });
    } catch {
      this.#connection.abort();
    }
  }

  /**
   * The client has ended its side while a command runs, or has sent so much that no more is read. It may still be
   * there, which the protocol allows, or be gone, which nothing tells until something is sent: an empty OUTPUT.
   */
  #startProbing(): void {
    if (this.#probe === undefined || this.isGone || this.#probeTimer !== undefined) return;
    const delayMs = probeDelaysMs[this.#probes] ?? laterProbesMs;
    this.#probes++;
    this.#probeTimer = setTimeout(() => {
      this.#probeTimer = undefined;
      this.#probe?.();
      this.#startProbing();
    }, delayMs);
  }

  #stopProbing(): void {
    clearTimeout(this.#probeTimer);
    this.#probeTimer = undefined;
    this.#probes = 0;
  }
}

function clientGone(): TransportError {
  return new TransportError("CONNECTION_CLOSED", "the client has closed the connection");
}

function isClosed(error: unknown): boolean {
  return isKerberosError(error) && error.code === "CONNECTION_CLOSED";
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
