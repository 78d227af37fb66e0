// SPDX-License-Identifier: GPL-2.0-or-later
// Two collectors' pages in headless Chromium, open all the time: what each shows of its
// nodes, and their sums, beside what its API says at that moment. Prints "ready", a line
// "wrong: ..." for what differs for longer than a page may take to hear of it, and "page N"
// with the comparisons when it is terminated.
// KTACH_PAGES: addresses, with blanks between; KTACH_MODULES: where playwright is.
import { createRequire } from "node:module";

const require = createRequire(`${process.env.KTACH_MODULES}/`);
const { chromium } = require("playwright-core");
const SLOW_MS = 8000; /* a page that lost its collector asks again within 5 s */

/* All of it in one go. */
const read = () => {
  const sums = Object.fromEntries([...document.querySelectorAll("#fleet-sums div")].map((e) =>
    [e.querySelector("dt").textContent, e.querySelector("dd").textContent]));
  const tiles = [...document.querySelectorAll("#nodes .tile")].map((e) =>
    [e.dataset.id, e.dataset.state, e.querySelector(".tile-state").textContent]);
  return { sums, tiles };
};

async function states(address) {
  try {
    const answer = await fetch(`${address}/api/v1/nodes`, { signal: AbortSignal.timeout(1000) });
    return Object.fromEntries((await answer.json()).nodes.map((n) => [n.id, n]));
  } catch {
    return null;
  }
}

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
  handleSIGTERM: false, /* it is ours */
  args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"] });
const pages = await Promise.all(process.env.KTACH_PAGES.split(" ").map(async (address) => {
  const page = await browser.newPage();
  await page.goto(address, { waitUntil: "domcontentloaded" });
  return { address, page, since: new Map() };
}));
let ended = false;
let compared = 0;
process.on("SIGTERM", () => { ended = true; });
console.log("ready");

/* What is wrong, and since when: it is said once. */
function judge(p, key, wrong) {
  const now = performance.now();
  if (!wrong) {
    p.since.delete(key);
    return;
  }
  if (!p.since.has(key))
    p.since.set(key, now);
  if (now - p.since.get(key) < SLOW_MS)
    return;
  console.log(`wrong: the page at ${p.address} ${wrong}`);
  p.since.set(key, Infinity);
}

function compareSums(p, { sums, tiles }) {
  const of = (...wanted) => String(tiles.filter(([, state]) => wanted.includes(state)).length);
  for (const [label, want] of [["live", of("fresh")], ["late", of("late")], ["gone", of("gone")],
    ["moved or ended", of("moved", "ended")], ["left out of sums", of("late", "gone", "moved", "ended")]])
    judge(p, label, sums[label] !== want && `sums ${sums[label]} as ${label}, and shows ${want}`);
}

async function compare(p) {
  const before = await states(p.address);
  const shown = await p.page.evaluate(read);
  const after = await states(p.address);
  if (!before || !after) {
    p.since.clear(); /* it is down */
    return;
  }
  compareSums(p, shown);
  const tiles = new Map(shown.tiles.map(([id, state, text]) => [id, { state, text }]));
  for (const [id, node] of Object.entries(after)) {
    if (before[id]?.state !== node.state)
      continue;
    const tile = tiles.get(id);
    compared++;
    judge(p, id, tile?.state !== node.state && `shows ${node.name} as ${tile?.state}, which is ${node.state}`);
    judge(p, `${id} moved`, node.state === "moved" && tile?.text !== `moved to ${node.moved_to}` &&
      `says of ${node.name} "${tile?.text}", which moved to ${node.moved_to}`);
  }
}

while (!ended) {
  await Promise.all(pages.map(compare));
  await new Promise((resolve) => { setTimeout(resolve, 500); });
}
console.log(`page ${compared}`);
await browser.close();
