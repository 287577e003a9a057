import { assignFields, isKerberosError, type KerberosError, RemctlError, TransportError } from "../../errors.ts";
import type { SealingContext } from "../../gssapi/index.ts";
import { abortedError, type Connection, onAbort, withDeadline } from "../../host/index.ts";
import { beginCall, beginSession, type OpenCall, type Trace, tracedCall } from "../../trace.ts";
import type { RemctlArgument } from "../command/argument.ts";
import { encodeArguments } from "../command/arguments.ts";
import { asFailure, CommandExchange, type Exchange, mayBeContinued } from "../command/exchange.ts";
import { NOOP, QUIT, violation } from "../command/messages.ts";
import { outputKindOf } from "../output/output-kind.ts";
import { OutputCollector, type OutputSink, RemctlResult } from "../output/result.ts";
import type { RemctlRun } from "../output/run.ts";
import { Deadline } from "./deadline.ts";
import { establish } from "./handshake.ts";
import { type Arrival, connectionLost, Link } from "./link.ts";
import { callChecks, runChecks, streamChecks } from "./option-checks.ts";
import type { CallOptions, ResolvedClientOptions, RunOptions, SessionOptions, StreamOptions } from "./options.ts";
import { type ResolvedCallOptions, resolveCallOptions, resolveClientOptions } from "./resolve-options.ts";
import { type Turn, TurnLine } from "./turns.ts";

/** How long a QUIT and the closing may take. */
const closeTimeoutMs = 1_000;

/**
 * Opens a remctl session (protocol version 2, with NOOP of version 3; version 1 if asked for) on a connection: the
 * security context, with mutual authentication, replay and sequence protection, confidentiality and integrity, all
 * required. `context` is an initiator that has not taken a step. Both belong to the session from here, and are closed
 * if it does not come to be.
 *
 * Throws RemctlProtocolError (`REMCTL_DOWNGRADE` if the server answers as version 1), GssError and what the context
 * throws, TransportError (`CONNECTION_CLOSED`, `TIMEOUT`, `ABORTED`), all with `commandState` `"not-sent"`. TypeError
 * and RangeError are the caller's mistake.
 *
 * ```ts
 * const session = await openSession(connection, context, { idleTimeoutMs: 30_000 });
 * const result = await session.run(["account", "show", "alice"]);
 * await session.close();
 * ```
 */
export async function openSession(
  connection: Connection,
  context: SealingContext,
  options: SessionOptions = {},
): Promise<RemctlSession> {
  let deadline: Deadline | undefined;
  try {
    const resolved = resolveClientOptions(options);
    const { connectTimeoutMs, idleTimeoutMs, signal } = resolved;
    const totalTimeoutMs = Math.min(connectTimeoutMs, resolved.totalTimeoutMs ?? connectTimeoutMs);
    const what = "the security context with the server";
    deadline = new Deadline({ idleTimeoutMs, totalTimeoutMs, signal, what });
    deadline.throwIfExpired();
    const link = new Link(connection, context);
    const protocol = await establish(link, context, deadline, resolved);
    if (protocol === 2) link.expectMessages();
    return new RemctlSession(link, context, { ...resolved, protocol });
  } catch (error) {
    connection.abort();
    context.dispose();
    if (isKerberosError(error)) error.commandState = "not-sent";
    throw error;
  } finally {
    deadline?.end();
  }
}

/**
 * A remctl session: one command at a time on one connection, or several if `pipelineDepth` asks for it. Whatever breaks
 * the protocol, and a timeout or abort in the middle of a command, closes it for good: an answer is never given to
 * another command. Nothing is ever sent again.
 */
export class RemctlSession {
  readonly #link: Link;
  readonly #context: SealingContext;
  readonly #options: ResolvedClientOptions;
  readonly #forgetSignal: () => void;
  readonly #trace: Trace;
  readonly #ended: OpenCall["end"];
  /** The calls that are under way. */
  readonly #line: TurnLine;
  /** Set when no more calls are taken. */
  #end: { readonly cause?: unknown } | undefined;
  /** Whether the session's last command is under way. */
  #isEnding = false;
  #closing: Promise<void> | undefined;
  #hasNoop = true;

  /** Use {@link openSession}. */
  constructor(link: Link, context: SealingContext, options: ResolvedClientOptions) {
    this.#link = link;
    this.#context = context;
    this.#options = options;
    this.#line = new TurnLine(options.pipelineDepth);
    this.#trace = options.trace ?? (() => {});
    this.#ended = beginSession(this.#trace, options.protocol);
    if (options.pipelineDepth > 1) link.expectPipelining();
    const { signal } = options;
    this.#forgetSignal = onAbort(signal, () => this.#fail(abortedError("the session", signal)));
    this.#watch();
  }

  /** Whether a command can be sent, as far as this side knows. */
  get isOpen(): boolean {
    return this.#end === undefined;
  }

  /** The version of the protocol that both ends speak. In version 1 the session's first command is its last. */
  get protocol(): 1 | 2 {
    return this.#options.protocol;
  }

  /** Whether a call is under way. */
  get isBusy(): boolean {
    return this.#line.turns.length > 0;
  }

  /**
   * When the ticket that opened the session ends, by the local clock. Neither side ends the session then: a caller that
   * keeps sessions looks here.
   */
  get expires(): Date | undefined {
    return this.#context.expires;
  }

  /**
   * Runs a command and collects its output (remctl protocol sections 2.4 to 2.6). An exit status other than 0 is a
   * result. In version 1 the status has 32 bits, with a sign: remctld says -1, and the reason as output, where it
   * refuses a command.
   *
   * @param args the command: octets as they are, text as UTF-8, or streams of known length. The caller leaves octets
   *   alone until the promise settles
   * @param options bounds of this call, and whether it is the last
   * @returns the exit status, and all of the output
   * @throws RemctlServerError if the server refuses the command (`REMCTL_UNKNOWN_COMMAND`, `REMCTL_ACCESS_DENIED`,
   *   `REMCTL_SERVER`); RemctlError `REMCTL_OUTPUT_LIMIT`, `REMCTL_ARGUMENT` (a stream failed, or its length is another
   *   one), `REMCTL_UNSUPPORTED_VERSION`, `REMCTL_SESSION_CLOSED` or `REMCTL_SESSION_BUSY`; RemctlProtocolError and
   *   GssError if what came is wrong; TransportError `CONNECTION_CLOSED`, `TIMEOUT` or `ABORTED`. All have
   *   `commandState`, and `stdout` and `stderr` so far. TypeError and RangeError, the caller's mistakes, come before
   *   anything is sent
   * @example
   * ```ts
   * const { status, stdout } = await session.run(["account", "list"]);
   * ```
   */
  async run(args: readonly RemctlArgument[], options: RunOptions = {}): Promise<RemctlResult> {
    const call = resolveCallOptions("session.run", options, runChecks, this.#options);
    const output = new OutputCollector(call.maxOutputBytes);
    try {
      const status = await tracedCall(
        this.#trace,
        { operation: "run" },
        (trace) => this.#command(args, call, output, trace).status,
      );
      return new RemctlResult(status, output.stdout, output.stderr);
    } catch (error) {
      if (isKerberosError(error)) assignFields(error, { stdout: output.stdout, stderr: output.stderr });
      throw error;
    }
  }

  /**
   * Runs a command and gives its output as it comes, without a limit. Output is not kept for errors: the caller has it.
   *
   * @param args the command, as for {@link run}
   * @param options bounds of this call, and whether it is the last
   * @returns the command that runs; its output and its status reject with what ends it
   * @throws what {@link run} throws before it sends anything
   */
  stream(args: readonly RemctlArgument[], options: StreamOptions = {}): RemctlRun {
    const kind = outputKindOf("session.stream", this.#options.outputKinds);
    const call = resolveCallOptions("session.stream", options, streamChecks, this.#options);
    const { trace, end } = beginCall(this.#trace, { operation: "stream" });
    try {
      return kind.begin((sink) => {
        const { status, turn } = this.#command(args, call, sink, trace);
        status.then(
          () => end(),
          (error: unknown) => end({ error }),
        );
        return { status, cancel: () => turn.deadline.expire(cancelled()) };
      });
    } catch (error) {
      end({ error });
      throw error;
    }
  }

  /**
   * Asks for a sign of life (NOOP, protocol version 3), which also keeps firewalls and the server from closing an idle
   * connection.
   *
   * @param options bounds of this call
   * @throws RemctlError `REMCTL_UNSUPPORTED_VERSION` if the server is older (the session stays open), and as {@link
   *   run}
   */
  async noop(options: CallOptions = {}): Promise<void> {
    return await tracedCall(this.#trace, { operation: "noop" }, () => this.#noop(options));
  }

  async #noop(options: CallOptions): Promise<void> {
    const call = resolveCallOptions("session.noop", options, callChecks, this.#options);
    const turn = this.#begin(call, "the answer to NOOP", true);
    const { deadline } = turn;
    try {
      deadline.throwIfExpired();
      if (this.protocol === 1) throw noopUnsupported(1);
      if (!this.#hasNoop) throw noopUnsupported(2);
      await turn.toSend();
    } catch (error) {
      this.#release(turn);
      throw notSent(error);
    }
    try {
      await deadline.wait(this.#link.write(this.#link.seal(Uint8Array.from(NOOP))));
      this.#hasNoop = await this.#receiveNoop(deadline);
    } catch (error) {
      const failure = asFailure(error);
      this.#fail(failure, failure.code === "REMCTL_UNSUPPORTED_VERSION", turn);
      throw notSent(failure);
    } finally {
      this.#release(turn);
    }
    if (!this.#hasNoop) throw notSent(noopUnsupported(2));
  }

  /**
   * Ends the session: QUIT (section 2.7) and a clean close, both at best effort and within a second. A command that is
   * under way fails with `REMCTL_SESSION_CLOSED`. It never rejects, and may be called again.
   */
  close(): Promise<void> {
    if (this.#end === undefined) {
      if (this.isBusy) {
        this.#fail(
          new RemctlError(
            "REMCTL_SESSION_CLOSED",
            "the session was closed here while a command ran: close it after its answer",
          ),
        );
      } else {
        this.#finish({}, true);
      }
    }
    return this.#closing ?? Promise.resolve();
  }

  /** Closes the session at the end of an `await using`; see {@link RemctlSession.close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Checks and begins a command; throws at once what can be known before anything is sent. */
  #command(
    args: readonly RemctlArgument[],
    call: ResolvedCallOptions,
    sink: OutputSink,
    trace: Trace,
  ): { readonly status: Promise<number>; readonly turn: Turn } {
    const [version1] = this.#options.protocols;
    const encoded = encodeArguments(args, this.#options);
    const isLast = call.isLast || this.protocol === 1;
    const turn = this.#begin(call, "the answer to the command", mayBeContinued(encoded));
    if (isLast) this.#isEnding = true;
    const parts = { args: encoded, keepAlive: !isLast, sink, trace };
    const exchange =
      this.protocol === 1 && version1 !== undefined
        ? version1.exchange(this.#link, this.#context, turn, parts)
        : new CommandExchange(this.#link, turn, parts);
    return { status: this.#perform(exchange, turn, isLast), turn };
  }

  async #perform(exchange: Exchange, turn: Turn, isLast: boolean): Promise<number> {
    if (turn.deadline.error !== undefined) {
      if (isLast) this.#isEnding = false;
      this.#release(turn);
      throw notSent(turn.deadline.error);
    }
    try {
      return await exchange.perform();
    } catch (error) {
      const failure = asFailure(error);
      failure.commandState = exchange.state;
      // A call that failed while it waited in line has touched nothing.
      if (!exchange.isReusable && turn.isSending) this.#fail(failure, isOrderly(failure), turn);
      throw failure;
    } finally {
      exchange.end();
      // A last command that failed in the line was never sent: the session goes on.
      if (isLast && !turn.isSending) this.#isEnding = false;
      else if (isLast && this.#end === undefined) this.#finish({}, false);
      this.#release(turn);
    }
  }

  /** True for NOOP, false for VERSION of a server that knows none. */
  async #receiveNoop(deadline: Deadline): Promise<boolean> {
    for (;;) {
      await this.#link.receive(
        deadline,
        "the server closed the connection instead of answering NOOP; look at the server's log",
      );
      const message = this.#link.nextMessage();
      if (message === undefined) continue;
      if (message.type === "noop") return true;
      if (message.type !== "version") throw violation(`${message.type.toUpperCase()} as an answer to NOOP`);
      // Section 2.3: a server of version 2 says so, and goes on. Less than 2 cannot be talked to, 3 has NOOP.
      if (message.highest === 2) return false;
      if (message.highest < 2) throw noopUnsupported(message.highest);
      throw violation(`VERSION ${message.highest} as an answer to NOOP, which is of version 3`);
    }
  }

  /** Takes a place in the line of calls. */
  #begin(call: ResolvedCallOptions, what: string, isAlone: boolean): Turn {
    if (this.#end === undefined && !this.isBusy) this.#checkUnread();
    if (this.#end !== undefined) throw notSent(closedError(this.#end.cause));
    if (this.isBusy && (this.#options.pipelineDepth === 1 || this.#isEnding)) {
      throw notSent(
        new RemctlError(
          "REMCTL_SESSION_BUSY",
          this.#isEnding
            ? "the session's last command is under way: open another session"
            : "the session runs another command: wait for it, open another session, or ask for a `pipelineDepth`",
        ),
      );
    }
    const { idleTimeoutMs, totalTimeoutMs, signal } = call;
    // What ends a call that waits in line ends nothing else.
    const onExpire = (error: KerberosError): void => {
      if (turn.isSending) this.#fail(error, false, turn);
    };
    const deadline = new Deadline({ idleTimeoutMs, totalTimeoutMs, signal, what, onExpire });
    const turn = this.#line.join(deadline, isAlone);
    return turn;
  }

  /** The call is over. */
  #release(turn: Turn): void {
    turn.deadline.end();
    turn.leave();
    if (this.#end === undefined && !this.isBusy) this.#watch();
  }

  /** Between calls: whatever comes ends the session, since it would be taken for the answer to the next command. */
  #watch(): void {
    if (this.#link.hasUnread) {
      this.#checkUnread();
      return;
    }
    void this.#link.read().then(() => {
      if (!this.isBusy && this.#end === undefined) this.#checkUnread();
    });
  }

  #checkUnread(): void {
    const { arrival, hasUnread } = this.#link;
    if (arrival !== undefined) this.#fail(unexpected(arrival));
    else if (hasUnread) this.#fail(violation("octets that no command asked for"));
  }

  /**
   * Ends the session for a failure: at once, or with QUIT where the server is still to be believed. The calls that did
   * not fail themselves fail too, each with its error.
   */
  #fail(error: KerberosError, mayQuit = false, failed?: Turn): void {
    if (this.#end !== undefined) return;
    const others = this.#line.turns.filter((turn) => turn !== failed);
    if (mayQuit && others.length === 0) {
      this.#finish({ cause: error }, true);
      return;
    }
    this.#end = { cause: error };
    this.#ended({ error });
    this.#forgetSignal();
    this.#link.abort();
    const [first, ...rest] = others;
    first?.deadline.expire(failed === undefined ? error : closedError(error));
    for (const turn of rest) turn.deadline.expire(closedError(error));
    this.#context.dispose();
  }

  #finish(end: { readonly cause?: unknown }, quit: boolean): void {
    this.#end = end;
    this.#ended("cause" in end ? { error: end.cause } : undefined);
    this.#forgetSignal();
    this.#closing = this.#shutDown(quit);
  }

  async #shutDown(quit: boolean): Promise<void> {
    const link = this.#link;
    try {
      await withDeadline(
        async () => {
          if (quit && this.protocol === 2) await link.write(link.seal(Uint8Array.from(QUIT)));
          await link.close();
        },
        { timeoutMs: closeTimeoutMs, what: "closing the session" },
      );
    } catch {
      link.abort();
    } finally {
      this.#context.dispose();
    }
  }
}

/** The server is still to be believed: it refused a command, or was not told all of one. */
function isOrderly({ name, code }: KerberosError): boolean {
  return name === "RemctlServerError" || code === "REMCTL_UNSUPPORTED_VERSION" || code === "REMCTL_ARGUMENT";
}

function closedError(cause: unknown): RemctlError {
  const why = cause instanceof Error ? `: ${cause.message}` : "";
  return new RemctlError("REMCTL_SESSION_CLOSED", `the session is closed${why}; open another`, { cause });
}

function unexpected(arrival: Arrival): KerberosError {
  if ("error" in arrival) return arrival.error;
  if (arrival.octets !== undefined) return violation("octets that no command asked for");
  return connectionLost("the server closed the connection between two commands; look at the server's log");
}

function noopUnsupported(highest: number): RemctlError {
  return new RemctlError(
    "REMCTL_UNSUPPORTED_VERSION",
    `the server speaks remctl protocol version ${highest} at most; NOOP is of version 3: leave it out, or update the server`,
  );
}

function cancelled(): TransportError {
  return new TransportError("ABORTED", "the answer to the command: the caller cancelled it");
}

/** Nothing was sent that a server could run. */
function notSent(error: unknown): unknown {
  if (isKerberosError(error)) error.commandState = "not-sent";
  return error;
}
