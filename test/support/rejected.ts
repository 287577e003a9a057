/**
 * A function that gives the error of a promise that is rejected with one of this class; all else fails the test.
 *
 *     const failure = rejectedWith(KerberosError);
 *     expect((await failure(client.login())).code).toBe("WRONG_PASSWORD");
 */
export function rejectedWith<E extends Error>(type: abstract new (...args: never[]) => E) {
  return async (promise: Promise<unknown>): Promise<E> => {
    try {
      await promise;
    } catch (error) {
      if (error instanceof type) return error;
      throw error;
    }
    throw new Error("it did not fail");
  };
}
