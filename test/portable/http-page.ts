// For a page: the configuration is at /config, and the report goes to /report. A page asks its own origin only.

import { runHttp } from "./http.ts";

const config = await (await fetch("/config")).json();
const report = await runHttp({ ...config, kdc: [`${location.origin}/KdcProxy`], site: location.origin });
await fetch("/report", { method: "POST", body: JSON.stringify(report) });
