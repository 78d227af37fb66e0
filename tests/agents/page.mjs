// SPDX-License-Identifier: GPL-2.0-or-later
// The page's buttons for a node's agents, in headless Chromium. TAP.
// KTACH_PAGE: its address. KTACH_TOKEN, KTACH_VIEWER: tokens of who may operate, and of who may look only.
// KTACH_KEY: file of the operator's private key. KTACH_EVE: of one whom no node knows.

import { createRequire } from "node:module";

const { chromium } = createRequire(`${process.env.KTACH_MODULES}/`)("playwright-core");
const { KTACH_PAGE: PAGE, KTACH_TOKEN: TOKEN, KTACH_VIEWER: VIEWER, KTACH_KEY: KEY, KTACH_EVE: EVE } = process.env;
const WAIT = { timeout: 60000 };
let points = 0;
let failed = 0;

function ok(good, text, detail = "") {
  points++;
  failed += good ? 0 : 1;
  console.log(`${good ? "ok" : "not ok"} ${points} - ${text}${good || !detail ? "" : `\n# ${detail}`}`);
}

const becomes = (page, what) => page.waitForFunction(what, null, WAIT).then(() => true, () => false);

async function open(browser, token) {
  const context = await browser.newContext();
  const page = await context.newPage();
  page.on("dialog", (dialog) => dialog.accept());
  await page.goto(PAGE);
  await page.fill("input[type=password]", token);
  await page.press("input[type=password]", "Enter");
  await page.waitForSelector(".tile", WAIT);
  await page.goto(`${PAGE}#node=one`);
  await page.click("#operate summary", WAIT);
  return page;
}

const said = (page, agent) => page.locator("#operate li", { hasText: agent }).locator("[role=status]").textContent();

async function press(page, agent, verb) {
  await page.locator("#operate li", { hasText: agent }).getByRole("button", { name: verb, exact: true }).click();
}

const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync"] });
try {
  let page = await open(browser, VIEWER);
  ok(await becomes(page, () => /web running/.test(document.querySelector("#operate").textContent)), "a node's agents are listed to who may look");
  ok(await page.locator("#operate li button").count() === 0, "who has no buttons");
  page = await open(browser, TOKEN);
  await page.waitForSelector("#operate li button", WAIT);
  await press(page, "web", "restart");
  ok(/^ktach-collector agent restart --node one --agent web --sign-key /.test(await said(page, "web")), "without a key a button shows the command", await said(page, "web"));
  await page.setInputFiles("#operate input[type=file]", KEY.replace(/key$/, "key.pub"));
  ok(await becomes(page, () => /expected a private key/.test(document.querySelector("#operate").textContent)), "what is no private key is refused");
  await page.setInputFiles("#operate input[type=file]", EVE);
  await becomes(page, () => /holds an operator's key/.test(document.querySelector("#operate").textContent));
  await press(page, "web", "stop");
  ok(await becomes(page, () => /nobody who is known/.test(document.querySelector("#operate").textContent)), "a key that the node does not know has nothing done", await said(page, "web"));
  await page.getByRole("button", { name: "Forget the key" }).click();
  await page.waitForSelector("#operate input[type=file]", WAIT);
  await page.setInputFiles("#operate input[type=file]", KEY);
  await becomes(page, () => /holds an operator's key/.test(document.querySelector("#operate").textContent));
  await press(page, "web", "restart");
  ok(await becomes(page, () => /restart: done/.test(document.querySelector("#operate").textContent)), "signed here, an agent is restarted", await said(page, "web"));
  await page.reload();
  await page.click("#operate summary", WAIT);
  ok(await becomes(page, () => /holds an operator's key/.test(document.querySelector("#operate").textContent)), "the key is there after a reload");
  const kept = await page.evaluate(() => new Promise((resolve) => {
    const database = indexedDB.open("ktach", 1);
    database.onsuccess = () => {
      const get = database.result.transaction("keys").objectStore("keys").get("operator");
      get.onsuccess = () => crypto.subtle.exportKey("pkcs8", get.result.sealed).then(() => resolve("taken out"), () => resolve("kept"));
    };
  }));
  ok(kept === "kept", "and cannot be taken out", kept);
} finally {
  await browser.close();
}
console.log(`1..${points}`);
process.exit(failed ? 1 : 0);
