// Logins beyond a timestamp, for every runtime: one ticket from each KDC, and a wrong password at each.

import { createClient, encTimestamp } from "../../src/entry/index.ts";
import { createClient as createLean } from "../../src/entry/lean.ts";
import { spake } from "../../src/entry/spake.ts";
import { detectRuntime } from "../../src/runtime/index.ts";
import { type CertificatesConfig, type CertificatesReport, runCertificateLogins } from "./certificate-logins.ts";

/** What to do; plain JSON. */
export interface LoginsConfig {
  readonly principal: string;
  readonly password: string;
  readonly service: string;
  /** The KDC for each login, by its name. */
  readonly kdcs: Readonly<Record<string, string>>;
  /** Whose client it is. Default: the main entry's. */
  readonly entry?: "main" | "lean";
  /** Logins by certificate and inside FAST. */
  readonly certificates?: CertificatesConfig;
}

export interface LoginsReport {
  readonly adapter: string;
  /** What each login noted, or its error, and the code of a wrong password's. */
  readonly logins: Readonly<Record<string, { readonly notes: readonly string[]; readonly wrong: string }>>;
  readonly certificates?: CertificatesReport;
}

export async function runLogins(config: LoginsConfig): Promise<LoginsReport> {
  const { principal, service, kdcs, entry = "main" } = config;
  const logins: Record<string, { notes: readonly string[]; wrong: string }> = {};
  for (const [name, kdc] of Object.entries(kdcs)) {
    const attempt = async (password: string) => {
      const notes: string[] = [];
      const common = {
        credentials: { principal, password },
        kdc: [kdc],
        onTrace: (event: { readonly type: string; readonly text?: string }) => {
          if (event.type === "note" && event.text?.startsWith("SPAKE")) notes.push(event.text);
        },
      };
      const client =
        entry === "main" ? createClient(common) : createLean({ ...common, preauth: [spake(), encTimestamp] });
      const error = await client.getTicket(service).then(
        () => undefined,
        (reason: { readonly code?: string; readonly message?: string }) => reason,
      );
      return { notes, error };
    };
    const { notes, error } = await attempt(config.password);
    const wrong = await attempt("wrong");
    logins[name] = {
      notes: error === undefined ? notes : [String(error.message)],
      wrong: wrong.error?.code ?? String(wrong.error),
    };
  }
  const { certificates } = config;
  return {
    adapter: detectRuntime().name,
    logins,
    ...(certificates === undefined ? {} : { certificates: await runCertificateLogins(certificates) }),
  };
}
