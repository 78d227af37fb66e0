// SPDX-License-Identifier: GPL-2.0-or-later
// A page of another site that asks the API, in headless Chromium. TAP.
// KTACH_SITE: the address of that site, listed by --cors; KTACH_OTHER: of one that is not.
// KTACH_API: the collector's. KTACH_TOKEN: of the role view.

import { createRequire } from "node:module";

const { chromium } = createRequire(`${process.env.KTACH_MODULES}/`)("playwright-core");
const { KTACH_SITE: SITE, KTACH_OTHER: OTHER, KTACH_API: API, KTACH_TOKEN: TOKEN } = process.env;
let points = 0;
let failed = 0;

function ok(good, text, detail = "") {
  points++;
  failed += good ? 0 : 1;
  console.log(`${good ? "ok" : "not ok"} ${points} - ${text}${good || !detail ? "" : `\n# ${detail}`}`);
}

/* The status of an answer that the page may read, or why there is none. */
async function ask(page, path, options) {
  return page.evaluate(([url, o]) => fetch(url, o).then((a) => a.json().then(() => a.status), (e) => e.name), [`${API}${path}`, options]);
}

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"] });
const page = await browser.newPage();
const authorization = { authorization: `Bearer ${TOKEN}` };
const query = { method: "POST", headers: { ...authorization, "content-type": "application/json" }, body: JSON.stringify({ metric: "cpu.busy", from: "-1h" }) };
const got = async (text, wanted, path, options) => {
  const status = await ask(page, path, options);
  ok(status === wanted, text, `got ${status}, expected ${wanted}`);
};

await page.goto(SITE);
await got("a page of a listed site reads an answer", 200, "/api/v1/nodes", { headers: authorization });
await got("and asks a question by POST, of no node yet", 404, "/api/v1/query", query);
await got("without a token it is told so", 401, "/api/v1/nodes", {});
await got("with cookies it may read nothing", "TypeError", "/api/v1/nodes", { headers: authorization, credentials: "include" });
await got("nor what is not of the API", "TypeError", "/metrics", { headers: authorization });
await page.goto(OTHER);
await got("a page of another site reads nothing", "TypeError", "/api/v1/nodes", { headers: authorization });
await got("nor asks by POST", "TypeError", "/api/v1/query", query);
await browser.close();
console.log(`1..${points}`);
process.exit(failed ? 1 : 0);
