// SPDX-License-Identifier: GPL-2.0-or-later
// The page in headless Chromium, against a collector that is fed. TAP.
// KTACH_PAGE: its address. KTACH_SHOTS: folder for pictures. KTACH_STOP: id of
// the process that feeds it. KTACH_COLLECTOR: of the collector. KTACH_NET=1:
// interfaces are to be seen. KTACH_FLEET=1: 1,000 nodes are fed by fleet.c;
// KTACH_WHOLE=1: some that tell of the whole host, and lose frames. KTACH_TOKEN:
// the page asks for one; KTACH_REVOKE: a command that takes it back.

import { execSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRequire } from "node:module";

import { checkChanged, checkExplore, checkRequests } from "./page_cause.mjs";
import { checkKeys, checkSections, checkTiles } from "./page_craft.mjs";
import { checkFiles, checkRows, checkTime } from "./page_time.mjs";

const require = createRequire(`${process.env.KTACH_MODULES}/`);
const { chromium } = require("playwright-core");

const AXE = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
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
    titles: rows("#cpu .core").map((e) => e.title),
    widths: Object.fromEntries(rows("#cpu .core").map((e) => [e.dataset.cpu,
      Object.fromEntries([...e.querySelectorAll("i")].map((i) => [i.dataset.state, parseFloat(i.style.width)]))])),
    softirq: Object.fromEntries(rows("#softirq tr[data-cpu]").map((e) => [e.dataset.cpu,
      Object.fromEntries([...e.querySelectorAll("td")].map((td) => [td.dataset.vector, text(td)]))])),
  };
};

/* The page and the API, both at the same samples. */
async function sameMoment(page, id) {
  for (let i = 0; i < 600; i++) {
    const shown = await page.evaluate(readPage);
    const node = await api(`/api/v1/nodes/${id}`);
    if (node.cpu.mono_ns === shown.cpuNs && node.softirq.mono_ns === shown.softirqNs && node.cpu.share)
      return { shown, node };
    await sleep(100);
  }
  return null;
}

const number = (text) => {
  const [, value, prefix] = /^([\d.]+)\s*((?:k|[KMG]i?)?)/.exec(text) ?? [];
  return Number(value) * { "": 1, k: 1e3, M: 1e6, G: 1e9, Ki: 1024, Mi: 1048576, Gi: 1073741824 }[prefix ?? ""];
};
/* The page shows a decimal below ten, then whole numbers, then three digits. */
const near = (got, want) => Math.abs(got - want) <= (want < 9.9 ? 0.051 : Math.max(0.51, want * 0.0051));

function compareCpus({ shown, node }) {
  const cpus = node.cpu.cpus.filter((c) => c.online);
  ok(Object.keys(shown.busy).length === node.cpu.cpus.length, `a bar for each of ${node.cpu.cpus.length} CPUs`,
    JSON.stringify(shown.busy));
  const wrong = cpus.filter((c) => number(shown.busy[c.cpu]) !== Number((c.busy * 100).toFixed(1)));
  ok(!wrong.length, "each CPU's busy share is the API's", JSON.stringify([shown.busy, wrong]));
  const unlike = shown.titles.filter((title) => {
    const [busy, parts] = [/: ([\d.]+)/.exec(title), [...title.matchAll(/(\w+) ([\d.]+)\s%[,)]/g)]];
    return Math.abs(parts.reduce((sum, [, state, v]) => sum + (state === "iowait" ? 0 : Number(v)), 0) - Number(busy?.[1])) > 0.01;
  });
  ok(!unlike.length, "each CPU's states add up to how busy it is", JSON.stringify(shown.titles));
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
  const links = new Set(node.link.links.map((l) => l.name));
  const device = await page.waitForFunction((told) => {
    const list = [...document.querySelectorAll("#net tbody tr")].filter((tr) => told.includes(tr.querySelector("th").textContent));
    return list.length > 0 && list.every((tr) => /B\/s/.test(tr.querySelector("[data-device=tx_bytes_per_s]").textContent));
  }, [...links], { timeout: 20000 }).then(() => true, () => false);
  ok(device, "beside what the device itself sent, of links that are told of", [...links].join());
  const burst = await page.waitForFunction(() => /^◆ /.test(document.querySelector("#net td.burst")?.textContent ?? ""), null,
    { timeout: 40000 }).then(() => true, () => false);
  ok(burst, "a burst that the averages hide is marked");
}

async function checkPhone(page) {
  await page.setViewportSize({ width: 375, height: 812 });
  await sleep(1500);
  const [wide, room] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  ok(wide <= room, "no sideways scrolling at phone width", `${wide} > ${room}`);
  await page.screenshot({ path: `${SHOTS}/page-phone.png`, fullPage: true });
  await page.setViewportSize({ width: 1280, height: 900 });
}

/* axe-core knows the rules of accessibility; both colour schemes have to hold. */
async function checkAccess(page, view) {
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    const { violations } = await page.evaluate(`${AXE}; axe.run(document, { resultTypes: ["violations"] })`);
    ok(!violations.length, `axe finds nothing wrong with the ${view}, ${colorScheme}`,
      JSON.stringify(violations.map((v) => [v.id, v.nodes.slice(0, 3).map((n) => n.html.slice(0, 120))])));
  }
  await page.emulateMedia({ colorScheme: "light" });
}

/* Of a heat map, row by row: "1" where a pixel has a sample, else "0". */
const heatRows = (page, id) => page.$eval(`#${id} .heat-box canvas`, (c) => {
  const { data } = c.getContext("2d").getImageData(0, 0, c.width, c.height);
  return Array.from({ length: c.height }, (_, y) =>
    Array.from({ length: c.width }, (_, x) => (data[4 * (y * c.width + x) + 3] === 255 ? "1" : "0")).join(""));
});

async function checkHeat(page) {
  for (const id of ["cpu", "softirq"]) {
    const rows = await heatRows(page, id);
    ok(rows.length > 0 && rows.every((row) => row.includes("1")), `the heat map of ${id} has samples in all rows`, JSON.stringify(rows));
  }
  const edges = (selector) => page.$eval(selector, (e) => {
    const { left, right } = e.getBoundingClientRect();
    return [left, right].map(Math.round);
  });
  const [map, chart] = [await edges("#cpu .heat-box canvas"), await edges("#cpu .u-over")];
  ok(map.every((x, i) => Math.abs(x - chart[i]) <= 1), "a moment is below itself in the chart", JSON.stringify([map, chart]));
}

/* The minutes before the page was opened are there with the first samples. */
async function checkPast(page) {
  const samples = () => page.$eval("#cpu .heat-box canvas", (c) => Number(/last (\d+) samples/.exec(c.getAttribute("aria-label"))?.[1] ?? 0));
  await page.reload();
  await page.waitForSelector("#cpu .core", { timeout: 20000 });
  const opened = Date.now();
  let n = 0;
  for (let i = 0; i < 100 && n < 12; i++, await sleep(50))
    n = await samples();
  /* A sample comes each half second, and is a second's here. */
  const live = (Date.now() - opened) / 500 + 3;
  ok(n >= 12 && n > live, "the time before is filled in from the history", `${n} samples, ${live} since then`);
  const shown = await page.$$eval("#load .legend b, #memory .chart-head b", (list) => list.map((e) => e.textContent));
  ok(/^\d+\.\d\d$/.test(shown[0]) && Number(shown[0]) < 1000, "the load is shown as the kernel writes it", shown.join());
}

/* What was there at a moment, by the keyboard and by the pointer. */
async function checkCursor(page) {
  const text = () => page.$eval("#cpu .legend", (e) => e.textContent);
  await page.focus("#cpu .chart");
  for (let i = 0; i < 8; i++)
    await page.keyboard.press("ArrowLeft");
  const [before, memory] = [await text(), await page.textContent("#memory .chart-head .when")];
  ok(/^\d\d:\d\d:\d\duser[\d.]+/.test(before), "arrow keys show a moment's values", before);
  ok(/^\d\d:\d\d:\d\d$/.test(memory), "in all charts at once", memory);
  await page.evaluate(() => document.activeElement.blur());
  ok(/^user/.test(await text()), "then the newest again", await text());
  const box = await page.locator("#cpu .heat-box canvas").boundingBox();
  await page.mouse.move(box.x + box.width - 20, box.y + 3);
  const heat = await page.textContent("#cpu .heat-readout");
  ok(/^CPU 0, \d\d:\d\d:\d\d: [\d.]+/.test(heat), "the heat map tells what is under the pointer", heat);
  await page.mouse.move(5, 5);
}

async function checkTrends(page) {
  await page.click("#ranges a:text-is('1 h')");
  await page.waitForFunction(() => /a point each/.test(document.querySelector("#node-trends").textContent),
    null, { timeout: 20000 }).catch(() => null);
  const notes = await page.$$eval("#node-trends .card", (list) => list.map((c) => c.textContent));
  ok(notes.length >= 7 && /CPU.*a point each \d+ s.*busy[\d.]+/.test(notes[0]), "the last hour comes from the history", JSON.stringify(notes));
  ok(!await page.isVisible("#node-data"), "the live cards make room");
  await page.screenshot({ path: `${SHOTS}/page-trends.png`, fullPage: true });
  await page.click("#ranges a:text-is('live')");
  await page.waitForSelector("#cpu .core", { timeout: 5000 });
}

async function checkPause(page) {
  const mono = () => page.evaluate(() => document.querySelector("#cpu").dataset.monoNs);
  await page.click("#pause");
  const before = await mono();
  await sleep(2500);
  ok(await mono() === before, "paused, nothing moves");
  await page.click("#pause");
  const moved = await page.waitForFunction((was) => document.querySelector("#cpu").dataset.monoNs !== was, before,
    { timeout: 10000 }).then(() => true, () => false);
  ok(moved, "then it goes on");
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
  await page.waitForSelector(".tile", { timeout: 20000 });
  ok(await page.textContent(".tile-name") === node.name, "the node's name is on its tile");
  await page.click(".tile");
  await page.waitForSelector("#cpu .core", { timeout: 20000 });
  ok(await page.textContent("#node-title") === node.name, "a click on the tile shows the node");
  const moment = await sameMoment(page, node.id);
  ok(moment !== null, "page and API come to the same sample");
  if (moment) {
    compareCpus(moment);
    compareSoftirqs(moment);
    await checkChange(page, moment);
  }
  const origin = await page.getAttribute("#cpu-origin", "data-origin");
  ok(origin === (await api(`/api/v1/nodes/${node.id}`)).cpu.origin, "the origin of the samples is named", origin);
  ok(/frames lost(none|[\d…]+ in the last hour)/.test(await page.textContent("#node-facts")), "losses are named, of a time");
  await checkNet(page, node.id);
  await checkNames(page);
  await sleep(Number(process.env.KTACH_LINGER ?? 4000));
  await page.screenshot({ path: `${SHOTS}/page-light.png`, fullPage: true });
  await page.emulateMedia({ colorScheme: "dark" });
  await sleep(500);
  await page.screenshot({ path: `${SHOTS}/page-dark.png`, fullPage: true });
  await page.emulateMedia({ colorScheme: "light" });
  await checkAccess(page, "node page");
  await checkHeat(page);
  await checkPast(page);
  await checkCursor(page);
  await checkTrends(page);
  await checkPause(page);
  await checkPhone(page);
  await checkStale(page);
  ok(!problems.length, "no errors on the console, no request failed", problems.join("; "));
  await checkReconnect(page);
}

/* Texts of a table's rows, cell by cell. */
const cells = (page, id) => page.$$eval(`#${id} tbody tr`, (list) => list.map((tr) =>
  [...tr.children].map((cell) => cell.textContent)));
/* Texts of those cells that are to be looked at. */
const bad = (page, id) => page.$$eval(`#${id} tbody [data-bad=true]`, (list) => list.map((cell) => cell.textContent));
const same = (got, want, text) => ok(JSON.stringify(got) === JSON.stringify(want), text, `${JSON.stringify(got)}, not ${JSON.stringify(want)}`);
const plain = (text) => text.replaceAll("\u202f", " ");

async function checkTables(page) {
  const disks = await cells(page, "disk");
  same(disks.map((row) => [row[0], plain(row[6]), row[7], plain(row[9]), plain(row[10])]),
    [["nvme0n1", "400 µs", "0.10", "5.0 %", "1.00 TiB"], ["vg0-data", "400 µs", "0.10", "5.0 %", "1.00 TiB"]], "disks with await, queue, busy share, size");
  same((await cells(page, "mount")).map(([point, state, used]) => [point, state, plain(used)]),
    [["/", "", "5.0 %"], ["/srv/read only", "read-only", "100.0 %"], ["/mnt/nfs", "does not answer", "–"]], "mounts, with what is wrong with them");
  same(await bad(page, "mount"), ["/mnt/nfs", "does not answer"], "the one that hangs stands out, the full one that is read-only does not");
  same((await cells(page, "links")).map((row) => [row[0], row[1], plain(row[2]), row[14]]),
    [["eth0", "up", "10.0 Gbit/s, full", "192.0.2.7/24 2001:db8::7/64"], ["eth1", "down", "–", ""]], "links with state, speed and addresses");
  same((await cells(page, "sensor")).map((row) => plain(row[1]).replace(/^120\d/, "120x")),
    ["32.5 °C", "38.9 °C", "120x rpm", "65.0 W"], "sensors in their units");
  // A share of time needs a second sample.
  await page.waitForFunction(() => [...document.querySelectorAll("#softirq tr")]
    .some((tr) => tr.firstElementChild.textContent === "Time of a CPU" && parseFloat(tr.children[2].textContent) > 0), null, { timeout: 30000 });
  const times = await page.$$eval("#softirq tr:not([hidden])", (list) => list.map((tr) => [...tr.children].map((cell) => cell.textContent)));
  ok(times.some(([title, hi, timer]) => title === "Longest run" && hi === "–" && plain(timer) === "500 µs") &&
    times.some(([title, , timer]) => title === "Time of a CPU" && parseFloat(timer) > 0), "how long softirqs ran", JSON.stringify(times));
  ok(await page.isHidden("#process thead th:has-text('Command')") && await page.isVisible("#process thead th:has-text('Control group')"),
    "a column that no process has anything in is not there");
  same((await cells(page, "irq")).map(([name]) => name), ["eth0-TxRx-0", "nvme0q1"], "interrupts, the most frequent first");
}

async function checkProcesses(page) {
  const names = async () => (await cells(page, "process")).map(([name]) => name);
  ok((await names())[0] === "postgres", "the busiest process comes first", (await names()).join());
  await page.focus("#process select");
  await page.keyboard.press("ArrowDown");
  ok((await names())[0] === "ktach-shipper", "by the keyboard, the largest", (await names()).join());
}

async function checkHost(page) {
  const host = plain(await page.textContent("#node-host"));
  ok(/AMD EPYC 9654.*1 socket, 4 cores, 8 threads/.test(host) && /CPU temperature33 °C/.test(host) &&
    /kernel6\.1\.0-56-amd64 x86_64/.test(host) && /Debian GNU\/Linux 12/.test(host) && /up\d+ d/.test(host) &&
    /booted20\d\d-\d\d-\d\d \d\d:/.test(host) && /192\.0\.2\.7 2001:db8::7/.test(host), "facts stand above", host);
  ok(/sleeping\d.*processes\d.*threads\d.*exits\/s\d/.test(plain(await page.textContent("#load"))), "how many processes there are");
  ok((await cells(page, "process")).every((row) => row.some((cell) => /^20\d\d-\d\d-\d\d \d\d:\d\d:\d\d$/.test(cell))), "when processes started");
  const [wide, label] = await page.$eval("#memory .parts", (bar) =>
    [[...bar.children].reduce((sum, i) => sum + parseFloat(i.style.width), 0), bar.getAttribute("aria-label")]);
  ok(Math.abs(wide - 100) < 0.1 && /used 5\.00 GiB, caches that can be freed 8\.25 GiB, free 2\.75/.test(plain(label)), "memory's parts are all of it", `${wide} ${label}`);
  ok(/swap used1\.00 GiB/.test(plain(await page.textContent("#memory"))), "swap is told");
  same((await cells(page, "pressure")).map(([name, now, ten]) => [name, plain(now), plain(ten)]),
    ["CPU, some", "memory, some", "memory, all", "I/O, some", "I/O, all"].map((name) => [name, "5.0 %", "0.5 %"]), "pressure of all kinds");
}

/* Pixels of a mark's red, which no line has. */
const redPixels = (page, chart) => page.$eval(`${chart} canvas`, (canvas) => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  let n = 0;
  for (let i = 0; i < data.length; i += 4)
    n += data[i] - data[i + 1] > 60 && data[i] - data[i + 2] > 60 && Math.abs(data[i + 1] - data[i + 2]) < 30 ? 1 : 0;
  return n;
});

async function checkLosses(page) {
  let red = 0;
  for (let i = 0; i < 100 && red < 100; i++) {
    red = await redPixels(page, "#disk .chart");
    await sleep(200);
  }
  ok(red >= 100, "losses are marked in live charts", `${red} pixels`);
  /* Marks are of the minute before, too; a gap is there with the next frame that is lost. */
  let rows = [];
  for (let i = 0; i < 150 && !rows.some((row) => /10+1/.test(row)); i++) {
    rows = await heatRows(page, "cpu");
    await sleep(200);
  }
  ok(rows.length === 4 && rows.every((row) => /10+1/.test(row)), "and gaps, not lines", JSON.stringify(rows.map((row) => row.slice(-300))));
  ok(await page.isVisible("#node-facts [data-bad=true]"), "and counted");
  for (let i = 0; i < 150 && !(await api("/api/v1/losses/node-00005?from=-1h")).steps.length; i++)
    await sleep(500);
  await page.click("#ranges a:text-is('1 h')");
  const told = await page.waitForFunction(() => /\d+ frames on the way/.test(document.querySelector(".losses")?.textContent ?? ""),
    null, { timeout: 20000 }).then(() => true, () => false);
  ok(told, "the history tells where they went");
  ok(await redPixels(page, "#node-trends .chart") >= 50, "and marks them");
  await page.screenshot({ path: `${SHOTS}/page-losses.png`, fullPage: true });
  await page.click("#ranges a:text-is('live')");
  await page.waitForSelector("#disk tbody tr");
}

/* A node that tells all there is (fleet.c). */
/* Of one node: first in the fleet, and told on the node's own view. */
async function checkAlarms(page) {
  const shown = await page.waitForSelector("#node-alarms li", { timeout: 20000 }).then(() => true, () => false);
  ok(shown && await page.$eval("#node-alarms", (e) => e.children.length === 1 && e.children[0].dataset.severity === "critical"),
    "a node's alarm is told");
  const text = await page.textContent("#node-alarms");
  ok(text.includes("node-00005 has a <b>load</b>") && text.includes("It is planted. Look at: here"), "in its own words, and as text", text);
  for (const [button, said] of [["Acknowledge", "acknowledged at"], ["Silence for 1 h", "silenced until"]]) {
    await page.click(`#node-alarms button:text-is("${button}")`);
    const marked = await page.waitForFunction((t) => document.querySelector("#node-alarms").textContent.includes(t), said,
      { timeout: 20000 }).then(() => true, () => false);
    ok(marked, `it can be ${said.split(" ")[0]}`, await page.textContent("#node-alarms"));
  }
  await page.goto(`${PAGE}#fleet`);
  await page.waitForSelector(".tile[data-health=critical]", { timeout: 20000 }).catch(() => null);
  const tiles = await page.$$eval(".tile", (list) => list.map((e) => [e.querySelector(".tile-name").textContent, e.dataset.health, e.querySelector(".tile-state").textContent]));
  same(tiles[0], ["node-00005", "critical", "critical: 1 alarm"], "who needs attention comes first");
  ok(tiles.length > 1 && tiles.slice(1).every(([, health]) => health === "ok"), "the others are well", JSON.stringify(tiles));
  const together = await page.waitForSelector("#fleet-alarms li", { timeout: 60000 }).then(() => page.textContent("#fleet-alarms"), () => "");
  ok(together.includes("100.0 % of the nodes have a load"), "an alarm about all nodes is told above them", together);
  await page.selectOption("#only", "alarms");
  ok(await page.$$eval(".tile", (list) => list.length) === 1, "those with alarms alone");
  await page.selectOption("#only", "");
  await page.goto(`${PAGE}#node=node-00005`);
  await page.waitForSelector("#mount tbody tr", { timeout: 20000 });
}

async function runWhole(context) {
  const page = await context.newPage();
  const problems = [];
  page.on("console", (m) => m.type() === "error" && problems.push(m.text()));
  page.on("pageerror", (e) => problems.push(e.message));
  await page.goto(`${PAGE}#node=node-00005`);
  await page.waitForFunction(() => document.querySelectorAll("#mount tbody tr").length === 3 &&
    /5\.0/.test(document.querySelector("#disk tbody [style]")?.textContent), null, { timeout: 20000 });
  await checkAlarms(page);
  await checkHost(page);
  await checkTables(page);
  await checkProcesses(page);
  const text = await page.textContent("#view-node");
  ok(!/NaN|undefined|null|Infinity/.test(text), "no number is a word", /.{20}(NaN|undefined|null|Infinity)/.exec(text)?.[0]);
  await page.screenshot({ path: `${SHOTS}/page-whole.png`, fullPage: true });
  await checkAccess(page, "whole host");
  await checkNames(page);
  await checkLosses(page);
  await checkKeys(page, { ok });
  await checkSections(page, { ok, same });
  if (process.env.LONG) {
    await checkRows(page, { ok, same });
    await checkFiles(page, { ok });
    await checkTime(page, { ok });
    await checkChanged(page, { ok });
    await checkExplore(page, { ok, same });
  }
  await page.goto(`${PAGE}#node=node-00005`);
  await checkRequests(page, { ok });
  await page.emulateMedia({ colorScheme: "dark" });
  await page.setViewportSize({ width: 375, height: 812 });
  await sleep(1500);
  const [wide, room] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  ok(wide <= room, "the whole host fits a phone", `${wide} > ${room}`);
  await page.screenshot({ path: `${SHOTS}/page-whole-phone.png`, fullPage: true });
  ok(!problems.length, "no errors on the console", problems.join("; "));
}

/* Without what it does not send; one that is not there is told. */
async function checkEmpty(page) {
  await page.goto(`${PAGE}#node=node-00007`);
  await page.waitForSelector("#cpu .core", { timeout: 20000 });
  const shown = await page.$$eval("#node-data article", (list) => list.filter((e) => !e.hidden).map((e) => e.querySelector("h3").textContent));
  same(shown, ["CPU", "Load", "Memory", "Network", "Softirqs"], "what a node does not send has no card");
  await page.goto(`${PAGE}#node=no-such-node`);
  const told = await page.waitForFunction(() => /no node of this name/.test(document.querySelector("#node-notice").textContent) &&
    document.querySelector("#node-data").hidden, null, { timeout: 20000 }).then(() => true, () => false);
  ok(told, "a node that is not there is told", await page.textContent("#node-notice"));
}

/* 1,000 nodes that are not there (fleet.c): the fleet and the top list. */
async function runFleet(context) {
  const page = await context.newPage();
  const problems = [];
  page.on("console", (m) => m.type() === "error" && problems.push(m.text()));
  page.on("pageerror", (e) => problems.push(e.message));
  await page.goto(PAGE);
  const whole = await page.waitForFunction(() => document.querySelectorAll(".tile").length > 1000, null,
    { timeout: 60000 }).then(() => true, () => false);
  ok(whole, "a tile for each of 1,000 nodes");
  await page.screenshot({ path: `${SHOTS}/page-fleet.png` });
  await page.emulateMedia({ colorScheme: "dark" });
  await page.screenshot({ path: `${SHOTS}/page-fleet-dark.png` });
  await page.emulateMedia({ colorScheme: "light" });
  const names = () => page.$$eval(".tile-name", (list) => list.map((e) => e.textContent));
  await page.fill("#search", "node-0001");
  ok((await names()).join() === Array.from({ length: 10 }, (_, i) => `node-0001${i}`).join(), "the search finds names",
    (await names()).join());
  await page.fill("#search", "no such node");
  ok(/No node is like that/.test(await page.textContent("#nodes")), "a search that finds nothing says so");
  await page.fill("#search", "");
  await page.selectOption("#size", "large");
  const cut = await page.$$eval(".tile-net", (list) => list.slice(0, 30).filter((e) => e.scrollWidth > e.clientWidth).length);
  ok(cut === 0, "the tiles have room for their rates", `${cut} are`);
  await page.selectOption("#size", "");
  const small = await page.$eval("#nodes", (e) => e.dataset.size);
  await page.selectOption("#size", "map");
  const high = await page.$eval("#nodes", (e) => e.offsetHeight);
  ok(small === "small" && high < 1000, "1,000 tiles are small by themselves, and on one screen as a map", `${small}, ${high} px`);
  await page.screenshot({ path: `${SHOTS}/page-fleet-map.png` });
  await page.selectOption("#size", "");
  await page.click("#pause");
  await page.selectOption("#sort", "busy");
  /* In one go: with $$eval the tiles could change places before they are read. */
  const shares = await page.evaluate(() => [...document.querySelectorAll(".tile b")]
    .map((e) => parseFloat(e.textContent)).filter((v) => !Number.isNaN(v)));
  ok(shares.length > 900 && shares.every((v, i) => !i || v <= shares[i - 1]), "sorted by CPU, the busiest come first",
    shares.slice(0, 20).join());
  await page.click("#pause");
  await checkTiles(page, { ok });
  await page.focus(".tile");
  const first = await page.evaluate(() => document.activeElement.dataset.id);
  await page.keyboard.press("ArrowRight");
  ok(await page.evaluate(() => document.activeElement.dataset.id) !== first, "arrow keys go from tile to tile");
  /* Tiles are all alike: axe needs minutes for a thousand of them. */
  await page.fill("#search", "node-0001");
  await checkAccess(page, "fleet");
  await page.fill("#search", "");
  await page.click("nav a:text-is('Top')");
  await page.waitForSelector("#top-list tbody th", { timeout: 20000 });
  await page.selectOption("#top-metric", "net.rx_bytes_per_s");
  await page.selectOption("#top-over", "interfaces");
  await page.waitForFunction(() => /eth0/.test(document.querySelector("#top-list tbody").textContent), null, { timeout: 10000 });
  const { top } = await api("/api/v1/topk?metric=net.rx_bytes_per_s&over=interfaces&k=10");
  const rows = await page.$$eval("#top-list tbody th", (list) => list.map((e) => e.textContent));
  ok(rows.length === 10 && top.length === 10 && new Set(top.map((t) => t.value)).size >= 1 && top[0].value === 2000000,
    "the top list has the ten largest", JSON.stringify([rows, top]));
  await page.reload();
  await page.waitForFunction(() => /eth0/.test(document.querySelector("#top-list tbody")?.textContent), null, { timeout: 20000 }).catch(() => null);
  ok(await page.inputValue("#top-metric") === "net.rx_bytes_per_s" && await page.inputValue("#top-over") === "interfaces",
    "what the top list shows survives a reload", page.url());
  await page.screenshot({ path: `${SHOTS}/page-top.png` });
  await checkAccess(page, "top list");
  await page.setViewportSize({ width: 375, height: 812 });
  await page.goto(`${PAGE}#fleet`);
  await sleep(1000);
  const [wide, room] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  ok(wide <= room, "the fleet fits a phone", `${wide} > ${room}`);
  await page.screenshot({ path: `${SHOTS}/page-fleet-phone.png` });
  await checkEmpty(page);
  ok(!problems.length, "no errors on the console", problems.join("; "));
}

/* Log-in, links, the end of a session, log-out. */
async function runSession(context) {
  const token = process.env.KTACH_TOKEN;
  const page = await context.newPage();
  const asked = () => page.waitForSelector("#token", { timeout: 20000 }).then(() => true, () => false);
  const inside = () => page.waitForSelector("#logout:not([hidden])", { timeout: 20000 }).then(() => true, () => false);
  const logIn = async (text) => {
    await page.fill("#token", text);
    await page.click("button[type=submit]");
  };
  const away = new URL("/login", PAGE);
  away.hostname = "localhost"; // for a browser another site than 127.0.0.1
  const link = `${PAGE}#node=one`;
  await page.goto(link);
  ok(await asked(), "without a session the page asks for a token");
  await logIn("wrong");
  ok(await asked() && /wrong/.test(await page.textContent("[role=alert]")), "a wrong one is told");
  await logIn(token);
  ok(await inside() && page.url() === link, "a log-in leads to what the link names", page.url());
  await page.goto(away.href);
  await page.evaluate((to) => { location.href = to; }, link);
  ok(await inside() && page.url() === link, "a link on another site does not ask again", page.url());
  await page.click("#logout button");
  ok(await asked(), "the log-out leads to the form");
  await page.goto(PAGE);
  ok(await asked(), "and the session is over");
  await page.goto(link);
  await logIn(token);
  ok(await inside(), "another log-in");
  execSync(process.env.KTACH_REVOKE);
  const ended = await asked();
  ok(ended && page.url().endsWith("#node=one"), "when a session ends, the page asks again, and keeps what it shows", page.url());
  ok(ended && /session has ended/.test(await page.textContent("[role=alert]")), "and says why");
}

const profile = mkdtempSync(join(tmpdir(), "ktach-page-"));
const context = await chromium.launchPersistentContext(profile, {
  executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
  headless: true,
  args: FLAGS,
  viewport: { width: 1280, height: 900 },
});
try {
  const { KTACH_FLEET: ofFleet, KTACH_WHOLE: ofWhole, KTACH_TOKEN: token } = process.env;
  await (ofFleet ? runFleet : ofWhole ? runWhole : token ? runSession : run)(context);
} catch (error) {
  ok(false, "the test ran to its end", String(error.stack).replaceAll("\n", "\n# "));
} finally {
  await context.close();
  rmSync(profile, { recursive: true, force: true });
}
console.log(`1..${points}`);
process.exit(failed ? 1 : 0);
