/**
 * Refuses what is not one or more whole blocks: a cipher that is kept would hold the rest back and spoil the messages
 * that follow.
 */
export function requireWholeBlocks(input: Uint8Array, output: Uint8Array, blockBytes = 16): void {
  if (input.length === 0 || input.length % blockBytes !== 0 || output.length !== input.length)
    throw new RangeError(`CBC takes whole blocks of ${blockBytes} octets, and gives as many octets as it takes`);
}
