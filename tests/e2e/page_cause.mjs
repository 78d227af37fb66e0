// SPDX-License-Identifier: GPL-2.0-or-later
// Points of page_test.mjs: metrics of several nodes in one chart, and what changed.

const WAIT = { timeout: 60000 };
const becomes = (page, what, argument) => page.waitForFunction(what, argument ?? null, WAIT).then(() => true, () => false);

export async function checkExplore(page, { ok, same }) {
  await page.click("nav a:text-is('Metrics')");
  ok(await becomes(page, () => document.querySelectorAll("#explore-list tbody tr").length > 200), "all metrics are listed");
  await page.fill("#explore-list .filter", "share of time in which the cpu was neither");
  same(await page.$$eval("#explore-list tbody tr", (list) => list.map((tr) => tr.textContent)),
    ["cpu.busybusyshareShare of time in which the CPU was neither idle nor waiting for I/O"], "and found by what they are");
  await page.click("#explore-list tbody a");
  await page.fill("#explore-nodes", "node-00003, node-00004");
  await page.fill("#explore-rows", "0,1");
  await page.press("#explore-rows", "Enter");
  await page.evaluate(() => document.activeElement.blur());
  /* Without the value, which stands right behind the number of the CPU. */
  const legend = () => page.$$eval("#explore-chart .legend li:not(.when)", (list) =>
    list.map((li) => [...li.childNodes].filter((n) => n.nodeType === Node.TEXT_NODE).map((n) => n.data).join("")).sort());
  const drawn = await becomes(page, () => document.querySelector("#explore-chart").dataset.lines === "4");
  same(await legend(), ["node-00003 CPU 0", "node-00003 CPU 1", "node-00004 CPU 0", "node-00004 CPU 1"], "rows of several nodes are in one chart");
  ok(drawn && /metric=cpu\.busy/.test(page.url()) && /rows=0%2C1/.test(page.url()), "which the address names", page.url());
  await page.reload();
  ok(await becomes(page, () => document.querySelector("#explore-chart").dataset.lines === "4"), "a reload shows it again");
  await page.goto(page.url().replace("metric=cpu.busy", "metric=no.such"));
  ok(await becomes(page, () => /no metric of this name/.test(document.querySelector("#explore-notice").textContent)), "a metric that is not there is told");
}

/* What is asked for a node's page, besides the live connection. */
export async function checkRequests(page, { ok }) {
  const asked = [];
  page.on("request", (r) => /\/api\/v1\/(?!live|health|session|version)/.test(r.url()) && asked.push(r.url()));
  await page.reload();
  await page.waitForSelector("#disk tbody tr", WAIT);
  await becomes(page, () => /last \d\d+ samples/.test(document.querySelector("#cpu canvas[aria-label*=last]")?.getAttribute("aria-label")));
  const history = asked.filter((url) => /query|history/.test(url));
  ok(history.length > 0 && asked.length <= 3, "a node's page asks at most three times", asked.map((url) => url.slice(0, 100)).join(" "));
}

export async function checkChanged(page, { ok }) {
  await page.click("#ranges a:text-is('live')");
  await page.click("#node-changed");
  const told = await becomes(page, () => /as long a time before/.test(document.querySelector("#node-changes .origin")?.textContent ?? ""));
  ok(told && /range=1%20h/.test(page.url()), "what changed is looked for in all that is kept", await page.textContent("#node-changes"));
  const [clear, noisy, same, unknown] = await page.evaluate(async () => {
    const { change } = await import("/view-changed.js");
    return [[[1, 1.1, 0.9], [5, 5.1, 4.9]], [[1, 5, 3], [2, 6, 4]], [[1, 2, 1], [1, 1, 2]], [[null, null, 1], [5, 5, 5]]].map(([a, b]) => change(a, b));
  });
  ok(clear.score > 5 * noisy.score && Math.abs(clear.part - 0.8) < 0.01 && same === null && unknown === null,
    "the clearest change comes first, and what moves anyway is none", JSON.stringify([clear, noisy, same, unknown]));
}
