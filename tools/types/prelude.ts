// Variables that examples in comments use without making them: tools/types/examples.mjs declares those that an example names.
export declare const octets: Uint8Array;
