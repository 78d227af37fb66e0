// SPDX-License-Identifier: GPL-2.0-or-later
// Which time is shown: what comes in live, the last hours up to now, or a time between two
// moments. Times are s since 1970.

import { address, changed, go, leads } from "./address.js";
import { byId, el, notice, setCurrent, setText } from "./dom.js";

export const LIVE_SPAN_S = 300;
const PRESETS = ["1 h", "24 h", "7 d", "30 d"];
const UNITS = { s: 1, min: 60, m: 60, h: 3600, d: 86400, w: 604800 };
const SHORTEST_S = 10;
const LONGEST_S = 3650 * 86400;
const AROUND_S = 900; // what is shown before and after a single moment
const DAY_MS = 86400000;

export function spanOf(text) {
  const [, number, unit] = /^\s*(\d+(?:\.\d+)?)\s*(s|min|m|h|d|w)\s*$/.exec(text ?? "") ?? [];
  const span = number * UNITS[unit];
  return span >= 1 && span <= LONGEST_S ? span : null;
}

/* follows: it ends now, and goes on. */
export function rangeOf(parameters = address()) {
  const [from, to] = ["from", "to"].map((name) => Number(parameters.get(name)));
  const now = Date.now() / 1000;
  if (from > 0 && to > from)
    return { from, to, span: to - from, follows: false, live: false };
  const text = parameters.get("range");
  const span = spanOf(text);
  return { from: now - (span ?? LIVE_SPAN_S), to: now, span: span ?? LIVE_SPAN_S, follows: true, live: !span, text: span ? text.trim() : "live" };
}

/* The same for the collector, whose clock decides what is now. */
export const askOf = ({ from, to, span, follows }) => (follows ? { from: `-${Math.round(span * 1000)}ms` } :
  { from: String(Math.round(from * 1000)), to: String(Math.round(to * 1000)) });

const two = (n) => String(n).padStart(2, "0");
const dayText = (d) => `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}`;
const clockText = (d) => [d.getHours(), d.getMinutes(), d.getSeconds()].map(two).join(":");

/* "2026-11-29 03:12:00 – 04:00:00": the day once, if it is one. */
export function rangeText({ from, to, text }) {
  if (text)
    return text === "live" ? "live" : `the last ${text}`;
  const [a, b] = [from, to].map((s) => new Date(s * 1000));
  return `${dayText(a)} ${clockText(a)} – ${dayText(a) === dayText(b) ? "" : `${dayText(b)} `}${clockText(b)}`;
}

/* "now", "-3h", "03:12", "yesterday 03:12:30", "2026-11-29 03:12", s since 1970; NaN: none. */
export function momentOf(text, now = Date.now() / 1000) {
  const t = text.trim().toLowerCase();
  if (t === "now")
    return now;
  if (t.startsWith("-"))
    return now - (spanOf(t.slice(1)) ?? NaN);
  if (/^\d{9,11}(\.\d+)?$/.test(t))
    return Number(t);
  const [all, day, hour, minute, second] =
    /^(today|yesterday|\d{4}-\d\d-\d\d)?[ t]*(?:(\d?\d):(\d\d)(?::(\d\d))?)?$/.exec(t) ?? [];
  if (!all || hour > 23 || minute > 59 || second > 59)
    return NaN;
  const date = /^\d/.test(day ?? "") ? new Date(`${day}T00:00`) : new Date((now * 1000) - (day === "yesterday" ? DAY_MS : 0));
  date.setHours(hour ?? 0, minute ?? 0, second ?? 0, 0);
  const at = date.getTime() / 1000;
  return !day && at > now ? at - 86400 : at;
}

/* Of the address, what was typed means: a time up to now, a moment, or two; null: nothing. */
export function typedRange(text, now = Date.now() / 1000) {
  if (spanOf(text.replace(/^last /, "")))
    return { range: text.replace(/^last /, "").trim(), from: null, to: null };
  const parts = text.split(/\s+to\s+|\s*–\s*|\s+-\s+|\s*\.\.\s*/);
  const [from, to] = parts.map((part) => momentOf(part, now));
  if (parts.length > 2 || Number.isNaN(from))
    return null;
  if (parts.length === 1)
    return { range: null, from: from - AROUND_S, to: Math.min(from + AROUND_S, now) };
  /* "23:50 to 00:10", and "yesterday 03:00 to 04:00" */
  const day = /^\s*\d?\d:\d\d/.test(parts[1]) ? new Date(from * 1000) : null;
  const end = day ? momentOf(`${dayText(day)} ${parts[1]}`, now) : to;
  return end > from || day ? { range: null, from, to: end > from ? end : end + 86400 } : null;
}

/* All charts with it: what a drag, a wheel, a key or a button chose. */
export function zoomTo(from, to) {
  const now = Date.now() / 1000;
  const span = Math.min(Math.max(to - from, SHORTEST_S), LONGEST_S);
  const end = Math.min((from + to + span) / 2, Math.max(now, to - span));
  go(changed({ range: null, from: (end - span).toFixed(1), to: end.toFixed(1) }));
}

/* @by: parts of what is shown, later; @times: as long. */
export function move(by, times = 1) {
  const { from, span } = rangeOf();
  const middle = from + span * (0.5 + by);
  zoomTo(middle - span * times / 2, middle + span * times / 2);
}

export class TimeBar {
  constructor() {
    this.box = byId("time");
    this.pick = byId("time-pick");
    this.inputs = ["time-from", "time-to"].map(byId);
    byId("time-moves").append(...[["◀", "Earlier", -0.5], ["−", "Longer time", 0, 2], ["+", "Shorter time", 0, 0.5], ["▶", "Later", 0.5]].map(([sign, title, by, times]) => {
      const button = el("button", { class: "button", type: "button", title, "aria-label": title }, sign);
      button.addEventListener("click", () => move(by, times));
      return button;
    }));
    byId("time-form").addEventListener("submit", (event) => this.submit(event));
    this.pick.addEventListener("toggle", () => this.pick.open && this.fill());
    this.pick.addEventListener("keydown", (event) => event.key === "Escape" && this.close());
    addEventListener("pointerdown", (event) => !this.pick.contains(event.target) && this.close());
  }

  close() {
    this.pick.open = false;
  }

  fill() {
    const range = rangeOf();
    [range.from, range.to].forEach((s, i) => {
      const date = new Date(s * 1000);
      this.inputs[i].value = `${dayText(date)}T${clockText(date)}`;
    });
    this.filled = this.inputs.map((input) => input.value).join();
    byId("time-text").value = "";
    notice(byId("time-wrong"), "");
  }

  submit(event) {
    event.preventDefault();
    const text = byId("time-text").value;
    const [from, to] = this.inputs.map((input) => new Date(input.value).getTime() / 1000);
    const wish = text ? typedRange(text) : to > from ? { range: null, from, to } : null;
    notice(byId("time-wrong"), wish ? "" : text ? "Not a time. Try: 3 h, 03:12, yesterday 3:00 to 4:00." : "From has to be before To.");
    if (!wish)
      return;
    this.close();
    go(changed(wish));
  }

  show(shown) {
    this.box.hidden = !shown;
    const range = rangeOf();
    const texts = ["live", ...PRESETS, ...(range.follows && ![...PRESETS, "live"].includes(range.text) ? [range.text] : [])];
    byId("ranges").replaceChildren(...texts.map((text) => {
      const link = el("a", {}, text);
      leads(link, { range: text === "live" ? null : text, from: null, to: null });
      setCurrent(link, text === range.text);
      return link;
    }));
    setText(byId("time-shown"), range.follows ? "Any time" : rangeText(range));
    this.pick.classList.toggle("chosen", !range.follows);
  }
}
