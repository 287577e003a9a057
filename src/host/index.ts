/**
 * What a host offers to the library: the types of sockets, datagrams, files, names and clock, with deadlines and abort
 * signals. The adapters are in `runtime`.
 *
 * Layer 1: it may import `errors.ts`, `bytes`, `checks` and `iana`.
 */
export { connectionOf } from "./connection.ts";
export type { DeadlineOptions } from "./deadline.ts";
export { abortedError, untilAborted, withDeadline } from "./deadline.ts";
export { eitherFamily, isLocalhost } from "./either-family.ts";
export type { HostEnvironment } from "./environment.ts";
export { notingWriters } from "./file-warning.ts";
export type { FileOpenOptions, FileStatus, Files, OpenedFile } from "./files.ts";
export { checkHost } from "./host-option.ts";
export { type HostAndPort, parsePort, splitHostPort } from "./host-port.ts";
export { limitedDial } from "./limited-dial.ts";
export { createStreamPair } from "./memory-stream.ts";
export { cureOf, type Obstacle, obstacleOf } from "./obstacle.ts";
export { onAbort } from "./on-abort.ts";
export { readBody } from "./read-body.ts";
export type {
  ByteStream,
  Connection,
  ConnectOptions,
  DatagramSocket,
  Dial,
  Fetch,
  HttpConnection,
  Listener,
  ListenOptions,
  PeerAddress,
  Runtime,
} from "./runtime.ts";
export { checkRuntime } from "./runtime-check.ts";
export { checkStream, signalOf } from "./stream-option.ts";
export { afterSilence, fitsTimer, LONGEST_TIMER_MS } from "./timers.ts";
export type { AskProxy, ProxyStream, Tunnel } from "./tunnel.ts";
