// SPDX-License-Identifier: GPL-2.0-or-later
// The page in headless Chromium, against a collector that is fed. TAP.
// KTACH_PAGE: its address. KTACH_SHOTS: folder for pictures. KTACH_STOP: id of
// the process that feeds it. KTACH_COLLECTOR: of the collector. KTACH_NET=1:
// interfaces are to be seen.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRequire } from "node:module";

const require = createRequire(`${process.env.KTACH_MODULES}/`);
const { chromium } = require("playwright-core");

const PAGE = process.env.KTACH_PAGE;
const SHOTS = process.env.KTACH_SHOTS;
const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
];

let points = 0;
let failed = 0;

function ok(good, text, detail = "") {
  points++;
  failed += good ? 0 : 1;
  console.log(`${good ? "ok" : "not ok"} ${points} - ${text}`);
  if (!good && detail)
    console.log(`# ${detail}`);
}

function skip(text, reason) {
  points++;
  console.log(`ok ${points} - ${text} # SKIP ${reason}`);
}

const api = async (path) => (await fetch(new URL(path, PAGE))).json();
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/* What the page says of the CPUs and softirqs, read in one go. */
const readPage = () => {
  const text = (e) => e.textContent;
  const rows = (selector) => [...document.querySelectorAll(selector)];
  return {
    cpuNs: Number(document.querySelector("#cpu").dataset.monoNs),
    softirqNs: Number(document.querySelector("#softirq").dataset.monoNs),
    busy: Object.fromEntries(rows("#cpu .core").map((e) => [e.dataset.cpu, text(e.querySelector(".core-busy"))])),
    widths: Object.fromEntries(rows("#cpu .core").map((e) => [e.dataset.cpu,
      Object.fromEntries([...e.querySelectorAll("i")].map((i) => [i.dataset.state, parseFloat(i.style.width)]))])),
    softirq: Object.fromEntries(rows("#softirq tr[data-cpu]").map((e) => [e.dataset.cpu,
      Object.fromEntries([...e.querySelectorAll("td")].map((td) => [td.dataset.vector, text(td)]))])),
  };
};

/* The page and the API, both at the same samples. */
async function sameMoment(page, id) {
  for (let i = 0; i < 100; i++) {
    const shown = await page.evaluate(readPage);
    const node = await api(`/api/v1/nodes/${id}`);
    if (node.cpu.mono_ns === shown.cpuNs && node.softirq.mono_ns === shown.softirqNs && node.cpu.share)
      return { shown, node };
    await sleep(100);
  }
  return null;
}

const number = (text) => {
  const [, value, prefix] = /^([\d.]+)\s*([kMG]?)/.exec(text) ?? [];
  return Number(value) * { "": 1, k: 1e3, M: 1e6, G: 1e9 }[prefix ?? ""];
};
/* The page shows a decimal below ten, then whole numbers, then three digits. */
const near = (got, want) => Math.abs(got - want) <= (want < 9.9 ? 0.051 : Math.max(0.51, want * 0.0051));

function compareCpus({ shown, node }) {
  const cpus = node.cpu.cpus.filter((c) => c.online);
  ok(Object.keys(shown.busy).length === node.cpu.cpus.length, `a bar for each of ${node.cpu.cpus.length} CPUs`,
    JSON.stringify(shown.busy));
  const wrong = cpus.filter((c) => number(shown.busy[c.cpu]) !== Number((c.share.busy * 100).toFixed(1)));
  ok(!wrong.length, "each CPU's busy share is the API's", JSON.stringify([shown.busy, wrong]));
  const narrow = cpus.filter((c) => ["user", "system", "softirq", "iowait"].some((state) =>
    Math.abs(shown.widths[c.cpu][state] - c.share[state] * 100) > 0.01));
  ok(!narrow.length, "each bar's parts are as wide as the API's shares", JSON.stringify([shown.widths, narrow]));
}

function compareSoftirqs({ shown, node }) {
  const wrong = [];
  for (const c of node.softirq.cpus)
    for (const [vector, rate] of Object.entries(c.per_s))
      if (!near(number(shown.softirq[c.cpu]?.[vector] ?? ""), rate))
        wrong.push([c.cpu, vector, rate, shown.softirq[c.cpu]?.[vector]]);
  ok(!wrong.length, "each softirq rate is the API's", JSON.stringify(wrong));
  const all = Object.values(node.softirq.per_s).reduce((a, b) => a + b, 0);
  ok(all > 0, "softirqs were counted at all", `${all}`);
}

async function checkChange(page, before) {
  const changed = await page.waitForFunction((was) => {
    const e = document.querySelector("#cpu");
    return Number(e.dataset.monoNs) > was;
  }, before.shown.cpuNs, { timeout: 20000 }).then(() => true, () => false);
  ok(changed, "newer samples follow by themselves");
  let different = false;
  for (let i = 0; i < 50 && !different; i++) {
    const now = await page.evaluate(readPage);
    different = JSON.stringify(now.softirq) !== JSON.stringify(before.shown.softirq);
    await sleep(200);
  }
  ok(different, "the numbers change");
}

async function checkNet(page, id) {
  if (process.env.KTACH_NET !== "1") {
    skip("interfaces with rates", "packets are counted by root only");
    return;
  }
  await page.waitForSelector("#net tbody tr", { timeout: 20000 }).catch(() => null);
  const rows = await page.$$eval("#net tbody tr", (list) => list.map((tr) => ({
    name: tr.querySelector("th").textContent,
    rx: tr.querySelector("[data-key=rx_bytes_per_s]").textContent,
    tx: tr.querySelector("[data-key=tx_bytes_per_s]").textContent,
  })));
  const node = await api(`/api/v1/nodes/${id}`);
  const names = (list) => list.map((i) => i.name).sort().join();
  ok(rows.length > 0 && names(rows) === names(node.net.interfaces), "a row for each interface", JSON.stringify(rows));
  ok(rows.some((row) => number(row.tx) > 0), "traffic has a rate", JSON.stringify(rows));
}

async function checkPhone(page) {
  await page.setViewportSize({ width: 375, height: 812 });
  await sleep(1500);
  const [wide, room] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  ok(wide <= room, "no sideways scrolling at phone width", `${wide} > ${room}`);
  await page.screenshot({ path: `${SHOTS}/page-phone.png`, fullPage: true });
  await page.setViewportSize({ width: 1280, height: 900 });
}

async function checkNames(page) {
  const bare = await page.$$eval("button, img, [role=img], [role=region], canvas", (list) => list
    .filter((e) => e.tagName !== "CANVAS" && !e.hasAttribute("alt") &&
      !(e.getAttribute("aria-label") || e.textContent.trim()))
    .map((e) => e.outerHTML.slice(0, 80)));
  ok(!bare.length, "what can be used or seen has a name", bare.join(" "));
}

async function checkStale(page) {
  process.kill(Number(process.env.KTACH_STOP), "SIGTERM");
  const told = await page.waitForFunction(() => {
    const state = document.querySelector("#node-state").dataset.state;
    return state !== "fresh" && !document.querySelector("#node-notice").hidden &&
      document.querySelector("#node-data").classList.contains("stale");
  }, null, { timeout: 30000 }).then(() => true, () => false);
  ok(told, "a node that falls silent is shown as such");
  await page.screenshot({ path: `${SHOTS}/page-stale.png` });
}

/* A collector that hangs, then goes on: the page says so, and comes back. */
async function checkReconnect(page) {
  const link = (state) => page.waitForFunction((wanted) => document.querySelector("#link").dataset.state === wanted,
    state, { timeout: 60000 }).then(() => true, () => false);
  const collector = Number(process.env.KTACH_COLLECTOR);
  process.kill(collector, "SIGSTOP");
  const lost = await link("lost");
  const told = await page.isVisible("#notice");
  process.kill(collector, "SIGCONT");
  ok(lost && told, "a lost connection is shown as such");
  ok(await link("live") && await page.isHidden("#notice"), "it comes back by itself");
}

async function run(context) {
  const page = await context.newPage();
  const problems = [];
  page.on("console", (m) => m.type() === "error" && problems.push(m.text()));
  page.on("pageerror", (e) => problems.push(e.message));
  page.on("requestfailed", (r) => problems.push(`${r.url()} ${r.failure()?.errorText}`));
  page.on("response", (r) => r.status() >= 400 && problems.push(`${r.url()} ${r.status()}`));

  await page.goto(PAGE);
  const { nodes: [node] } = await api("/api/v1/nodes");
  await page.waitForSelector("#cpu .core", { timeout: 20000 });
  ok(await page.textContent(".tile-name") === node.name, "the node's name is on its tile");
  ok(await page.textContent("#node-title") === node.name, "the node is chosen");
  const moment = await sameMoment(page, node.id);
  ok(moment !== null, "page and API come to the same sample");
  if (moment) {
    compareCpus(moment);
    compareSoftirqs(moment);
    await checkChange(page, moment);
  }
  const origin = await page.getAttribute("#cpu-origin", "data-origin");
  ok(origin === (await api(`/api/v1/nodes/${node.id}`)).cpu.origin, "the origin of the samples is named", origin);
  ok(/\d+ of \d+/.test(await page.textContent("#node-facts")), "losses are named");
  await checkNet(page, node.id);
  await checkNames(page);
  await sleep(Number(process.env.KTACH_LINGER ?? 4000));
  await page.screenshot({ path: `${SHOTS}/page-light.png`, fullPage: true });
  await page.emulateMedia({ colorScheme: "dark" });
  await sleep(500);
  await page.screenshot({ path: `${SHOTS}/page-dark.png`, fullPage: true });
  await page.emulateMedia({ colorScheme: "light" });
  await checkPhone(page);
  await checkStale(page);
  ok(!problems.length, "no errors on the console, no request failed", problems.join("; "));
  await checkReconnect(page);
}

const profile = mkdtempSync(join(tmpdir(), "ktach-page-"));
const context = await chromium.launchPersistentContext(profile, {
  executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
  headless: true,
  args: FLAGS,
  viewport: { width: 1280, height: 900 },
});
try {
  await run(context);
} catch (error) {
  ok(false, "the test ran to its end", String(error.stack).replaceAll("\n", "\n# "));
} finally {
  await context.close();
  rmSync(profile, { recursive: true, force: true });
}
console.log(`1..${points}`);
process.exit(failed ? 1 : 0);
