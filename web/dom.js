// SPDX-License-Identifier: GPL-2.0-or-later
// Making and changing elements; text goes in as text, never as markup.

export function el(tag, attributes = {}, ...children) {
  const e = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes))
    e.setAttribute(name, value);
  e.append(...children);
  return e;
}

export const byId = (id) => document.getElementById(id);

/* Touches the document only if something changed: a screen reader, a selection
 * and the layout stay where they are. */
export function setText(e, text) {
  if (e.textContent !== text)
    e.textContent = text;
}

export function setAttribute(e, name, value) {
  if (e.getAttribute(name) !== String(value))
    e.setAttribute(name, value);
}

export function notice(e, text) {
  e.hidden = !text;
  setText(e, text || "");
}

export const color = (name) =>
  getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

/* Of several links, which one is where we are. */
export function setCurrent(link, current) {
  if (current)
    link.setAttribute("aria-current", "true");
  else
    link.removeAttribute("aria-current");
}
