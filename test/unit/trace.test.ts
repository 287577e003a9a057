import diagnosticsChannel from "node:diagnostics_channel";
import { describe, expect, it } from "vitest";
import * as main from "../../src/entry/index.ts";
import * as leanNode from "../../src/entry/lean/node.ts";
import * as lean from "../../src/entry/lean.ts";
import { createTestRealm } from "../../src/entry/testing.ts";
import { nodeRuntime } from "../../src/runtime/index.ts";
import {
  beginCall,
  beginSession,
  createTrace,
  type TraceChannel,
  type TraceEvent,
  tracedCall,
  tracedLogin,
} from "../../src/trace.ts";

function listen(): { readonly events: TraceEvent[]; readonly trace: ReturnType<typeof createTrace> } {
  const events: TraceEvent[] = [];
  return {
    events,
    trace: createTrace(
      (event) => events.push(event),
      () => 1_000,
    ),
  };
}

const note = { type: "note", text: "a step" } as const;

describe("trace events", () => {
  it("have a time, and call 0 where they belong to no call", () => {
    const { events, trace } = listen();
    trace(note);
    expect(events).toEqual([{ at: 1_000, call: 0, ...note }]);
  });

  it("of a call have its number and its host; its beginning and its end are events", async () => {
    const { events, trace } = listen();
    const result = await tracedCall(trace, { operation: "remctl", host: "a.example" }, async (own) => {
      own(note);
      return 7;
    });
    const call = events[0]?.call;
    const place = { at: 1_000, call, host: "a.example" };
    expect(result).toBe(7);
    expect(call).toBeGreaterThan(0);
    expect(events).toEqual([
      { ...place, type: "call-begin", operation: "remctl" },
      { ...place, ...note },
      { ...place, type: "call-end", operation: "remctl", milliseconds: expect.any(Number) },
    ]);
  });

  it("of two calls at once have two numbers", async () => {
    const { events, trace } = listen();
    const one = beginCall(trace, { operation: "connect", host: "a.example" });
    const other = beginCall(trace, { operation: "connect", host: "b.example" });
    one.trace(note);
    other.trace(note);
    other.end();
    one.end();
    const numbers = (host: string) => new Set(events.filter((event) => event.host === host).map(({ call }) => call));
    expect([numbers("a.example").size, numbers("b.example").size]).toEqual([1, 1]);
    expect([...numbers("a.example")]).not.toEqual([...numbers("b.example")]);
  });

  it("of a call within a call: its own number, the host, and the outer one as parent", async () => {
    const { events, trace } = listen();
    const outer = beginCall(trace, { operation: "remctl", host: "a.example" });
    const inner = beginCall(outer.trace, { operation: "run" });
    inner.trace(note);
    inner.end();
    outer.end();
    const [begin, innerBegin, step] = events as [TraceEvent, TraceEvent, TraceEvent];
    expect(innerBegin).toMatchObject({ type: "call-begin", operation: "run", parent: begin.call, host: "a.example" });
    expect(step.call).toBe(innerBegin.call);
    expect(step).not.toHaveProperty("parent");
  });

  it("of a failure have its code, or the name of what is not this package's; never its message", async () => {
    const { events, trace } = listen();
    const coded = Object.assign(new Error("secret"), { code: "WRONG_PASSWORD" });
    const fail = (error: unknown) => tracedCall(trace, { operation: "login" }, () => Promise.reject(error));
    await expect(fail(coded)).rejects.toBe(coded);
    await expect(fail(new TypeError("secret"))).rejects.toThrow(TypeError);
    await expect(fail("secret")).rejects.toBe("secret");
    await expect(
      tracedLogin(
        trace,
        () => "alice@R",
        () => Promise.reject(coded),
      ),
    ).rejects.toBe(coded);
    const errors = events.flatMap((event) => ("error" in event ? [event.error] : []));
    expect(errors).toEqual(["WRONG_PASSWORD", "TypeError", "string", "WRONG_PASSWORD"]);
    expect(JSON.stringify(events)).not.toContain("secret");
  });

  it("of a session: a beginning, and one end", () => {
    const { events, trace } = listen();
    const ended = beginSession(trace, 2);
    ended();
    ended({ error: new Error("later") });
    expect(events.map(({ type }) => type)).toEqual(["session-begin", "session-end"]);
  });

  it("reach nobody where nobody listens, and nothing fails by a listener's fault", async () => {
    const trace = createTrace(undefined);
    expect(await tracedCall(trace, { operation: "run" }, async (own) => own)).toBe(trace);
    const failing = createTrace(() => {
      throw new Error("a listener's fault");
    });
    expect(await tracedCall(failing, { operation: "run" }, async () => 1)).toBe(1);
  });
});

describe("the channel of node:diagnostics_channel", () => {
  it("has the events while somebody subscribes, beside a listener or without one", async () => {
    const channel = nodeRuntime().traceChannel?.() as TraceChannel;
    const heard: unknown[] = [];
    const trace = createTrace(undefined, () => 1, channel);
    trace(note);
    const onEvent = (event: unknown): void => void heard.push(event);
    diagnosticsChannel.subscribe("krb5-remctl:trace", onEvent);
    await tracedCall(trace, { operation: "noop" }, async (own) => own(note));
    diagnosticsChannel.unsubscribe("krb5-remctl:trace", onEvent);
    trace(note);
    expect(heard.map((event) => (event as TraceEvent).type)).toEqual(["call-begin", "note", "call-end"]);
  });

  it("has the end of a login that began while nobody subscribed, and not of one that nobody hears any more", async () => {
    const heard: unknown[] = [];
    const onEvent = (event: unknown): void => void heard.push((event as TraceEvent).type);
    const trace = createTrace(undefined, () => 1, nodeRuntime().traceChannel?.() as TraceChannel);
    const login = (body: () => void) =>
      tracedLogin(
        trace,
        () => "alice@R",
        async () => body(),
      );
    await login(() => void diagnosticsChannel.subscribe("krb5-remctl:trace", onEvent));
    expect(heard).toEqual(["login-end"]);
    await login(() => void diagnosticsChannel.unsubscribe("krb5-remctl:trace", onEvent));
    expect(heard).toEqual(["login-end", "login-begin"]);
  });

  it.each([
    ["krb5-remctl", main.createClient],
    ["krb5-remctl/lean", lean.createClient],
    ["krb5-remctl/lean/node", leanNode.createClient],
  ])("%s publishes there", async (_, createClient) => {
    const heard: unknown[] = [];
    const onEvent = (event: unknown): void => void heard.push(event);
    const dial = (): never => {
      throw new Error("no connection in this test");
    };
    const credentials = { principal: "alice@TEST.EXAMPLE", password: "secret" };
    const client = createClient({ credentials, kdc: ["tcp://kdc.test"], dial });
    diagnosticsChannel.subscribe("krb5-remctl:trace", onEvent);
    await client.getTicket("host/server@TEST.EXAMPLE").catch(() => {});
    diagnosticsChannel.unsubscribe("krb5-remctl:trace", onEvent);
    expect(heard.map((event) => (event as TraceEvent).type)).toContain("login-end");
  });
});

it("a password change is one call: its login has it as parent", async () => {
  const realm = await createTestRealm({ realm: "TEST.EXAMPLE", principals: { alice: { password: "secret" } } });
  const events: TraceEvent[] = [];
  const client = main.createClient({
    credentials: { principal: "alice@TEST.EXAMPLE", password: "secret" },
    kdc: realm.kdc,
    dial: realm.dial,
    config: false,
    dns: false,
    kdcTimeoutMs: 200,
    onTrace: (event) => events.push(event),
  });
  // Whether it succeeds is not asked here: the realm in a box may have no password server.
  await client.changePassword("another one").catch(() => {});
  const begun = events.flatMap((event) => (event.type === "call-begin" ? [event] : []));
  expect(begun.map(({ operation }) => operation)).toEqual(["changePassword", "login"]);
  expect(begun[1]?.parent).toBe(begun[0]?.call);
  await realm.close();
});
