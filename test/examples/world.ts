// What the examples run against: an MIT realm, Debian's remctld with an `account` command, and the packed library.

import { cpSync, existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { startMitBed, startRemctld } from "../../tools/beds/index.mjs";
import { ROOT } from "../../tools/bootstrap.mjs";
import { ensurePacked, PROJECT } from "../../tools/pack/project.mjs";
import { type Relay, startRelay } from "../support/relay.ts";

export interface World {
  readonly bed: Awaited<ReturnType<typeof startMitBed>>;
  readonly remctld: Awaited<ReturnType<typeof startRemctld>>;
  /** In front of the KDC and of remctld. */
  readonly kdc: Relay;
  readonly server: Relay;
  /** What the examples read of their environment or bindings. */
  readonly settings: Readonly<Record<"PRINCIPAL" | "KEYTAB" | "KEYTAB_FILE" | "REMCTL_HOST" | "REMCTL_PORT", string>>;
  /** Whether `account create USER` has run. */
  isCreated(user: string): boolean;
  /** How often it has. */
  creations(user: string): number;
  close(): Promise<void>;
}

/** The folder of an example within the project. */
export const exampleFolder = (name: string): string => path.join(PROJECT, "examples", name);

export async function startWorld(): Promise<World> {
  await ensurePacked();
  cpSync(path.join(ROOT, "examples"), path.join(PROJECT, "examples"), { recursive: true });
  const bed = await startMitBed();
  const commands: [string, string, string][] = [
    ["account", "show", 'echo "account: $2"; [ "$2" != nobody ]'],
    ["account", "exists", '[ -e "$BED_DIR/account-$2" ]'],
    // It takes its time after the deed.
    ["account", "create", 'echo x >>"$BED_DIR/account-$2"; sleep 0.5; echo "created $2"'],
  ];
  const remctld = await startRemctld({ bed, commands });
  const kdc = await startRelay(Number(new URL(bed.kdc.find((url) => url.startsWith("tcp:")) as string).port));
  const server = await startRelay(remctld.port);
  const account = (user: string): string => path.join(remctld.dir, `account-${user}`);
  return {
    bed,
    remctld,
    kdc,
    server,
    settings: {
      PRINCIPAL: `robot@${bed.realm}`,
      KEYTAB: readFileSync(bed.keytab.robot).toString("base64"),
      KEYTAB_FILE: bed.keytab.robot,
      REMCTL_HOST: "localhost",
      REMCTL_PORT: String(server.port),
    },
    isCreated: (user) => existsSync(account(user)),
    creations: (user) =>
      existsSync(account(user)) ? readFileSync(account(user), "utf8").trim().split("\n").length : 0,
    close: async () => void (await Promise.all([kdc, server, remctld, bed].map((one) => one.close()))),
  };
}
