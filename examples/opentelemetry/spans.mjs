// Spans of OpenTelemetry from the trace events of krb5-remctl: one for each call, and within it one for each login, each
// request to a KDC and each session. Give the result as the option `onTrace`.

import { context, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";

/**
 * @param {import("@opentelemetry/api").Tracer} tracer
 * @returns {import("krb5-remctl").TraceListener}
 */
export function spansOf(tracer) {
  /** Open spans, by the number of their call and what they are of. @type {Map<string, import("@opentelemetry/api").Span>} */
  const open = new Map();
  const parentOf = (call) => open.get(`${call} login`) ?? open.get(`${call} call`);

  const begin = (key, name, event, options = {}, parent = parentOf(event.call)) => {
    const around = parent === undefined ? context.active() : trace.setSpan(context.active(), parent);
    open.set(key, tracer.startSpan(name, { startTime: event.at, ...options }, around));
  };
  const end = (key, event, attributes = {}) => {
    const span = open.get(key);
    if (span === undefined) return;
    open.delete(key);
    span.setAttributes(attributes);
    if (event.error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: event.error });
    span.end(event.at);
  };

  return (event) => {
    const { call } = event;
    switch (event.type) {
      case "call-begin":
        return begin(
          `${call} call`,
          event.operation,
          event,
          { kind: SpanKind.CLIENT, attributes: event.host === undefined ? {} : { "server.address": event.host } },
          open.get(`${event.parent} call`),
        );
      case "call-end":
        return end(`${call} call`, event);
      case "login-begin":
        return begin(`${call} login`, "login", event, { attributes: { "krb5.client": event.client } });
      case "login-end":
        return end(`${call} login`, event);
      case "kdc-request":
        return begin(`${call} ${event.endpoint}`, event.message, event, {
          kind: SpanKind.CLIENT,
          attributes: { "krb5.realm": event.realm, "server.address": event.endpoint },
        });
      case "kdc-reply":
      case "kdc-failed":
        return end(`${call} ${event.endpoint}`, { ...event, error: event.reason });
      case "status":
        return parentOf(call)?.setAttribute("remctl.status", event.status);
      default:
        // What is a step and has no length becomes an event of the call's span.
        return parentOf(call)?.addEvent(event.type, undefined, event.at);
    }
  };
}
