// One line a workload, in the order of the table.

import { bulkInput, bulkOutput } from "./bulk.mjs";
import { commandLine } from "./command-line.mjs";
import { keepAliveEcho, keepAliveQuiet, oneShotEcho, oneShotQuiet } from "./commands.mjs";
import { concurrent } from "./concurrent.mjs";
import { context } from "./context.mjs";
import { der } from "./der.mjs";
import { drivers } from "./drivers.mjs";
import { floor } from "./floor.mjs";
import { growth } from "./growth.mjs";
import { http } from "./http.mjs";
import { importing } from "./import.mjs";
import { kdc } from "./kdc.mjs";
import { kdcServer } from "./kdc-server.mjs";
import { link } from "./link.mjs";
import { logins } from "./logins.mjs";
import { pipeline } from "./pipeline.mjs";
import { sasl } from "./sasl.mjs";
import { server } from "./server.mjs";
import { serverMemory } from "./server-memory.mjs";
import { spnego } from "./spnego.mjs";
import { stringToKey } from "./string-to-key.mjs";
import { worker } from "./worker.mjs";
import { unwrap, wrap } from "./wrap.mjs";

/** @type {import("../bench.mjs").Workload[]} */
export const workloads = [
  link,
  oneShotEcho,
  keepAliveEcho,
  oneShotQuiet,
  keepAliveQuiet,
  pipeline,
  bulkOutput,
  bulkInput,
  concurrent,
  wrap,
  unwrap,
  floor,
  context,
  spnego,
  sasl,
  http,
  drivers,
  stringToKey,
  kdc,
  logins,
  der,
  commandLine,
  importing,
  worker,
  growth,
  server,
  serverMemory,
  kdcServer,
];
