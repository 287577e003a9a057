// This package's server beside remctld, both asked by the C client: the same work on either side. A function in the process
// is what a program gets that has the server built in; one that starts a program does what remctld does.

/** @type {import("../bench.mjs").Workload} */
export const server = {
  name: "server",
  async rows(bench) {
    const { remctld } = bench.realm;
    const own = await bench.realm.embedded();
    const { env } = await bench.realm.pinned();
    const ask = (
      /** @type {typeof remctld} */ { host, port, service },
      /** @type {string} */ operation,
      /** @type {string[]} */ words,
    ) => {
      return { program: "remctl", operation, args: [host, port, service, ...words], env };
    };
    const MB16 = 16 * 2 ** 20;
    const work = [
      { title: "one-shot echo", operation: "one-shot", words: ["echo", "hello"], maxCount: 2000 },
      { title: "keep-alive echo", operation: "keep-alive", words: ["echo", "hello"], maxCount: 20_000 },
      { title: "200 clients at once", operation: "forked", words: ["echo", "hello"], count: bench.isQuick ? 50 : 200 },
      { title: "output, 16 MB", operation: "keep-alive", words: ["zeros", String(MB16)], maxCount: 20, bytes: MB16 },
    ];
    return work.flatMap(({ title, operation, words: [name = "", ...words], ...rest }) =>
      [
        { kind: "a function", own: name, goal: 2.5 },
        { kind: "a program", own: `${name}-program`, goal: 1 },
      ].map(({ kind, own: command, goal }) => ({
        ...rest,
        title: `server: ${title}, ${kind}`,
        peer: "remctld",
        goal,
        args: {},
        mine: ask(own, operation, ["bench", command, ...words]),
        against: ask(remctld, operation, ["bench", name, ...words]),
      })),
    );
  },
};
