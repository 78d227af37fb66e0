// SPDX-License-Identifier: GPL-2.0-or-later
// The page through a proxy, in headless Chromium; prints "ok - TEXT" of each point.
// KTACH_PAGE: its address; KTACH_TOKEN: for its log-in; KTACH_SPKI: of the key of the
// certificate that is believed; KTACH_PROTOCOL: by which the page has to come.
import { createRequire } from "node:module";

const { KTACH_MODULES, KTACH_PAGE: PAGE, KTACH_TOKEN, KTACH_SPKI, KTACH_PROTOCOL: PROTOCOL } = process.env;
const { chromium } = createRequire(`${KTACH_MODULES}/`)("playwright-core");
const { hostname, port } = new URL(PAGE);

const ok = (good, text, detail) => console.log(`${good ? "ok" : "not ok"} - ${text}${good ? "" : `\n# ${detail}`}`);
const protocolOf = (page, kind) => page.evaluate((k) => performance.getEntriesByType(k).map((e) => e.nextHopProtocol), kind);

const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--no-first-run", `--host-resolver-rules=MAP ${hostname} 127.0.0.1`,
    `--ignore-certificate-errors-spki-list=${KTACH_SPKI}`,
    ...(PROTOCOL === "h3" ? ["--enable-quic", `--origin-to-force-quic-on=${hostname}:${port}`] : ["--disable-quic"])],
});
try {
  const page = await (await browser.newContext()).newPage();
  let live = 0;
  page.on("websocket", (socket) => socket.on("framereceived", () => live++));
  await page.goto(PAGE);
  await page.fill("input[name=token]", KTACH_TOKEN);
  await page.click("button[type=submit]");
  await page.waitForSelector("#nodes .tile", { timeout: 60000 });
  ok(true, `${PROTOCOL}: a visitor logs in and sees a node`);
  const [navigation] = await protocolOf(page, "navigation");
  ok(navigation === PROTOCOL, `${PROTOCOL}: the page came by it`, `by ${navigation}`);
  const resources = (await protocolOf(page, "resource")).filter(Boolean);
  ok(resources.length && resources.every((p) => p === PROTOCOL), `${PROTOCOL}: so did its files and the API`, resources.join(" "));
  const seen = live;
  for (let i = 0; i < 600 && live < seen + 3; i++)
    await page.waitForTimeout(100);
  ok(live >= seen + 3, `${PROTOCOL}: figures are live by a WebSocket beside it`, `${live} messages`);
} catch (error) {
  ok(false, "the browser", String(error).split("\n")[0]);
} finally {
  await browser.close();
}
