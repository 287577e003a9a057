import { Writer } from "../bytes/index.ts";
import type { Fetch } from "./runtime.ts";

const firstOctets = 512;

/**
 * Reads the body of an HTTP answer or request; undefined if it is longer than `maxOctets`. Memory grows with what came,
 * not with what `content-length` announces nor with the number of pieces: a piece of one octet costs one octet.
 */
export async function readBody(
  response: Omit<Awaited<ReturnType<Fetch>>, "status">,
  maxOctets: number,
): Promise<Uint8Array | undefined> {
  const { body } = response;
  if (Number(response.headers.get("content-length") ?? 0) > maxOctets) {
    await body?.cancel().catch(() => {});
    return undefined;
  }
  if (body === undefined || body === null) {
    const octets = new Uint8Array(await response.arrayBuffer());
    return octets.length > maxOctets ? undefined : octets;
  }
  const reader = body.getReader();
  const whole = new Writer(firstOctets);
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return whole.finish();
    if (whole.length + value.length > maxOctets) {
      await reader.cancel().catch(() => {});
      return undefined;
    }
    whole.bytes(value);
  }
}
