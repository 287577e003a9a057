// Heimdal's KDC with certificates, for the suites that log in with them.

import path from "node:path";
import { makePki, startHeimdalBed } from "../../tools/beds/index.mjs";
import { makeFolder, removeFolder } from "../../tools/beds/process.mjs";
import { peers } from "./live.ts";

/** How long it may take to start: the keys of some twenty certificates are made before it. */
export const HEIMDAL_PKI_START_MS = 120_000;

/** A Heimdal bed whose KDC takes certificates of `pki`, alice's among them. It needs the peers heimdal and mit-logins. */
export async function startHeimdalPkiBed() {
  const folder = makeFolder("pki-heimdal");
  const pki = await makePki(peers["mit-logins"], path.join(folder, "pki"), { realm: "HEIM.TEST", user: "alice" });
  const heimdal = await startHeimdalBed({ pki });
  const close = async () => {
    await heimdal.close();
    removeFolder(folder);
  };
  return { ...heimdal, pki, close };
}
