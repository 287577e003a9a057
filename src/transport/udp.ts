import { afterSilence, onAbort } from "../host/index.ts";
import { isErrorOfAnother } from "./reply-kind.ts";
import type { Transport } from "./transport.ts";

const firstRetransmitMs = 1000;
const maxSends = 5;

/**
 * UDP (RFC 4120 section 7.2.1): one datagram, one message. The request is sent again after 1 s, then after twice as
 * long each time. The socket is connected, so that only the KDC's address is heard; what does not answer this request
 * is ignored, since a stray or forged datagram must not end the exchange.
 */
export const udp: Transport = {
  name: "udp",

  missing({ runtime }) {
    if (runtime.connectUdp !== undefined) return undefined;
    return `the "${runtime.name}" runtime has no UDP: write tcp://host:port, or the https:// URL of a KDC proxy`;
  },

  async ask({ endpoint, request, host, classify, signal, onRetransmit, onLookUp }) {
    const { runtime, localAddress } = host;
    const connect = runtime.connectUdp;
    if (connect === undefined) throw new TypeError("no UDP: `missing` was not asked");
    const socket = await connect(endpoint.host, endpoint.port, {
      signal,
      ...(localAddress === undefined ? {} : { localAddress }),
      ...(onLookUp === undefined ? {} : { onLookUp }),
    });
    let stop: (() => void) | undefined;
    const forget = onAbort(signal, () => socket.close());
    try {
      return await new Promise<Uint8Array>((resolve, reject) => {
        let sends = 0;
        const send = (): void => {
          sends += 1;
          if (sends > 1) onRetransmit?.(sends - 1);
          if (sends < maxSends) stop = afterSilence(firstRetransmitMs * 2 ** (sends - 1), send);
          socket.send(request).catch(reject);
        };
        const listen = async (): Promise<Uint8Array> => {
          for (;;) {
            const datagram = await socket.receive();
            if (classify(datagram) !== "garbage" && !isErrorOfAnother(request, datagram)) return datagram;
          }
        };
        send();
        listen().then(resolve, reject);
      });
    } finally {
      stop?.();
      forget();
      socket.close();
    }
  },
};
