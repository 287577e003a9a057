import type { EncType } from "./enctype.ts";
import { encTypeByName, strongEncTypes } from "./enctypes/index.ts";

/**
 * The enctypes that an option names, best first; all that are built in where it is not set. Throws TypeError, and
 * RangeError for a name that is not built in: a caller's mistake.
 */
export function permittedTypes(names: readonly string[] | undefined): readonly EncType[] {
  if (names === undefined) return strongEncTypes;
  if (!Array.isArray(names)) throw new TypeError("enctypes is not a list of names");
  if (names.length === 0) throw new RangeError("enctypes is empty: name at least one");
  return names.map((name) => {
    const type = encTypeByName(String(name));
    if (type !== undefined) return type;
    throw new RangeError(
      `enctype ${JSON.stringify(name)} is not one of ${strongEncTypes.map((known) => known.name).join(", ")}`,
    );
  });
}
