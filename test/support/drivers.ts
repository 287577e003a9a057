// Drivers from npm, as they are: tools/drivers has them. A suite that needs them is reported where they are not installed.

import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

/** Where the drivers are installed. */
export const driversFolder: string = path.resolve(import.meta.dirname, "../../tools/drivers");

/** Why the drivers cannot be had; empty if they can. */
export const driversMissing: string = existsSync(path.join(driversFolder, "node_modules", "pg"))
  ? ""
  : 'the drivers are not in tools/drivers: "npm ci" there installs them';

/** Loads a driver by `require`, as most programs get it. */
export const requireDriver: NodeJS.Require = createRequire(path.join(driversFolder, "package.json"));

/**
 * Puts an object in the place of the native module `kerberos`, which drivers load by name when they first need it.
 */
export function substituteKerberos(module: unknown): void {
  const file = path.join(driversFolder, "node_modules", "kerberos", "index.js");
  const loader = requireDriver("node:module") as unknown as {
    _resolveFilename: (name: string, ...rest: unknown[]) => string;
  };
  const original = loader._resolveFilename;
  loader._resolveFilename = (name, ...rest) => (name === "kerberos" ? file : original.call(loader, name, ...rest));
  requireDriver.cache[file] = { id: file, filename: file, loaded: true, exports: module } as NodeJS.Module;
}
