// SPDX-License-Identifier: GPL-2.0-or-later
// What is not as it should be with a node: its alarms, the worst first.

import { el, setAttribute, setText } from "./dom.js";
import { duration } from "./format.js";

const WORST_FIRST = { critical: 0, warning: 1, notice: 2 };

/* The lower, the earlier it is shown; a node that fell silent without a word is worst. */
export const attention = (node) => node.health.score - (node.state === "gone" ? 101 : 0);

export const alarmText = (node) =>
  node.health.alarms ? `${node.health.state}: ${node.health.alarms} ${node.health.alarms > 1 ? "alarms" : "alarm"}` : "";

const keyOf = (alarm) => `${alarm.rule} ${alarm.row}`;

function item(alarm) {
  const text = el("span"), since = el("span", { class: "origin" });
  const more = [alarm.why, alarm.look && `Look at: ${alarm.look}`].filter(Boolean).join(" ");
  const li = el("li", { "data-severity": alarm.severity }, el("b", { class: "pill" }, alarm.severity), text, since,
    ...(more ? [el("p", {}, more)] : []));
  return { li, text, since };
}

export class Alarms {
  constructor(box) {
    this.box = box;
    this.items = new Map();
  }

  show({ alarms, now_ns: now }) {
    const order = [...alarms].sort((a, b) => WORST_FIRST[a.severity] - WORST_FIRST[b.severity] || b.fired_ns - a.fired_ns);
    const wanted = new Set(order.map(keyOf));
    for (const [key, { li }] of this.items)
      if (!wanted.has(key)) {
        li.remove();
        this.items.delete(key);
      }
    order.forEach((alarm, i) => {
      const key = keyOf(alarm);
      if (!this.items.has(key))
        this.items.set(key, item(alarm));
      const { li, text, since } = this.items.get(key);
      setText(text, alarm.text);
      setText(since, `for ${duration(Math.max(0, now - alarm.fired_ns))}`);
      setAttribute(since, "title", new Date(alarm.fired_ns / 1e6).toLocaleString());
      if (this.box.children[i] !== li)
        this.box.insertBefore(li, this.box.children[i] ?? null);
    });
    this.box.hidden = !order.length;
  }
}
