import * as nodeCrypto from "node:crypto";
import { createNodeCryptoProvider, type NodeCrypto } from "../../src/crypto/providers/node.ts";

/** What reads keys in older forms: MD5 and Triple DES of this host. */
export const olderCiphers = createNodeCryptoProvider(nodeCrypto as unknown as NodeCrypto);
