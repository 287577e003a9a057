import fc from "fast-check";
import { AsExchange, type AsStep, keytabSecret, TgsWalk } from "../../../src/client/index.ts";
import { KeyBlock, Keytab } from "../../../src/credentials/index.ts";
import { createEncTypeSet, loadNobleProvider, strongEncTypes } from "../../../src/crypto/index.ts";
import { KerberosError } from "../../../src/errors.ts";
import { parsePrincipal, type ServiceTicket, tgsPrincipal } from "../../../src/krb5/index.ts";
import { decide, encodeOutcome, receive } from "../../../src/testing/kdc/answer.ts";
import { currentKeys, Database, defaultPolicy, type KdcState } from "../../../src/testing/kdc/index.ts";
import { steppedClock } from "../../support/recorded-exchange.ts";
import { Finding, type FuzzTarget } from "../target.ts";
import { fieldChanges, type Verdict } from "./reply-fields.ts";

const REALM = "TEST.EXAMPLE";
const NOW = Date.UTC(2026, 10, 23, 12);
const CLIENT = parsePrincipal(`alice@${REALM}`);
const SERVICE = parsePrincipal(`host/server.test.example@${REALM}`);
const FIELDS = Object.entries(fieldChanges);

/** A valid reply of a KDC with one field changed and everything under the right key: refused, or a field that decides nothing. */
export async function replyMeaning(): Promise<FuzzTarget<never>> {
  const allEncTypes = createEncTypeSet(strongEncTypes, await loadNobleProvider());
  const now = (): Date => new Date(NOW);
  const database = new Database(allEncTypes, now);
  for (const name of [`krbtgt/${REALM}`, "alice", "host/server.test.example"]) await database.add(name);
  const state: KdcState = {
    realm: REALM,
    policy: defaultPolicy,
    encTypes: allEncTypes,
    allEncTypes,
    database,
    trusts: new Map(),
    now,
  };
  const entries = currentKeys(database.get("alice")).map(({ etype, kvno, key }) => ({
    principal: CLIENT,
    timestamp: now(),
    kvno,
    keyBlock: new KeyBlock(etype, key.octets),
  }));
  const common = {
    encTypes: allEncTypes,
    trace: () => {},
    now: () => NOW,
    skewMs: 300_000,
    clock: steppedClock(NOW),
    lifetimeSeconds: 36_000,
  };
  const logIn = (): AsExchange =>
    new AsExchange({
      ...common,
      client: CLIENT,
      secret: keytabSecret(CLIENT, new Keytab(entries)),
      service: tgsPrincipal(REALM),
    });

  /** Drives an exchange; `change` is applied to each reply with a ticket. */
  const drive = async (
    machine: { start(): AsStep; step(reply: Uint8Array): AsStep | Promise<AsStep> },
    change: (draft: Parameters<(typeof fieldChanges)[string]>[0]) => void,
  ): Promise<ServiceTicket> => {
    let next = machine.start();
    while (next.type === "send") {
      const received = receive(next.request);
      if (received === undefined) throw new Error("the request is none");
      const outcome = decide(state, received);
      if (outcome.type === "reply") change(outcome.draft);
      next = await machine.step(encodeOutcome(outcome));
    }
    return next.ticket;
  };
  const tgt = await drive(logIn(), () => {});

  const target: FuzzTarget<{
    readonly name: string;
    readonly verdict: Verdict;
    readonly error: KerberosError | undefined;
  }> = {
    name: "reply-meaning",
    inputs: fc
      .record({ exchange: fc.nat(1), field: fc.nat(FIELDS.length - 1), number: fc.nat({ max: 0xffffffff }) })
      .map(({ exchange, field, number }) => {
        const octets = new Uint8Array(6);
        octets.set([exchange, field]);
        new DataView(octets.buffer).setUint32(2, number);
        return octets;
      }),
    async run(input) {
      const octets = Uint8Array.from({ length: 6 }, (_, i) => input[i] ?? 0);
      const [name, change] = FIELDS[(octets[1] as number) % FIELDS.length] as (typeof FIELDS)[number];
      const number = new DataView(octets.buffer).getUint32(2);
      let verdict: Verdict = "unchanged";
      try {
        await drive((octets[0] as number) % 2 === 0 ? logIn() : new TgsWalk(tgt, SERVICE, common), (draft) => {
          verdict = change(draft, number);
        });
        return { name, verdict, error: undefined };
      } catch (error) {
        if (!(error instanceof KerberosError)) throw error;
        return { name, verdict, error };
      }
    },
    verify({ name, verdict, error }) {
      if (verdict === "refused" && error === undefined) throw new Finding(`another ${name} was not refused`);
      if (verdict !== "refused" && error !== undefined) throw new Finding(`${name}, ${verdict}: ${error.message}`);
    },
  };
  return target as FuzzTarget<never>;
}
