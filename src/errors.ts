/**
 * Every error this package throws on purpose. A caller's own mistake is a `TypeError` or a `RangeError`; everything
 * else is an {@link AnyKerberosError} with a `code` from one closed union, so that a `switch` over codes can be checked
 * by the compiler. No message or property ever holds octets of a key, ticket or password. The classes are in the room
 * `failures`, which is entered through here.
 */
export * from "./failures/index.ts";
