// SPDX-License-Identifier: GPL-2.0-or-later
// A table whose rows stay what they are while their cells change. A click on a column's title
// sorts by it, another one the other way, a third one not at all.

import { address, changed, leads, settle } from "./address.js";
import { el, setAttribute, setText } from "./dom.js";

const FILTER_FROM = 8; // rows
const numberOf = (text) => (text === null || text === undefined || text === "–" ? -Infinity : text);

/* label: of the table; id: by which the address names it; key(row); link(row): what its
 * first cell changes in the address; columns: [{title, text(row), value(row): what it sorts by, if that is
 * not its text, bad(row): to be looked at, part(row): length of a bar behind it, 0 to 1,
 * left: aligned so, optional: not there while no row has a text}] */
export class Table {
  constructor(parent, { label, id, key, link, columns }) {
    Object.assign(this, { id, key, link, columns });
    this.body = el("tbody");
    this.head = columns.map((column, i) => this.title(column, i));
    this.filter = el("input", { type: "search", class: "filter", "aria-label": `Filter: ${label}`, placeholder: "filter", autocomplete: "off" });
    this.filter.hidden = true;
    this.filter.addEventListener("input", () => this.filtered());
    this.box = el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": label },
      el("table", {}, el("thead", {}, el("tr", {}, ...this.head)), this.body));
    parent.append(this.filter, this.box);
    this.list = [];
    this.reset();
  }

  title({ title, left }, i) {
    const button = el("button", { type: "button", class: "sorter" }, title);
    button.addEventListener("click", () => this.sort(i));
    return el("th", left ? { scope: "col", class: "left" } : { scope: "col" }, button);
  }

  reset() {
    this.rows = new Map();
    this.body.replaceChildren();
  }

  /* What the address says: which column, from 1, and with a minus the largest first. */
  get order() {
    return Number(address().get(`sort-${this.id}`) ?? 0);
  }

  sort(i) {
    const first = this.columns[i].value || this.columns[i].part ? -1 : 1;
    const now = this.order;
    const next = Math.abs(now) !== i + 1 ? first * (i + 1) : Math.sign(now) === first ? -now : "";
    settle(changed({ [`sort-${this.id}`]: next }));
    this.held = null;
    this.show(this.list);
  }

  filtered() {
    settle(changed({ [`find-${this.id}`]: this.filter.value }));
    this.show(this.list);
  }

  row() {
    const cells = this.columns.map(({ left }, i) =>
      i ? el("td", left ? { class: "left" } : {}) : el("th", { scope: "row" }));
    const first = this.link ? cells[0].appendChild(el("a")) : cells[0];
    return { tr: el("tr", {}, ...cells), cells, texts: [first, ...cells.slice(1)] };
  }

  update({ cells, texts }, row) {
    if (this.link)
      leads(texts[0], this.link(row));
    this.columns.forEach(({ text, bad, part }, i) => {
      setText(texts[i], text(row) ?? "");
      if (bad)
        setAttribute(cells[i], "data-bad", Boolean(bad(row)));
      if (!part)
        return;
      cells[i].classList.add("bar");
      cells[i].style.setProperty("--part", Math.min(1, Math.max(0, part(row) ?? 0)).toFixed(3));
    });
  }

  /* Rows do not change places below the pointer; new ones come last. */
  keep(list) {
    if (!this.body.matches(":hover, :focus-within") || !this.held) {
      this.held = list.map(this.key);
      return list;
    }
    const places = new Map(this.held.map((key, i) => [key, i]));
    return list.map((row, i) => [places.get(this.key(row)) ?? this.held.length + i, row])
      .sort(([a], [b]) => a - b).map(([, row]) => row);
  }

  chosen(list) {
    const text = this.filter.value.trim().toLowerCase();
    const found = text ? list.filter((row) => this.columns.some((c) => String(c.text(row) ?? "").toLowerCase().includes(text))) : list;
    const { value, text: written, part } = this.columns[Math.abs(this.order) - 1] ?? {};
    this.head.forEach((th, i) => setAttribute(th, "aria-sort", Math.abs(this.order) !== i + 1 ? "none" : this.order < 0 ? "descending" : "ascending"));
    if (!written)
      return found;
    const of = value ?? part ?? written;
    const compare = (a, b) => (typeof a === "string" && typeof b === "string" ? a.localeCompare(b, "en", { numeric: true }) : a < b ? -1 : a > b ? 1 : 0);
    return [...found].sort((a, b) => Math.sign(this.order) * compare(numberOf(of(a)), numberOf(of(b))));
  }

  show(all) {
    this.list = all;
    const wanted = this.id && (address().get(`find-${this.id}`) ?? "");
    if (this.id && document.activeElement !== this.filter && this.filter.value !== wanted)
      this.filter.value = wanted;
    this.filter.hidden = !this.id || (all.length < FILTER_FROM && !this.filter.value);
    const list = this.keep(this.chosen(all));
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
    this.columns.forEach(({ optional, text }, i) => optional && this.hide(i, !all.some(text)));
  }

  hide(i, hidden) {
    this.head[i].hidden = hidden;
    this.rows.forEach(({ cells }) => {
      cells[i].hidden = hidden;
    });
  }
}
