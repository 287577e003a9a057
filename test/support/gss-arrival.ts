// libgssapi's initiator (gss-initiator.py), which connects to a port that is opened for it.

import { createServer, type Server, type Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { runProgram } from "../../tools/beds/index.mjs";
import { GssPeer } from "./gss-peer.ts";
import { peers } from "./live.ts";

const SCRIPT = fileURLToPath(new URL("./gss-initiator.py", import.meta.url));
/** Mutual, replay, sequence, confidentiality, integrity. */
export const ALL_FLAGS = 2 | 4 | 8 | 16 | 32;

/** A program that connects again and again, when the last connection has ended. */
export interface Arrivals {
  /** Its next connection. */
  next(): Promise<GssPeer>;
  /** The program's end. */
  readonly program: Promise<{ status: number; text: string }>;
  /** Ends the listener. */
  readonly close: () => void;
}

/** One connection, and the end of the program that made it. */
export interface Arrival extends Omit<Arrivals, "next"> {
  readonly peer: GssPeer;
}

interface ArrivalOptions {
  readonly flags?: number;
  readonly bindings?: Uint8Array;
  readonly mech?: string;
  readonly offer?: readonly string[];
}

export async function arrive(
  env: Record<string, string>,
  target: string,
  options: ArrivalOptions = {},
): Promise<Arrival> {
  const { next, program, close } = await arriveOften(env, target, { ...options, times: 1 });
  const peer = await next();
  return {
    peer,
    program,
    close: () => {
      peer.close();
      close();
    },
  };
}

/** A start of Python takes longer than ten contexts. */
export async function arriveOften(
  env: Record<string, string>,
  target: string,
  options: ArrivalOptions & { readonly times: number },
): Promise<Arrivals> {
  const sockets: Socket[] = [];
  const waiting: ((socket: Socket) => void)[] = [];
  const listening: Server = createServer((socket) => {
    const wake = waiting.shift();
    if (wake === undefined) sockets.push(socket);
    else wake(socket);
  });
  await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
  const { port } = listening.address() as { port: number };
  const python = peers["python-gssapi"];
  const program = runProgram(
    python.bin("python3"),
    [
      ...["-B", SCRIPT, "--port", String(port), "--target", target, "--flags", String(options.flags ?? ALL_FLAGS)],
      ...["--times", String(options.times)],
      ...(options.mech ? ["--mech", options.mech] : []),
      ...(options.offer ?? []).flatMap((mech) => ["--offer", mech]),
      ...(options.bindings ? ["--bindings", Buffer.from(options.bindings).toString("hex")] : []),
    ],
    {
      env: { ...env, ...python.env, LD_LIBRARY_PATH: [python.env.LD_LIBRARY_PATH, env.LD_LIBRARY_PATH].join(":") },
      // It lives as long as what asks it: `close` ends it.
      timeoutMs: options.times === 1 ? 30_000 : 600_000,
    },
  ).then(({ status, stdout, stderr }) => ({ status, text: `${stdout}${stderr}` }));
  const next = async (): Promise<GssPeer> => {
    const connected = new Promise<Socket>((resolve) => {
      const there = sockets.shift();
      if (there === undefined) waiting.push(resolve);
      else resolve(there);
    });
    const ended = program.then(({ text }) => {
      throw new Error(`the initiator did not connect: ${text}`);
    });
    return new GssPeer(await Promise.race([connected, ended]));
  };
  return {
    next,
    program,
    close: () => {
      // One that nobody took, whose program waits on it.
      for (const socket of sockets) socket.destroy();
      listening.close();
    },
  };
}
