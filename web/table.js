// SPDX-License-Identifier: GPL-2.0-or-later
// A table whose rows stay what they are while their cells change.

import { el, setAttribute, setText } from "./dom.js";

/* label: of the table; key(row); columns: [{title, text(row), bad(row): to be
 * looked at, part(row): length of a bar behind it, 0 to 1, left: aligned so,
 * optional: not there while no row has a text}] */
export class Table {
  constructor(parent, { label, key, columns }) {
    this.key = key;
    this.columns = columns;
    this.body = el("tbody");
    this.head = columns.map(({ title, left }) =>
      el("th", left ? { scope: "col", class: "left" } : { scope: "col" }, title));
    parent.append(el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": label },
      el("table", {}, el("thead", {}, el("tr", {}, ...this.head)), this.body)));
    this.reset();
  }

  reset() {
    this.rows = new Map();
    this.body.replaceChildren();
  }

  row() {
    const cells = this.columns.map(({ left }, i) =>
      i ? el("td", left ? { class: "left" } : {}) : el("th", { scope: "row" }));
    return { tr: el("tr", {}, ...cells), cells };
  }

  update({ cells }, row) {
    this.columns.forEach(({ text, bad, part }, i) => {
      setText(cells[i], text(row) ?? "");
      if (bad)
        setAttribute(cells[i], "data-bad", Boolean(bad(row)));
      if (!part)
        return;
      cells[i].classList.add("bar");
      cells[i].style.setProperty("--part", Math.min(1, Math.max(0, part(row) ?? 0)).toFixed(3));
    });
  }

  show(list) {
    const there = new Set(list.map(this.key));
    for (const [key, { tr }] of this.rows) {
      if (there.has(key))
        continue;
      tr.remove();
      this.rows.delete(key);
    }
    list.forEach((row, i) => {
      const key = this.key(row);
      if (!this.rows.has(key))
        this.rows.set(key, this.row());
      const shown = this.rows.get(key);
      this.update(shown, row);
      if (this.body.children[i] !== shown.tr)
        this.body.insertBefore(shown.tr, this.body.children[i] ?? null);
    });
    this.columns.forEach(({ optional, text }, i) => optional && this.hide(i, !list.some(text)));
  }

  hide(i, hidden) {
    this.head[i].hidden = hidden;
    this.rows.forEach(({ cells }) => {
      cells[i].hidden = hidden;
    });
  }
}
