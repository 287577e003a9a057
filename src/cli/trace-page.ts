import { DIAGRAM_STYLE, element, pageOf, type SequenceStep, sequenceDiagram } from "../diagram/index.ts";
import type { TraceEvent } from "../trace.ts";
import { formatTraceEvent } from "./trace-lines.ts";

/** More steps than a person reads; a run on many hosts has them. */
const MAX_STEPS = 5_000;

/**
 * The steps of a command as a page that can be sent to an administrator. It has what the trace has: names, sizes, times
 * and errors, and no octet of a message, since an AS-REP can be cracked and an AP-REQ replayed.
 */
export class TracePage {
  readonly #started: number;
  readonly #steps: SequenceStep[] = [];
  #left = 0;

  /** @param started milliseconds since the epoch */
  constructor(started: number) {
    this.#started = started;
  }

  /** Takes the next step. */
  add(event: TraceEvent): void {
    if (this.#steps.length === MAX_STEPS) this.#left++;
    else this.#steps.push(this.#stepOf(event));
  }

  /** The page, with a title and how the command ended. */
  html(title: string, status: number): Promise<string> {
    const ended = status === 0 ? "It ended with status 0." : `It ended with status ${status}: see the last red step.`;
    const left = this.#left === 0 ? "" : ` ${this.#left} more steps are left out.`;
    return pageOf(
      title,
      DIAGRAM_STYLE,
      element("h1", {}, title),
      element("p", {}, `${new Date(this.#started).toISOString()}. ${ended}${left}`),
      element(
        "p",
        {},
        "This page has names, addresses, sizes, times and errors. It has no password, key, ticket or message.",
      ),
      sequenceDiagram(this.#steps),
    );
  }

  #stepOf(event: TraceEvent): SequenceStep {
    const seconds = `${((event.at - this.#started) / 1000).toFixed(3)} s`;
    return { ...placeOf(event), detail: formatTraceEvent(event), note: seconds };
  }
}

/** Where an event stands in the diagram, and its name there. */
function placeOf(event: TraceEvent): Omit<SequenceStep, "detail" | "note"> {
  switch (event.type) {
    case "kdc-request":
      return { from: "client", to: "kdc", label: event.message };
    case "kdc-reply":
      return { from: "kdc", to: "client", label: "answer" };
    case "kdc-error":
      return { from: "client", label: event.errorName, isError: true };
    case "kdc-failed":
      return { from: "client", label: "no answer", isError: true };
    case "connect":
      return { from: "client", to: "server", label: "connect" };
    case "context-token":
      return event.direction === "sent"
        ? { from: "client", to: "server", label: "context token" }
        : { from: "server", to: "client", label: "context token" };
    case "command-sent":
      return { from: "client", to: "server", label: "command" };
    case "output":
      return { from: "server", to: "client", label: event.stream };
    case "status":
      return { from: "server", to: "client", label: `status ${event.status}`, isError: event.status !== 0 };
    case "server-error":
      return { from: "server", to: "client", label: "error", isError: true };
    case "call-end":
    case "login-end":
    case "session-end":
      return { from: "client", label: event.type.replace("-", " "), isError: event.error !== undefined };
    default:
      return { from: "client", label: event.type.replaceAll("-", " ") };
  }
}
