// libgssapi's initiator (gss-initiator.py), which connects to a port that is opened for it.

import { createServer, type Server, type Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { runProgram } from "../../tools/beds/index.mjs";
import { GssPeer } from "./gss-peer.ts";
import { peers } from "./live.ts";

const SCRIPT = fileURLToPath(new URL("./gss-initiator.py", import.meta.url));
/** Mutual, replay, sequence, confidentiality, integrity. */
export const ALL_FLAGS = 2 | 4 | 8 | 16 | 32;

/** One connection, and the end of the program that made it. */
export interface Arrival {
  readonly peer: GssPeer;
  readonly program: Promise<{ status: number; text: string }>;
  readonly close: () => void;
}

export async function arrive(
  env: Record<string, string>,
  target: string,
  options: {
    readonly flags?: number;
    readonly bindings?: Uint8Array;
    readonly mech?: string;
    readonly offer?: readonly string[];
  } = {},
): Promise<Arrival> {
  let server: Server | undefined;
  const connected = new Promise<Socket>((resolve) => {
    server = createServer(resolve);
  });
  const listening = server as unknown as Server;
  await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
  const { port } = listening.address() as { port: number };
  const python = peers["python-gssapi"];
  const program = runProgram(
    python.bin("python3"),
    [
      ...["-B", SCRIPT, "--port", String(port), "--target", target, "--flags", String(options.flags ?? ALL_FLAGS)],
      ...(options.mech ? ["--mech", options.mech] : []),
      ...(options.offer ?? []).flatMap((mech) => ["--offer", mech]),
      ...(options.bindings ? ["--bindings", Buffer.from(options.bindings).toString("hex")] : []),
    ],
    { env: { ...env, ...python.env, LD_LIBRARY_PATH: [python.env.LD_LIBRARY_PATH, env.LD_LIBRARY_PATH].join(":") } },
  ).then(({ status, stdout, stderr }) => ({ status, text: `${stdout}${stderr}` }));
  const socket = await Promise.race([
    connected,
    program.then(({ text }) => {
      throw new Error(`the initiator did not connect: ${text}`);
    }),
  ]);
  return {
    peer: new GssPeer(socket),
    program,
    close: () => {
      socket.destroy();
      listening.close();
    },
  };
}
