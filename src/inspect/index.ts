/**
 * What octets are, for a person: the messages in a text or dump, and their trees, with the parts opened whose keys are
 * known. `krb5-remctl decode` and the site's pages show them.
 *
 * Layer 7: it may import every room of a protocol; it reads messages and sends none.
 */
export { headerTokens, messagesOf, octetsOfInput } from "./input.ts";
export { KeyRing } from "./keys.ts";
export { TreeReader } from "./reader.ts";
export { treeOf } from "./recognize.ts";
export { type TreeNode, treeLines } from "./tree.ts";
