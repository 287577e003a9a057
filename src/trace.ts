import { plain } from "./errors.ts";

/** What a caller asked for: the calls of a client, a session, a pool and `createKerberos`. */
export type TracedOperation =
  | "remctl"
  | "runOnHosts"
  | "connect"
  | "run"
  | "stream"
  | "noop"
  | "getTicket"
  | "getForwardedTicket"
  | "impersonate"
  | "changePassword"
  | "login"
  | "renew"
  | "validate"
  | "forward";

/** When a trace event was, and of which call. */
export interface TraceContext {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** The call, counted from 1 in the process; 0 for what belongs to no call alone, for example reading krb5.conf. */
  readonly call: number;
  /** The remctl server's host, where the call has one. */
  readonly host?: string;
}

/**
 * What the library tells a caller who asks (`onTrace`): each step as a typed event. No event has an octet of a key,
 * ticket or password. Where the host has `node:diagnostics_channel`, the events of every client of the process are also
 * published on its channel `krb5-remctl:trace`.
 */
export type TraceEvent = TraceContext & TraceStep;

/** What a {@link TraceEvent} says, without its time and its call. */
export type TraceStep =
  /** A call begins; `parent` is the call that made it, for example `runOnHosts` for each host's `remctl`. */
  | { readonly type: "call-begin"; readonly operation: TracedOperation; readonly parent?: number }
  /** A call ends; `error` is its `code`, or the name of an error that is not this package's. */
  | {
      readonly type: "call-end";
      readonly operation: TracedOperation;
      readonly milliseconds: number;
      readonly error?: string;
    }
  | { readonly type: "login-begin"; readonly client: string }
  | { readonly type: "login-end"; readonly client: string; readonly milliseconds: number; readonly error?: string }
  /** A session is open; `protocol` is the version that both ends speak. */
  | { readonly type: "session-begin"; readonly protocol: number }
  | { readonly type: "session-end"; readonly milliseconds: number; readonly error?: string }
  | {
      readonly type: "kdc-request";
      readonly realm: string;
      readonly endpoint: string;
      readonly message: "AS-REQ" | "TGS-REQ" | "KRB";
      readonly octets: number;
    }
  | {
      readonly type: "kdc-reply";
      readonly realm: string;
      readonly endpoint: string;
      readonly octets: number;
      readonly milliseconds: number;
    }
  | { readonly type: "kdc-failed"; readonly realm: string; readonly endpoint: string; readonly reason: string }
  | {
      readonly type: "kdc-error";
      readonly realm: string;
      readonly errorCode: number;
      readonly errorName: string;
      readonly text?: string;
      /** What an Active Directory says of the account, if it does (NTSTATUS). */
      readonly ntStatus?: number;
    }
  /** DNS was asked: `record` is the type, for example `SRV`; `records` is how many came. */
  | { readonly type: "dns"; readonly name: string; readonly record: string; readonly records: number }
  | { readonly type: "preauth-offered"; readonly realm: string; readonly mechanisms: readonly string[] }
  | {
      readonly type: "preauth-chosen";
      readonly mechanism: string;
      /** Of the long-term key that it proves, if it proves one. */
      readonly etype?: string;
      readonly salt?: string;
      readonly iterations?: number;
    }
  | { readonly type: "clock-offset"; readonly realm: string; readonly seconds: number }
  | {
      readonly type: "ticket";
      readonly exchange: "AS" | "TGS";
      readonly client: string;
      readonly service: string;
      readonly etype: string;
      readonly endTime: Date;
      readonly cached: boolean;
    }
  | { readonly type: "referral"; readonly from: string; readonly to: string }
  | { readonly type: "check"; readonly what: string }
  | { readonly type: "connect"; readonly host: string; readonly port: number }
  | { readonly type: "connected"; readonly host: string; readonly port: number; readonly milliseconds: number }
  | { readonly type: "context-token"; readonly direction: "sent" | "received"; readonly octets: number }
  | {
      readonly type: "context-established";
      readonly peer: string;
      readonly etype: string;
      readonly acceptorSubkey: boolean;
      readonly milliseconds: number;
    }
  | { readonly type: "command-sent"; readonly arguments: number; readonly octets: number; readonly messages: number }
  | { readonly type: "output"; readonly stream: "stdout" | "stderr"; readonly octets: number }
  | { readonly type: "status"; readonly status: number; readonly milliseconds: number }
  | { readonly type: "server-error"; readonly remoteCode: number; readonly text: string }
  | { readonly type: "note"; readonly text: string };

/** Receives trace events. What it throws is ignored: seeing must not change what is seen. */
export type TraceListener = (event: TraceEvent) => void;

/** Reports one step. What is known of its call is added on the way. */
export interface Trace {
  (step: TraceStep & Partial<Omit<TraceContext, "at">>): void;
  /** Whether anything listens now; absent: always. */
  readonly isHeard?: () => boolean;
}

/** A channel of `node:diagnostics_channel`, as far as it is used. */
export interface TraceChannel {
  /** Whether anyone listens. */
  readonly hasSubscribers: boolean;
  /** Gives an event to those who listen. */
  publish(event: unknown): void;
}

const silent: Trace = () => {};
let calls = 0;

/** Makes the function that the library's rooms report to. Without a listener and a channel it costs one call. */
export function createTrace(
  listener: TraceListener | undefined,
  now: () => number = Date.now,
  channel?: TraceChannel,
): Trace {
  if (listener === undefined && channel === undefined) return silent;
  const isHeard = (): boolean => listener !== undefined || channel?.hasSubscribers === true;
  const trace: Trace = (event) => {
    if (!isHeard()) return;
    const isPublished = channel?.hasSubscribers === true;
    const whole = plain({ at: now(), call: 0, ...event } as TraceEvent);
    if (isPublished) channel.publish(whole);
    try {
      listener?.(whole);
    } catch {
      // A listener's fault is not the protocol's.
    }
  };
  return Object.assign(trace, { isHeard });
}

/** Whether an event would reach a listener now: asked before an event is made that costs much. */
export function hasListener(trace: Trace): boolean {
  return trace !== silent && trace.isHeard?.() !== false;
}

/** Tells a listener a line that belongs to no call. */
export function noteTo(listener: TraceListener | undefined, text: string): void {
  createTrace(listener)({ type: "note", text });
}

/** What a call is, for its events. */
export interface TracedCall {
  readonly operation: TracedOperation;
  readonly host?: string | undefined;
}

/** A call that has begun. */
export interface OpenCall {
  /** Reports the call's own events; the calls that are made with it have this one as `parent`. */
  readonly trace: Trace;
  /** Reports the end, with the error if it failed. */
  end(failure?: { readonly error: unknown }): void;
}

/** Begins a call: its events have a number and its host, its beginning and end are events. */
export function beginCall(trace: Trace, { operation, host }: TracedCall): OpenCall {
  if (trace === silent) return { trace, end() {} };
  const own = withContext(trace, ++calls, host);
  const startedAt = performance.now();
  own({ type: "call-begin", operation });
  return {
    trace: own,
    end: (failure) => own({ type: "call-end", operation, ...outcome(startedAt, failure) }),
  };
}

/** Runs one call, as {@link beginCall} says. */
export function tracedCall<T>(trace: Trace, about: TracedCall, body: (trace: Trace) => Promise<T>): Promise<T> {
  const { trace: own, end } = beginCall(trace, about);
  return endedBy(end, () => body(own));
}

/** Runs a login: its beginning and end are events. */
export async function tracedLogin<T>(trace: Trace, client: () => string, body: () => Promise<T>): Promise<T> {
  if (trace === silent) return await body();
  const startedAt = performance.now();
  // Who listens is looked at twice: a subscriber may come, or go, while the login runs.
  if (hasListener(trace)) trace({ type: "login-begin", client: client() });
  return await endedBy((failure) => {
    if (hasListener(trace)) trace({ type: "login-end", client: client(), ...outcome(startedAt, failure) });
  }, body);
}

/** Begins a session: gives what reports its end, once. */
export function beginSession(trace: Trace, protocol: number): OpenCall["end"] {
  if (trace === silent) return () => {};
  const startedAt = performance.now();
  let isOver = false;
  trace({ type: "session-begin", protocol });
  return (failure) => {
    if (!isOver) trace({ type: "session-end", ...outcome(startedAt, failure) });
    isOver = true;
  };
}

async function endedBy<T>(end: OpenCall["end"], body: () => Promise<T>): Promise<T> {
  try {
    const result = await body();
    end();
    return result;
  } catch (error) {
    end({ error });
    throw error;
  }
}

function outcome(
  startedAt: number,
  failure: { readonly error: unknown } | undefined,
): { readonly milliseconds: number; readonly error?: string } {
  const milliseconds = performance.now() - startedAt;
  return failure === undefined ? { milliseconds } : { milliseconds, error: codeOf(failure.error) };
}

/** Adds the call and its host to events that have none; a call within it learns its parent. */
function withContext(trace: Trace, call: number, host: string | undefined): Trace {
  const place = host === undefined ? {} : { host };
  const { isHeard } = trace;
  const own: Trace = (event) => {
    if (isHeard?.() === false) return;
    // A context of GSS-API is given the trace as a listener: its events say call 0.
    if (event.call === undefined || event.call === 0) trace({ ...place, ...event, call });
    else if (event.type === "call-begin" && event.parent === undefined) trace({ ...place, ...event, parent: call });
    else trace({ ...place, ...event });
  };
  return isHeard === undefined ? own : Object.assign(own, { isHeard });
}

/** The `code` of an error of this package, or the name of another's: words that programs made, not strangers. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const { code, name } = error as Error & { readonly code?: unknown };
  return typeof code === "string" ? code : name;
}
