import type { Outcome, Received } from "./answer.ts";
import type { Delivery } from "./delivery.ts";
import { checkFault } from "./fault-check.ts";
import type { FaultRow } from "./fault-rows.ts";
import type { Fault } from "./fault-types.ts";
import { faultRows } from "./faults.ts";
import type { KdcState } from "./state.ts";

/** A fault that was asked for. */
export interface FaultHandle {
  /** How often it was applied. */
  readonly hits: number;
  /** Ends it. */
  clear(): void;
}

interface Active {
  readonly fault: Fault;
  readonly row: FaultRow;
  left: number;
  hits: number;
}

/** What a realm is to do wrong, in the order in which it was asked for. */
export class FaultBox {
  #active: Active[] = [];

  add(fault: Fault): FaultHandle {
    checkFault(fault, faultRows);
    const row: FaultRow = faultRows[fault.name];
    const active: Active = { fault, row, left: fault.count ?? Number.POSITIVE_INFINITY, hits: 0 };
    this.#active.push(active);
    return {
      get hits() {
        return active.hits;
      },
      clear: () => {
        this.#active = this.#active.filter((one) => one !== active);
      },
    };
  }

  clear(): void {
    this.#active = [];
  }

  /** Changes what was decided; `finish` changes its octets and their delivery. */
  apply(
    state: KdcState,
    received: Received,
    decided: Outcome,
  ): { readonly outcome: Outcome; readonly finish: (octets: Uint8Array) => Delivery } {
    let outcome = decided;
    const late: Active[] = [];
    for (const active of this.#active) {
      const { row, fault, left } = active;
      if (left <= 0 || !isMeant(fault, row, received, outcome)) continue;
      if (row.decide === undefined) {
        late.push(active);
        continue;
      }
      const changed = row.decide(outcome, fault as never, state, received);
      if (changed === undefined) continue;
      outcome = changed;
      hit(active);
    }
    const finish = (octets: Uint8Array): Delivery => {
      let delivery: Delivery = { octets, delayMs: 0, manner: "whole" };
      for (const active of late) {
        const { row, fault } = active;
        if (row.alter !== undefined && delivery.octets !== undefined) {
          delivery = { ...delivery, octets: row.alter(delivery.octets) };
        }
        if (row.deliver !== undefined) delivery = { ...delivery, ...row.deliver(fault as never) };
        hit(active);
      }
      return delivery;
    };
    return { outcome, finish };
  }
}

function hit(active: Active): void {
  active.hits++;
  active.left--;
}

/** Whether a fault's `on` includes this answer. */
function isMeant({ on = "any" }: Fault, { isHint = false }: FaultRow, received: Received, { type }: Outcome): boolean {
  const { exchange } = received;
  switch (on) {
    case "any":
      return true;
    case "error":
      return type === "error";
    case "as-req":
    case "tgs-req":
      return on === `${exchange}-req`;
    default:
      return on === `${exchange}-rep` && (type === "reply" || isHint);
  }
}
