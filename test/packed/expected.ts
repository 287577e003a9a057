/** What `programs/smoke.mjs` gives on every host. */
export const expected = {
  text: "hello alice@TEST.EXAMPLE 1\n",
  lean: "hello alice@TEST.EXAMPLE 0\n",
  status: 7,
  token: 0x60,
  code: "WRONG_PASSWORD",
  dial: "function",
};
