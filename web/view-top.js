// SPDX-License-Identifier: GPL-2.0-or-later
// The K largest of a metric over nodes, CPUs, interfaces, disks ...

import { byId, el, notice, setText } from "./dom.js";
import { count, formatOf } from "./format.js";

const EVERY_MS = 2000;
const FIELDS = ["metric", "over", "order", "k"];
/* What a row is called, by what is asked over. */
const ROWS = {
  cpus: (t) => `CPU ${t.cpu}`, interfaces: (t) => t.interface, disks: (t) => t.disk, mounts: (t) => t.mount,
  sensors: (t) => `${t.sensor} ${t.label}`, processes: (t) => `${t.process} (${t.pid})`, interrupts: (t) => t.interrupt, agents: (t) => t.agent, cgroups: (t) => t.cgroup, own: (t) => `${t.own}{${t.labels}}`, parts: (t) => `${t.part}{${t.labels}}`,
  latencies: (t) => `${t.wait} ${t.latency}`,
};

export class TopView {
  constructor() {
    this.timer = 0;
    this.paused = false;
    this.metric = byId("top-metric");
    this.over = byId("top-over");
    this.body = el("tbody");
    this.row = el("th", { scope: "col", class: "left" });
    byId("top-list").append(el("div", { class: "scroll tall", tabindex: "0", role: "region", "aria-label": "Top list" },
      el("table", { class: "top-table" }, el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "Node"),
        this.row, el("th", { scope: "col" }, "Value"))), this.body)));
    this.metric.addEventListener("input", () => this.setOvers());
    byId("top-form").addEventListener("input", () => this.choose());
    byId("top-form").addEventListener("submit", (event) => event.preventDefault());
  }

  /* parameters: of the address, by FIELDS. */
  async open(parameters) {
    if (!this.metrics)
      await this.load();
    if (!this.metrics) {
      this.timer = setTimeout(() => this.open(parameters), EVERY_MS);
      return;
    }
    for (const field of FIELDS) {
      const value = parameters.get(field);
      const list = byId(`top-${field}`);
      if (value && [...list.options].some((o) => o.value === value || o.text === value))
        list.value = value;
      if (field === "metric")
        this.setOvers();
    }
    this.ask();
  }

  /* What is chosen is in the address, so that it can be kept; asking follows. */
  choose() {
    const chosen = FIELDS.map((field) => [field, byId(`top-${field}`).value]);
    location.replace(`#top&${new URLSearchParams(chosen)}`);
  }

  close() {
    clearTimeout(this.timer);
    this.timer = 0;
  }

  async load() {
    const answer = await fetch("/api/v1/metrics").then((r) => r.json(), () => null);
    if (!answer) {
      notice(byId("top-notice"), "The collector doesn't answer.");
      return;
    }
    notice(byId("top-notice"), "");
    this.metrics = answer.live;
    this.metric.append(...answer.live.map(({ name, help }) => el("option", { title: help }, name)));
    this.setOvers();
  }

  setOvers() {
    const { rows } = this.metrics.find((m) => m.name === this.metric.value);
    const overs = rows === "nodes" ? ["nodes"] : ["nodes", rows];
    const before = this.over.value;
    this.over.replaceChildren(...overs.map((over) => el("option", {}, over)));
    if (overs.includes(before))
      this.over.value = before;
  }

  async ask() {
    clearTimeout(this.timer);
    const query = new URLSearchParams({ metric: this.metric.value, over: this.over.value,
      order: byId("top-order").value, k: byId("top-k").value });
    const answer = await fetch(`/api/v1/topk?${query}`).then((r) => r.json(), () => ({ error: "The collector doesn't answer." }));
    notice(byId("top-notice"), answer.error);
    if (!answer.error && !this.paused)
      this.show(answer);
    clearTimeout(this.timer);
    if (!byId("view-top").hidden)
      this.timer = setTimeout(() => this.ask(), EVERY_MS);
  }

  show({ metric, over, of, top }) {
    const { unit } = this.metrics.find((m) => m.name === metric) ?? {};
    const format = formatOf(unit);
    const most = Math.max(...top.map((t) => Math.abs(t.value)), 1e-9);
    setText(byId("top-of"), `of ${count(of)}`);
    this.row.hidden = !ROWS[over];
    setText(this.row, over);
    this.body.replaceChildren(...top.map((t) => {
      const link = el("a", { href: `#node=${encodeURIComponent(t.id)}` }, t.name);
      const value = el("td", { class: "bar" }, format(t.value));
      value.style.setProperty("--part", (Math.abs(t.value) / most).toFixed(3));
      const row = ROWS[over] ? [el("td", { class: "left" }, ROWS[over](t))] : [];
      return el("tr", {}, el("th", { scope: "row" }, link), ...row, value);
    }));
    if (!top.length)
      this.body.append(el("tr", {}, el("td", { colspan: 3, class: "empty" }, "No node sends this metric.")));
  }
}
