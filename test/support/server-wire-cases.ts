import { concat } from "../../src/bytes/index.ts";
import { framed, word } from "./fake-remctl-server.ts";
import { command, commandBody, commandMessage, continued, type RawRemctlClient } from "./raw-remctl-client.ts";
import { largeOutput } from "./server-commands.ts";

/** A conversation with a server, and the replies to it in words. */
export interface WireCase {
  /** Begins with the numbers of the rules in the list of requirements, or with the name of remctl's own test. */
  readonly name: string;
  readonly talk: (client: RawRemctlClient) => Promise<string[]>;
  readonly replies: readonly string[];
  /** What remctld answers instead, and why this server does not. */
  readonly remctld?: { readonly replies: readonly string[]; readonly why: string };
}

const unknownCommand = "ERROR 5 Unknown command";
const badCommand = "ERROR 4 Invalid command token";
const unknownMessage = "ERROR 3 Unknown message";
const accessDenied = "ERROR 6 Access denied";
const hello = ["OUTPUT 1 hello world\n", "STATUS 0"];
/** Sent after what is tested: whether the connection is still in step, and gives each answer once. */
const last = command("test", "status", "77");
const inStep = "STATUS 77";

/** Sends messages and then one more command, and gives all replies to the last one's. */
function tell(...messages: readonly Uint8Array[]): WireCase["talk"] {
  return async (client) => {
    await client.send(...messages);
    await client.send(last).catch(() => {});
    const replies: string[] = [];
    while (replies.at(-1) !== inStep && replies.at(-1) !== "EOF") replies.push(...(await client.answer()));
    return replies;
  };
}

/**
 * As {@link tell}, in two parts: the second is sent after the first one's answer. remctld closes where it does not go on, and
 * octets that it has not read would take its last reply away.
 */
function tellThen(first: readonly Uint8Array[], ...then: readonly Uint8Array[]): WireCase["talk"] {
  return async (client) => {
    await client.send(...first);
    const replies = await client.answer();
    return replies.at(-1) === "EOF" ? replies : [...replies, ...(await tell(...then)(client))];
  };
}

/** Sends messages and gives all replies until the end of the connection. */
function untilEnd(...messages: readonly Uint8Array[]): WireCase["talk"] {
  return async (client) => {
    await client.send(...messages);
    const replies: string[] = [];
    while (replies.at(-1) !== "EOF") replies.push(...(await client.answer()));
    return replies;
  };
}

function tellRaw(octets: (client: RawRemctlClient) => Uint8Array): WireCase["talk"] {
  return async (client) => {
    await client.raw(octets(client));
    await client.send(last).catch(() => {});
    const replies: string[] = [];
    while (replies.at(-1) !== inStep && replies.at(-1) !== "EOF") replies.push(...(await client.answer()));
    return replies;
  };
}

const testBody = commandBody("test", "test");
const message = (...octets: number[]): Uint8Array => Uint8Array.from(octets);
const count = (value: number, ...args: string[]): Uint8Array => concat(word(value), commandBody(...args).subarray(4));
const desync = "one command gets one answer: a second one would be taken for that of the next command";
const staysOpen = "the rest of a broken command is passed over in place of closing, so that the client can begin again";

/** Conversations after the security context, in protocol version 2. */
export const WIRE_CASES: readonly WireCase[] = [
  // invalid-t
  { name: "2.9, invalid-t: message type 47", talk: tell(message(2, 47)), replies: [unknownMessage, inStep] },
  {
    name: "2.11: the types that a server sends",
    talk: tell(message(2, 3), message(2, 4), message(2, 5), message(2, 6)),
    replies: [unknownMessage, unknownMessage, unknownMessage, unknownMessage, inStep],
  },
  { name: "2.9: a message with a version alone", talk: tell(message(2)), replies: [unknownMessage, inStep] },
  {
    name: "2.9: an empty message",
    talk: tell(message()),
    replies: ["ERROR 2 Invalid token", "EOF"],
    remctld: { replies: ["EOF"], why: "remctld dies of it: it reads the version of a message that has none" },
  },
  {
    name: "4.2, invalid-t: a COMMAND that ends before its keep-alive flag",
    talk: tell(message(2, 1)),
    replies: [badCommand, inStep],
  },
  {
    name: "4.2: a COMMAND that ends before its continue status",
    talk: tell(message(2, 1, 1)),
    replies: [badCommand, inStep],
  },
  {
    name: "4.2, invalid-t: continue status 4",
    talk: tell(commandMessage(1, 4, testBody)),
    replies: [badCommand, inStep],
  },
  {
    name: "4.2: continue status 255",
    talk: tell(commandMessage(1, 255, testBody)),
    replies: [badCommand, inStep],
    remctld: { replies: [...hello, inStep], why: "remctld reads it as -1, and takes that for the end of a command" },
  },
  { name: "4.4, invalid-t: no arguments", talk: tell(command()), replies: [unknownCommand, inStep] },
  {
    name: "4.4, invalid-t: a command that ends within its own length",
    talk: tell(commandMessage(1, 0, testBody.subarray(0, 6))),
    replies: [badCommand, inStep],
  },
  {
    name: "4.4, invalid-t: a command that ends within its name",
    talk: tell(commandMessage(1, 0, testBody.subarray(0, 10))),
    replies: [badCommand, inStep],
  },
  {
    name: "4.4, invalid-t: a missing argument",
    talk: tell(commandMessage(1, 0, count(3, "test", "test"))),
    replies: [badCommand, inStep],
  },
  {
    name: "4.4, invalid-t: an argument more than the count",
    talk: tell(commandMessage(1, 0, count(1, "test", "test"))),
    replies: [badCommand, inStep],
  },
  {
    name: "4.4, invalid-t: octets after the last argument",
    talk: tell(commandMessage(1, 0, concat(testBody, message(0)))),
    replies: [badCommand, inStep],
  },
  {
    name: "4.4: an argument length of 2^32 - 1",
    talk: tell(commandMessage(1, 0, concat(word(1), word(0xffffffff), message(1, 2)))),
    replies: [badCommand, inStep],
  },
  {
    name: "4.4, invalid-t: a NUL in the command",
    talk: tell(command("te\0st", "test")),
    replies: [badCommand, inStep],
  },
  {
    name: "4.4, invalid-t: a NUL in the subcommand",
    talk: tell(command("test", "te\0st")),
    replies: [badCommand, inStep],
  },
  {
    name: "4.4, invalid-t: a NUL in an argument",
    talk: tell(command("test", "echo-args", "a\0b")),
    replies: ["OUTPUT 1 610062\n", "STATUS 0", inStep],
    remctld: { replies: [badCommand, inStep], why: "a function takes what the argument list of a program cannot hold" },
  },
  {
    name: "4.4: arguments of length 0",
    talk: tell(command("test", "echo-args", "", "a", "")),
    replies: ["OUTPUT 1 \n61\n\n", "STATUS 0", inStep],
  },
  { name: "4.4: an empty command", talk: tell(command("")), replies: [unknownCommand, inStep] },
  // continue-t
  {
    name: "4.2, 4.3, continue-t: a command cut within its count and its lengths",
    talk: tell(...continued(commandBody("test", "status", "2"), [2, 6, 19])),
    replies: ["STATUS 2", inStep],
  },
  {
    name: "4.3: a command of one octet a message",
    talk: tell(
      ...continued(
        testBody,
        Array.from({ length: testBody.length - 1 }, (_, i) => i + 1),
      ),
    ),
    replies: [...hello, inStep],
  },
  {
    name: "4.4: a continued command with an argument length of 2^32 - 1",
    talk: tell(...continued(concat(word(1), word(0xffffffff), message(1, 2)), [5])),
    replies: [badCommand, inStep],
  },
  {
    name: "4.4: a continued command with a missing argument",
    talk: tell(...continued(count(3, "test", "test"), [5])),
    replies: [badCommand, inStep],
  },
  {
    name: "4.4: a continued command with octets after the last argument",
    talk: tell(...continued(concat(testBody, message(0)), [5])),
    replies: [badCommand, inStep],
  },
  {
    name: "4.2: messages with nothing in them within a command",
    talk: tell(...continued(commandBody("test", "status", "5"), [0, 0, 9, 9])),
    replies: ["STATUS 5", inStep],
  },
  {
    name: "4.2: continue status 2 with nothing before it",
    talk: tell(commandMessage(1, 2, testBody)),
    replies: [badCommand, inStep],
  },
  {
    name: "4.2: continue status 3 with nothing before it",
    talk: tell(commandMessage(1, 3, testBody)),
    replies: [badCommand, inStep],
  },
  {
    name: "4.2: continue status 3 after a whole command",
    talk: tell(command("test", "test"), commandMessage(1, 3, testBody)),
    replies: [...hello, badCommand, inStep],
  },
  {
    name: "4.6: a whole command within a continued one",
    talk: tell(commandMessage(1, 1, testBody.subarray(0, 2)), command("test", "test")),
    replies: [badCommand, inStep],
    remctld: {
      replies: [unknownCommand, inStep],
      why: "remctld joins the two and reads a count of 0 from what comes out",
    },
  },
  {
    name: "4.6: a command begun within another",
    talk: tell(commandMessage(1, 1, message(0)), commandMessage(1, 1, message(0))),
    replies: [badCommand, inStep],
  },
  {
    name: "4.6: the rest of a command whose sequence was broken",
    talk: tell(
      commandMessage(1, 1, message(0)),
      commandMessage(1, 1, message(0)),
      commandMessage(1, 2, message(0)),
      commandMessage(1, 3, message(0)),
    ),
    replies: [badCommand, inStep],
    remctld: { replies: [badCommand, badCommand, badCommand, inStep], why: desync },
  },
  {
    name: "4.6: a bad continue status within a command",
    talk: tell(commandMessage(1, 1, message(0)), commandMessage(1, 4, message(0))),
    replies: [badCommand, inStep],
  },
  {
    name: "4.6: NOOP within a continued command",
    talk: tellThen(
      [commandMessage(1, 1, testBody.subarray(0, 7)), message(3, 7)],
      commandMessage(1, 3, testBody.subarray(7)),
    ),
    replies: ["ERROR 9 Unexpected message", inStep],
    remctld: { replies: ["ERROR 9 Unexpected message", "EOF"], why: staysOpen },
  },
  {
    name: "4.6: an unknown message within a continued command",
    talk: tellThen([commandMessage(1, 1, testBody.subarray(0, 7)), message(2, 47)]),
    replies: ["ERROR 9 Unexpected message", inStep],
    remctld: { replies: ["ERROR 9 Unexpected message", "EOF"], why: staysOpen },
  },
  {
    name: "3.1, 4.6: a message of a higher version within a continued command",
    talk: tellThen(
      [commandMessage(1, 1, testBody.subarray(0, 7)), message(9, 1, 1, 0)],
      commandMessage(1, 3, testBody.subarray(7)),
    ),
    replies: ["VERSION 3", inStep],
    remctld: { replies: ["VERSION 3", "EOF"], why: staysOpen },
  },
  {
    name: "4.6, 7.2: QUIT within a continued command",
    talk: untilEnd(
      commandMessage(1, 1, testBody.subarray(0, 7)),
      message(2, 2),
      commandMessage(1, 3, testBody.subarray(7)),
    ),
    replies: ["EOF"],
  },
  // version-t
  {
    name: "3.1, version-t: version 9, twice",
    talk: tell(concat(message(9, 1, 0, 0), testBody), message(9, 1)),
    replies: ["VERSION 3", "VERSION 3", inStep],
  },
  {
    name: "2.9: versions 0 and 1",
    talk: tell(message(0, 1, 1, 0), message(1, 1, 1, 0)),
    replies: ["VERSION 3", "VERSION 3", inStep],
  },
  {
    name: "3.1: a command of version 3",
    talk: tell(concat(message(3, 1, 1, 0), testBody)),
    replies: [...hello, inStep],
  },
  // noop-t
  { name: "10.1, noop-t: NOOP", talk: tell(message(3, 7)), replies: ["NOOP of version 3, 2 octets", inStep] },
  {
    name: "10.1: NOOP of version 2, and one with a body",
    talk: tell(message(2, 7), message(3, 7, 1, 2)),
    replies: ["NOOP of version 3, 2 octets", "NOOP of version 3, 2 octets", inStep],
  },
  // errors-t
  {
    name: "6.1, 6.4, errors-t: four errors in a row on one connection",
    talk: tell(
      command("test", "bad-command"),
      command("test", "noauth"),
      command("test", ...new Array<string>(10_240).fill("")),
      command("test"),
    ),
    replies: [unknownCommand, accessDenied, "ERROR 7 Too many arguments", unknownCommand, inStep],
  },
  { name: "6.2: an ACL that cannot be read", talk: tell(command("test", "noacl")), replies: [accessDenied, inStep] },
  {
    name: "4.5: 4,096 arguments",
    talk: tell(command("test", "argv", ...new Array<string>(4094).fill(""))),
    replies: ["OUTPUT 1 4094\n", "STATUS 0", inStep],
  },
  {
    name: "4.5: 4,097 arguments",
    talk: tell(command("test", "argv", ...new Array<string>(4095).fill(""))),
    replies: ["ERROR 7 Too many arguments", inStep],
  },
  {
    name: "4.5: a count of 2^32 - 1",
    talk: tell(commandMessage(1, 0, concat(word(0xffffffff), message(0, 0, 0, 0)))),
    replies: ["ERROR 7 Too many arguments", inStep],
  },
  {
    name: "1.5: a message of 65,536 octets",
    talk: tell(command("test", "stdin", "slow", new Uint8Array(65_536 - 4 - 4 - 16 - 13))),
    replies: ["OUTPUT 1 65499\n", "STATUS 0", inStep],
  },
  {
    name: "1.5: a message of 65,537 octets",
    talk: tell(command("test", "stdin", "slow", new Uint8Array(65_537 - 4 - 4 - 16 - 13))),
    replies: ["ERROR 8 Too much data", inStep],
  },
  // 6.4, 4.1, 5.3
  {
    name: "4.1, 5.3: keep-alive 0 after a status",
    talk: untilEnd(commandMessage(0, 0, testBody)),
    replies: [...hello, "EOF"],
  },
  {
    name: "4.1, 6.4: keep-alive 0 after an error",
    talk: untilEnd(commandMessage(0, 0, commandBody("nope"))),
    replies: [unknownCommand, "EOF"],
  },
  {
    name: "4.1, 6.4: keep-alive 0 after a command that cannot be read",
    talk: untilEnd(commandMessage(0, 0, testBody.subarray(0, 10))),
    replies: [badCommand, "EOF"],
  },
  { name: "4.1: keep-alive 2 is true", talk: tell(commandMessage(2, 0, testBody)), replies: [...hello, inStep] },
  {
    name: "4.1: the keep-alive of the last message counts: 1",
    talk: tell(...continued(testBody, [3, 9], [0, 0, 1])),
    replies: [...hello, inStep],
  },
  {
    name: "4.1: the keep-alive of the last message counts: 0",
    talk: untilEnd(...continued(testBody, [3, 9], [1, 1, 0])),
    replies: [...hello, "EOF"],
  },
  { name: "7.2: QUIT", talk: untilEnd(message(2, 2)), replies: ["EOF"] },
  { name: "7.2: QUIT with a body", talk: untilEnd(message(2, 2, 9)), replies: ["EOF"] },
  {
    name: "5.1, 7.2: two commands and QUIT in one write",
    talk: untilEnd(command("test", "test"), command("test", "status", "3"), message(2, 2)),
    replies: [...hello, "STATUS 3", "EOF"],
  },
  // stdin-t, with the data as an argument
  ...["read", "write", "exit", "close"].map(
    (mode): WireCase => ({
      name: `4.4, stdin-t: ${mode}`,
      talk: tell(command("test", "stdin", mode, "Okay\n")),
      replies: ["OUTPUT 1 Okay\n", "STATUS 0", inStep],
    }),
  ),
  {
    name: "4.4, stdin-t: data with NULs",
    talk: tell(command("test", "stdin", "read", "a\0b\0\0c")),
    replies: ["OUTPUT 1 a\0b\0\0c", "STATUS 0", inStep],
  },
  {
    name: "4.3, stdin-t: a megabyte back and forth",
    talk: tell(
      ...continued(
        commandBody("test", "stdin", "read", largeOutput(2 ** 20)),
        Array.from({ length: 16 }, (_, i) => 65_532 * (i + 1)),
      ),
    ),
    replies: [`OUTPUT 1 ${Buffer.from(largeOutput(2 ** 20)).toString()}`, "STATUS 0", inStep],
  },
  {
    name: "4.3, stdin-t: a megabyte to a slow reader",
    talk: tell(
      ...continued(
        commandBody("test", "stdin", "slow", largeOutput(2 ** 20)),
        Array.from({ length: 16 }, (_, i) => 65_532 * (i + 1)),
      ),
    ),
    replies: ["OUTPUT 1 1048576\n", "STATUS 0", inStep],
  },
  // streaming-t
  {
    name: "5.1, 5.2, streaming-t: three outputs in order, each as it is written",
    talk: tell(command("test", "streaming")),
    replies: [
      "OUTPUT 1 This is the first line\n",
      "OUTPUT 2 This is the second line\n",
      "OUTPUT 1 This is the third line\n",
      "STATUS 0",
      inStep,
    ],
  },
  {
    name: "5.2, streaming-t: 1,728,361 octets of output",
    talk: tell(command("test", "large-output", "1728361")),
    replies: [`OUTPUT 1 ${Buffer.from(largeOutput(1_728_361)).toString()}`, "STATUS 0", inStep],
  },
  {
    name: "5.2: statuses 0, 1, 200 and 255",
    talk: tell(...["0", "1", "200", "255"].map((status) => command("test", "status", status))),
    replies: ["STATUS 0", "STATUS 1", "STATUS 200", "STATUS 255", inStep],
  },
  // help-t
  {
    name: "5.1, help-t: help",
    talk: tell(command("help")),
    replies: ["OUTPUT 1 summary text\nsubcommand summary\n", "STATUS 0", inStep],
  },
  {
    name: "5.1, help-t: help of a command",
    talk: tell(command("help", "helpme")),
    replies: ["OUTPUT 1 help text\n", "STATUS 0", inStep],
  },
  {
    name: "5.1, help-t: help of a command with a subcommand",
    talk: tell(command("help", "helpme", "subhelp"), command("help", "helpme-sub", "subcommand")),
    replies: ["OUTPUT 1 subhelp text\n", "STATUS 0", "OUTPUT 1 subhelp text\n", "STATUS 0", inStep],
  },
  {
    name: "6.2, help-t: no help is ERROR_NO_HELP",
    talk: tell(command("help", "test", "test")),
    replies: ["ERROR 10 No help defined for command", inStep],
  },
  {
    name: "6.2, help-t: help of an unknown command",
    talk: tell(command("help", "nope")),
    replies: [unknownCommand, inStep],
  },
  {
    name: "6.2: help of a command that the caller may not run",
    talk: tell(command("help", "test", "noauth")),
    replies: [accessDenied, inStep],
  },
  {
    name: "5.1: help with three arguments has one answer",
    talk: tell(command("help", "helpme", "x", "y")),
    replies: ["ERROR 7 Too many arguments for help command", inStep],
    remctld: {
      replies: ["ERROR 7 Too many arguments for help command", "OUTPUT 1 subhelp text\n", "STATUS 0", inStep],
      why: desync,
    },
  },
  // wildcards (misc-t)
  {
    name: "misc-t: EMPTY, and not with a subcommand",
    talk: tell(command("empty"), command("empty", ""), command("empty", "x")),
    replies: ["OUTPUT 1 0\n", "STATUS 0", unknownCommand, unknownCommand, inStep],
  },
  {
    name: "misc-t: a caller's word EMPTY is a subcommand as any other",
    talk: tell(command("empty", "EMPTY")),
    replies: [unknownCommand, inStep],
    remctld: {
      replies: ["OUTPUT 1 0\n", "STATUS 0", inStep],
      why: "EMPTY means no subcommand; remctld compares its own keyword with what callers send",
    },
  },
  {
    name: "misc-t: ALL as subcommand, ALL as command",
    talk: tell(command("all"), command("all", "x", "y"), command("foo", "bar"), command("foo", "baz")),
    replies: [
      "OUTPUT 1 0\n",
      "STATUS 0",
      "OUTPUT 1 1\n",
      "STATUS 0",
      "OUTPUT 1 0\n",
      "STATUS 0",
      unknownCommand,
      inStep,
    ],
  },
  // packets
  {
    name: "1.3: a packet of 1,048,577 octets",
    talk: tellRaw(() => framed(0x44, new Uint8Array(1_048_572))),
    replies: ["ERROR 2 Invalid token", "EOF"],
  },
  {
    name: "2.8: a token that does not open",
    talk: tellRaw(() => framed(0x44, new Uint8Array(84))),
    replies: ["ERROR 2 Invalid token", "EOF"],
  },
  {
    name: "2.8: an empty token",
    talk: tellRaw(() => framed(0x44, new Uint8Array(0))),
    replies: ["ERROR 2 Invalid token", "EOF"],
  },
  {
    name: "2.8: a token sent twice",
    talk: async (client) => {
      const packet = client.sealed(command("test", "test"));
      await client.raw(packet);
      const first = await client.answer();
      await client.raw(packet);
      return [...first, ...(await client.answer()), ...(await client.answer())];
    },
    replies: [...hello, "ERROR 2 Invalid token", "EOF"],
  },
  {
    name: "2.8: a token left out",
    talk: tellRaw((client) => {
      client.sealed(command("test", "test"));
      return client.sealed(command("test", "test"));
    }),
    replies: ["ERROR 2 Invalid token", "EOF"],
  },
  {
    name: "2.8: a message that is not sealed",
    talk: tellRaw((client) => framed(0x44, client.context.wrap(command("test", "test"), { conf: false }))),
    replies: ["ERROR 2 Invalid token", "EOF"],
    remctld: { replies: [...hello, inStep], why: "section 2.1 step 6 wants confidentiality; remctld does not look" },
  },
  ...[0x04, 0x24, 0x00, 0x64, 0x42].map(
    (flags): WireCase => ({
      name: `2.8, 9.2: a message with flags 0x${flags.toString(16)}`,
      talk: async (client) => {
        await client.raw(client.sealed(command("test", "test"), flags));
        return (await client.answer()).slice(0, 1);
      },
      replies: ["EOF"],
      remctld: {
        replies: [flags !== 0x24 ? (hello[0] as string) : "MIC"],
        why: "flags are not protected: rule 9.2 closes; remctld takes any",
      },
    }),
  ),
  {
    name: "5.3: a client that ends its side gets the whole answer",
    talk: async (client) => {
      await client.send(commandMessage(0, 0, commandBody("test", "streaming")));
      client.endWriting();
      const replies: string[] = [];
      while (replies.at(-1) !== "EOF") replies.push(...(await client.answer()));
      // This server looks with empty output whether the client is there.
      return replies.map((reply) => reply.slice(0, 30));
    },
    replies: [
      "OUTPUT 1 This is the first line\n",
      "OUTPUT 2 This is the second line\n",
      "OUTPUT 1 This is the third line\n",
      "STATUS 0",
      "EOF",
    ].map((reply) => reply.slice(0, 30)),
  },
];
