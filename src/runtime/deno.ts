import type { ConnectOptions, DatagramSocket, Runtime } from "../host/index.ts";
import { denoEnvironment } from "./deno-environment.ts";
import { denied, isGranted, netName, requireNet } from "./deno-permissions.ts";
import { nodeRuntime } from "./node.ts";
import { fetchTrusting } from "./node-https.ts";
import { connectTcp } from "./node-tcp.ts";
import { type Address, connectUdp } from "./node-udp.ts";
import { denoStorage } from "./storage.ts";
import { hostFetch } from "./web.ts";

/**
 * Deno 2, through its Node modules, with its permissions asked first and never prompted for. Connections are made by
 * name, so that `--allow-net=host:port` is enough. Datagrams need `0.0.0.0:0`, the KDC's name without a port and its
 * address beside it; without the first no datagram is sent, and KDCs are asked over TCP.
 */
export function denoRuntime(): Runtime {
  const { listenTcp, listenUdp, nodeCrypto, traceChannel } = nodeRuntime();
  const { fetch } = hostFetch();
  return {
    name: "deno",
    // A refused datagram is never reported.
    isUdpSilent: true,
    mustEndCiphers: true,
    async connectTcp(host, port, options) {
      requireNet(host, port);
      return connectTcp(host, port, options);
    },
    // Looked at each time: a permission may be given, or given up, while the program runs.
    get connectUdp(): NonNullable<Runtime["connectUdp"]> {
      return isGranted({ name: "net", host: "0.0.0.0:0" }) ? connectPermittedUdp : (undefined as never);
    },
    async listenTcp(options, onConnection) {
      requireListen(options.host, options.port);
      return (listenTcp as NonNullable<typeof listenTcp>)(options, onConnection);
    },
    async listenUdp(options, onDatagram) {
      requireListen(options.host, options.port);
      return (listenUdp as NonNullable<typeof listenUdp>)(options, onDatagram);
    },
    ...denoStorage,
    environment: denoEnvironment,
    fetchTrusting(anchors) {
      const inner = fetchTrusting(anchors);
      return async (url, init) => {
        requireNetOf(url);
        return inner(url, init);
      };
    },
    ...(nodeCrypto === undefined ? {} : { nodeCrypto }),
    ...(traceChannel === undefined ? {} : { traceChannel }),
    ...(fetch === undefined
      ? {}
      : {
          async fetch(url, init) {
            requireNetOf(url);
            return fetch(url, init);
          },
        }),
  };
}

function requireNetOf(url: string): void {
  const { hostname, port, protocol } = new URL(url);
  requireNet(hostname, port === "" ? (protocol === "http:" ? 80 : 443) : Number(port));
}

async function connectPermittedUdp(host: string, port: number, options: ConnectOptions): Promise<DatagramSocket> {
  requireNet(host, port);
  // A look-up has no port: Deno wants the name alone.
  if (!isAddress(host) && !isGranted({ name: "net", host })) {
    throw denied(`look up ${host} for datagrams`, `--allow-net=${host}`);
  }
  return connectUdp(host, port, options, (addresses) => permitted(addresses, host, port));
}

function isAddress(host: string): boolean {
  return host.includes(":") || /^[\d.]+$/.test(host);
}

/** `node:dgram` binds to 0.0.0.0:0 or [::]:0 first, and ends the program where that is denied. */
function permitted(addresses: readonly Address[], host: string, port: number): readonly Address[] {
  const needs = ({ address, family }: Address): readonly string[] => [
    family === 6 ? "[::]:0" : "0.0.0.0:0",
    netName(address, port),
  ];
  const open = addresses.filter((address) => needs(address).every((name) => isGranted({ name: "net", host: name })));
  if (open.length === 0) {
    const flags = [...new Set(addresses.flatMap(needs))].join(",");
    throw denied(`send datagrams to ${netName(host, port)}`, `--allow-net=${flags}`);
  }
  return open;
}

function requireListen(host: string, port: number): void {
  const name = netName(host, port);
  if (!isGranted({ name: "net", host: name })) throw denied(`listen on ${name}`, `--allow-net=${name}`);
}
