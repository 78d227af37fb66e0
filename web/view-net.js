// SPDX-License-Identifier: GPL-2.0-or-later
// Rates of each interface, and a history of their sum.

import { leads } from "./address.js";
import { Chart } from "./chart.js";
import { el, setAttribute, setText } from "./dom.js";
import { bytes, bytesPerS, perS } from "./format.js";
import { History } from "./history.js";
import { sum, sumKnown } from "./past.js";
import { rowLink } from "./view-things.js";

export const FLOW = [
  { label: "received", color: "rx", ask: ["net.rx_bytes"], make: ([rows]) => sum(rows) },
  { label: "offered", color: "tx", ask: ["net.tx_bytes"], make: ([rows]) => sum(rows) },
];
/* A burst is worth a mark if the average hides it. */
const BURST_TIMES = 4;
const BURST_MIN = 1e6; // bytes a second
const COLUMNS = [
  ["Received", "rx_bytes_per_s", bytesPerS],
  ["packets/s", "rx_packets_per_s", perS],
  ["Offered", "tx_bytes_per_s", bytesPerS],
  ["packets/s", "tx_packets_per_s", perS],
  ["Received in all", "rx_bytes", bytes],
  ["Offered in all", "tx_bytes", bytes],
];
/* By the device itself and its queueing discipline, of the links that are told of. */
const DEVICE = [
  ["Device received", "rx_bytes_per_s", bytesPerS],
  ["Device sent", "tx_bytes_per_s", bytesPerS],
  ["Queue drops/s", "qdisc_drops_per_s", perS],
  ["Queued", "qdisc_backlog_bytes", bytes],
];

/* The largest 1 ms of the last tick, as a rate; null where it isn't sent. */
function burst(i) {
  const buckets = [i.rx_max_bucket_bytes, i.tx_max_bucket_bytes].filter((v) => v !== undefined);
  return buckets.length ? Math.max(...buckets) * 1000 : null;
}

const isBurst = (i) => burst(i) >= BURST_MIN &&
  burst(i) > BURST_TIMES * Math.max(i.rx_bytes_per_s, i.tx_bytes_per_s);

/* The largest burst of some interfaces; null without. */
function largest(interfaces) {
  const peaks = interfaces.filter(isBurst).map(burst);
  return peaks.length ? Math.max(...peaks) : null;
}

const KEYS = ["rx_max_bucket_bytes", "tx_max_bucket_bytes", "rx_bytes_per_s", "tx_bytes_per_s"];
const SERIES = [...FLOW, { label: "burst of 1 ms", color: "softirq", dots: true, ask: KEYS.map((key) => `net.${key}`),
  make: (lists) => largest(lists[0].map((_, i) => Object.fromEntries(KEYS.map((key, k) => [key, lists[k][i]])))) }];

function row(ifindex) {
  const name = el("a");
  const cells = COLUMNS.map(([, key]) => el("td", { "data-key": key }));
  const peak = el("td", { "data-key": "burst" });
  const device = DEVICE.map(([, key]) => el("td", { "data-device": key }));
  return { tr: el("tr", { "data-ifindex": ifindex }, el("th", { scope: "row" }, name), ...cells, peak, ...device), name, cells, peak, device };
}

export class NetView {
  constructor(box) {
    this.box = box;
    this.asks = SERIES.flatMap((s) => s.ask);
    this.body = el("tbody");
    this.chart = new Chart(box, { title: "All interfaces", series: SERIES, stack: false, format: bytesPerS });
    box.append(el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Interfaces" },
      el("table", {},
        el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "Interface"),
          ...COLUMNS.map(([title]) => el("th", { scope: "col" }, title)),
          el("th", { scope: "col" }, "Largest 1 ms"),
          ...DEVICE.map(([title]) => el("th", { scope: "col" }, title)))),
        this.body)));
    this.reset();
  }

  reset() {
    this.rows = new Map();
    this.history = new History(SERIES.length);
    this.body.replaceChildren();
  }

  fill(answers) {
    this.history.fillSeries(SERIES, answers);
  }

  show(net, node) {
    const list = net.interfaces;
    const links = new Map((node.link?.links ?? []).map((l) => [l.ifindex, l]));
    const own = list.filter((i) => !i.stacked);
    const now = [...["rx_bytes_per_s", "tx_bytes_per_s"].map((key) => sumKnown(own.map((i) => i[key]))), largest(list)];
    const there = new Set(list.map((i) => i.ifindex));
    for (const [ifindex, { tr }] of this.rows) {
      if (there.has(ifindex))
        continue;
      tr.remove();
      this.rows.delete(ifindex);
    }
    for (const i of list) {
      if (!this.rows.has(i.ifindex)) {
        this.rows.set(i.ifindex, row(i.ifindex));
        this.body.append(this.rows.get(i.ifindex).tr);
      }
      const { name, cells, peak, device } = this.rows.get(i.ifindex);
      leads(name, rowLink("net", i.ifindex));
      setText(peak, burst(i) === null ? "–" : `${isBurst(i) ? "◆ " : ""}${bytesPerS(burst(i))}`);
      peak.classList.toggle("burst", isBurst(i));
      setText(name, i.name || `#${i.ifindex}`);
      COLUMNS.forEach(([, key, format], c) => setText(cells[c], format(i[key])));
      DEVICE.forEach(([, key, format], c) => setText(device[c], format(links.get(i.ifindex)?.[key])));
    }
    this.history.add(net.real_ns / 1e9, now);
    this.chart.show(this.history, `History of all interfaces, now ${bytesPerS(now[0])} received, ${bytesPerS(now[1])} sent`);
    setAttribute(this.box, "data-mono-ns", net.mono_ns);
  }
}
