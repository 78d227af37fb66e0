// SPDX-License-Identifier: GPL-2.0-or-later
// Points of page_test.mjs: times by typing, dragging and keys; rows; tables; files.

import { readFileSync } from "node:fs";

const WAIT = { timeout: 30000 };

/* From and to of all charts of a part that show something. */
const spans = (page, part) => page.$$eval(`${part} .card:not([hidden]) .chart`, (list) =>
  list.map((chart) => [chart.dataset.from, chart.dataset.to].map(Number)));

/* All charts of @part show the time that the address names. */
async function linked(page, part = "#node-trends") {
  return page.waitForFunction((selector) => {
    const parameters = new URLSearchParams(location.hash.slice(1));
    const wanted = ["from", "to"].map((name) => Number(parameters.get(name)));
    const list = [...document.querySelectorAll(`${selector} .card:not([hidden]) .chart`)];
    return wanted[0] > 0 && list.length > 1 && list.every((c) =>
      Math.abs(c.dataset.from - wanted[0]) < 0.2 && Math.abs(c.dataset.to - wanted[1]) < 0.2);
  }, part, WAIT).then(() => true, () => false);
}

const range = async (page) => ["from", "to"].map((name) => Number(new URLSearchParams(new URL(page.url()).hash.slice(1)).get(name)));

async function type(page, text) {
  if (await page.isHidden("#time-text"))
    await page.click("#time-pick summary");
  await page.fill("#time-text", text);
  await page.press("#time-text", "Enter");
}

/* Drag over the first chart, from part to part of its width. */
async function drag(page, part, from, to) {
  const chart = page.locator(`${part} .card:not([hidden]) .u-over`).first();
  await chart.scrollIntoViewIfNeeded();
  const box = await chart.boundingBox();
  const y = box.y + box.height / 2;
  await page.mouse.move(box.x + box.width * from, y);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * (from + to) / 2, y);
  await page.mouse.move(box.x + box.width * to, y);
  await page.mouse.up();
}

const changes = (page, before) => page.waitForFunction((was) => location.hash !== was, before, WAIT).then(() => true, () => false);
const hash = (page) => page.evaluate(() => location.hash);

export async function checkTime(page, { ok }) {
  await type(page, "2 min");
  await page.waitForFunction(() => document.querySelectorAll("#node-trends .card:not([hidden]) .chart[data-from]").length > 3, null, WAIT);
  ok(/range=2%20min/.test(page.url()) && await page.isVisible("#ranges a[aria-current]:text-is('2 min')"), "a typed length is the time, and in the address", page.url());
  await drag(page, "#node-trends", 0.6, 0.95);
  const zoomed = await linked(page);
  const [from, to] = await range(page);
  ok(zoomed && Math.abs(to - from - 0.35 * 120) < 8, "a drag chooses a time, of all charts and of the address",
    `${page.url()} ${JSON.stringify(await spans(page, "#node-trends"))}`);
  await page.reload();
  ok(await linked(page) && (await range(page)).join() === [from, to].join(), "a reload shows the same");
  await page.goBack();
  ok(await page.waitForSelector("#ranges a[aria-current]:text-is('2 min')", WAIT).then(() => true, () => false), "Back leads to the time before");
  await page.goForward();
  await linked(page);
  let before = await hash(page);
  await page.keyboard.down("Shift");
  await drag(page, "#node-trends", 0.2, 0.3);
  await page.keyboard.up("Shift");
  await changes(page, before);
  const [earlier, until] = await range(page);
  ok(await linked(page) && Math.abs(from - earlier - (to - from) / 10) < 2 && Math.abs(until - earlier - (to - from)) < 1,
    "with Shift it moves", JSON.stringify([[from, to], [earlier, until]]));
  before = await hash(page);
  await page.focus("#node-trends .card:not([hidden]) .chart");
  await page.keyboard.press("-");
  await changes(page, before);
  const [a, b] = await range(page);
  ok(Math.abs(b - a - 2 * (until - earlier)) < 1, "a key makes it longer", JSON.stringify([a, b]));
  await type(page, "nonsense");
  ok(/Not a time/.test(await page.textContent("#time-wrong")), "what is not a time is told");
  await type(page, "yesterday 03:12");
  const [x, y] = await range(page);
  const night = new Date(Date.now() - 86400000).setHours(3, 12, 0, 0) / 1000;
  ok(x === night - 900 && y === night + 900, "a moment is a quarter of an hour before and after it", `${x} ${y} ${night}`);
  ok(await page.waitForFunction(() => /Nothing is kept/.test(document.querySelector("#node-notice").textContent), null, WAIT).then(() => true, () => false),
    "a time of which nothing is kept says so");
}

/* What a button of the first chart saves. */
async function saved(page, part, button) {
  await page.locator(`${part} .card:not([hidden]) .chart-box`).first().hover();
  const [download] = await Promise.all([page.waitForEvent("download", WAIT), page.locator(`${part} .card:not([hidden]) .tool:text-is('${button}')`).first().click()]);
  return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
}

export async function checkFiles(page, { ok }) {
  await type(page, "3 min");
  await page.waitForFunction(() => document.querySelectorAll("#node-trends .card:not([hidden]) .chart[data-from]").length > 3, null, WAIT);
  const { name, bytes } = await saved(page, "#node-trends", "CSV");
  const [head, ...lines] = bytes.toString().split("\r\n");
  const rows = lines.map((line) => line.split(",")).filter((row) => row[1]);
  ok(name === "node-00005-CPU.csv" && head === "time,busy,busy min,busy max,iowait,iowait min,iowait max", "a chart's values are a CSV", `${name}: ${head}`);
  /* A rate is of the time before its sample, which may be another step's. */
  const odd = rows.filter(([, v, low, high]) => !(Number(low) <= Number(v) * 1.5 && Number(v) <= Number(high) * 1.5));
  ok(rows.length > 10 && !odd.length &&
    rows.some(([, , low, high]) => Number(low) < Number(high)), "averages are between the least and the largest", `${rows.length} rows; odd: ${odd.slice(0, 5).join(" ")}`);
  const picture = await saved(page, "#node-trends", "PNG");
  ok(picture.name === "node-00005-CPU.png" && picture.bytes.subarray(1, 4).toString() === "PNG", "and its picture a PNG", picture.name);
  const over = page.locator("#node-trends .card:not([hidden]) .u-over").first();
  const box = await over.boundingBox();
  let legend = "";
  const between = /busy[\d.]+\s%\s\([\d.]+\s%\sto\s[\d.]+\s%\)/;
  for (let x = 0.98; x > 0.5 && !between.test(legend); x -= 0.01) {
    await page.mouse.move(box.x + box.width * x, box.y + 20);
    legend = await page.locator("#node-trends .card:not([hidden]) .legend").first().textContent();
  }
  ok(between.test(legend), "the legend tells between what a value moved", legend);
  const past = await page.$$eval("#node-trends [aria-label='Processes of this time'] tbody th", (list) => list.map((e) => e.textContent));
  ok(past[0] === "postgres" && past.length === 8, "who had most of it in that time", past.join());
}

/* From a node to one of its rows, and back. */
export async function checkRows(page, { ok, same }) {
  const rows = () => page.$$eval("#process tbody th", (list) => list.map((e) => e.textContent));
  await page.click("#process .sorter:text-is('Threads')");
  same((await rows()).slice(0, 2), ["kworker/0:1", "ktach-shipper"], "a click on a column's title sorts by it");
  await page.click("#process .sorter:text-is('Threads')");
  same((await rows()).slice(0, 2), ["postgres", "node"], "another the other way");
  await page.fill("#process .filter", "ktach");
  same(await rows(), ["ktach-shipper"], "a filter leaves what it is like");
  await page.reload();
  await page.waitForSelector("#process tbody th", WAIT);
  same(await rows(), ["ktach-shipper"], "both are in the address");
  await page.fill("#process .filter", "");
  await page.click("#disk tbody a:text-is('nvme0n1')");
  const disk = await page.waitForFunction(() => document.querySelector("#node-row h3")?.textContent === "Disk nvme0n1", null, WAIT).then(() => true, () => false);
  const titles = () => page.$$eval("#node-row article h3", (list) => list.map((e) => e.textContent));
  ok(disk && await page.isHidden("#node-data") && (await titles()).length > 4, "a click on a disk shows all that is kept of it", JSON.stringify(await titles()));
  await page.click("#node-row a");
  await page.click("#process tbody a:text-is('postgres')");
  const process = await page.waitForFunction(() => document.querySelector("#node-row h3")?.textContent === "Process postgres (100)", null, WAIT).then(() => true, () => false);
  ok(process && /row=process\.100&start=1000000000/.test(page.url()), "a process's history is that of its number and start", page.url());
  const busy = await page.$$eval("#node-row .legend", (list) => list.map((e) => e.textContent));
  ok(busy.some((text) => /^CPU4\.0\s%/.test(text)) && busy.some((text) => /^memory128\sMiB/.test(text)), "with its figures", busy.join());
  await page.goto(page.url().replace("start=1000000000", "start=77000000000"));
  ok(await page.waitForFunction(() => /Nothing is kept of this row/.test(document.querySelector("#node-row").textContent), null, WAIT).then(() => true, () => false),
    "another one of the same number is another");
  await page.click("#node-row a");
  await page.waitForSelector("#disk tbody tr", WAIT);
}
