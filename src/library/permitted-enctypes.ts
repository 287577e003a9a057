import type { Krb5Config } from "../config/index.ts";
import { type EncType, strongEncTypes } from "../crypto/index.ts";
import { ConfigError } from "../errors.ts";

/** Of `permitted_enctypes`, those that are built in, in the order of the file. Throws ConfigError if there are none. */
export function typesOfConfig(config: Krb5Config): readonly EncType[] {
  const wanted = config.libdefaults.permittedEnctypes;
  if (wanted === undefined) return strongEncTypes;
  const types = wanted.flatMap((etype) => strongEncTypes.filter((type) => type.etype === etype));
  if (types.length > 0) return types;
  throw new ConfigError(
    `permitted_enctypes allows none of ${strongEncTypes.map(({ name }) => name).join(", ")}, which are all there are here`,
    { key: "permitted_enctypes" },
  );
}
