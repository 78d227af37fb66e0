// SPDX-License-Identifier: GPL-2.0-or-later
// The address's fragment says what is shown, so that a link, a reload and the Back button
// show it again: "#fleet&search=db", "#node=ID&range=3h&row=disk.271581184".

import { setAttribute } from "./dom.js";

export const address = () => new URLSearchParams(location.hash.slice(1));

const hashOf = (parameters) =>
  `#${[...parameters].map(([name, value]) => (value ? `${name}=${encodeURIComponent(value)}` : name)).join("&")}`;

/* @from with other @values; one that is empty is taken away. */
export function changed(values, from = address()) {
  const parameters = new URLSearchParams(from);
  for (const [name, value] of Object.entries(values)) {
    if (value === null || value === undefined || value === "")
      parameters.delete(name);
    else
      parameters.set(name, value);
  }
  return hashOf(parameters);
}

/* Of a link: what is shown stays but for @values, whatever it is by the time of the click. */
export function leads(link, values) {
  setAttribute(link, "data-change", JSON.stringify(values));
  setAttribute(link, "href", changed(values));
}

for (const event of ["click", "pointerdown", "focusin"])
  document.addEventListener(event, ({ target }) => {
    const link = target.closest?.("a[data-change]");
    if (link)
      link.href = changed(JSON.parse(link.dataset.change));
  }, true);

/* The Back button leads to what was shown before. */
export const go = (hash) => {
  location.hash = hash;
};

/* It does not: of what was typed letter by letter. */
export const settle = (hash) => location.replace(hash);
