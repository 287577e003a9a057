/** RFC 8305 section 3: so long the other family's answer is awaited when one is there. */
const RESOLUTION_DELAY_MS = 50;

/**
 * The addresses of a name by the two questions for them, IPv6 first. An answer with addresses waits 50 ms for the
 * other, since some resolvers drop questions for IPv6. Empty where neither question has found any; a question that
 * fails has found none.
 *
 * @param ipv6 the answer to the question for IPv6
 * @param ipv4 the answer to the question for IPv4
 * @returns the addresses
 */
export function eitherFamily(
  ipv6: Promise<readonly string[]>,
  ipv4: Promise<readonly string[]>,
): Promise<readonly string[]> {
  return new Promise((resolve) => {
    const found: (readonly string[])[] = [[], []];
    let open = found.length;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const end = (): void => {
      clearTimeout(timer);
      resolve(found.flat());
    };
    for (const [index, answer] of [ipv6, ipv4].entries()) {
      const take = (addresses: readonly string[]): void => {
        found[index] = addresses;
        open -= 1;
        if (open === 0) end();
        else if (addresses.length > 0) timer = setTimeout(end, RESOLUTION_DELAY_MS);
      };
      answer.then(take, () => take([]));
    }
  });
}

/**
 * Whether a name is one of the host itself (RFC 6761 section 6.3): no resolver is asked for it.
 *
 * @param host the name
 * @returns true for `localhost`, and for names that end in it
 */
export function isLocalhost(host: string): boolean {
  return /^(?:.*\.)?localhost\.?$/i.test(host);
}
