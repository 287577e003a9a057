import { encodeDer, type Schema } from "./schema.ts";

/** The value of a DEFAULT, which its type must be able to hold. */
export function defaultOf(text: string, schema: Schema<unknown>, key: string): boolean | number {
  const value = text === "TRUE" || text === "FALSE" ? text === "TRUE" : Number(text);
  encodeDer(schema, key, value);
  return value;
}
