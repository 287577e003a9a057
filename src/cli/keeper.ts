import { LONGEST_TIMER_MS } from "../host/index.ts";
import { type Child, type SignalName, startChild, takeSignals } from "./child.ts";
import type { CommandHost } from "./command.ts";
import { CommandFailure } from "./failure.ts";
import { writeOwn } from "./owned-file.ts";
import { complainOf, messageOf } from "./program.ts";

const MINUTE_MS = 60_000;
/** A ticket that ends sooner than this after the next look is obtained anew. */
const MARGIN_MINUTES = 2;

/** How k5start and krenew keep a ticket. */
export interface KeeperOptions {
  /** Runs beside, and ends the keeping when it ends; empty: there is nothing to run. */
  readonly command: readonly string[];
  /** Minutes from one look at the ticket to the next; 0: one ticket, and the end. */
  readonly intervalMinutes: number;
  /** `-H`: the minutes that a ticket must have left. */
  readonly happyMinutes: number | undefined;
  /** `-a`: a new ticket at each look. */
  readonly isEager: boolean;
  /** `-x`: any failure is the end. */
  readonly endsOnFailure: boolean;
  /** Whether the first ticket is tried for until there is one. */
  readonly retriesFirst: boolean;
  /** Whether a failure after the first ticket is the end. */
  readonly isLasting: (error: unknown) => boolean;
  /** krenew's `-s`: the command gets SIGHUP when the keeping ends without it. */
  readonly hangsUp: boolean;
  readonly pidFile: string | undefined;
  readonly childFile: string | undefined;
}

/** The ticket that is kept. */
export interface KeptTicket {
  /** The full name of its cache: the command's KRB5CCNAME. */
  readonly cacheName: string;
  /** Obtains it anew, or renews it. */
  refresh(): Promise<void>;
  /** When it ends, in milliseconds of this machine's clock; undefined if the cache lacks it. */
  endsAt(): Promise<number | undefined>;
  /** Removes a cache that was made for the command alone. */
  close(): Promise<void>;
}

/** Whether a ticket ends too soon to wait for the next look. */
export async function endsTooSoon(
  host: Pick<CommandHost, "now">,
  { intervalMinutes, happyMinutes = MARGIN_MINUTES }: Pick<KeeperOptions, "intervalMinutes" | "happyMinutes">,
  ticket: Pick<KeptTicket, "endsAt">,
): Promise<boolean> {
  const end = await ticket.endsAt();
  return end === undefined || end < host.now() + (intervalMinutes + happyMinutes) * MINUTE_MS;
}

/** How long to wait: the interval, and less for a ticket that ends within it; then at least a minute. */
export function untilLookMs(intervalMs: number, leftMs: number): number {
  return Math.min(intervalMs, Math.max(leftMs - MARGIN_MINUTES * MINUTE_MS, MINUTE_MS));
}

/** Keeps a ticket until the command ends, or a signal comes; gives the exit status. */
export async function keepTicket(host: CommandHost, options: KeeperOptions, ticket: KeptTicket): Promise<number> {
  const keeper = new Keeper(host, options, ticket);
  try {
    return await keeper.run();
  } finally {
    await keeper.close();
  }
}

class Keeper {
  readonly #host: CommandHost;
  readonly #options: KeeperOptions;
  readonly #ticket: KeptTicket;
  readonly #release: () => void;
  /** Ends the wait that is under way. */
  #wake: () => void = () => {};
  #isAlarmed = false;
  #child: Child | undefined;
  #status: number | undefined;
  #hasTicket = false;
  #isClosed = false;
  #stop: () => void = () => {};
  readonly #stopped: Promise<number>;
  readonly #written: string[] = [];

  constructor(host: CommandHost, options: KeeperOptions, ticket: KeptTicket) {
    this.#host = host;
    this.#options = options;
    this.#ticket = ticket;
    this.#stopped = new Promise((resolve) => {
      this.#stop = () => resolve(this.#hasTicket ? 0 : 1);
    });
    const hasCommand = options.command.length > 0;
    const isShort = options.intervalMinutes === 0 && !hasCommand && !options.retriesFirst;
    this.#release = isShort ? () => {} : takeSignals(hasCommand, (signal) => this.#onSignal(signal));
  }

  #onSignal(signal: SignalName): void {
    if (signal === "SIGALRM") this.#isAlarmed = true;
    else if (this.#child === undefined) this.#stop();
    else this.#child.kill(signal);
    this.#wake();
  }

  /** A signal ends the keeping while no command runs; after that it is the command's. */
  run(): Promise<number> {
    return Promise.race([this.#stopped, this.#run()]);
  }

  async #run(): Promise<number> {
    const { command, intervalMinutes, happyMinutes, pidFile, childFile } = this.#options;
    await this.#writePid(pidFile, process.pid);
    if (happyMinutes === undefined || (await endsTooSoon(this.#host, this.#options, this.#ticket))) await this.#first();
    this.#hasTicket = true;
    if (command.length > 0) {
      const env = { ...this.#host.env, KRB5CCNAME: this.#ticket.cacheName };
      this.#child = await startChild(command, env);
      void this.#child.ended.then((status) => {
        this.#status = status;
        this.#wake();
      });
      await this.#writePid(childFile, this.#child.pid ?? 0);
    }
    if (intervalMinutes === 0) return 0;
    return await this.#keep(intervalMinutes * MINUTE_MS);
  }

  /** Tries at once, and again at once, then after 1, 2, 4 seconds and so on up to a minute. */
  async #first(): Promise<void> {
    for (let delayMs = 0; ; delayMs = delayMs === 0 ? 1_000 : Math.min(2 * delayMs, MINUTE_MS)) {
      try {
        await this.#ticket.refresh();
        if (this.#isClosed) await this.#ticket.close();
        return await this.#unlessClosed();
      } catch (error) {
        if (!this.#options.retriesFirst) throw error;
        await complainOf(this.#host, error);
      }
      await this.#sleep(delayMs);
    }
  }

  async #keep(intervalMs: number): Promise<number> {
    let waitMs = await this.#untilLook(intervalMs);
    for (;;) {
      await this.#sleep(waitMs);
      if (this.#status !== undefined) return this.#status;
      waitMs = (await this.#look()) ? await this.#untilLook(intervalMs) : Math.min(intervalMs, MINUTE_MS);
    }
  }

  async #untilLook(intervalMs: number): Promise<number> {
    const end = await this.#ticket.endsAt().catch(() => undefined);
    return untilLookMs(intervalMs, (end ?? 0) - this.#host.now());
  }

  /** Whether the ticket is good for the next interval. */
  async #look(): Promise<boolean> {
    const isDue = this.#isAlarmed || this.#options.isEager;
    this.#isAlarmed = false;
    try {
      if (isDue || (await endsTooSoon(this.#host, this.#options, this.#ticket))) await this.#ticket.refresh();
      return true;
    } catch (error) {
      // The command has ended meanwhile: its status counts.
      if (this.#status !== undefined) return true;
      if (this.#options.endsOnFailure || this.#options.isLasting(error)) {
        if (this.#options.hangsUp) this.#child?.kill("SIGHUP");
        throw error;
      }
      await complainOf(this.#host, error);
      return false;
    }
  }

  /** Waits, until a signal or the end of the command; not at all where one of them is there already. */
  async #sleep(ms: number): Promise<void> {
    if (this.#isAlarmed || this.#status !== undefined) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, Math.min(ms, LONGEST_TIMER_MS));
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    await this.#unlessClosed();
  }

  /** What was stopped does not go on. */
  async #unlessClosed(): Promise<void> {
    if (this.#isClosed) await new Promise(() => {});
  }

  async #writePid(file: string | undefined, pid: number): Promise<void> {
    if (file === undefined) return;
    try {
      await writeOwn(file, `${pid}\n`);
      this.#written.push(file);
    } catch (cause) {
      await complainOf(
        this.#host,
        new CommandFailure(`cannot create PID file ${file}: ${messageOf(cause)}`, { cause }),
      );
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#release();
    this.#wake();
    const files = this.#host.runtime.files?.();
    for (const file of this.#written) await files?.remove(file).catch(() => false);
    await this.#ticket.close();
  }
}
