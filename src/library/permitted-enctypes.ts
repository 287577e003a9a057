import type { Krb5Config } from "../config/index.ts";
import { type EncType, strongEncTypes } from "../crypto/index.ts";
import { ConfigError } from "../errors.ts";

/**
 * Of `permitted_enctypes`, those that are `known`, in the order of the file. Default: those that are built in. Throws
 * ConfigError if none is left.
 */
export function typesOfConfig(config: Krb5Config, known: readonly EncType[] = strongEncTypes): readonly EncType[] {
  const wanted = config.libdefaults.permittedEnctypes;
  if (wanted === undefined) return known;
  const types = wanted.flatMap((etype) => known.filter((type) => type.etype === etype));
  if (types.length > 0) return types;
  throw noneLeft("permitted_enctypes", known);
}

/** The lists of enctypes that a request asks for. */
export type RequestedTag = "default_tkt_enctypes" | "default_tgs_enctypes";

/**
 * The enctypes to ask for by the configuration, if it names any: those of its list that a reply may have too, so that
 * the KDC chooses none that is refused afterwards. Throws ConfigError if none is left.
 */
export function requestedEnctypes(
  config: Krb5Config,
  realm: string,
  tag: RequestedTag,
  known?: readonly EncType[],
): { readonly enctypes?: readonly number[] } {
  const { tktEnctypes, tgsEnctypes } = config.libdefaultsOf(realm);
  const wanted = tag === "default_tkt_enctypes" ? tktEnctypes : tgsEnctypes;
  if (wanted === undefined) return {};
  const types = typesOfConfig(config, known);
  const enctypes = wanted.filter((etype) => types.some((type) => type.etype === etype));
  if (enctypes.length > 0) return { enctypes };
  throw noneLeft(tag, types);
}

function noneLeft(key: string, types: readonly EncType[]): ConfigError {
  const names = types.map(({ name }) => name).join(", ");
  return new ConfigError(
    `${key} allows none of ${names}, which are all there are here: add one, or take the line out`,
    {
      key,
    },
  );
}
