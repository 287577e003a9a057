// Put in by the build of a single executable, which has no package.json beside it.
declare const KRB5_REMCTL_VERSION: string | undefined;

/** The version of this package, or `unknown` where nothing tells. */
export async function version(): Promise<string> {
  if (typeof KRB5_REMCTL_VERSION === "string") return KRB5_REMCTL_VERSION;
  try {
    const text = process
      .getBuiltinModule("node:fs")
      .readFileSync(new URL("../../package.json", import.meta.url), "utf8");
    return String((JSON.parse(text) as { version?: unknown }).version);
  } catch {
    return "unknown";
  }
}
