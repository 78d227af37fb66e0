// SPDX-License-Identifier: GPL-2.0-or-later
// Points of page_test.mjs: keys, sections, and tiles that stay where they are.

const WAIT = { timeout: 30000 };
const becomes = (page, what, argument) => page.waitForFunction(what, argument ?? null, WAIT).then(() => true, () => false);

export async function checkKeys(page, { ok }) {
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press("?");
  ok(await page.isVisible("#keys") && /\/search, or filter/.test(await page.textContent("#keys")), "a question mark tells the keys");
  await page.keyboard.press("Escape");
  ok(await page.isHidden("#keys"), "and Escape closes them");
  await page.keyboard.press("/");
  ok(await page.evaluate(() => document.activeElement.type) === "search", "a slash leads to the search");
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press("p");
  const paused = await page.getAttribute("#pause", "aria-pressed");
  await page.keyboard.press("p");
  ok(paused === "true" && await page.getAttribute("#pause", "aria-pressed") === "false", "p pauses and goes on");
  await page.keyboard.press("f");
  ok(await becomes(page, () => !document.querySelector("#view-fleet").hidden), "f leads to the fleet");
  await page.goBack();
  await page.waitForSelector("#disk tbody tr", WAIT);
}

export async function checkSections(page, { ok, same }) {
  const index = await page.$$eval("#index .jump:not([hidden])", (list) => list.map((e) => e.textContent));
  const cards = await page.$$eval("#node-data article:not([hidden]) .fold", (list) => list.map((e) => e.textContent));
  same(index, cards, "the index has the cards that are there");
  await page.click(".fold:text-is('Disks')");
  ok(await page.isHidden("#disk") && await page.getAttribute(".fold:text-is('Disks')", "aria-expanded") === "false", "a card can be folded");
  await page.reload();
  await page.waitForSelector("#mount tbody tr", WAIT);
  ok(await page.isHidden("#disk"), "and stays so");
  await page.click(".jump:text-is('Disks')");
  const top = await page.$eval("#disk", (e) => e.parentElement.getBoundingClientRect().top);
  ok(await page.isVisible("#disk") && top >= 0 && top < 300, "the index leads to it and opens it", `${top}`);
}

/* Of many nodes whose figures move. */
export async function checkTiles(page, { ok }) {
  const names = () => page.$$eval(".tile-name", (list) => list.slice(0, 30).map((e) => e.textContent).join());
  const values = () => page.$$eval(".tile b", (list) => list.slice(0, 30).map((e) => e.textContent).join());
  await page.hover(".tile");
  const [order, before] = [await names(), await values()];
  const moved = await becomes(page, (was) => [...document.querySelectorAll(".tile b")].slice(0, 30).map((e) => e.textContent).join() !== was, before);
  ok(moved && await names() === order, "sorted tiles stay below the pointer while their figures move");
  await page.mouse.move(2, 2);
  await page.selectOption("#colour", "net");
  const dark = () => page.$$eval(".tile", (list) => list.map((e) => [e.dataset.id, Number(e.style.getPropertyValue("--load"))]));
  const of = new Map(await dark());
  ok(/colour=net/.test(page.url()) && /none.*most \(log\)/.test(await page.textContent(".scale")), "a tile's colour is by what is chosen", page.url());
  ok(Math.max(...of.values()) > 0.99 && new Set(of.values()).size > 10, "from none to the most", JSON.stringify([...of].slice(0, 5)));
  await page.fill("#search", "node-0002");
  await page.reload();
  await page.waitForSelector(".tile", WAIT);
  ok(await page.inputValue("#search") === "node-0002" && await page.inputValue("#colour") === "net" &&
    await page.$$eval(".tile", (list) => list.length) === 10, "search, order and colour survive a reload", page.url());
  await page.fill("#search", "");
  await page.selectOption("#colour", "busy");
}
