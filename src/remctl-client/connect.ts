import type { Asking } from "../client/index.ts";
import type { EncTypeSet } from "../crypto/index.ts";
import { isKerberosError, TransportError, UnsupportedError } from "../errors.ts";
import { createSealingInitiator } from "../gssapi/index.ts";
import {
  type Connection,
  connectionOf,
  cureOf,
  type Dial,
  obstacleOf,
  onAbort,
  type Runtime,
  withDeadline,
} from "../host/index.ts";
import type { Principal, RegisteredNames, ServiceTicket } from "../krb5/index.ts";
import {
  openSession,
  outputKindOf,
  type RemctlArgument,
  type RemctlResult,
  type RemctlRun,
  type RemctlSession,
  type ResolvedClientOptions,
  type StreamOptions,
  streamAlone,
} from "../remctl/index.ts";
import type { Trace } from "../trace.ts";
import { isOfThisSide, soon } from "./two-failures.ts";

/** What a client gives for its connections. */
export interface Connecting {
  readonly host: string;
  /** The server's principal; asked for before anything is sent. */
  readonly service: (search: { readonly signal: AbortSignal; readonly trace: Trace }) => Principal | Promise<Principal>;
  readonly settings: ResolvedClientOptions;
  /** Tells when a person is asked. Default: nobody is. */
  readonly asking?: Asking | undefined;
  /** The host, which allows so many connections. */
  readonly runtime: Runtime;
  /** The host as connections are made by it, looking names up its way. Default `runtime`. */
  readonly loadRuntime?: (() => Promise<Runtime>) | undefined;
  readonly dial: Dial | undefined;
  readonly trace: Trace;
  readonly now: (() => number) | undefined;
  /** What errors call numbers. Default: numbers. */
  readonly names?: RegisteredNames | undefined;
  readonly loadEncTypes: () => Promise<EncTypeSet>;
  readonly tickets: {
    getTicket(
      service: Principal,
      options: { readonly signal: AbortSignal; readonly trace: Trace },
    ): Promise<ServiceTicket>;
    forget(ticket: ServiceTicket): Promise<void>;
  };
}

/** Opens an authenticated session. Throws a {@link KerberosError} with `commandState` `"not-sent"`. */
export async function connect(connecting: Connecting): Promise<RemctlSession> {
  const { host, settings } = connecting;
  const { signal, totalTimeoutMs } = settings;
  const waiting: Waiting = { ticket: true, connection: true };
  try {
    return await withDeadline((inner) => open(connecting, inner, waiting), {
      timeoutMs: totalTimeoutMs,
      signal,
      what: () => `${describe(waiting)} ${host}`,
      discard: (late) => void late.close(),
    });
  } catch (error) {
    // What failed before there was a session, failed before any command was sent.
    if (isKerberosError(error)) error.commandState ??= "not-sent";
    throw error;
  }
}

/**
 * Runs one command in a new session. On the host's own TCP the server closes after it, so that its last octets
 * come at once (remctl protocol section 2.4). A connection that a caller's `dial` made may lead through a proxy that
 * drops what it still holds when the server closes, as websockify 0.10 does: there the client ends the session when it
 * has the status.
 */
export async function runOnce(connecting: Connecting, args: readonly RemctlArgument[]): Promise<RemctlResult> {
  const started = performance.now();
  const session = await connect(connecting);
  try {
    return await session.run(args, onlyCommand(connecting, started));
  } finally {
    const closed = session.close();
    // With the status all of the output is here, and the server closes too: nobody waits for this side's shutdown. A
    // host that counts its connections may cut, or count for the next call, one that is open when the caller goes on;
    // a caller's own connection has QUIT yet to carry.
    if (connecting.dial !== undefined || connecting.runtime.maxConnections !== undefined) await closed;
  }
}

/** As {@link runOnce}, and gives the output as it comes. */
export async function streamOnce(connecting: Connecting, args: readonly RemctlArgument[]): Promise<RemctlRun> {
  const started = performance.now();
  const kind = outputKindOf("client.stream", connecting.settings.outputKinds);
  const session = await connect(connecting);
  return streamAlone(session, args, onlyCommand(connecting, started), kind);
}

function onlyCommand({ settings, dial }: Connecting, started: number): StreamOptions {
  const { totalTimeoutMs, signal } = settings;
  // What connecting took is off the total; at least a moment is left, and its end has the session's right words.
  const leftMs = totalTimeoutMs === undefined ? undefined : totalTimeoutMs - (performance.now() - started);
  return { isLast: dial === undefined, signal, totalTimeoutMs: leftMs && Math.max(leftMs, 1) };
}

/** What has not come yet. */
interface Waiting {
  ticket: boolean;
  connection: boolean;
}

/**
 * What is waited for, for the error of a time that is up: the wait for a KDC or a password is not the server's silence.
 */
function describe({ ticket, connection }: Waiting): string {
  if (ticket)
    return connection ? "connecting, and getting a ticket from the KDC, for" : "getting a ticket from the KDC for";
  return connection ? "connecting to" : "opening a session with";
}

async function open(connecting: Connecting, signal: AbortSignal, waiting: Waiting): Promise<RemctlSession> {
  const { settings, tickets, trace, now, names } = connecting;
  const service = await connecting.service({ signal, trace });
  const encTypes = await connecting.loadEncTypes();
  // The connection is opened while the tickets are fetched; the failure of the one ends the other. Of two failures the
  // connection's is thrown, whichever was first: a host that is not there has no principal either. But what is missing
  // on this side, and needs no KDC to be seen, is thrown before both: a password without a value. Where a host allows
  // few connections, none waits idle for a ticket that needs its place.
  const both = new AbortController();
  const isLimited = connecting.runtime.maxConnections !== undefined;
  const end = isLimited ? new AbortController() : undefined;
  const forget = onAbort(signal, () => {
    both.abort(signal.reason);
    end?.abort(signal.reason);
  });
  const dial = async (ended: AbortSignal, onWanted?: () => boolean): Promise<Connection> => {
    waiting.connection = true;
    const made = await dialServer(connecting, ended, onWanted);
    waiting.connection = false;
    return made;
  };
  let early: Promise<Connection> | undefined;
  const giveUp = (): boolean => {
    const idle = early;
    if (idle === undefined) return false;
    early = undefined;
    waiting.connection = true;
    idle.then((late) => late.abort()).catch(() => {});
    end?.abort();
    return true;
  };
  // Whether a caller's `dial` has places to spare on such a host is not known here.
  if (!isLimited || connecting.dial === undefined) early = dial(end?.signal ?? both.signal, giveUp);
  // A server waits for nobody who types.
  const forgetAsking = connecting.asking?.listen(giveUp);
  // One that was given up for its place is not missed.
  const dialled = early?.catch((error) => {
    if (end?.signal.aborted !== true) throw error;
  });
  let isAsked = false;
  let onAsked: (() => void) | undefined;
  const watched: Trace = (step) => {
    if (step.type === "kdc-request") {
      isAsked = true;
      onAsked?.();
    }
    trace(step);
  };
  const fetchTicket = async (): Promise<ServiceTicket> => {
    try {
      const got = await tickets.getTicket(service, { signal: both.signal, trace: watched });
      waiting.ticket = false;
      return got;
    } catch (error) {
      if (dialled !== undefined && (isAsked || !isOfThisSide(error))) await soon(dialled);
      throw error;
    }
  };
  const fetched = fetchTicket();
  const first = dialled?.catch(async (error) => {
    if (!isAsked && !isOfThisSide(error)) {
      await soon(
        fetched,
        new Promise<void>((resolve) => {
          onAsked = resolve;
        }),
      );
    }
    throw error;
  });
  let connection: Connection;
  let ticket: ServiceTicket;
  try {
    [, ticket] = await Promise.all([first, fetched]);
    forgetAsking?.();
    const taken = early;
    early = undefined;
    connection = await (taken ?? dial(both.signal));
  } catch (error) {
    both.abort(error);
    giveUp();
    fetched.catch(() => {});
    throw error;
  } finally {
    forgetAsking?.();
    forget();
  }
  const [other] = settings.protocols;
  const context = (other?.createContext ?? createSealingInitiator)(ticket, encTypes, {
    now,
    trace,
    names,
    legacyTokens: settings.legacyTokens,
  });
  // The session's own time begins here: without this, what nobody waits for any more would stay open for as long again.
  const forgetOpening = onAbort(signal, () => connection.abort());
  try {
    return await openSession(connection, context, { ...settings, trace });
  } catch (error) {
    // A server that refuses a ticket may have a new key: the next attempt asks the KDC again. Any other failure says
    // nothing of the ticket; and what logs a person in is never thrown away for what a server says, which nobody
    // vouches for.
    const isLogin = ticket.service.components[0] === "krbtgt";
    if (isKerberosError(error) && error.major !== undefined && !isLogin) await tickets.forget(ticket);
    throw error;
  } finally {
    forgetOpening();
  }
}

async function dialServer(
  connecting: Connecting,
  signal: AbortSignal,
  onWanted: (() => boolean) | undefined,
): Promise<Connection> {
  const { host, settings, dial, trace } = connecting;
  const { port, localAddress, connectTimeoutMs: timeoutMs } = settings;
  const runtime = (await connecting.loadRuntime?.()) ?? connecting.runtime;
  const { connectTcp } = runtime;
  if (dial === undefined && connectTcp === undefined) {
    throw new UnsupportedError(
      `this runtime (${runtime.name}) has no TCP sockets: give the option \`dial\`, for example a WebSocket or a binding that reaches ${host}:${port}`,
    );
  }
  trace({ type: "connect", host, port });
  const started = Date.now();
  let isLookingUp = false;
  const onLookUp = (isOver: boolean): void => {
    isLookingUp = !isOver;
  };
  try {
    const connection = await withDeadline<Connection>(
      async (inner) =>
        dial === undefined
          ? await (connectTcp as NonNullable<typeof connectTcp>).call(runtime, host, port, {
              signal: inner,
              onLookUp,
              onWanted,
              ...(localAddress === undefined ? {} : { localAddress }),
            })
          : connectionOf(await dial(host, port, { signal: inner })),
      {
        timeoutMs,
        signal,
        what: () => (isLookingUp ? `looking up the name ${host}` : `connecting to ${host}:${port}`),
        discard: (late) => late.abort(),
      },
    );
    trace({ type: "connected", host, port, milliseconds: Date.now() - started });
    return connection;
  } catch (cause) {
    if (isKerberosError(cause)) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new TransportError(
      "CONNECT",
      `cannot connect to the remctl server; ${cureOf(cause) ?? "check its name and port, and that it runs"}`,
      [{ endpoint: `tcp://${host}:${port}`, reason, obstacle: obstacleOf(cause) }],
      { cause },
    );
  }
}
