import type { Trace } from "../trace.ts";
import type { Krb5Config } from "./krb5-config.ts";

/** What libkrb5 would do and this library does not, by the tag of `[libdefaults]` that asks for it. */
const UNSUPPORTED: readonly (readonly [tag: string, isAsked: (value: string) => boolean, what: string])[] = [
  ["noaddresses", isNo, "tickets are asked for without addresses, unless a login names some"],
  ["allow_weak_crypto", isYes, "DES is not built in"],
  ["allow_rc4", isYes, "RC4 is refused"],
  ["allow_des3", isYes, "triple DES is refused"],
  [
    "dns_canonicalize_hostname",
    (value) => value.toLowerCase() === "fallback",
    "counts as false: DNS chooses no principal",
  ],
  ["plugin_base_dir", () => true, "there are no plug-ins"],
];

/** Tells, one trace line each, what a configuration asks for that has no effect here. */
export function noteUnsupported({ profile }: Krb5Config, trace: Trace): void {
  for (const kind of profile.names(["plugins"])) {
    trace({ type: "note", text: `[plugins] ${kind} passed over: there are no plug-ins` });
  }
  for (const [tag, isAsked, what] of UNSUPPORTED) {
    const relation = profile.first(["libdefaults", tag]);
    if (relation === undefined || !isAsked(relation.value)) continue;
    const place = `${relation.file ?? "krb5.conf"}:${relation.line}`;
    trace({ type: "note", text: `${place}: ${tag} = ${relation.value}: ${what}` });
  }
}

function isYes(value: string): boolean {
  return /^(y|yes|true|t|1|on)$/i.test(value);
}

function isNo(value: string): boolean {
  return /^(n|no|false|nil|0|off)$/i.test(value);
}
