import { type Attempt, hasCode, TransportError } from "../errors.ts";
import {
  abortedError,
  afterSilence,
  cureOf,
  fitsTimer,
  type Obstacle,
  obstacleOf,
  onAbort,
  withDeadline,
} from "../host/index.ts";
import type { Trace } from "../trace.ts";
import { type Endpoint, MAX_SERVERS } from "./endpoint.ts";
import { ASK_MS, hedgeDelayMsOf } from "./hedge-delay.ts";
import type { KdcHealth } from "./kdc-health.ts";
import { find, type PlannedAttempt, type PlanningHost, planAttempt, planAttempts } from "./plan.ts";
import { reasonOf } from "./reason.ts";
import { type Classify, classifyReplyTo, requestName } from "./reply-kind.ts";
import type { SpareConnections } from "./spare-connections.ts";

/** Times and sizes of an exchange. */
export interface ExchangeLimits {
  /** Milliseconds for each endpoint, from name look-up to reply; 10,000 unless given. */
  readonly timeoutMs?: number | undefined;
  /** Milliseconds for all endpoints together; unlimited unless given. */
  readonly totalTimeoutMs?: number | undefined;
  /**
   * Milliseconds of silence after which the next endpoint is asked as well; unless given 150, or 1000 for an AS-REQ
   * with a proof of the password.
   */
  readonly hedgeDelayMs?: number | undefined;
  /** Octets of the longest request that goes by UDP first where an endpoint leaves the choice; 1465 unless given. */
  readonly udpPreferenceBytes?: number | undefined;
}

/** Options for {@link exchangeWithKdc}. */
export interface ExchangeOptions extends PlanningHost, ExchangeLimits {
  readonly realm: string;
  /** In the order of preference. */
  readonly endpoints: readonly Endpoint[];
  /** An AS-REQ, a TGS-REQ or another message, without a length before it. */
  readonly request: Uint8Array;
  readonly signal?: AbortSignal | undefined;
  readonly trace?: Trace | undefined;
  /** Tells a reply from other octets. Default: by the kind of the request. */
  readonly classify?: Classify | undefined;
  /** Connections for the exchanges that follow. */
  readonly spares?: SpareConnections | undefined;
  /** Which endpoints failed lately, from one exchange to the next. */
  readonly health?: KdcHealth | undefined;
}

/** A KDC's answer: octets that are not decoded yet, from `endpoint`, for example `tcp://host:port`. */
export interface KdcReply {
  readonly reply: Uint8Array;
  readonly endpoint: string;
}

/** What became of an attempt; no reason while it runs. */
interface Running {
  readonly attempt: PlannedAttempt;
  readonly startedMs: number;
  reason?: string;
  obstacle?: Obstacle;
  /** It answered, but not with a whole message of a KDC. */
  isNonsense?: boolean;
  /** The look-up of its name has begun and is not over. */
  isLookingUp?: boolean;
}

/** As `exchangeWithKdc`, by the transports that are given. */
export async function exchangeWith(options: ExchangeOptions): Promise<KdcReply> {
  requirePositive(options, "timeoutMs");
  requirePositive(options, "totalTimeoutMs");
  requirePositive(options, "hedgeDelayMs");
  const { endpoints, request, udpPreferenceBytes = 1465, trace } = options;
  const unusable: Attempt[] = [];
  const plan = planAttempts(endpoints, request.length, options, udpPreferenceBytes, unusable);
  for (const { endpoint, reason } of unusable) {
    trace?.({ type: "note", text: `${endpoint} is passed over: ${reason}` });
  }
  const order = options.health?.order(plan) ?? plan;
  return new Promise((resolve, reject) => new Exchange(options, { order, unusable }, resolve, reject).start());
}

class Exchange {
  readonly #options: ExchangeOptions;
  readonly #waiting: PlannedAttempt[];
  readonly #unusable: readonly Attempt[];
  readonly #started: Running[] = [];
  readonly #errors: unknown[] = [];
  readonly #controller = new AbortController();
  readonly #classify: Classify;
  readonly #timeoutMs: number;
  #hedgeDelay: number | undefined;
  readonly #resolve: (reply: KdcReply) => void;
  readonly #reject: (error: unknown) => void;
  #running = 0;
  #isDone = false;
  #unavailable: KdcReply | undefined;
  #stopHedge: (() => void) | undefined;
  #stopTotal: (() => void) | undefined;
  #forget: () => void = () => {};

  constructor(
    options: ExchangeOptions,
    plan: { readonly order: readonly PlannedAttempt[]; readonly unusable: readonly Attempt[] },
    resolve: (reply: KdcReply) => void,
    reject: (error: unknown) => void,
  ) {
    this.#options = options;
    this.#waiting = [...plan.order];
    this.#unusable = plan.unusable;
    this.#classify = options.classify ?? classifyReplyTo(options.request);
    this.#timeoutMs = options.timeoutMs ?? 10_000;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** Asked for only where a KDC is silent: it takes reading the request. */
  get #hedgeDelayMs(): number {
    this.#hedgeDelay ??= this.#options.hedgeDelayMs ?? hedgeDelayMsOf(this.#options.request);
    return this.#hedgeDelay;
  }

  start(): void {
    const { realm, signal, totalTimeoutMs } = this.#options;
    if (fitsTimer(totalTimeoutMs)) {
      this.#stopTotal = afterSilence(totalTimeoutMs, () =>
        this.#giveUp("no answer", ` within the total of ${totalTimeoutMs} ms`),
      );
    }
    this.#forget = onAbort(signal, () => {
      const { cause, message } = abortedError(`asking a KDC of ${realm}`, signal);
      this.#end(() => this.#reject(new TransportError("ABORTED", message, this.#report("given up"), { realm, cause })));
    });
    this.#next();
  }

  /** Starts the next attempt; with none left to start and none running, the exchange has failed. */
  #next(): void {
    this.#stopHedge?.();
    if (this.#isDone) return;
    const attempt = this.#waiting.shift();
    if (attempt !== undefined) {
      this.#run(attempt);
      if (this.#waiting.length > 0) this.#wait(this.#options.hedgeDelayMs ?? ASK_MS);
    } else if (this.#running === 0) {
      if (this.#unavailable === undefined) this.#giveUp();
      else this.#win(this.#unavailable);
    }
  }

  /** Asks the next one after `ms`, or after the rest of what this request takes. */
  #wait(ms: number): void {
    if (!fitsTimer(ms)) return;
    this.#stopHedge = afterSilence(ms, () => {
      const restMs = this.#hedgeDelayMs - ms;
      if (restMs > 0) this.#stopHedge = afterSilence(restMs, () => this.#next());
      else this.#next();
    });
  }

  #run(attempt: PlannedAttempt): void {
    const { realm, request, trace, health } = this.#options;
    const endpoint = attempt.name;
    const startedMs = performance.now();
    const entry: Running = { attempt, startedMs };
    this.#started.push(entry);
    this.#running += 1;
    trace?.({ type: "kdc-request", realm, endpoint, message: requestName(request), octets: request.length });
    const fail = (reason: string, obstacle: Obstacle): void => {
      entry.reason = reason;
      entry.obstacle = obstacle;
      trace?.({ type: "kdc-failed", realm, endpoint, reason });
    };
    this.#ask(attempt, (isOver) => {
      entry.isLookingUp = !isOver;
    }).then(
      (reply) => {
        this.#running -= 1;
        if (this.#isDone) return;
        const milliseconds = performance.now() - startedMs;
        trace?.({ type: "kdc-reply", realm, endpoint, octets: reply.length, milliseconds });
        const kind = this.#classify(reply);
        if (kind === "unavailable" || kind === "garbage") health?.failed(endpoint);
        else health?.answered(endpoint);
        if (kind === "reply" || (kind === "too-big" && attempt.transport.name !== "udp")) {
          this.#win({ reply, endpoint });
          return;
        }
        if (kind === "too-big") fail(this.#askAgainOverTcp(attempt), "other");
        else if (kind === "unavailable") {
          this.#unavailable = { reply, endpoint };
          fail("it says that it cannot answer now (KDC_ERR_SVC_UNAVAILABLE)", "other");
        } else {
          entry.isNonsense = true;
          fail("what it sent does not answer this request", "stranger");
        }
        this.#next();
      },
      (error: unknown) => {
        this.#running -= 1;
        if (this.#isDone) return;
        this.#errors.push(error);
        entry.isNonsense = hasCode(error, "DECODE");
        health?.failed(endpoint);
        if (entry.isLookingUp === true && hasCode(error, "TIMEOUT")) {
          fail(`${lookUpWords(entry)} within ${this.#timeoutMs} ms`, "name");
        } else fail(reasonOf(error, this.#timeoutMs), obstacleOf(error));
        this.#next();
      },
    );
  }

  #ask(attempt: PlannedAttempt, onLookUp: (isOver: boolean) => void): Promise<Uint8Array> {
    const { realm, request, trace, spares } = this.#options;
    const { endpoint, transport, name } = attempt;
    const onRetransmit = (count: number): void => trace?.({ type: "note", text: `${name}: sent again (${count})` });
    return withDeadline(
      (signal) =>
        transport.ask({
          endpoint,
          realm,
          request,
          host: this.#options,
          classify: this.#classify,
          spares,
          signal,
          onRetransmit,
          onLookUp,
        }),
      { timeoutMs: this.#timeoutMs, signal: this.#controller.signal, what: name },
    );
  }

  /** RFC 4120 section 7.2.1: the same request over TCP, to the same KDC. Gives the words for the report. */
  #askAgainOverTcp({ endpoint }: PlannedAttempt): string {
    const tcp = find("tcp", this.#options);
    if (typeof tcp === "string") return `the reply is too big for UDP, and ${tcp}`;
    const retry = planAttempt(endpoint, tcp);
    const planned = this.#waiting.findIndex(({ name }) => name === retry.name);
    if (planned >= 0) this.#waiting.splice(planned, 1);
    if (!this.#started.some(({ attempt }) => attempt.name === retry.name)) this.#waiting.unshift(retry);
    return "the reply is too big for UDP: asked over TCP";
  }

  #win(reply: KdcReply): void {
    const now = performance.now();
    for (const { attempt, startedMs, reason } of this.#started) {
      if (attempt.name === reply.endpoint || reason !== undefined) continue;
      // Who let another be asked, and win, was silent.
      if (startedMs <= now - this.#hedgeDelayMs) this.#options.health?.failed(attempt.name);
    }
    this.#end(() => this.#resolve(reply));
  }

  #giveUp(reasonOfRunning = "", time = ""): void {
    const errors = this.#errors;
    const cause = errors.length > 1 ? new AggregateError(errors, "every KDC failed") : errors[0];
    const attempts = this.#report(reasonOfRunning, time);
    const { realm, endpoints } = this.#options;
    // A realm whose live KDCs are behind these must not look for them in vain.
    const limit = endpoints.length === MAX_SERVERS ? `; of DNS the first ${MAX_SERVERS} are asked` : "";
    const cure = errors.length === this.#started.length ? cureOf(cause) : undefined;
    const isNonsense = this.#started.some((entry) => entry.isNonsense);
    const code = isNonsense ? "NOT_A_KDC" : "KDC_UNREACHABLE";
    const message = isNonsense
      ? `what answered for ${realm} is not a KDC, or its answer was damaged; check host and port`
      : `no KDC of ${realm} answered; ${cure ?? `check that one runs at these addresses and can be reached${limit}`}`;
    this.#end(() => this.#reject(new TransportError(code, message, attempts, { realm, cause })));
  }

  #report(reasonOfRunning: string, time = ""): readonly Attempt[] {
    return [
      ...this.#started.map((entry) => {
        const { attempt, isLookingUp = false, reason, obstacle = isLookingUp ? "name" : "silent" } = entry;
        const running = `${isLookingUp ? lookUpWords(entry) : reasonOfRunning}${time}`;
        return { endpoint: attempt.name, reason: reason ?? running, obstacle };
      }),
      ...this.#waiting.map(({ name }) => ({ endpoint: name, reason: "not asked: there was no time left" })),
      ...this.#unusable,
    ];
  }

  #end(settle: () => void): void {
    this.#isDone = true;
    this.#stopHedge?.();
    this.#stopTotal?.();
    this.#forget();
    settle();
    // The reason of an abort is an exception with a stack: not made where nothing waits for it any more.
    if (this.#running > 0) this.#controller.abort();
  }
}

/** The time that a name takes is the name's: the KDC was sent nothing. */
function lookUpWords({ attempt }: Running): string {
  return `the look-up of the name ${attempt.endpoint.host} gave no answer`;
}

function requirePositive(limits: ExchangeLimits, name: "timeoutMs" | "totalTimeoutMs" | "hedgeDelayMs"): void {
  const value = limits[name];
  if (value !== undefined && !(value > 0)) throw new RangeError(`${name} is ${value}: it must be above 0`);
}
