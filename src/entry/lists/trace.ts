// Events, and who hears them. A list that several entries publish.

export type {
  Trace,
  TraceChannel,
  TraceContext,
  TracedOperation,
  TraceEvent,
  TraceListener,
  TraceStep,
} from "../../trace.ts";
