import { kdcErrorOf } from "../../errors.ts";
import { KRB_ERROR } from "../../iana/index.ts";
import type { KdcAnswer, KdcSearch, KdcTransport } from "../../transport/index.ts";
import type { AsExchangeOptions } from "./as-options.ts";
import type { Login } from "./login.ts";
import { type Attempt, attemptOf, drive, type LoginParts, marked } from "./logins.ts";

/** After these a KDC with an older database may be wrong, and the primary is asked. */
const MAY_BE_OLD: ReadonlySet<number | undefined> = new Set([
  KRB_ERROR.KDC_ERR_C_PRINCIPAL_UNKNOWN,
  KRB_ERROR.KDC_ERR_KEY_EXPIRED,
  KRB_ERROR.KDC_ERR_PREAUTH_FAILED,
]);

/** Asks the primary KDC once, where a KDC that is not may have an older database; else throws the error. */
export async function askPrimary(
  parts: LoginParts,
  { exchange, realm, answer, record }: Attempt,
  options: AsExchangeOptions,
  error: unknown,
): Promise<Login> {
  const { transport, memory, signal } = parts;
  const { trace } = options;
  const code = kdcErrorOf(error)?.errorCode;
  const mayBeOld = MAY_BE_OLD.has(code) && exchange.mayBeginElsewhere && answer !== undefined;
  const isOther = mayBeOld && (await hasOtherPrimary(transport, realm, answer, { signal, trace }));
  if (!isOther) throw marked(memory, exchange, answer, error);
  trace({ type: "note", text: `${answer.endpoint} may have an older database (error ${code}): the primary is asked` });
  const attempt = attemptOf(options, record);
  attempt.realm = realm;
  try {
    return await drive(parts, attempt, attempt.exchange.start(), true);
  } catch (second) {
    if (signal?.aborted === true) throw second;
    if (attempt.answer !== undefined) throw marked(memory, attempt.exchange, attempt.answer, second);
    trace({ type: "note", text: `the primary KDC of ${realm} did not answer: ${String(second)}` });
    throw marked(memory, exchange, answer, error);
  }
}

async function hasOtherPrimary(
  transport: KdcTransport,
  realm: string,
  { endpoint }: KdcAnswer,
  search: KdcSearch,
): Promise<boolean> {
  try {
    return (await transport.hasOtherPrimary?.(realm, endpoint, search)) ?? false;
  } catch (error) {
    // The refusal counts, not that a name could not be looked up.
    search.trace?.({ type: "note", text: `the primary KDC of ${realm} is not found: ${String(error)}` });
    return false;
  }
}
