import type { Deadline } from "./deadline.ts";

/** The place of one call in the order of a session: it sends, and takes its answer, when the calls before it have. */
export class Turn {
  readonly deadline: Deadline;
  /** Sent when every answer before it has come: a command of several messages may be answered before it is whole. */
  readonly isAlone: boolean;
  readonly #line: TurnLine;
  #isSending = false;
  #isSent = false;
  #isFirst = false;
  #wake: (() => void) | undefined;

  constructor(line: TurnLine, deadline: Deadline, isAlone: boolean) {
    this.#line = line;
    this.deadline = deadline;
    this.isAlone = isAlone;
  }

  /** Whether octets of the call may have been written. */
  get isSending(): boolean {
    return this.#isSending;
  }

  get isSent(): boolean {
    return this.#isSent;
  }

  /** Waits until the call may write, bounded by its deadline; undefined: it may. */
  toSend(): Promise<void> | undefined {
    return this.#isSending ? undefined : this.#wait();
  }

  /** The call is written whole. Waits until its answer is the next; undefined: it is. */
  toReceive(): Promise<void> | undefined {
    this.#isSent = true;
    this.#line.advance();
    return this.#isFirst ? undefined : this.#wait();
  }

  /** The call is over, whatever came of it. */
  leave(): void {
    this.#line.remove(this);
  }

  /** For the line. */
  allow(what: "send" | "receive"): void {
    if (what === "send" ? this.#isSending : this.#isFirst) return;
    if (what === "send") this.#isSending = true;
    else this.#isFirst = true;
    if (what === "send" || this.#isSent) this.#wake?.();
  }

  #wait(): Promise<void> {
    return this.deadline.hold(
      new Promise((resolve) => {
        this.#wake = resolve;
      }),
    );
  }
}

/**
 * The calls of a session in their order. At most `depth` are on their way at once. Answers carry no number: they are
 * told apart by their order alone.
 */
export class TurnLine {
  readonly depth: number;
  #turns: Turn[] = [];

  constructor(depth: number) {
    this.depth = depth;
  }

  get turns(): readonly Turn[] {
    return this.#turns;
  }

  join(deadline: Deadline, isAlone: boolean): Turn {
    const turn = new Turn(this, deadline, isAlone);
    this.#turns.push(turn);
    this.advance();
    return turn;
  }

  remove(turn: Turn): void {
    const at = this.#turns.indexOf(turn);
    if (at >= 0) this.#turns.splice(at, 1);
    this.advance();
  }

  /** Lets those go on that may. */
  advance(): void {
    const turns = this.#turns;
    turns[0]?.allow("receive");
    for (let index = 0; index < Math.min(this.depth, turns.length); index++) {
      const turn = turns[index] as Turn;
      if (turn.isAlone && index > 0) return;
      turn.allow("send");
      if (!turn.isSent) return;
    }
  }
}
