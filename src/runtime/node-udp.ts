import type { ConnectOptions, DatagramSocket } from "../host/index.ts";
import { onAbort } from "../host/index.ts";
import { needBuiltin } from "./node-builtins.ts";
import { familyOf, hostNames } from "./node-lookup.ts";

type DgramSocket = import("node:dgram").Socket;
/** An address of a name. */
export interface Address {
  readonly address: string;
  readonly family: number;
}

// Datagrams kept for a slow reader; more are dropped, like the kernel does.
const maxUnread = 16;

/**
 * {@link Runtime.connectUdp} over `node:dgram`, each address of the name through its connected socket.
 * `permit` takes out those that the host forbids, and throws if none is left.
 */
export async function connectUdp(
  host: string,
  port: number,
  options: ConnectOptions,
  permit: (addresses: readonly Address[]) => readonly Address[] = (addresses) => addresses,
): Promise<DatagramSocket> {
  const { signal, localAddress, onLookUp } = options;
  if (signal?.aborted) throw signal.reason;
  const family = localAddress === undefined ? 0 : familyOf(localAddress);
  const version = needBuiltin<typeof import("node:net")>("node:net").isIP(host);
  if (version !== 0) return new NodeDatagramSocket(permit([{ address: host, family: version }]), port, localAddress);
  onLookUp?.(false);
  const addresses = await abortable(lookUp(host, family), signal);
  onLookUp?.(true);
  return new NodeDatagramSocket(permit(addresses), port, localAddress);
}

async function lookUp(host: string, family: 0 | 4 | 6): Promise<readonly Address[]> {
  return (await hostNames().lookUp(host, family)).map((address) => ({ address, family: familyOf(address) }));
}

function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  return new Promise((resolve, reject) => {
    const forget = onAbort(signal, () => reject(signal?.reason));
    promise.then(resolve, reject).finally(forget);
  });
}

/**
 * One peer with one or more addresses. The first datagram goes to the first address; each further one, or the same
 * one after a refusal, to the next in turn. A reply from any of them counts; a refusal counts when all have refused.
 */
class NodeDatagramSocket implements DatagramSocket {
  readonly #addresses: readonly Address[];
  readonly #port: number;
  readonly #localAddress: string | undefined;
  readonly #sockets = new Map<Address, Promise<DgramSocket>>();
  readonly #open = new Set<DgramSocket>();
  readonly #refused = new Set<Address>();
  readonly #unread: Uint8Array[] = [];
  #sent = 0;
  #last: Uint8Array | undefined;
  #failure: Error | undefined;
  #isOver = false;
  #reader: { resolve(datagram: Uint8Array): void; reject(error: Error): void } | undefined;

  constructor(addresses: readonly Address[], port: number, localAddress: string | undefined) {
    this.#addresses = addresses;
    this.#port = port;
    this.#localAddress = localAddress;
  }

  async send(datagram: Uint8Array): Promise<void> {
    if (this.#isOver) throw this.#reason();
    this.#last = datagram;
    const willing = this.#addresses.filter((address) => !this.#refused.has(address));
    const address = willing[this.#sent++ % willing.length];
    if (address === undefined) throw this.#fail(new Error("the name has no address"));
    try {
      const socket = await this.#socketOf(address);
      await new Promise<void>((resolve, reject) => {
        socket.send(datagram, (error) => (error ? reject(error) : resolve()));
      });
    } catch (error) {
      if (this.#isOver) throw this.#reason();
      await this.#refuse(address, error as Error);
    }
  }

  receive(): Promise<Uint8Array> {
    const datagram = this.#unread.shift();
    if (datagram !== undefined) return Promise.resolve(datagram);
    if (this.#isOver) return Promise.reject(this.#reason());
    if (this.#reader !== undefined) return Promise.reject(new TypeError("a receive is pending already: one at a time"));
    return new Promise((resolve, reject) => {
      this.#reader = { resolve, reject };
    });
  }

  close(): void {
    this.#end();
  }

  #socketOf(address: Address): Promise<DgramSocket> {
    let socket = this.#sockets.get(address);
    if (socket === undefined) {
      socket = this.#connect(address);
      this.#sockets.set(address, socket);
    }
    return socket;
  }

  #connect(address: Address): Promise<DgramSocket> {
    return new Promise((resolve, reject) => {
      const dgram = needBuiltin<typeof import("node:dgram")>("node:dgram");
      const socket = dgram.createSocket(address.family === 6 ? "udp6" : "udp4");
      this.#open.add(socket);
      const onClose = (): void => reject(this.#reason());
      socket.once("close", onClose);
      // Stays for the socket's life: ICMP's refusal of a datagram arrives here.
      socket.on("error", (error) => {
        reject(error);
        this.#refuse(address, error).catch(() => {});
      });
      socket.on("message", (message) => this.#take(message));
      socket.once("connect", () => resolve(socket.off("close", onClose)));
      const connect = (): void => {
        // Closed while it was binding: there is nothing to connect any more.
        if (!this.#isOver) socket.connect(this.#port, address.address);
      };
      if (this.#localAddress === undefined) connect();
      else socket.bind(0, this.#localAddress, connect);
    });
  }

  #take(message: Uint8Array): void {
    const datagram = new Uint8Array(message.buffer, message.byteOffset, message.byteLength);
    const reader = this.#reader;
    this.#reader = undefined;
    if (reader !== undefined) reader.resolve(datagram);
    else if (this.#unread.length < maxUnread) this.#unread.push(datagram);
  }

  /** One address is out; what was sent to it goes to the next, if there is one. */
  async #refuse(address: Address, error: Error): Promise<void> {
    if (this.#isOver || this.#refused.has(address)) return;
    this.#refused.add(address);
    if (this.#refused.size === this.#addresses.length) throw this.#fail(error);
    if (this.#last !== undefined) await this.send(this.#last);
  }

  #fail(error: Error): Error {
    if (!this.#isOver) {
      this.#failure = error;
      this.#end();
    }
    return this.#reason();
  }

  /** What ended it. An exception is made with its stack: after an orderly close only where somebody waits. */
  #reason(): Error {
    this.#failure ??= new Error("the datagram socket was closed here");
    return this.#failure;
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#reader?.reject(this.#reason());
    this.#reader = undefined;
    for (const socket of this.#open) socket.close();
    this.#open.clear();
  }
}
