// A KDC behind UDP without a network: each datagram goes to a function, and what that returns comes back.

import type { DatagramSocket, Runtime } from "../../src/host/runtime.ts";

/** Returns undefined where the KDC does not answer. */
export type Answer = (request: Uint8Array) => Uint8Array | undefined;

/** Each reply comes once; who waits for another waits for ever. */
export function udpTo(answer: Answer): DatagramSocket {
  const replies: Uint8Array[] = [];
  const waiting: ((reply: Uint8Array) => void)[] = [];
  return {
    send: async (request) => {
      const reply = answer(request);
      if (reply === undefined) return;
      const take = waiting.shift();
      if (take === undefined) replies.push(reply);
      else take(reply);
    },
    receive: () => {
      const reply = replies.shift();
      return reply === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(reply);
    },
    close: () => {},
  };
}

/** A runtime that has UDP alone. */
export function udpRuntime(answer: Answer): Runtime {
  return { name: "web", connectUdp: async () => udpTo(answer) };
}
