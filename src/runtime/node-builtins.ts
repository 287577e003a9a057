/**
 * A built-in module of Node, or of a host that has Node's, without an import statement: a bundler leaves this alone,
 * and a Worker that lacks the module still starts. undefined where the host has none (Node before 20.16, the web).
 */
export function builtin<T>(name: string): T | undefined {
  const host = (globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } }).process;
  if (typeof host?.getBuiltinModule !== "function") return undefined;
  try {
    return host.getBuiltinModule(name) as T | undefined;
  } catch {
    return undefined;
  }
}

/** As {@link builtin}, for one that must be there. */
export function needBuiltin<T>(name: string): T {
  const module = builtin<T>(name);
  if (module === undefined) {
    throw new Error(`this host has no ${name}: krb5-remctl needs Node 20.16 or newer, or a host with Node's modules`);
  }
  return module;
}
