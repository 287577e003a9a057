import type { Party } from "../../src/diagram/index.ts";
import { createClient, registeredNames } from "../../src/entry/lean.ts";
import { createRemctlServer } from "../../src/entry/server.ts";
import { spake } from "../../src/entry/spake.ts";
import { createTestRealm, type Fault } from "../../src/entry/testing.ts";
import { ENCTYPES } from "./enctypes.ts";
import { watched } from "./wire.ts";

export const REALM = "EXAMPLE.ORG";
export const PASSWORD = "correct horse";
const SERVICE = "host/server.example.org";
const TIMEOUT_MS = 8_000;

/** What a person chose in the page. */
export interface Choices {
  readonly principal: string;
  readonly password: string;
  readonly command: string;
  readonly preauth: "encrypted-timestamp" | "spake" | "none";
  readonly enctype: number;
  /** How far the KDC's clock is ahead of the client's. */
  readonly clockSeconds: number;
  readonly fault: string;
  readonly faultOn: "as-rep" | "tgs-rep";
}

/** A message on its way. */
export interface Message {
  readonly from: Party;
  readonly to: Party;
  /** As it was on the wire. */
  readonly wire: Uint8Array;
  /** The same without the length that a stream needs. */
  readonly octets: Uint8Array;
}

/** What came of it. */
export interface Run {
  readonly messages: readonly Message[];
  /** Long-term keys of all principals, as the keytab that the realm gives. */
  readonly keytab: Uint8Array;
  readonly outcome:
    | { readonly status: number; readonly stdout: string; readonly stderr: string }
    | { readonly error: unknown };
}

/** Makes a realm and a server in memory, logs in to the one, runs a command on the other, and records all messages. */
export async function runOnce(choices: Choices): Promise<Run> {
  const principals = {
    alice: { password: PASSWORD, requirePreauth: choices.preauth !== "none" },
    [SERVICE]: {},
  };
  const realm = await createTestRealm({
    realm: REALM,
    principals,
    enctypes: [choices.enctype, ...ENCTYPES.map(([number]) => number).filter((number) => number !== choices.enctype)],
    preauth: choices.preauth === "spake" ? ["spake"] : ["encrypted-timestamp"],
    requirePreauth: choices.preauth !== "none",
    clockOffsetSeconds: choices.clockSeconds,
  });
  const decoder = new TextDecoder();
  const server = createRemctlServer({
    keytab: realm.keytab(SERVICE),
    commands: [
      {
        command: "ALL",
        subcommand: "ALL",
        acl: ["ANYUSER"],
        handler: async ({ user, command, subcommand = "", args, stdout }) => {
          const rest = args.map((octets) => decoder.decode(octets));
          await stdout.write(`${user} said: ${[command, subcommand, ...rest].join(" ").trim()}\n`);
          return 0;
        },
      },
    ],
  });
  const messages: Message[] = [];
  // A fault may take the keys of the realm away from the reply, and not from this.
  const keytab = realm.keytab(["alice", SERVICE, `krbtgt/${REALM}`]);
  if (choices.fault !== "") realm.fault({ name: choices.fault, on: choices.faultOn } as Fault);
  try {
    const client = createClient({
      credentials: {
        principal: choices.principal.includes("@") ? choices.principal : `${choices.principal}@${REALM}`,
        password: choices.password,
      },
      kdc: realm.kdc.map((text) => text.replace("udp:", "tcp:")),
      enctypes: [choices.enctype],
      names: registeredNames(),
      ...(choices.preauth === "spake" ? { preauth: [spake()] } : {}),
      dial: async (host: string, port: number, options: { readonly signal?: AbortSignal }) => {
        const isKdc = port === 88;
        const there: Party = isKdc ? "kdc" : "server";
        const stream = await (isKdc ? realm : server).dial(host, port, options);
        return watched(stream, isKdc ? 0 : 1, ({ direction, octets: wire }) => {
          const way =
            direction === "out" ? ({ from: "client", to: there } as const) : ({ from: there, to: "client" } as const);
          messages.push({ ...way, wire, octets: isKdc ? wire.subarray(4) : wire });
        });
      },
    });
    const words = choices.command.split(/\s+/).filter((word) => word !== "");
    const options = { service: SERVICE, totalTimeoutMs: TIMEOUT_MS };
    const { status, stdout, stderr } = await client.remctl("server.example.org", words, options);
    const text = (octets: Uint8Array): string => decoder.decode(octets);
    return { messages, keytab, outcome: { status, stdout: text(stdout), stderr: text(stderr) } };
  } catch (error) {
    return { messages, keytab, outcome: { error } };
  } finally {
    await Promise.all([server.close(), realm.close()]);
  }
}
