import { type KerberosError, UnsupportedError } from "../errors.ts";

/** The part of `Deno.permissions` that is used here. */
type Descriptor =
  | { readonly name: "net"; readonly host?: string }
  | { readonly name: "read" | "write"; readonly path?: string }
  | { readonly name: "env"; readonly variable?: string }
  | { readonly name: "sys"; readonly kind?: string };

interface DenoGlobal {
  readonly permissions?: { querySync?(descriptor: Descriptor): { readonly state: string } };
}

/**
 * Whether Deno lets this program do something, asked without a prompt: what would prompt counts as denied. Node's
 * modules in Deno prompt, or throw where no handler catches it (`node:dgram`), so this is asked before each of them.
 */
export function isGranted(descriptor: Descriptor): boolean {
  const deno = (globalThis as { Deno?: DenoGlobal }).Deno;
  const query = deno?.permissions?.querySync;
  if (query === undefined) return true;
  try {
    return query.call(deno?.permissions, descriptor).state === "granted";
  } catch {
    // A kind that this version does not know: no program can have been given it.
    return false;
  }
}

/** `host:port` as Deno's flags write it. */
export function netName(host: string, port: number): string {
  return host.includes(":") && !host.startsWith("[") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Throws, before any traffic, for a host and port that the program was not given. */
export function requireNet(host: string, port: number): void {
  const name = netName(host, port);
  if (!isGranted({ name: "net", host: name })) throw denied(`connect to ${name}`, `--allow-net=${name}`);
}

/** A permission that is missing is a capability that is missing: the error is the same, and names the flag. */
export function denied(what: string, flag: string): KerberosError {
  return new UnsupportedError(`Deno does not let this program ${what}: run it with ${flag}`);
}
