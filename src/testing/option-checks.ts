import {
  type Checks,
  checkBoolean,
  checkList,
  checkSignal,
  checkString,
  checkText,
  checkWhole,
  checkWord,
} from "../checks/index.ts";
import { checkKerberosDate, type IssueOptions, issueChecks } from "./kdc/index.ts";
import type { Krb5ConfOptions } from "./krb5-conf.ts";

/** Options for {@link TestRealm.ccache}. */
export interface CcacheOptions extends IssueOptions {
  /** Names of services, for example `host/localhost`. */
  readonly services?: readonly string[] | undefined;
}

/** Options for {@link TestRealm.certificate}. */
export interface TestCertificateOptions {
  /** What kind of key is made: on P-256, the default, or RSA of 2,048 bits. */
  readonly algorithm?: "EC" | "RSA" | undefined;
  /** The principals that it names (id-pkinit-san); default: the client. None makes one that logs nobody in. */
  readonly names?: readonly string[] | undefined;
  /** Whether it says that it is for clients of PKINIT (extended key usage). Default true. */
  readonly isForClients?: boolean | undefined;
  /** From when on it is valid; default: a day ago. */
  readonly notBefore?: Date | undefined;
  /** Until when; default: in ten years. */
  readonly notAfter?: Date | undefined;
}

export const certificateChecks: Checks<TestCertificateOptions> = {
  algorithm: [checkWord, "EC", "RSA"],
  names: [checkList, checkText],
  isForClients: checkBoolean,
  notBefore: checkKerberosDate,
  notAfter: checkKerberosDate,
};

export const ccacheChecks: Checks<CcacheOptions> = { ...issueChecks, services: [checkList, checkText] };

export const krb5ConfChecks: Checks<Krb5ConfOptions> = {
  for: [checkWord, "mit", "heimdal"],
  transport: [checkWord, "tcp", "udp"],
  libdefaults: [checkList, checkString],
};

export const listenChecks: Checks<{ readonly port?: number }> = { port: [checkWhole, 0, 65_535] };

export const handleChecks: Checks<{ readonly transport: "tcp" | "udp" }> = { transport: [checkWord, "tcp", "udp"] };

export const passwordChecks: Checks<{ readonly passwordExpires?: Date }> = { passwordExpires: checkKerberosDate };

export const keytabChecks: Checks<{ readonly history?: boolean }> = { history: checkBoolean };

export const exchangeChecks: Checks<{ readonly signal?: AbortSignal }> = { signal: checkSignal };
