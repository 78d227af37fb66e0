// SPDX-License-Identifier: GPL-2.0-or-later
// A tile for each node.

import { el, setAttribute, setText } from "./dom.js";
import { bytesPerS, count, duration, percent, plural } from "./format.js";

const STATES = { fresh: "live", late: "late", gone: "gone" };

function tile(id, choose) {
  const parts = {
    name: el("span", { class: "tile-name" }),
    state: el("span", { class: "pill" }),
    fill: el("i"),
    busy: el("b"),
    cpus: el("span"),
    net: el("span"),
    rx: el("b"),
    tx: el("b"),
  };
  const button = el("button", { class: "tile", type: "button", "data-id": id },
    el("span", { class: "tile-head" }, parts.name, parts.state),
    el("span", { class: "meter", "aria-hidden": "true" }, parts.fill),
    el("span", { class: "tile-row" }, el("span", {}, "CPU ", parts.busy), parts.cpus),
    el("span", { class: "tile-row" }, parts.net));
  button.addEventListener("click", () => choose(id));
  return { button, parts };
}

function update({ button, parts }, node, chosen) {
  setText(parts.name, node.name);
  setAttribute(parts.name, "title", `${node.name} (${node.id})`);
  setText(parts.state, node.state === "fresh" ? STATES.fresh : `${STATES[node.state]} ${duration(node.age_ns)}`);
  setAttribute(parts.state, "data-state", node.state);
  setAttribute(button, "data-state", node.state);
  setAttribute(button, "aria-pressed", chosen);
  parts.fill.style.width = `${(node.cpu_busy ?? 0) * 100}%`;
  setText(parts.busy, percent(node.cpu_busy));
  setText(parts.cpus, plural(node.cpus, "CPU", "CPUs") + (node.lost ? `, ${count(node.lost)} lost` : ""));
  setText(parts.rx, bytesPerS(node.rx_bytes_per_s));
  setText(parts.tx, bytesPerS(node.tx_bytes_per_s));
  if (node.rx_bytes_per_s === null)
    setText(parts.net, "no network figures");
  else if (!parts.net.contains(parts.rx))
    parts.net.replaceChildren("rx ", parts.rx, "\u2003tx ", parts.tx);
}

function empty() {
  return el("p", { class: "empty" }, "No node has sent anything yet. Start one with ",
    el("code", {}, "ktach-shipper --collector HOST"), " on a host to be watched.");
}

export class NodesView {
  constructor(box, choose) {
    this.box = box;
    this.choose = choose;
    this.tiles = new Map();
  }

  show(nodes, chosen) {
    const order = [...nodes].sort((a, b) => a.name.localeCompare(b.name));
    const ids = new Set(nodes.map((node) => node.id));
    for (const id of this.tiles.keys())
      if (!ids.has(id))
        this.tiles.delete(id);
    for (const node of order) {
      if (!this.tiles.has(node.id))
        this.tiles.set(node.id, tile(node.id, this.choose));
      update(this.tiles.get(node.id), node, node.id === chosen);
    }
    const wanted = order.length ? order.map((node) => this.tiles.get(node.id).button) : [empty()];
    const same = order.length && wanted.length === this.box.children.length &&
      wanted.every((e, i) => this.box.children[i] === e);
    if (!same)
      this.box.replaceChildren(...wanted);
  }
}
