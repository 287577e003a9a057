// negotiateInterceptor over a dispatcher whose server is a function: what a handler of undici sees, and what it must not see.

import { describe, expect, it } from "vitest";
import { type NegotiateInterceptorOptions, negotiateInterceptor } from "../../../src/entry/http.ts";
import type { Dispatch, DispatchController, Dispatched, DispatchHandler } from "../../../src/http/dispatch.ts";
import { dispatchedUrl, hasField, LastingController, withField } from "../../../src/http/dispatch.ts";
import { type Handler, SITE, world } from "./world.ts";

const REQUEST: Dispatched = { origin: SITE, path: "/", method: "GET" };
const target = () => "HTTP@www.test.example";
let sites = 0;
/** An origin that nobody has learned, for interceptors learn together. */
const newSite = () => `https://site${++sites}.example`;
const asking = (body = "") => new Response(body, { status: 401, headers: { "www-authenticate": "Negotiate" } });

class Controller implements DispatchController {
  aborted = false;
  paused = false;
  reason: Error | null = null;
  abort(reason: Error): void {
    this.aborted = true;
    this.reason ??= reason;
  }
  pause(): void {
    this.paused = true;
  }
  resume(): void {
    this.paused = false;
  }
}

/** A dispatcher in memory. It holds octets back while it is paused, as undici does. */
function dispatcherTo(server: Handler, interim: readonly number[] = []) {
  const requests: Dispatched[] = [];
  const controllers: Controller[] = [];
  const dispatch: Dispatch = (request, handler) => {
    requests.push(request);
    const controller = new Controller();
    controllers.push(controller);
    const run = async (): Promise<void> => {
      handler.onRequestStart?.(controller, {});
      const flat = (request.headers ?? []) as string[];
      const headers = new Headers();
      for (let at = 0; at < flat.length; at += 2) headers.append(flat[at] as string, flat[at + 1] as string);
      const answer = await server(new Request(new URL(request.path, request.origin), { headers }));
      for (const status of interim) handler.onResponseStart?.(controller, status, {});
      handler.onResponseStart?.(controller, answer.status, Object.fromEntries(answer.headers));
      for (const part of [new Uint8Array(await answer.arrayBuffer())]) {
        while (controller.paused) await new Promise((resolve) => setTimeout(resolve, 1));
        if (controller.aborted) return handler.onResponseError?.(controller, controller.reason as Error);
        if (part.length > 0) handler.onResponseData?.(controller, part);
        if (controller.aborted) return handler.onResponseError?.(controller, controller.reason as Error);
      }
      handler.onResponseEnd?.(controller, {});
    };
    void run();
    return true;
  };
  return { dispatch, requests, controllers };
}

/** A handler that keeps what it hears, in order. */
function listening(more: Partial<DispatchHandler> = {}) {
  const heard: string[] = [];
  let finish: () => void;
  const over = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const failure: { error?: Error & { readonly code?: string } } = {};
  const handler: DispatchHandler = {
    onRequestStart: () => void heard.push("start"),
    onResponseStart: (_, status) => void heard.push(`${status}`),
    onRequestUpgrade: (_, status) => void heard.push(`upgrade ${status}`),
    onResponseData: (_, chunk) => void heard.push(new TextDecoder().decode(chunk)),
    onResponseEnd: () => {
      heard.push("end");
      finish();
    },
    onResponseError: (_, error) => {
      heard.push("error");
      failure.error = error;
      finish();
    },
    ...more,
  };
  return { handler, heard, over, failure };
}

async function send(
  server: Handler,
  options: Partial<NegotiateInterceptorOptions> = {},
  request: Partial<Dispatched> = {},
  interim: readonly number[] = [],
) {
  const { credential } = await world();
  const origin = newSite();
  const all = { credential, origins: [origin], target, ...options };
  const intercept = negotiateInterceptor<(dispatch: Dispatch) => Dispatch>(all);
  const network = dispatcherTo(server, interim);
  const dispatch = intercept(network.dispatch);
  const one = async () => {
    const ear = listening();
    expect(dispatch({ ...REQUEST, origin, ...request }, ear.handler)).toBe(true);
    await ear.over;
    return ear;
  };
  return { ...(await one()), ...network, again: one, origin };
}

const tokensOf = (requests: readonly Dispatched[]) => requests.map((one) => hasField(one, "authorization"));

async function guarded(): Promise<Handler> {
  return (await world()).server().protect((_, { principal }) => new Response(`hello ${principal}`));
}

describe("negotiateInterceptor", () => {
  it("answers a challenge behind the handler's back, and the origin is learned", async () => {
    const { heard, requests, again } = await send(await guarded());
    expect(heard).toEqual(["start", "200", "hello alice@TEST.EXAMPLE", "end"]);
    expect((await again()).heard).toEqual(heard);
    expect(tokensOf(requests)).toEqual([false, true, true]);
    const forgetful = await send(await guarded(), { preemptive: false });
    await forgetful.again();
    expect(tokensOf(forgetful.requests)).toEqual([false, true, false, true]);
  });

  it("H1: leaves what is not its own alone: another origin, a CONNECT, a token of the caller's", async () => {
    for (const request of [
      { origin: "https://other.example" },
      { method: "CONNECT" },
      { headers: ["Authorization", "Bearer x"] },
    ]) {
      const { heard, requests, origin } = await send(() => asking("page"), { preemptive: true }, request);
      expect(heard).toEqual(["start", "401", "page", "end"]);
      expect(requests).toEqual([{ ...REQUEST, origin, ...request }]);
    }
    const { credential } = await world();
    const intercept = negotiateInterceptor<(dispatch: Dispatch) => Dispatch>({ credential, origins: [SITE] });
    const nowhere = { path: "/", method: "GET" };
    expect(() => intercept(() => true)(nowhere, {})).toThrow(/names no origin/);
  });

  it("H4: gives nothing of an answer whose proof is wrong, whatever its status, and says why once", async () => {
    for (const status of [200, 302, 404, 500]) {
      const wrong = () => new Response("secret", { status, headers: { "www-authenticate": "Negotiate AAAA" } });
      const { heard, failure } = await send(wrong, { preemptive: true });
      expect(heard).toEqual(["start", "error"]);
      expect(failure.error?.code).toBe("GSS_DEFECTIVE_TOKEN");
    }
    const broken = () => new Response("no", { status: 401, headers: { "www-authenticate": "Negotiate ?" } });
    const { heard, failure } = await send(broken);
    expect([heard, failure.error?.code]).toEqual([["start", "error"], "GSS_DEFECTIVE_TOKEN"]);
  });

  it("gives interim answers at once, before any proof", async () => {
    const { heard } = await send(await guarded(), { preemptive: true }, {}, [103]);
    expect(heard).toEqual(["start", "103", "200", "hello alice@TEST.EXAMPLE", "end"]);
  });

  it("gives the second 401, and an answer of an open page", async () => {
    const { heard, requests } = await send(() => asking("page"));
    expect(heard).toEqual(["start", "401", "page", "end"]);
    expect(tokensOf(requests)).toEqual([false, true]);
    expect((await send(() => new Response("open"))).heard).toEqual(["start", "200", "open", "end"]);
  });

  it("reads the page of a challenge to its end, and a long one costs its connection", async () => {
    const page = async (length: number) => {
      const inside = await guarded();
      return send((request) => (request.headers.has("authorization") ? inside(request) : asking("x".repeat(length))));
    };
    for (const [length, isCut] of [
      [0, false],
      [65_536, false],
      [65_537, true],
    ] as const) {
      const { heard, controllers } = await page(length);
      expect(heard).toEqual(["start", "200", "hello alice@TEST.EXAMPLE", "end"]);
      expect(controllers.map(({ aborted }) => aborted)).toEqual([isCut, false]);
    }
  });

  it("H3: a stream has its token at once, or an error where that may not be", async () => {
    const stream = () => (async function* () {})();
    expect(tokensOf((await send(await guarded(), {}, { body: stream() })).requests)).toEqual([true]);
    const { heard, failure } = await send(await guarded(), { preemptive: false }, { body: stream() });
    expect(heard).toEqual(["start", "error"]);
    expect(failure.error?.message).toMatch(/cannot be sent again/);
    const open = await send(() => new Response("open"), { preemptive: false }, { body: stream() });
    expect(open.heard).toEqual(["start", "200", "open", "end"]);
  });

  it("H7: refuses a server that authenticates connections, unless they are its own", async () => {
    const inside = await guarded();
    const bound: Handler = async (request) => {
      const answer = await inside(request);
      answer.headers.set("persistent-auth", "true");
      return answer;
    };
    const { heard, failure } = await send(bound, { preemptive: true });
    expect(heard).toEqual(["start", "error"]);
    expect(failure.error?.message).toMatch(/authenticates connections.*ownsConnections/);
    expect((await send(bound, { preemptive: true, ownsConnections: true })).heard.at(-1)).toBe("end");
  });

  it("H7: two credentials over one dispatcher: what one has learned, the other has too, unless each owns its own", async () => {
    const { credential } = await world();
    for (const ownsConnections of [false, true]) {
      const origin = newSite();
      const network = dispatcherTo(await guarded());
      for (let i = 0; i < 2; i++) {
        const all = { credential, origins: [origin], target, ownsConnections };
        const intercept = negotiateInterceptor<(dispatch: Dispatch) => Dispatch>(all);
        const ear = listening();
        intercept(network.dispatch)({ ...REQUEST, origin }, ear.handler);
        await ear.over;
        expect(ear.heard.at(-1)).toBe("end");
      }
      // A request without a token could be taken for the first one's, whose connection is let in.
      expect(tokensOf(network.requests)).toEqual(ownsConnections ? [false, true, false, true] : [false, true, true]);
    }
  });

  it("fails with what the credential throws, and sends nothing", async () => {
    const credential = { getTicket: () => Promise.reject(new RangeError("no ticket today")) };
    const { heard, failure, requests } = await send(() => asking(), { credential, preemptive: true });
    expect([heard, requests]).toEqual([["start", "error"], []]);
    expect(String(failure.error?.cause)).toContain("no ticket today");
  });

  it("a request that is aborted while a ticket is got fails with the reason, and is never sent", async () => {
    const { credential: own } = await world();
    let go = (): void => {};
    const gate = new Promise<void>((resolve) => {
      go = resolve;
    });
    const credential = {
      getTicket: async (...rest: Parameters<typeof own.getTicket>) => gate.then(() => own.getTicket(...rest)),
    };
    const origin = newSite();
    const intercept = negotiateInterceptor<(dispatch: Dispatch) => Dispatch>({ credential, origins: [origin], target });
    const network = dispatcherTo(() => asking());
    let controller: DispatchController | undefined;
    const ear = listening({
      onRequestStart: (one) => {
        controller = one;
      },
    });
    intercept(network.dispatch)({ ...REQUEST, origin }, ear.handler);
    await new Promise((resolve) => setTimeout(resolve, 20));
    controller?.abort(new Error("enough"));
    await ear.over;
    go();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect([ear.heard, ear.failure.error?.message, network.requests.length]).toEqual([["error"], "enough", 1]);
    expect([controller?.aborted, controller?.reason?.message]).toEqual([true, "enough"]);
  });

  it("a request that is aborted while its token is made is never sent", async () => {
    const { credential: own } = await world();
    // At each turn between the ticket and the request.
    for (let turns = 0; turns < 1_000; turns++) {
      const origin = newSite();
      let controller: DispatchController | undefined;
      let atAbort = 0;
      const ear = listening({
        onRequestStart: (one) => {
          controller = one;
        },
      });
      const network = dispatcherTo(() => asking());
      const end = async () => {
        for (let i = 0; i < turns; i++) await undefined;
        atAbort = network.requests.length;
        controller?.abort(new Error("enough"));
      };
      const credential = {
        async getTicket(...rest: Parameters<typeof own.getTicket>) {
          const ticket = await own.getTicket(...rest);
          void end();
          return ticket;
        },
      };
      const intercept = negotiateInterceptor<(dispatch: Dispatch) => Dispatch>({
        credential,
        origins: [origin],
        target,
      });
      intercept(network.dispatch)({ ...REQUEST, origin }, ear.handler);
      await ear.over;
      await new Promise((resolve) => setTimeout(resolve, 5));
      if (atAbort === 2) return;
      expect(ear.failure.error?.message).toBe("enough");
      expect(network.requests.length, `after ${turns} turns`).toBe(1);
    }
    throw new Error("no token was sent within a thousand turns");
  });

  it("a pause of the handler's holds for the second attempt, and none is made up", async () => {
    const inside = await guarded();
    const paused: boolean[] = [];
    for (const doesPause of [false, true]) {
      const { credential } = await world();
      const origin = newSite();
      const all = { credential, origins: [origin], target };
      const intercept = negotiateInterceptor<(dispatch: Dispatch) => Dispatch>(all);
      const network = dispatcherTo((request) => {
        if (!request.headers.has("authorization")) return asking();
        paused.push(network.controllers[1]?.paused ?? false);
        network.controllers[1]?.resume();
        return inside(request);
      });
      let mine: DispatchController | undefined;
      const ear = listening({
        onRequestStart: (controller) => {
          mine = controller;
          if (doesPause) controller.pause();
        },
      });
      const first: Dispatch = (request, handler) => {
        const given = network.dispatch(request, handler);
        network.controllers[0]?.resume();
        return given;
      };
      intercept(first)({ ...REQUEST, origin }, ear.handler);
      await new Promise((resolve) => setTimeout(resolve, 60));
      expect(mine?.paused).toBe(doesPause);
      mine?.resume();
      network.controllers[0]?.resume();
      await ear.over;
      expect(ear.heard.at(-1)).toBe("end");
    }
    expect(paused).toEqual([false, true]);
  });

  it("an upgrade is given on when its proof is right, and where it had no token", async () => {
    const { credential } = await world();
    const upgrade = async (preemptive: boolean, fields: Record<string, string>) => {
      const intercept = negotiateInterceptor<(dispatch: Dispatch) => Dispatch>({
        credential,
        origins: [SITE],
        preemptive,
      });
      const ear = listening();
      const network: Dispatch = (_, handler) => {
        const controller = new Controller();
        handler.onRequestStart?.(controller, {});
        handler.onRequestUpgrade?.(controller, 101, fields, {});
        return true;
      };
      intercept(network)({ ...REQUEST, headers: { upgrade: "websocket" } }, ear.handler);
      await new Promise((resolve) => setTimeout(resolve, 30));
      return ear.heard;
    };
    expect(await upgrade(false, {})).toEqual(["start", "upgrade 101"]);
    expect(await upgrade(true, {})).toEqual(["start", "upgrade 101"]);
    expect(await upgrade(true, { "www-authenticate": "Negotiate AAAA" })).toEqual(["start", "error"]);
  });
});

describe("what undici may do at a bad time", () => {
  const tick = () => new Promise((resolve) => setTimeout(resolve, 30));
  const under = async (network: Dispatch, ear: ReturnType<typeof listening>, preemptive: boolean) => {
    const { credential } = await world();
    const intercept = negotiateInterceptor<(dispatch: Dispatch) => Dispatch>({
      credential,
      origins: [SITE],
      preemptive,
    });
    intercept(network)(REQUEST, ear.handler);
    await tick();
  };

  it("start a request that is aborted: the handler hears of no start", async () => {
    const ear = listening();
    await under(
      (_, handler) => {
        const controller = new Controller();
        controller.abort(new Error("over"));
        handler.onRequestStart?.(controller, {});
        return true;
      },
      ear,
      false,
    );
    expect(ear.heard).toEqual([]);
  });

  it("give octets of an answer that was refused: none of them is given on", async () => {
    const ear = listening();
    const controller = new Controller();
    let late: DispatchHandler | undefined;
    await under(
      (_, handler) => {
        late = handler;
        handler.onRequestStart?.(controller, {});
        handler.onResponseStart?.(controller, 200, { "www-authenticate": "Negotiate AAAA" });
        return true;
      },
      ear,
      true,
    );
    await ear.over;
    expect(ear.heard).toEqual(["start", "error"]);
    late?.onResponseData?.(controller, new Uint8Array([65]));
    late?.onResponseEnd?.(controller, {});
    expect(ear.heard).toEqual(["start", "error"]);
  });

  it("begin an attempt after the abort: it is aborted with the reason", () => {
    const lasting = new LastingController();
    const first = new Controller();
    lasting.follow(first);
    expect([lasting.aborted, lasting.reason, first.aborted]).toEqual([false, null, false]);
    const reason = new Error("over");
    lasting.abort(reason);
    const second = new Controller();
    lasting.follow(second);
    expect([first.reason, second.reason, lasting.reason]).toEqual([reason, reason, reason]);
    expect(new LastingController().rawHeaders).toBeUndefined();
  });
});

describe("the header of a request as undici takes it", () => {
  const FORMS: readonly (readonly [string, unknown, readonly unknown[]])[] = [
    ["names and values in turn", ["a", "1", "B", "2"], ["a", "1", "B", "2"]],
    ["an object", { a: "1", B: "2" }, ["a", "1", "B", "2"]],
    [
      "pairs",
      new Map([
        ["a", "1"],
        ["B", "2"],
      ]),
      ["a", "1", "B", "2"],
    ],
    ["null", null, []],
    ["nothing", undefined, []],
    ["what is none", "a: b", []],
  ];
  it.each(FORMS)("%s", (_, headers, flat) => {
    const request = { ...REQUEST, headers };
    expect(withField(request, "x", "y").headers).toEqual([...flat, "x", "y"]);
    expect(hasField(request, "b")).toBe(flat.length > 0);
    // A value is no name.
    expect(hasField(request, "2")).toBe(false);
  });

  it("the URL is that of origin and path", () => {
    expect(dispatchedUrl(REQUEST)?.href).toBe(`${SITE}/`);
    expect(dispatchedUrl({ path: "/", method: "GET" })).toBeUndefined();
  });
});
