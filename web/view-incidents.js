// SPDX-License-Identifier: GPL-2.0-or-later
// What nodes' flight recorders froze: a list, and one on a single axis of time, down to the
// millisecond, with its trigger marked.

import { byId, color, el, notice, setAttribute, setText } from "./dom.js";
import { bytes, duration, moment, percent, plural } from "./format.js";
import { ask, order } from "./past.js";

const SVG = "http://www.w3.org/2000/svg";
const [WIDTH, HIGH, LEFT] = [1000, 70, 0];
const LOOK_MS = 5000; // between two looks at the list
const SPANS = [["all of it", null], ["1 s", 500], ["100 ms", 50], ["20 ms", 10]];
const COLORS = ["user", "system", "softirq", "nice", "irq", "guest"];
const SHOWN = 12; // processes
const MB_S = 1000; // bytes of a millisecond, as bytes a second

function svg(tag, attributes, ...children) {
  const e = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes))
    e.setAttribute(name, value);
  e.append(...children);
  return e;
}

/* Runs of values that are known, as points of lines. */
function* runs(times, values, x, y) {
  let points = [];
  for (let i = 0; i < times.length; i++) {
    const v = values[i];
    if (v === null || v === undefined) {
      yield points;
      points = [];
    } else {
      points.push(`${x(times[i]).toFixed(2)},${y(v).toFixed(2)}`);
    }
  }
  yield points;
}

const hue = (i) => color(COLORS[i % COLORS.length]);

/* One lane: lines of [{name, times, values}], or bars of a millisecond each. */
function lane(title, series, [from, to], { max, format, bars }) {
  const seen = (i, times) => !bars || (times[i] >= from && times[i] <= to);
  const most = max ?? Math.max(1e-9, ...series.flatMap(({ times, values }) => values.filter((v, i) => v !== null && seen(i, times))));
  const x = (ms) => LEFT + (ms - from) / (to - from) * (WIDTH - LEFT);
  const y = (v) => HIGH - v / most * (HIGH - 2);
  const box = svg("svg", { viewBox: `0 0 ${WIDTH} ${HIGH}`, preserveAspectRatio: "none", role: "img", "aria-label": `${title}, at most ${format(most)}` });
  series.forEach(({ times, values }, n) => {
    if (bars) {
      const d = times.map((t, i) => (values[i] && t + 1 > from && t < to ?
        `M${x(t).toFixed(2)} ${HIGH}V${y(values[i]).toFixed(2)}H${x(t + 1).toFixed(2)}V${HIGH}Z` : "")).join("");
      box.append(svg("path", { d, fill: hue(n), "fill-opacity": 0.7 }));
      return;
    }
    for (const points of runs(times, values, x, y))
      if (points.length)
        box.append(svg("polyline", { points: (points.length === 1 ? [...points, points[0].replace(/^[^,]*/, (a) => String(Number(a) + 2))] : points).join(" "),
          fill: "none", stroke: hue(n), "stroke-width": 1.5, "vector-effect": "non-scaling-stroke" }));
  });
  if (from <= 0 && to >= 0)
    box.append(svg("line", { x1: x(0), x2: x(0), y1: 0, y2: HIGH, stroke: color("bad"), "stroke-width": 1.5, "vector-effect": "non-scaling-stroke", class: "trigger" }));
  const names = el("span", { class: "origin" }, series.map(({ name }) => name).filter(Boolean).join(", "));
  return el("figure", { class: "lane" }, el("figcaption", {}, el("b", {}, title), " ", names, ` up to ${format(most)}`), box);
}

const perCpu = (part, name, rows) => rows.map((cpu) => ({ name: `CPU ${cpu.cpu}`, times: part.ms, values: cpu[name] ?? part.ms.map(() => null) }));

/* All lanes of a time. */
function lanes(d, window) {
  const all = [];
  for (const [name, title] of [["busy", "CPU busy"], ["softirq", "CPU in softirqs"]])
    if (d.cpu?.ms.length)
      all.push(lane(title, perCpu(d.cpu, name, d.cpu.cpus), window, { max: 1, format: percent }));
  for (const [key, title] of [["rx_bytes", "received"], ["tx_bytes", "sent"]])
    for (const b of d.buckets)
      if (b[key].some((v) => v))
        all.push(lane(`${b.interface} ${title}`, [{ name: "by the millisecond", times: b[key].map((_, i) => b.ms + i), values: b[key] }], window,
          { bars: true, format: (v) => `${bytes(v)} (${bytes(v * MB_S, "B/s")})` }));
  if (d.pressure.length)
    all.push(lane("Pressure", ["cpu", "memory", "io"].map((name) => ({ name, times: d.pressure.map((p) => p.ms), values: d.pressure.map((p) => p[name]) })), window,
      { max: 1, format: percent }));
  for (const vector of new Set((d.softirq?.cpus ?? []).flatMap((cpu) => Object.keys(cpu).filter((key) => key !== "cpu"))))
    all.push(lane(`Softirqs ${vector}`, perCpu(d.softirq, vector, d.softirq.cpus), window, { format: (v) => `${Math.round(v)}/s` }));
  return all;
}

/* Those that were looked at next to the trigger. */
function processes(d) {
  const near = [...d.processes].sort((a, b) => Math.abs(a.ms) - Math.abs(b.ms))[0];
  if (!near)
    return [];
  const rows = [...near.rows].sort((a, b) => (b.cpu_share ?? 0) - (a.cpu_share ?? 0) || b.rss_bytes - a.rss_bytes).slice(0, SHOWN);
  return [el("h3", {}, `Processes, ${near.ms < 0 ? "before" : "after"} the trigger by ${Math.round(Math.abs(near.ms))} ms`),
    el("table", {}, el("thead", {}, el("tr", {}, ...["Process", "User", "CPU", "Memory"].map((t) => el("th", { scope: "col" }, t)))),
      el("tbody", {}, ...rows.map((p) => el("tr", {}, el("td", {}, `${p.name} (${p.pid})`), el("td", {}, p.user),
        el("td", {}, p.cpu_share === null ? "–" : percent(p.cpu_share)), el("td", {}, p.rss_bytes === null ? "–" : bytes(p.rss_bytes))))))];
}

export class IncidentsView {
  constructor() {
    this.list = byId("incidents-list");
    this.one = byId("incidents-one");
    this.note = byId("incidents-notice");
    this.may = false;
  }

  /* Who may have a node freeze: anybody where nobody is asked for a token. */
  admit({ login, role }) {
    this.may = !login || role === "operate" || role === "admin";
  }

  /* "#incidents", "#incidents&of=NODE", "#incidents&id=ID". */
  open(parameters) {
    const [id, of] = [parameters.get("id"), parameters.get("of")];
    clearTimeout(this.timer);
    this.list.hidden = Boolean(id);
    this.one.hidden = !id;
    this.asked = id;
    setText(byId("incidents-title"), id ? "Incident" : of ? `Incidents of ${of}` : "Incidents");
    if (id)
      this.show(id);
    else
      this.look(of);
  }

  close() {
    clearTimeout(this.timer);
    this.asked = undefined;
  }

  async look(of) {
    const { incidents, error } = await ask("incidents", { limit: 200, ...(of ? { node: of } : {}) });
    if (this.asked !== null)
      return;
    notice(this.note, error ?? (incidents.length ? "" : "None is kept. Flight recorders of nodes send them: see docs/flight.md."));
    this.list.replaceChildren(...(of && this.may ? [this.button(of)] : []),
      el("ul", { class: "alarms" }, ...(incidents ?? []).map((i) =>
        el("li", {}, el("b", { class: "pill" }, i.cause), el("a", { href: `#incidents&id=${i.id}` }, `${i.node}: ${i.text}`),
          el("span", { class: "origin" }, `${moment(i.time_ns / 1e6)}, ${plural(i.triggers, "trigger", "triggers")}${i.whole ? "" : ", not whole"}`)))));
    this.timer = setTimeout(() => this.look(of), LOOK_MS);
  }

  button(of) {
    const button = el("button", { type: "button", class: "button" }, "Freeze now");
    button.addEventListener("click", async () => {
      button.disabled = true;
      const { error, text } = await order(`nodes/${encodeURIComponent(of)}/freeze`, {});
      button.disabled = false;
      notice(this.note, error ?? text);
    });
    return button;
  }

  async show(id) {
    this.one.replaceChildren();
    notice(this.note, "Reading it\u00a0…");
    const d = await ask(`incidents/${id}`, {});
    if (this.asked !== id)
      return;
    notice(this.note, d.error ?? (d.cut ? "Not all of it is there." : ""));
    if (d.error)
      return;
    const whole = [(d.from_ns - d.time_ns) / 1e6, Math.max(1, (d.to_ns - d.time_ns) / 1e6)];
    const place = el("div", { class: "lanes" });
    const draw = (half) => {
      const window = half ? [-half, half] : whole;
      place.replaceChildren(el("p", { class: "origin" }, `${duration((window[1] - window[0]) * 1e6)}, from ${window[0].toFixed(0)} ms to ${window[1].toFixed(0)} ms of the trigger, which is the red line`),
        ...lanes(d, window));
      buttons.forEach((b, i) => setAttribute(b, "aria-pressed", SPANS[i][1] === half));
    };
    const buttons = SPANS.map(([text, half]) => {
      const b = el("button", { type: "button", class: "button" }, text);
      b.addEventListener("click", () => draw(half));
      return b;
    });
    this.one.append(el("p", {}, el("b", { class: "pill" }, d.cause), ` ${d.node}: ${d.text}`),
      el("p", { class: "origin" }, `${moment(d.time_ns / 1e6)}, ${plural(d.triggers, "trigger", "triggers")}; `,
        el("a", { href: `/api/v1/incidents/${id}.csv`, download: `${id}.csv` }, "CSV"), ", ",
        el("a", { href: `/api/v1/incidents/${id}/recording`, download: `${id}.ktach` }, "recording"), ", ",
        el("a", { href: `#node=${d.node_id}` }, "node")),
      el("div", { class: "moves", role: "group", "aria-label": "Time around the trigger" }, ...buttons), place, ...processes(d));
    draw(null);
  }
}
