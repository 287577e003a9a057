// A session's start: the connection and the ticket at the same time, and which of two failures is told.

import { describe, expect, it } from "vitest";
import { Asking } from "../../src/client/index.ts";
import { ConfigError, CredentialError, KdcError, UnsupportedError } from "../../src/errors.ts";
import type { Connection } from "../../src/host/index.ts";
import { parsePrincipal } from "../../src/krb5/index.ts";
import { resolveClientOptions } from "../../src/remctl/index.ts";
import { type Connecting, connect } from "../../src/remctl-client/connect.ts";
import { HOST, setting } from "./client/cold-harness.ts";
import { encTypes } from "./gssapi/pair.ts";

const failing = <T>(milliseconds: number, error: unknown): Promise<T> =>
  new Promise((_, reject) => setTimeout(() => reject(error), milliseconds));

function connecting(dialled: (signal: AbortSignal) => Promise<Connection>, fetched: () => Promise<never>): Connecting {
  return {
    host: "server.example.test",
    service: () => parsePrincipal("host/server.example.test@EXAMPLE.TEST"),
    settings: resolveClientOptions({ port: 4373 }),
    runtime: { name: "node", connectTcp: async (_host, _port, { signal }) => dialled(signal as AbortSignal) },
    dial: undefined,
    trace: () => {},
    now: undefined,
    loadEncTypes: async () => encTypes,
    tickets: { getTicket: fetched, forget: async () => {} },
  };
}

const failure = (options: Connecting): Promise<unknown> => connect(options).catch((error: unknown) => error);
const noTicket = new KdcError("SERVICE_UNKNOWN", "the KDC does not know this service", {
  errorCode: 7,
  errorName: "KDC_ERR_S_PRINCIPAL_UNKNOWN",
});

describe("connect: what is told of two failures", () => {
  it.each([0, 50])("the connection's, though the ticket failed %i ms before it", async (milliseconds) => {
    const error = await failure(
      connecting(
        () => failing(milliseconds, new Error("no such host")),
        () => failing(0, noTicket),
      ),
    );
    expect(error).toMatchObject({ code: "CONNECT", commandState: "not-sent" });
  });

  const noPassword = new CredentialError("NO_CREDENTIAL", "credentials.password has no value");
  it.each([
    ["a credential", noPassword],
    ["a configuration", new ConfigError("the line has no key")],
    ["what the host lacks", new UnsupportedError("the host has no files")],
    ["a caller's mistake", new TypeError("credentials.password is not a string")],
  ])("what this side lacks, whichever was first: %s", async (_, missing) => {
    for (const [dialMs, ticketMs] of [
      [0, 50],
      [50, 0],
    ] as const) {
      const refused = (): Promise<Connection> => failing(dialMs, new Error("connection refused"));
      expect(await failure(connecting(refused, () => failing(ticketMs, missing)))).toBe(missing);
    }
  });

  it("but not once a KDC was asked, nor for longer than a second", async () => {
    const refused = async (): Promise<Connection> => {
      throw new Error("connection refused");
    };
    const asking = (error: unknown, milliseconds: number): Connecting => {
      const options = connecting(refused, () => failing(0, error));
      const getTicket: Connecting["tickets"]["getTicket"] = async (_, { trace }) => {
        await new Promise((resolve) => setTimeout(resolve, 20));
        trace({ type: "kdc-request", realm: "EXAMPLE.TEST", endpoint: "tcp://kdc:88", message: "AS-REQ", octets: 1 });
        return await failing(milliseconds, error);
      };
      return { ...options, tickets: { ...options.tickets, getTicket } };
    };
    for (const milliseconds of [0, 5_000]) {
      const started = performance.now();
      expect(await failure(asking(noPassword, milliseconds))).toMatchObject({ code: "CONNECT" });
      expect(performance.now() - started).toBeLessThan(900);
    }
    const started = performance.now();
    expect(await failure(connecting(refused, () => new Promise(() => {})))).toMatchObject({ code: "CONNECT" });
    expect(performance.now() - started).toBeLessThan(1_900);
  });

  it("the ticket's, where the connection is there", async () => {
    const open = { abort: () => {} } as Connection;
    expect(
      await failure(
        connecting(
          async () => open,
          () => failing(20, noTicket),
        ),
      ),
    ).toBe(noTicket);
  });

  it("the ticket's after a second, where the connection hangs; and it is given up", async () => {
    const started = performance.now();
    let given: AbortSignal | undefined;
    const hang = (signal: AbortSignal): Promise<Connection> => {
      given = signal;
      return new Promise(() => {});
    };
    expect(await failure(connecting(hang, () => failing(0, noTicket)))).toBe(noTicket);
    expect(performance.now() - started).toBeLessThan(1_900);
    expect(given?.aborted).toBe(true);
  });
});

describe("connect: a server that says nothing", () => {
  it.each(["total time", "signal"])("its connection ends with the call, by the %s", async (how) => {
    const ticket = await (await setting()).client().getTicket(HOST);
    const end = new AbortController();
    const steps: string[] = [];
    let abortRead: (error: Error) => void = () => {};
    const silent = {
      write: async () => void steps.push("token"),
      read: () =>
        new Promise((_, reject) => {
          abortRead = reject;
        }),
      abort: () => {
        steps.push("ended");
        abortRead(new Error("aborted"));
      },
    } as unknown as Connection;
    // The ticket takes most of the time, so that the time of the security context would be over later.
    const fetched = async (): Promise<never> => {
      await new Promise((resolve) => setTimeout(resolve, 150));
      return ticket as never;
    };
    const limits = how === "signal" ? { signal: end.signal } : { totalTimeoutMs: 250 };
    const options = connecting(async () => silent, fetched);
    setTimeout(() => end.abort(), 250);
    const error = await failure({ ...options, settings: resolveClientOptions({ port: 4373, ...limits }) });
    expect(error).toMatchObject({ code: how === "signal" ? "ABORTED" : "TIMEOUT", commandState: "not-sent" });
    expect(steps).toEqual(["token", "ended"]);
  });
});

describe("connect: while a person is asked", () => {
  it("the connection that waits is ended, and another is opened when the ticket is there", async () => {
    const asking = new Asking();
    const prompts = asking.hear({ password: async () => "secret" });
    const steps: string[] = [];
    const dialled = async (): Promise<Connection> => {
      steps.push("connected");
      if (steps.includes("ticket")) throw new Error("enough");
      return { abort: () => void steps.push("ended") } as unknown as Connection;
    };
    const fetched = async (): Promise<never> => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      await prompts?.password?.({ client: parsePrincipal("alice@EXAMPLE.TEST"), text: "Password" });
      await new Promise((resolve) => setTimeout(resolve, 20));
      steps.push("ticket");
      return {} as never;
    };
    expect(await failure({ ...connecting(dialled, fetched), asking })).toMatchObject({ code: "CONNECT" });
    expect(steps.slice(0, 4)).toEqual(["connected", "ended", "ticket", "connected"]);
  });

  it("where nobody is asked it is the one that is used", async () => {
    const steps: string[] = [];
    const dialled = async (): Promise<Connection> => {
      steps.push("connected");
      return { abort: () => {} } as unknown as Connection;
    };
    await failure({ ...connecting(dialled, async () => ({}) as never), asking: new Asking() }).catch(() => {});
    expect(steps).toEqual(["connected"]);
  });
});

describe("connect: what is told when the time is up", () => {
  const never = <T>(): Promise<T> => new Promise(() => {});
  it("the name's look-up, while it takes the time; the connection, once it is over", async () => {
    const settings = resolveClientOptions({ port: 4373, connectTimeoutMs: 30 });
    const failureAfter = (calls: readonly boolean[]) =>
      failure({
        ...connecting(never, never),
        settings,
        runtime: {
          name: "node",
          connectTcp: (_host, _port, { onLookUp }) => {
            for (const isOver of calls) onLookUp?.(isOver);
            return never();
          },
        },
      });
    expect(await failureAfter([false])).toMatchObject({
      code: "TIMEOUT",
      message: "looking up the name server.example.test: nothing within 30 ms; raise the timeout",
    });
    expect(await failureAfter([false, true])).toMatchObject({
      message: "connecting to server.example.test:4373: nothing within 30 ms; raise the timeout",
    });
  });

  const open = { abort: () => {}, close: async () => {}, write: never, read: never } as unknown as Connection;
  it.each([
    [
      "both",
      never<Connection>,
      /^connecting, and getting a ticket from the KDC, for server\.example\.test: nothing within/,
    ],
    ["the ticket", async () => open, /^getting a ticket from the KDC for server\.example\.test: nothing within/],
  ])("waits for %s", async (_, dialled, words) => {
    const options = connecting(dialled, never);
    const settings = resolveClientOptions({ port: 4373, totalTimeoutMs: 30 });
    const error = await failure({ ...options, settings });
    expect(error).toMatchObject({ code: "TIMEOUT", commandState: "not-sent", message: expect.stringMatching(words) });
  });
});
