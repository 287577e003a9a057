// `node --import krb5-remctl/kerberos/register app.js`: who asks for the module `kerberos` gets the drop-in, by
// require() and by import, whether the native module is installed or not. The same file serves `bun --preload`.

import Module from "node:module";
import { fileURLToPath } from "node:url";

/** What a resolve hook is given, and what it gives (Node's documentation of `module`, "Hooks"). */
type Resolve = (specifier: string, context: unknown, next: (specifier: string, context: unknown) => unknown) => unknown;

interface Hooks {
  /** Node 22.15 and later: for require() and import, in this thread. */
  readonly registerHooks?: (hooks: { readonly resolve: Resolve }) => unknown;
  /** Before: for import alone. */
  readonly register: (specifier: string) => void;
  /** What require() asks where a file is. */
  _resolveFilename: (name: string, ...rest: unknown[]) => string;
}

interface Bun {
  plugin(plugin: { readonly name: string; setup(build: BunBuild): void }): void;
}

interface BunBuild {
  module(name: string, load: () => { readonly exports: object; readonly loader: "object" }): void;
}

const NAME = "kerberos";
const url = import.meta.resolve("krb5-remctl/kerberos");
const hooks = Module as unknown as Hooks;
const { Bun: bun } = globalThis as { readonly Bun?: Bun };

if (bun !== undefined) {
  const load = () => {
    const kerberos = Module.createRequire(import.meta.url)(fileURLToPath(url)) as { readonly Kerberos: unknown };
    // The class of 0.x is not listed.
    return { exports: { ...kerberos, Kerberos: kerberos.Kerberos, default: kerberos }, loader: "object" as const };
  };
  bun.plugin({ name: "krb5-remctl", setup: (build) => build.module(NAME, load) });
} else if (hooks.registerHooks !== undefined) {
  hooks.registerHooks({
    resolve: (specifier, context, next) =>
      specifier === NAME ? { url, format: "module", shortCircuit: true } : next(specifier, context),
  });
} else {
  const file = fileURLToPath(url);
  const original = hooks._resolveFilename;
  hooks._resolveFilename = (name, ...rest) => (name === NAME ? file : original.call(hooks, name, ...rest));
  const answer = JSON.stringify({ url, format: "module", shortCircuit: true });
  const code = `export const resolve = (name, context, next) => name === "${NAME}" ? ${answer} : next(name, context);`;
  hooks.register(`data:text/javascript,${encodeURIComponent(code)}`);
}
