// SPDX-License-Identifier: GPL-2.0-or-later
// A tile for each node, coloured by load; sums above.

import { address, changed, settle } from "./address.js";
import { alarmText, attention } from "./alarms.js";
import { el, setAttribute, setText } from "./dom.js";
import { brief, bytesPerS, count, duration, percent, perS, plural } from "./format.js";
import { sumKnown } from "./past.js";

const WORST_FIRST = { gone: 0, late: 1, fresh: 2, moved: 3, ended: 3 };
/* Its last figures are of the past. */
const AWAY = new Set(["gone", "moved", "ended"]);
/* label, and what is larger the earlier it comes; names decide between equals. */
export const SORTS = {
  attention: ["needs attention", (n) => -attention(n)],
  name: ["name", () => 0],
  busy: ["CPU", (n) => n.cpu_busy ?? -1],
  memory: ["memory", (n) => n.memory_used ?? -1],
  net: ["network", (n) => (n.rx_bytes_per_s ?? 0) + (n.tx_bytes_per_s ?? 0)],
  softirqs: ["softirqs", (n) => n.softirqs_per_s ?? -1],
  load: ["load", (n) => n.load_1min ?? -1],
  lost: ["frames lost", (n) => n.lost],
  state: ["state", (n) => -WORST_FIRST[n.state]],
};

/* What colours a tile: its share of 1, or of the most in the fleet; and what the scale's ends are. */
const COLOURS = {
  busy: ["CPU", (n) => n.cpu_busy, "idle", "busy"],
  memory: ["memory", (n) => n.memory_used, "free", "used"],
  load: ["load per CPU", (n) => (n.load_1min === null ? null : n.load_1min / Math.max(n.cpus, 1) / 2), "none", "2 a CPU"],
  net: ["network", (n, most) => logOf(sumKnown([n.rx_bytes_per_s, n.tx_bytes_per_s]), most), "none", "most (log)"],
  softirqs: ["softirqs", (n, most) => logOf(n.softirqs_per_s, most), "none", "most (log)"],
};
const MOST = { net: (n) => (n.rx_bytes_per_s ?? 0) + (n.tx_bytes_per_s ?? 0), softirqs: (n) => n.softirqs_per_s ?? 0 };
const logOf = (value, most) => (value > 0 && most > 0 ? Math.log1p(value) / Math.log1p(most) : 0);
/* Tiles change places as often as this, but not below the pointer. */
const ORDER_MS = 10000;
const RECENT_MS = 600000; // that a loss is worth a word
const INPUTS = { search: "", sort: "attention", only: "", size: "", colour: "busy" };

const FACTS = [
  ["live", (s) => count(s.fresh)],
  ["late", (s) => count(s.late), (s) => s.late],
  ["gone", (s) => count(s.gone), (s) => s.gone],
  ["moved or ended", (s) => count(s.moved + s.ended)],
  ["left out of sums", (s) => count(s.late + s.gone + s.moved + s.ended), (s) => s.late + s.gone],
  ["CPU", (s) => percent(s.told ? s.busy / s.told : null)],
  ["CPUs", (s) => count(s.cpus)],
  ["received", (s) => bytesPerS(s.rx)],
  ["sent", (s) => bytesPerS(s.tx)],
  ["softirqs/s", (s) => perS(s.softirqs)],
  ["frames lost since", (s) => count(s.lost), (s) => s.lost],
  ["alarms", (s) => count(s.alarms), (s) => s.alarms],
];

/* Losses since the page was opened: when the last one came, and how many. */
class Losses {
  constructor() {
    this.nodes = new Map();
    this.since = Date.now();
    this.sum = 0;
  }

  look(nodes) {
    for (const { id, lost } of nodes) {
      const before = this.nodes.get(id) ?? { lost, at: 0 };
      const more = lost - before.lost;
      this.sum += Math.max(0, more);
      this.nodes.set(id, { lost, at: more > 0 ? Date.now() : before.at, first: before.first ?? lost });
    }
  }

  recent({ id }) {
    const known = this.nodes.get(id);
    return known && Date.now() - known.at < RECENT_MS ? known.lost - known.first : 0;
  }
}

function sums(nodes) {
  const s = { fresh: 0, late: 0, gone: 0, moved: 0, ended: 0, cpus: 0, told: 0, busy: 0, lost: 0, alarms: 0 };
  for (const n of nodes) {
    s[n.state]++;
    s.alarms += n.health.alarms;
    if (n.state !== "fresh")
      continue;
    s.cpus += n.cpus;
    s.told += n.cpu_busy === null ? 0 : n.cpus;
    s.busy += (n.cpu_busy ?? 0) * n.cpus;
  }
  const fresh = nodes.filter((n) => n.state === "fresh");
  const all = (key) => sumKnown(fresh.map((n) => n[key]));
  return { ...s, rx: all("rx_bytes_per_s"), tx: all("tx_bytes_per_s"), softirqs: all("softirqs_per_s") };
}

/* More tiles than this are smaller, by themselves. */
const LARGE_MAX = 150;

const age = (node) => duration(Math.max(0, Date.now() * 1e6 - node.last_seen_ns));

function tile(id, choose) {
  const parts = {
    name: el("span", { class: "tile-name" }),
    busy: el("b"),
    net: el("span", { class: "tile-net" }),
    state: el("span", { class: "tile-state" }),
  };
  const button = el("button", { class: "tile", type: "button", "data-id": id },
    el("span", { class: "tile-row" }, parts.name, parts.state), el("span", { class: "tile-row" }, parts.busy, parts.net));
  button.addEventListener("click", () => choose(id));
  return { button, parts, node: null };
}

function netText(node) {
  return node.rx_bytes_per_s === null ? "" :
    `↓${brief(node.rx_bytes_per_s)} ↑${brief(node.tx_bytes_per_s)}`;
}

function stateText(node, lost) {
  if (node.state === "moved")
    return `moved to ${node.moved_to}`;
  if (node.state !== "fresh")
    return `${node.state} ${age(node)}`;
  if (node.health.alarms)
    return alarmText(node);
  if (node.cut)
    return "not whole";
  if (node.clones)
    return `${plural(node.clones, "clone", "clones")} refused`;
  return lost > 0 ? `${count(lost)} lost` : "";
}

function update(t, node, colour, lost) {
  const { button, parts } = t;
  t.node = node;
  setText(parts.name, node.name);
  setText(parts.busy, percent(node.cpu_busy));
  setText(parts.net, netText(node));
  setText(parts.state, stateText(node, lost));
  setAttribute(button, "data-state", node.state);
  setAttribute(button, "data-health", node.health.state);
  setAttribute(button, "title", `${node.name} (${node.id}): ${percent(node.cpu_busy)} of ${plural(node.cpus, "CPU", "CPUs")}, ${node.state}${alarmText(node) && `, ${[alarmText(node), ...node.health.reasons].join("; ")}`}; bytes a second ${netText(node) || "unknown"}`);
  button.style.setProperty("--load", (AWAY.has(node.state) ? 0 : Math.min(1, colour ?? 0)).toFixed(3));
}

function empty(nodes) {
  return nodes ? el("p", { class: "empty" }, "No node is like that.") :
    el("p", { class: "empty" }, "No node has sent anything yet. On a host to be watched: ",
      el("code", {}, `ktach-shipper enroll ${location.hostname} --token TOKEN`), "; here ",
      el("code", {}, "ktach-collector enroll --new"), " makes the token, and shows that command with it.");
}

export class FleetView {
  /* parts: elements by name */
  constructor(parts, choose) {
    Object.assign(this, parts, { choose });
    this.tiles = new Map();
    this.nodes = null;
    this.losses = new Losses();
    this.placed = { at: 0, ids: [], by: "" };
    this.facts = FACTS.map(([name]) => [el("dt", {}, name), el("dd")]);
    this.sumsBox.append(...this.facts.map((fact) => el("div", {}, ...fact)));
    const since = this.facts[FACTS.findIndex(([name]) => name === "frames lost since")][0];
    setText(since, `frames lost since ${new Date().toLocaleTimeString("en-GB").slice(0, 5)}`);
    for (const [list, of] of [[this.sort, SORTS], [this.colour, COLOURS]])
      list.append(...Object.entries(of).map(([key, [label]]) => el("option", { value: key }, label)));
    for (const name of Object.keys(INPUTS))
      this[name].addEventListener("input", () => this.chose());
    this.search.form.addEventListener("submit", (event) => event.preventDefault());
    this.box.addEventListener("keydown", (event) => this.move(event));
    this.scale = this.search.form.querySelector(".scale");
  }

  /* What is chosen is in the address. */
  chose() {
    settle(changed(Object.fromEntries(Object.entries(INPUTS).map(([name, usual]) => [name, this[name].value === usual ? "" : this[name].value])),
      new URLSearchParams("fleet")));
    this.draw();
  }

  read() {
    const parameters = address();
    for (const [name, usual] of Object.entries(INPUTS))
      if (document.activeElement !== this[name])
        this[name].value = parameters.get(name) ?? usual;
  }

  /* Arrow keys go from tile to tile, as they lie. */
  move(event) {
    const tiles = [...this.box.querySelectorAll(".tile")];
    const at = tiles.indexOf(document.activeElement);
    const wide = Math.max(1, tiles.filter((t) => t.offsetTop === tiles[0].offsetTop).length);
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: wide, ArrowUp: -wide }[event.key];
    if (at < 0 || !step || !tiles[at + step])
      return;
    event.preventDefault();
    tiles[at + step].focus();
  }

  show(nodes) {
    this.nodes = nodes;
    this.losses.look(nodes);
    this.draw();
  }

  chosen() {
    const text = this.search.value.trim().toLowerCase();
    const only = this.only.value;
    const [, weight] = SORTS[this.sort.value];
    return this.nodes
      .filter((n) => (!text || n.name.toLowerCase().includes(text) || n.id.startsWith(text)) &&
        (!only || (only === "alarms" ? n.health.alarms > 0 : only === "lost" ? this.losses.recent(n) > 0 : n.state === only)))
      .sort((a, b) => weight(b) - weight(a) || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  }

  /* They stay where they are for a while; at once where another order is asked for. */
  keep(order) {
    const by = Object.keys(INPUTS).map((name) => this[name].value).join();
    const busy = this.box.matches(":hover, :focus-within");
    if (by !== this.placed.by || (!busy && Date.now() - this.placed.at > ORDER_MS)) {
      this.placed = { at: Date.now(), by, places: new Map(order.map((n, i) => [n.id, i])) };
      return order;
    }
    const place = (n) => this.placed.places.get(n.id) ?? Infinity;
    return order.map((n, i) => [place(n), i, n]).sort(([a, i], [b, j]) => (a === b ? i - j : a - b)).map(([, , n]) => n);
  }

  draw() {
    if (!this.nodes)
      return;
    const s = { ...sums(this.nodes), lost: this.losses.sum };
    FACTS.forEach(([, text, bad], i) => {
      setText(this.facts[i][1], text(s));
      setAttribute(this.facts[i][1], "data-bad", Boolean(bad?.(s)));
    });
    const ids = new Set(this.nodes.map((n) => n.id));
    for (const id of this.tiles.keys())
      if (!ids.has(id))
        this.tiles.delete(id);
    const order = this.keep(this.chosen());
    setAttribute(this.box, "data-size", this.size.value || (order.length > LARGE_MAX ? "small" : "large"));
    setAttribute(this.scale, "data-size", this.box.dataset.size);
    const [, share, low, high] = COLOURS[this.colour.value];
    const ends = [...this.scale.querySelectorAll("b")];
    [low, high].forEach((text, i) => setText(ends[i], text));
    const most = MOST[this.colour.value] ? Math.max(0, ...this.nodes.filter((n) => !AWAY.has(n.state)).map(MOST[this.colour.value])) : 1;
    for (const node of order) {
      if (!this.tiles.has(node.id))
        this.tiles.set(node.id, tile(node.id, this.choose));
      const t = this.tiles.get(node.id);
      if (t.node !== node || t.colour !== this.colour.value || node.state !== "fresh")
        update(t, node, share(node, most), this.losses.recent(node));
      t.colour = this.colour.value;
    }
    setText(this.shown, order.length === this.nodes.length ? "" : `${count(order.length)} of ${count(this.nodes.length)}`);
    this.place(order.length ? order.map((n) => this.tiles.get(n.id).button) : [empty(this.nodes.length)]);
  }

  /* Only what moved is moved: the focus and the scroll position stay. */
  place(wanted) {
    const keep = new Set(wanted);
    for (const child of [...this.box.children])
      if (!keep.has(child))
        child.remove();
    wanted.forEach((e, i) => {
      if (this.box.children[i] !== e)
        this.box.insertBefore(e, this.box.children[i] ?? null);
    });
  }
}
