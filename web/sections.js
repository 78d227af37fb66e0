// SPDX-License-Identifier: GPL-2.0-or-later
// Cards that can be folded, and an index of those that are there.

import { byId, el, setAttribute } from "./dom.js";

const KEY = "ktach-folded";

/* What was folded, in this browser; where that may keep nothing, until a reload. */
function remembered() {
  try {
    return new Set(JSON.parse(localStorage.getItem(KEY) ?? "[]"));
  } catch {
    return new Set();
  }
}

function remember(folded) {
  try {
    localStorage.setItem(KEY, JSON.stringify([...folded]));
  } catch { /* not allowed */ }
}

export class Sections {
  /* @box: whose articles they are; @list: of the index */
  constructor(box, list) {
    this.box = box;
    this.list = list;
    this.folded = remembered();
    this.items = [...box.querySelectorAll("article")].map((card) => this.item(card));
    new MutationObserver(() => this.look()).observe(box, { attributes: true, subtree: true, attributeFilter: ["hidden"] });
    this.look();
  }

  item(card) {
    const title = card.querySelector("h3");
    const name = title.textContent;
    const fold = el("button", { type: "button", class: "fold" }, name);
    const jump = el("button", { type: "button", class: "jump" }, name);
    title.replaceChildren(fold);
    const item = { card, name, fold, jump };
    fold.addEventListener("click", () => this.fold(item, !this.folded.has(name)));
    jump.addEventListener("click", () => this.jump(item));
    this.list.append(jump);
    this.show(item);
    return item;
  }

  show({ card, name, fold }) {
    const folded = this.folded.has(name);
    card.classList.toggle("folded", folded);
    setAttribute(fold, "aria-expanded", !folded);
  }

  fold(item, folded) {
    if (folded)
      this.folded.add(item.name);
    else
      this.folded.delete(item.name);
    remember(this.folded);
    this.show(item);
  }

  jump(item) {
    this.fold(item, false);
    item.card.scrollIntoView({ block: "start" });
    item.fold.focus({ preventScroll: true });
  }

  /* Cards that a node has nothing for are not in the index. */
  look() {
    this.list.hidden = this.box.hidden;
    for (const { card, jump } of this.items)
      jump.hidden = card.hidden;
  }
}

/* The list of keys. */
const KEYS = [
  ["/", "search, or filter"], ["p", "pause, and go on"], ["l", "live"], ["f", "the fleet"], ["t", "the top list"], ["?", "these keys"],
  ["← →", "in a chart: from sample to sample; between tiles"], ["Shift ← →", "in a chart: earlier, later"], ["+ −", "in a chart: a shorter or longer time"],
  ["drag", "over a chart: that time; with Shift it moves; with Ctrl the wheel zooms; a double click zooms out"],
];

/* @does: by key */
export function listenKeys(does) {
  const help = byId("keys");
  help.querySelector("dl").append(...KEYS.map(([key, text]) => el("div", {}, el("dt", {}, el("kbd", {}, key)), el("dd", {}, text))));
  const act = { "?": () => (help.open ? help.close() : help.showModal()), "/": search, ...does };
  byId("help").addEventListener("click", act["?"]);
  addEventListener("keydown", (event) => {
    const typing = event.target.matches("input, select, textarea");
    if (event.ctrlKey || event.altKey || event.metaKey || typing || !Object.hasOwn(act, event.key))
      return;
    event.preventDefault();
    act[event.key]();
  });
}

/* The first field for that which is in sight. */
function search() {
  const fields = [...document.querySelectorAll("input[type=search]")].filter((e) => e.checkVisibility?.() ?? e.offsetParent);
  (fields.find((e) => e.getBoundingClientRect().bottom > 0) ?? fields[0])?.focus();
}
