// What is said of a WebSocket's end, and the forms in which hosts give octets.

import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";
import { cannotOpen, closeError, detailOf, lost } from "../../../src/websocket/failure.ts";
import { webSocketDial } from "../../../src/websocket/index.ts";
import { octetsOf } from "../../../src/websocket/socket.ts";

it.each([
  [{ message: "words" }, ": words"],
  [{ message: "words", error: new Error("others") }, ": words"],
  [{ message: "", error: new Error("others") }, ": others"],
  [{ message: 5, error: new Error("others") }, ": others"],
  [{ error: new Error("") }, ""],
  [{ message: 5 }, ""],
  [{ error: { message: "no Error" } }, ""],
  [{}, ""],
])("of %o it says %j", (event, said) => {
  expect(detailOf(event)).toBe(said);
});

it("an error has a cause where there is one, and no other", () => {
  const cause = new Error("why");
  for (const make of [(given?: Error) => lost("x", given), (given?: Error) => cannotOpen("x", "", given)]) {
    expect(make(cause).cause).toBe(cause);
    expect("cause" in make()).toBe(false);
  }
});

it.each([
  [1000, undefined],
  [1005, undefined],
  [1006, "the WebSocket proxy closed the connection (1006): it was cut off"],
  [1011, "the WebSocket proxy closed the connection (1011): can it reach the server behind it?"],
  [1012, "the WebSocket proxy closed the connection (1012)"],
  [undefined, "the WebSocket proxy closed the connection (no code)"],
])("a close with %s is %j", (code, message) => {
  expect(closeError(code, "")?.message).toBe(message);
});

it("octets come as any view, as an ArrayBuffer of any realm, and as nothing else", () => {
  const octets = Uint8Array.of(1, 2, 3, 4);
  expect(octetsOf(octets)).toBe(octets);
  expect(octetsOf(octets.buffer)).toEqual(octets);
  expect(octetsOf(new DataView(octets.buffer, 1, 2))).toEqual(Uint8Array.of(2, 3));
  expect(octetsOf(runInNewContext("Uint8Array.of(5, 6).buffer"))).toEqual(Uint8Array.of(5, 6));
  for (const other of ["text", new Blob(["x"]), undefined, [1, 2]]) expect(octetsOf(other)).toBeUndefined();
});

it.each(["wss://user@host/", "wss://:word@host/", "wss://user:word@host/"])("%s is refused", (url) => {
  expect(() => webSocketDial(url)).toThrow("has a user name or password in it");
});

it.each([
  ["ftp://host/", "begins with ftp:"],
  ["secret:word", "is not a place"],
])("%s is refused: it %s", (url, words) => {
  expect(() => webSocketDial(url)).toThrow(words);
});
