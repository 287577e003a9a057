// A link with a round trip of its own on loopback: TCP and UDP through here take half of it each way, and the round trips
// that a client waits for are counted.
//
// What counts is what waits for what. Octets of the client have the number of the last answer that had reached it, plus one;
// an answer has the number of what it answers; the opening of a TCP connection is one of its own. So two things done side by side count
// once. The kernel accepts connections at once: their round trip is made up for by holding back what is sent on them first. It
// acknowledges at once too: what the C client loses to Nagle's algorithm on a real link is not charged to it here.

import dgram from "node:dgram";
import net from "node:net";

/**
 * @typedef {object} Link
 * @property {(port: number) => Promise<number>} tcp a port that leads to another on 127.0.0.1
 * @property {(port: number) => Promise<number>} kdc the same for UDP and TCP under one number
 * @property {() => void} reset
 * @property {() => number} roundTrips since the last reset
 * @property {() => void} close
 */

/** @param {number} roundTripMs @returns {Link} */
export function startDelayLink(roundTripMs) {
  const half = roundTripMs / 2;
  /** @type {(() => void)[]} */
  const closers = [];
  /** The highest number of an answer that has reached the client. */
  let answered = 0;
  let epoch = 0;

  /** Things in order, each not before its time. */
  const lane = () => {
    let last = 0;
    return (/** @type {number} */ notBefore, /** @type {() => void} */ deliver) => {
      const now = performance.now();
      last = Math.max(last, notBefore, now + half);
      setTimeout(deliver, last - now);
    };
  };

  const connect = (/** @type {net.Socket} */ client, /** @type {number} */ port) => {
    const own = epoch;
    const opened = answered + 1;
    const openMs = performance.now() + roundTripMs;
    let asked = opened;
    const server = net.connect({ host: "127.0.0.1", port, noDelay: true });
    client.setNoDelay(true);
    const up = lane();
    const down = lane();
    client.on("data", (octets) => {
      const number = Math.max(answered, opened) + 1;
      up(openMs + half, () => {
        asked = Math.max(asked, number);
        if (!server.destroyed) server.write(octets);
      });
    });
    server.on("data", (octets) => {
      const number = asked;
      down(0, () => {
        if (own === epoch) answered = Math.max(answered, number);
        if (!client.destroyed) client.write(octets);
      });
    });
    client.on("end", () => up(openMs, () => server.end()));
    server.on("end", () => down(0, () => client.end()));
    for (const socket of [client, server]) {
      socket.on("error", () => {
        client.destroy();
        server.destroy();
      });
    }
  };

  /** @param {number} port @param {number} [at] @returns {Promise<number>} */
  const tcp = (port, at = 0) =>
    new Promise((resolve, reject) => {
      const listener = net.createServer({ allowHalfOpen: true }, (client) => connect(client, port));
      listener.on("error", reject);
      listener.listen(at, "127.0.0.1", () => resolve(/** @type {net.AddressInfo} */ (listener.address()).port));
      closers.push(() => listener.close());
    });

  const kdc = async (/** @type {number} */ port) => {
    const socket = dgram.createSocket("udp4");
    await new Promise((resolve, reject) => {
      socket.on("error", reject);
      socket.bind(0, "127.0.0.1", () => resolve(undefined));
    });
    closers.push(() => socket.close());
    socket.on("message", (request, from) => {
      const own = epoch;
      const number = answered + 1;
      const server = dgram.createSocket("udp4");
      server.on("error", () => {});
      const timer = setTimeout(() => server.close(), 5000);
      server.on("message", (reply) => {
        clearTimeout(timer);
        server.close();
        setTimeout(() => {
          if (own === epoch) answered = Math.max(answered, number);
          socket.send(reply, from.port, from.address, () => {});
        }, half);
      });
      setTimeout(() => server.send(request, port, "127.0.0.1"), half);
    });
    const { port: own } = socket.address();
    await tcp(port, own);
    return own;
  };

  return {
    tcp,
    kdc,
    reset: () => {
      answered = 0;
      epoch++;
    },
    roundTrips: () => answered,
    close: () => {
      for (const close of closers) close();
    },
  };
}
