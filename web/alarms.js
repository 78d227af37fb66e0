// SPDX-License-Identifier: GPL-2.0-or-later
// What is not as it should be with a node: its alarms, the worst first.

import { el, setAttribute, setText } from "./dom.js";
import { duration, moment } from "./format.js";
import { order } from "./past.js";

const WORST_FIRST = { critical: 0, warning: 1, notice: 2 };

/* The lower, the earlier it is shown; a node that fell silent without a word is worst. */
export const attention = (node) => node.health.score - (node.state === "gone" ? 101 : 0);

export const alarmText = (node) =>
  node.health.alarms ? `${node.health.state}: ${node.health.alarms} ${node.health.alarms > 1 ? "alarms" : "alarm"}` : "";

const keyOf = (alarm) => `${alarm.id} ${alarm.rule} ${alarm.row}`;

const ORDERS = {
  acknowledge: ["Acknowledge", {}],
  hush: ["Silence for 1 h", { action: "silence", for: "1h" }],
  speak: ["Silence no more", { action: "silence", for: "0s" }],
};

/* What can be said of an alarm by those who may; it is shown once the collector has it. */
function orders(id, note) {
  return Object.fromEntries(Object.entries(ORDERS).map(([name, [title, parameters]]) => {
    const button = el("button", { type: "button" }, title);
    button.addEventListener("click", async () => {
      button.disabled = true;
      const { error } = await order("alerts", { id, ...parameters });
      button.disabled = false;
      setText(note, error ?? "");
    });
    return [name, button];
  }));
}

/* What people said of it. */
const marksOf = (alarm) => [
  alarm.acknowledged_ns && `acknowledged${alarm.acknowledged_by ? ` by ${alarm.acknowledged_by}` : ""} at ${moment(alarm.acknowledged_ns / 1e6)}`,
  alarm.silent_until_ns && `silenced until ${moment(alarm.silent_until_ns / 1e6)}`].filter(Boolean).join(", ");

function item(alarm) {
  const text = el("span"), since = el("span", { class: "origin" }), marks = el("span", { class: "origin" });
  const note = el("span", { role: "status" }), buttons = orders(alarm.id, note);
  const more = [alarm.why, alarm.look && `Look at: ${alarm.look}`].filter(Boolean).join(" ");
  const li = el("li", { "data-severity": alarm.severity }, el("b", { class: "pill" }, alarm.severity), text, since, marks,
    ...Object.values(buttons), note, ...(more ? [el("p", {}, more)] : []));
  return { li, text, since, marks, buttons };
}

export class Alarms {
  constructor(box) {
    this.box = box;
    this.items = new Map();
    this.may = false;
  }

  /* Who may say something of alarms: anybody where nobody is asked for a token. */
  admit({ login, role }) {
    this.may = !login || role === "operate" || role === "admin";
  }

  mark({ marks, buttons: { acknowledge, hush, speak } }, alarm) {
    setText(marks, marksOf(alarm));
    acknowledge.hidden = !this.may || !alarm.id || Boolean(alarm.acknowledged_ns);
    hush.hidden = !this.may || !alarm.id || Boolean(alarm.silent_until_ns);
    speak.hidden = !this.may || !alarm.silent_until_ns;
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
      this.mark(this.items.get(key), alarm);
      setText(text, alarm.text);
      setText(since, `for ${duration(Math.max(0, now - alarm.fired_ns))}`);
      setAttribute(since, "title", new Date(alarm.fired_ns / 1e6).toLocaleString());
      if (this.box.children[i] !== li)
        this.box.insertBefore(li, this.box.children[i] ?? null);
    });
    this.box.hidden = !order.length;
  }
}
