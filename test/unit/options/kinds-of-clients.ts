// The options that several functions have.

import type { TicketOptions } from "../../../src/client/index.ts";
import type { ExchangeOptions } from "../../../src/library/index.ts";
import type { CallOptions, PoolOptions, RunOnHostsOptions } from "../../../src/remctl/index.ts";
import type { RemctlOptions } from "../../../src/remctl-client/index.ts";
import type { Kinds } from "./case.ts";
import { MARKER } from "./kinds.ts";

export const call: Kinds<CallOptions> = { signal: "signal", idleTimeoutMs: "above0", totalTimeoutMs: "above0" };

export const remctl: Kinds<RemctlOptions> = {
  ...call,
  port: "port",
  localAddress: "string",
  connectTimeoutMs: "above0",
  maxOutputBytes: "whole0",
  maxArguments: "whole0",
  maxCommandBytes: "whole0",
  protocols: [MARKER, [MARKER], [{ MARKER }], null],
  argumentKinds: [MARKER, [MARKER], [{ MARKER }], null],
  legacyTokens: [MARKER, { MARKER }, null],
  outputKinds: [MARKER, [MARKER], [{ MARKER }], null],
  protocol: [MARKER, 0, 3, 1.5, Number.NaN],
  allowVersion1: "flag",
  pipelineDepth: [MARKER, 0, 1_025, 1.5, Number.NaN],
  service: ["host", 5, { MARKER }, [MARKER], null],
};

export const tickets: Kinds<TicketOptions> = {
  lifetimeSeconds: "from1",
  renewLifetimeSeconds: "from1",
  forwardable: "flag",
  proxiable: "flag",
  canonicalize: "flag",
  renewableOk: "flag",
};

export const exchange: Kinds<ExchangeOptions> = {
  enctypes: "enctypes",
  login: "enctypes",
  dial: "callback",
  fetch: "callback",
  onTrace: "callback",
  preauth: "mechanisms",
  ask: [MARKER, { [MARKER]: () => MARKER }, { otp: MARKER }, { pinNotice: MARKER }, null],
  allowPreauthDowngrade: "flag",
  skewSeconds: "from0",
  kdcTimeoutMs: "above0",
  now: "callback",
  runtime: "object",
};

export const many: Kinds<RunOnHostsOptions> = {
  signal: "signal",
  maxArguments: "whole0",
  maxCommandBytes: "whole0",
  argumentKinds: [MARKER, [MARKER], null],
  concurrency: "whole1",
  onResult: "callback",
  onProgress: "callback",
};

export const pool: Kinds<PoolOptions> = {
  maxSessions: "whole1",
  maxSessionsPerHost: "whole1",
  maxOpening: "whole1",
  maxWaiting: "whole0",
  waitTimeoutMs: "above0",
  idleCloseMs: "from0",
  noopAfterMs: "from0",
  noopTimeoutMs: "above0",
  expiryMarginMs: "from0",
  now: "callback",
};

/** Neither secret nor principal of any form is right. */
export const credentials: readonly unknown[] = [
  MARKER,
  5,
  null,
  {},
  { principal: "alice@TEST.EXAMPLE" },
  { principal: "alice@TEST.EXAMPLE", password: MARKER, keytab: Uint8Array.of(1) },
  { principal: "alice@TEST.EXAMPLE", password: 5 },
  { principal: "alice@TEST.EXAMPLE", passwd: MARKER },
  { principal: 5, password: MARKER },
  { principal: "alice@TEST.EXAMPLE", keytab: 5 },
];

export const ticket = [5, "", { MARKER }, MARKER, null];
