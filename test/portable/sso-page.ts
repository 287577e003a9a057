// A page that leaves Negotiate to its browser. The configuration is at /config, and the report goes to /report.

const { paths } = (await (await fetch("/config")).json()) as { readonly paths: readonly string[] };
const answers: string[] = [];
for (const path of paths) {
  const answer = await fetch(path).catch((error: unknown) => new Response(String(error), { status: 599 }));
  answers.push(`${answer.status} ${answer.ok ? await answer.text() : ""}`.trim());
}
await fetch("/report", { method: "POST", body: JSON.stringify(answers) });

export {};
