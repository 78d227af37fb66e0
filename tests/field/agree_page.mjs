// SPDX-License-Identifier: GPL-2.0-or-later
// The page of each machine in headless Chromium, beside what the API says of it. TAP.
// KTACH_PAGE: its address; KTACH_MODULES: where playwright is. Arguments: nodes.
import { createRequire } from "node:module";

const require = createRequire(`${process.env.KTACH_MODULES}/`);
const { chromium } = require("playwright-core");
const PAGE = process.env.KTACH_PAGE;
const NONE = "–";
const PATIENCE_MS = 60000;
const names = process.argv.slice(2);
let points = 0;

function ok(good, text, detail) {
  points++;
  console.log(`${good ? "ok" : "not ok"} ${points} - ${text}`);
  if (!good)
    console.log(`# ${JSON.stringify(detail).slice(0, 1500)}`);
}

/* All of it in one go. */
const read = () => {
  const shown = (id) => !document.querySelector(`#${id}`).closest("article").hidden;
  const table = (id) => [...document.querySelectorAll(`#${id} tbody tr`)].map((row) =>
    [...row.querySelectorAll("th, td")].map((cell) => cell.textContent));
  return {
    title: document.querySelector("#node-title").textContent,
    text: document.querySelector("#view-node").innerText,
    tables: Object.fromEntries(["disk", "mount", "sensor", "process", "irq"].map((id) => [id, shown(id) ? table(id) : []])),
    memory: shown("memory") ? document.querySelector("#memory").innerText : "",
  };
};

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"] });
const page = await browser.newPage();
const errors = [];
page.on("pageerror", (e) => errors.push(e.message));
await page.goto(`${PAGE}#fleet`);
/* [whether it is so, what, and what was seen] of each point, of one moment. */
async function look(name) {
  const node = await (await fetch(new URL(`/api/v1/nodes/${name}`, PAGE))).json();
  const seen = await page.evaluate(read);
  const odd = seen.text.match(/.*\b(NaN|undefined|null|Infinity)\b.*/);
  const points = [[seen.title === name, "its page is open", seen.title],
    [!odd, "what is not known is not shown as a value", odd?.[0]],
    [/No swap\./.test(seen.memory) === (node.memory?.swap_total_bytes === 0), "no swap is told where there is none", seen.memory]];
  for (const [id, rows, cell] of [["disk", node.disk?.disks, (d) => d.name], ["mount", node.mount?.mounts, (m) => m.point],
    ["sensor", node.sensor?.sensors, (s) => `${s.chip} ${s.label}`]]) {
    const want = (rows ?? []).map(cell).sort();
    const got = seen.tables[id].map(([first]) => first).sort();
    points.push([JSON.stringify(got) === JSON.stringify(want), `its rows of ${id} are the API's`, { got, want }]);
  }
  const values = new Map((node.sensor?.sensors ?? []).map((s) => [`${s.chip} ${s.label}`, s.type === "energy" ? s.watts : s.value]));
  const wrong = seen.tables.sensor.filter(([sensor, now]) => (now === NONE) !== (values.get(sensor) === null));
  points.push([!wrong.length, "a sensor has a dash where nothing was read, and only there", wrong]);
  return points;
}

/* A page shows what it has heard of so far: a machine does not change, so it comes to
 * show what the API says, and stays with it.
 */
for (const name of names) {
  await page.goto(`${PAGE}#node=${name}`);
  const until = performance.now() + PATIENCE_MS;
  let points = await look(name);
  while (points.some(([good]) => !good) && performance.now() < until) {
    await page.waitForTimeout(200);
    points = await look(name);
  }
  for (const [good, text, detail] of points)
    ok(good, `${name}: ${text}`, detail);
}
ok(!errors.length, "the page had no error", errors);
await browser.close();
console.log(`1..${points}`);
