import { type Checks, checkAbove, checkBoolean, checkFunction, checkNumber, checkPart } from "../checks/index.ts";
import { checkRuntime } from "../host/index.ts";
import { type Enctypes, permittedTypes, weakEtypesOf } from "../krb5/index.ts";
import type { Prompts } from "../preauth/index.ts";
import type { ExchangeOptions } from "./kerberos-options.ts";
import { checkPreauth } from "./preauth-choice.ts";

export const exchangeChecks: Checks<ExchangeOptions> = {
  enctypes: (_, value) => void permittedTypes(value as Enctypes),
  login: (_, value) => void weakEtypesOf(value as Enctypes),
  dial: checkFunction,
  fetch: checkFunction,
  onTrace: checkFunction,
  preauth: checkPreauth,
  allowPreauthDowngrade: checkBoolean,
  ask: checkAsk,
  skewSeconds: [checkNumber, 0],
  kdcTimeoutMs: [checkAbove, 0],
  now: checkFunction,
  runtime: checkRuntime,
};

const askChecks: Checks<Prompts> = {
  password: checkFunction,
  newPassword: checkFunction,
  otp: checkFunction,
  token: checkFunction,
  pin: checkFunction,
  pinNotice: checkFunction,
  passphrase: checkFunction,
};

function checkAsk(name: string, value: unknown): void {
  checkPart(name, value, askChecks);
}
