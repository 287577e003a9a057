import { isRefusedProof, type RefusedProof } from "../../credentials/index.ts";
import { kdcErrorOf } from "../../errors.ts";
import { KRB_ERROR } from "../../iana/index.ts";
import { formatPrincipal } from "../../krb5/index.ts";
import type { KdcAnswer, KdcTransport, SpareConnections } from "../../transport/index.ts";
import { AsExchange } from "./as-exchange.ts";
import { type AsExchangeOptions, type AsStep, usableMechanisms } from "./as-options.ts";
import { type EarlierProof, forgetProof, type KeptLogins, keepProof, type LoginRecord } from "./earlier-logins.ts";
import type { Login } from "./login.ts";
import type { LoginMemory } from "./login-memory.ts";
import { firstProof, mayProve, notTaken, otherHint } from "./unasked-proof.ts";

/** What a login works with. */
export interface LoginParts {
  readonly transport: KdcTransport;
  readonly memory: LoginMemory;
  readonly options: AsExchangeOptions;
  readonly signal: AbortSignal | undefined;
  /** Connections for the exchanges that follow the first. */
  readonly spares?: SpareConnections | undefined;
  /** What other processes with the same secret left. Default: nothing. */
  readonly kept?: KeptLogins | undefined;
  /** Default: no realm is known to have a primary KDC. */
  readonly primary?: AskPrimary | undefined;
}

/** Asks the primary KDC where another one may have an older database; else throws the error of the attempt. */
export type AskPrimary = (
  parts: LoginParts,
  attempt: Attempt,
  options: AsExchangeOptions,
  error: unknown,
) => Promise<Login>;

/** An exchange with the KDCs, and who answered last. */
export interface Attempt {
  readonly record: LoginRecord;
  readonly exchange: AsExchange;
  realm: string;
  answer: KdcAnswer | undefined;
}

/**
 * One login, with one proof of the secret for each database of KDCs (rule P11): each that is refused counts as a failed
 * login, and each under another salt is one more for an attacker to guess by. A second proof goes out only to the
 * primary KDC, after another one refused the first, and on the KDC's time after KRB_AP_ERR_SKEW.
 */
export async function runLogin(parts: LoginParts): Promise<Login> {
  const { memory, options, kept } = parts;
  const { client, secret, allowPreauthDowngrade, now } = options;
  const own = memory.earlier.of(client, secret);
  // What was taken inside FAST is not proven outside of it, nor the other way round.
  const isPlain = options.envelope === undefined && options.rearm === undefined;
  const record = kept === undefined || !isPlain ? own : await kept(own, now);
  const hidden = allowPreauthDowngrade === true ? undefined : memory.strength.find(client, secret, now());
  const floored = { ...options, floor: record.login?.floor, hidden };
  const earlier = record.login?.proof;
  const proof = earlier ?? firstProof(floored, record);
  // If it fails, the next login asks first.
  if (proof !== undefined && mayProve(proof, floored) && forgetProof(record)) {
    return await proveUnasked(parts, floored, record, proof, earlier === undefined);
  }
  const attempt = attemptOf(floored, record);
  try {
    return await drive(parts, attempt, attempt.exchange.start(), false);
  } catch (error) {
    const { primary } = parts;
    if (primary === undefined) throw marked(memory, attempt.exchange, attempt.answer, error);
    return await primary(parts, attempt, floored, error);
  }
}

/** Begins with the proof that the KDC took of this secret before, or with the first of all. */
async function proveUnasked(
  parts: LoginParts,
  options: AsExchangeOptions,
  record: LoginRecord,
  proof: EarlierProof,
  isFirst: boolean,
): Promise<Login> {
  const attempt = attemptOf(options, record);
  try {
    return await drive(parts, attempt, await attempt.exchange.startWithProof(proof), false);
  } catch (error) {
    if (kdcErrorOf(error)?.errorCode === KRB_ERROR.KDC_ERR_PREAUTH_REQUIRED) {
      // A KDC that has a proof and asks for one may be an attacker who wants it once more (rule P5).
      forgetProof(record, true);
      throw notTaken(options.client, isFirst, error);
    }
    if (!isRefusedProof(error)) throw error;
    return await compareHints(parts, options, attempt, proof, error, isFirst);
  }
}

/**
 * Asks, with no proof, how the KDC makes the key now: its salt may be new, or what refused may not have been the KDC.
 * Where the KDC took the key before, nothing rests: the next login proves what the KDC says now.
 */
async function compareHints(
  parts: LoginParts,
  options: AsExchangeOptions,
  { record, exchange, answer }: Attempt,
  { mechanism, hint }: EarlierProof,
  refusal: RefusedProof,
  isFirst: boolean,
): Promise<Login> {
  const preauth = usableMechanisms(options).filter(({ type }) => type === mechanism);
  const other = otherHint(refusal, formatPrincipal(options.client), isFirst);
  const attempt = attemptOf({ ...options, preauth, refused: { hint, error: refusal, other } }, record);
  try {
    // A KDC that wants no proof any more gives a ticket.
    return await drive(parts, attempt, attempt.exchange.start(), false);
  } catch (error) {
    const { memory } = parts;
    if (error === other) throw memory.mark(other, "nobody");
    throw isFirst ? marked(memory, exchange, answer, refusal) : memory.mark(refusal, "nobody");
  }
}

/** Rule P16: a datagram could be anybody's, so nobody else rests because of one, unless FAST vouches for the error. */
export function marked(
  memory: LoginMemory,
  exchange: AsExchange,
  from: KdcAnswer | undefined,
  error: unknown,
): unknown {
  if (!isRefusedProof(error)) return error;
  const isHeardWell = exchange.isErrorProven || from?.isDatagram === false;
  return memory.mark(error, isHeardWell ? "everyone" : "process");
}

/** Runs an exchange to its end, and keeps what the next login begins with. */
export async function drive(
  { transport, memory, signal, spares }: LoginParts,
  attempt: Attempt,
  first: AsStep,
  isForPrimary: boolean,
): Promise<Login> {
  const { exchange } = attempt;
  const { trace, client, secret, now } = exchange.options;
  const primaryRealm = isForPrimary ? attempt.realm : undefined;
  const onAnswer = (answer: KdcAnswer): void => {
    attempt.answer = answer;
  };
  try {
    for (let next = first; next.type === "send"; ) {
      attempt.realm = next.realm;
      // A KDC that was not given a proof asks for one.
      if (spares !== undefined) spares.following = spares.afterLogin + (exchange.given === undefined ? 1 : 0);
      const search = { signal, trace, onAnswer, isForPrimary: next.realm === primaryRealm, spares };
      const stop = begin(exchange.preparation);
      const reply = await transport.exchange(next.realm, next.request, search).finally(stop);
      next = await exchange.step(reply);
    }
  } catch (error) {
    memory.noteGiven(error, exchange.given);
    throw error;
  }
  memory.strength.note(client, secret, exchange.hidden, now());
  if (exchange.proof !== undefined) keepProof(attempt.record, exchange.proof);
  return exchange.login as Login;
}

/** Begins what may take milliseconds of the processor once the request has gone out; gives what prevents it. */
function begin(preparation: AsExchange["preparation"]): () => void {
  const timer = preparation === undefined ? undefined : setTimeout(preparation, 1);
  return () => clearTimeout(timer);
}

/** A login that has not begun. */
export function attemptOf(options: AsExchangeOptions, record: LoginRecord): Attempt {
  return { record, exchange: new AsExchange(options), realm: options.client.realm, answer: undefined };
}
