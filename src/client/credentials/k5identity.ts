import { NAME_TYPE } from "../../iana/index.ts";
import { type Principal, parsePrincipal } from "../../krb5/index.ts";
import { fitsPattern } from "./glob.ts";

/**
 * Finds whom a file `.k5identity` names for a service: the first line whose fields all fit, `PRINCIPAL FIELD=PATTERN
 * ...` with the fields `realm`, `service` and `host`. A line with another field, or without a principal that can be
 * read, fits nothing, as with libkrb5. The realm is empty where the line has none.
 */
export function identityFor(text: string, service: Principal): Principal | undefined {
  for (const line of text.split("\n")) {
    const [name = "", ...fields] = line.trim().split(/[ \t]+/);
    if (name === "" || name.startsWith("#")) continue;
    const client = principalOfLine(name);
    if (client !== undefined && fields.every((field) => fits(field, service))) return client;
  }
  return undefined;
}

function principalOfLine(name: string): Principal | undefined {
  try {
    return parsePrincipal(name);
  } catch {
    return undefined;
  }
}

function fits(field: string, { realm, nameType, components }: Principal): boolean {
  const equals = field.indexOf("=");
  const [name, pattern] = [field.slice(0, Math.max(equals, 0)), field.slice(equals + 1)];
  if (name === "realm") return fitsPattern(pattern, realm);
  // A name that is not host-based has neither.
  const isOfHost = nameType === NAME_TYPE.srvHst && components.length === 2;
  const [service = "", host = ""] = components;
  if (name === "service") return isOfHost && fitsPattern(pattern, service);
  return name === "host" && isOfHost && fitsPattern(pattern, host);
}
