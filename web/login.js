// SPDX-License-Identifier: GPL-2.0-or-later
// What the page shows is in the address's fragment, which a redirect takes along.

const form = document.querySelector("form");
form.addEventListener("submit", () => { form.action = `/login${location.hash}`; });

/* A link on another site brings no cookie along, though there may be one. Once: where the browser
 * leaves it out of a reload, too, the form stays. */
const [{ type }] = performance.getEntriesByType("navigation");
if (location.pathname !== "/login" && type !== "reload")
  fetch("/api/v1/session").then(({ ok }) => ok && location.reload(), () => {});
