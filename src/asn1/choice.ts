import type { DerInput } from "./input.ts";
import type { DerOutput } from "./output.ts";
import type { Schema } from "./schema.ts";
import { tagName } from "./tags.ts";

/**
 * CHOICE: a value is an object with one property, the name of an alternative. An alternative of the type ANY comes last
 * and takes what the others do not: the `...` of a CHOICE that later documents extend.
 */
export function choice(alternatives: readonly (readonly [name: string, schema: Schema<unknown>])[]): Schema<unknown> {
  const byTag = new Map<number, readonly [string, Schema<unknown>]>();
  let other: readonly [string, Schema<unknown>] | undefined;
  for (const alternative of alternatives) {
    const [name, { tag: own, alternatives: tags = [own] }] = alternative;
    if (other !== undefined) throw new TypeError(`${name}: an alternative after ANY is never read`);
    if (tags.length === 0) other = alternative;
    for (const tag of tags) {
      if (byTag.has(tag)) throw new TypeError(`${name}: an alternative before it begins with ${tagName(tag)} too`);
      byTag.set(tag, alternative);
    }
  }
  const names = alternatives.map(([name]) => name).join(", ");
  return {
    tag: 0,
    alternatives: other === undefined ? [...byTag.keys()] : [],
    decode(input: DerInput) {
      if (input.at >= input.end) input.fail(`one of ${names} expected, nothing found`);
      const tag = input.octets[input.at] as number;
      const chosen = byTag.get(tag) ?? other;
      if (chosen === undefined) input.fail(`one of ${names} expected, ${tagName(tag)} found`);
      const [name, schema] = chosen;
      const depth = ++input.depth;
      input.trail[depth] = name;
      const value = schema.decode(input, schema.tag);
      input.depth = depth - 1;
      return { [name]: value };
    },
    encode(output: DerOutput, value) {
      if (typeof value !== "object" || value === null) output.failType("expected an object");
      const given = value as Readonly<Record<string, unknown>>;
      const chosen = alternatives.filter(([name]) => given[name] !== undefined);
      const [alternative] = chosen;
      if (alternative === undefined || chosen.length > 1) output.failType(`one of ${names} expected, and only one`);
      const [name, schema] = alternative;
      const depth = ++output.depth;
      output.trail[depth] = name;
      schema.encode(output, given[name], schema.tag);
      output.depth = depth - 1;
    },
  };
}
