/**
 * What the library tells a caller who asks (`onTrace`): each step as a typed event, with no octet of a key, ticket
 * or password in any of them. `at` is milliseconds since the epoch.
 */
export type TraceEvent = { readonly at: number } & TraceStep;

/** What a {@link TraceEvent} says, without its time. */
export type TraceStep =
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
    }
  /** DNS was asked: `record` as `SRV`; `records` is their number. */
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

/** Reports one step. */
export type Trace = (step: TraceStep) => void;

/** Makes the function that the library's rooms report to; with no listener it costs one call. */
export function createTrace(listener: TraceListener | undefined, now: () => number = Date.now): Trace {
  if (listener === undefined) return () => {};
  return (step) => {
    try {
      listener({ ...step, at: now() });
    } catch {
      // A listener's fault is not the protocol's.
    }
  };
}
