// SPDX-License-Identifier: GPL-2.0-or-later
// Disks, mounts, links, sensors, processes, interrupts, agents and control groups: a table for each.

import { BOOK } from "./book.js";
import { Chart } from "./chart.js";
import { el } from "./dom.js";
import { bytesPerS, count, formatOf, moment, perS, si } from "./format.js";
import { History } from "./history.js";
import { sum, sumKnown } from "./past.js";
import { Table } from "./table.js";

const NONE = "–";
const FULL = 0.9; // of a mount, a disk's time, or a sensor's limit: worth a look
const known = (v, format) => (v === null || v === undefined ? NONE : format(v));
/* A value of a table of the book, by its title and in its unit there. */
const titled = (text) => text[0].toUpperCase() + text.slice(1);
function column(table, key, more = {}) {
  const [title, unit] = BOOK[table][key];
  return { title: titled(title) + (unit === "/s" ? "/s" : ""), text: (row) => formatOf(unit)(row[key]), value: (row) => row[key], ...more };
}

/* Where all that is kept of a row is shown. */
export const rowLink = (table, key, start) => ({ row: `${table}.${key}`, start });

/* A table, and nothing else. */
class TableView {
  constructor(box, spec) {
    this.box = box;
    this.table = new Table(box, spec);
  }

  reset() {
    this.table.reset();
  }

  show(list) {
    this.table.show(list);
  }
}

/* Both ways together. */
const both = (row, key, ways = ["rx", "tx"]) => sumKnown(ways.map((way) => row[`${way}_${key}`]));

export const DISK_FLOW = [
  { label: "read", color: "rx", ask: ["disk.read_bytes"], make: ([rows]) => sum(rows) },
  { label: "written", color: "tx", ask: ["disk.written_bytes"], make: ([rows]) => sum(rows) },
];

export class DiskView {
  constructor(box) {
    this.box = box;
    this.asks = DISK_FLOW.flatMap((s) => s.ask);
    this.chart = new Chart(box, { title: "All disks", series: DISK_FLOW, stack: false, format: bytesPerS });
    this.table = new Table(box, { label: "Disks", id: "disk", key: (d) => d.device, link: (d) => rowLink("disk", d.device), columns: [
      { title: "Disk", text: (d) => d.name },
      ...["read_bytes_per_s", "written_bytes_per_s", "reads_per_s", "writes_per_s"].map((key) => column("disk", key)),
      { title: "merged/s", text: (d) => perS(both(d, "merged_per_s", ["reads", "writes"])) },
      column("disk", "await_ns"),
      column("disk", "queue"),
      column("disk", "in_flight"),
      column("disk", "busy", { part: (d) => d.busy, bad: (d) => d.busy > FULL }),
      column("disk", "size_bytes"),
    ] });
    this.reset();
  }

  reset() {
    this.history = new History(DISK_FLOW.length);
    this.table.reset();
  }

  fill(answers) {
    this.history.fillSeries(DISK_FLOW, answers);
  }

  show(disks, time) {
    const own = disks.filter((d) => !d.stacked);
    const now = ["read_bytes_per_s", "written_bytes_per_s"].map((key) => sumKnown(own.map((d) => d[key])));
    this.table.show(disks);
    this.history.add(time, now);
    this.chart.show(this.history, `History of all disks, now ${bytesPerS(now[0])} read, ${bytesPerS(now[1])} written`);
  }
}

const mountState = (m) => (m.hung ? "does not answer" : m.failed ? "error" : m.read_only ? "read-only" : "");
const isFull = (m) => !m.read_only && m.used > FULL;

export const mountView = (box) => new TableView(box, { label: "Mounts", id: "mount", key: (m) => m.mount, link: (m) => rowLink("mount", m.mount), columns: [
  { title: "Mount", text: (m) => m.point, bad: (m) => m.hung || m.failed },
  { title: "State", text: mountState, bad: (m) => m.hung || m.failed, left: true, optional: true },
  column("mount", "used", { part: (m) => m.used, bad: isFull }),
  column("mount", "available_bytes", { bad: isFull }),
  column("mount", "size_bytes"),
  column("mount", "inodes_used", { part: (m) => m.inodes_used, bad: (m) => m.inodes_used > FULL }),
  { title: "Type", text: (m) => m.type, left: true },
  { title: "Device", text: (m) => m.device, left: true },
] });

const linkState = (l) => (!l.up ? "down" : !l.carrier ? "no carrier" : "up");
const speed = (l) => (l.carrier && l.speed_bits_per_s ? `${si(l.speed_bits_per_s, "bit/s")}${l.half_duplex ? ", half" : l.full_duplex ? ", full" : ""}` : NONE);
const bothColumn = (title, key) => ({
  title,
  text: (l) => `${perS(both(l, `${key}_per_s`))} (${count(both(l, key))})`,
  bad: (l) => both(l, `${key}_per_s`) > 0,
});

export const linkView = (box) => new TableView(box, { label: "Links", id: "link", key: (l) => l.ifindex, link: (l) => rowLink("link", l.ifindex), columns: [
  { title: "Link", text: (l) => l.name },
  { title: "State", text: linkState, bad: (l) => l.up && !l.carrier, left: true },
  { title: "Speed", text: speed },
  column("link", "mtu_bytes"),
  column("link", "rx_bytes_per_s"),
  column("link", "tx_bytes_per_s"),
  column("link", "qdisc_drops_per_s", { bad: (l) => l.qdisc_drops_per_s > 0 }),
  column("link", "qdisc_backlog_bytes"),
  bothColumn("errors/s (all)", "errors"),
  bothColumn("dropped/s (all)", "dropped"),
  column("link", "collisions"),
  column("link", "carrier_changes"),
  { title: "MAC", text: (l) => l.mac, left: true },
  { title: "Driver", text: (l) => l.driver, left: true, optional: true },
  { title: "Addresses", text: (l) => l.addresses.join(" "), left: true },
] });

const UNITS = { temperature: "°C", fan: "rpm", voltage: "V", power: "W", current: "A", energy: "W", unknown: "" };
const ORDER = Object.keys(UNITS);

function measure(sensor, value) {
  const digits = sensor.type === "fan" ? 0 : sensor.type === "voltage" ? 2 : 1;
  return known(value, (v) => `${v.toFixed(digits)}\u202f${UNITS[sensor.type]}`);
}

const limit = (s) => s.critical ?? s.max;
/* Energy counts up: what can be read is its growth. */
const reading = (s) => (s.type === "energy" ? s.watts : s.value);

export const sensorView = (box) => new TableView(box, { label: "Sensors", id: "sensor", key: (s) => s.sensor, link: (s) => rowLink("sensor", s.sensor), columns: [
  { title: "Sensor", text: (s) => [s.chip, s.label].filter(Boolean).join(" ") },
  { title: "Now", text: (s) => measure(s, reading(s)),
    part: (s) => (s.type === "temperature" && limit(s) > 0 ? s.value / limit(s) : 0),
    bad: (s) => s.type === "temperature" && limit(s) > 0 && s.value > FULL * limit(s) },
  { title: "Max", text: (s) => measure(s, s.max) },
  { title: "Critical", text: (s) => measure(s, s.critical) },
] });

export const agentView = (box) => new TableView(box, { label: "Agents", id: "agent", key: (a) => a.agent, link: (a) => rowLink("agent", a.agent), columns: [
  { title: "Agent", text: (a) => a.name },
  column("agent", "up", { text: (a) => (a.up === null ? "\u2013" : a.failed ? "failed" : a.up ? "yes" : "no"), bad: (a) => a.failed }),
  column("agent", "cpu_share", { part: (a) => a.cpu_share }),
  column("agent", "memory_bytes"),
  column("agent", "read_bytes_per_s"),
  column("agent", "written_bytes_per_s"),
  column("agent", "processes"),
  column("agent", "threads"),
  column("agent", "descriptors"),
  column("agent", "oom_kills", { bad: (a) => a.oom_kills > 0 }),
  column("agent", "restarts"),
] });

/* Those that use most first; a slice has all of what is in it. */
export const cgroupView = (box) => new TableView(box, { label: "Control groups", id: "cgroup", key: (g) => g.cgroup, link: (g) => rowLink("cgroup", g.cgroup), columns: [
  { title: "Group", text: (g) => g.name },
  { title: "Kind", text: (g) => g.kind, left: true },
  column("cgroup", "cpu_share", { part: (g) => g.cpu_share, bad: (g) => g.throttled_share > 0 }),
  column("cgroup", "throttled_share"),
  column("cgroup", "memory_bytes"),
  column("cgroup", "working_set_bytes"),
  column("cgroup", "memory_used", { part: (g) => g.memory_used, bad: (g) => g.memory_used > FULL }),
  column("cgroup", "read_bytes_per_s"),
  column("cgroup", "written_bytes_per_s"),
  column("cgroup", "tasks"),
  column("cgroup", "cpu_waited"),
  column("cgroup", "memory_waited"),
  column("cgroup", "io_waited"),
  column("cgroup", "oom_kills", { bad: (g) => g.oom_kills > 0 }),
  { title: "Path", text: (g) => g.path, left: true },
] });

/* Series that have a name and labels. */
const seriesView = (label, id) => (box) => new TableView(box, { label, id, key: (o) => o[id], link: (o) => rowLink(id, o[id]), columns: [
  { title: "Series", text: (o) => o.name },
  column(id, "value", { text: (o) => (o.value === null ? NONE : String(Number(o.value.toPrecision(12)))) }),
  column(id, "per_s"),
  { title: "Labels", text: (o) => o.labels ?? "", left: true },
] });

export const ownView = seriesView("Series of one's own", "own");

export const partView = seriesView("Parts of the host", "part");

export const latencyView = (box) => new TableView(box, { label: "Latencies", id: "latency", key: (l) => l.latency, link: (l) => rowLink("latency", l.latency), columns: [
  { title: "Waiting for", text: (l) => `${l.wait?.replace("_", " ")} ${l.name}` },
  ...["waits_per_s", "mean_ns", "p50_ns", "p90_ns", "p99_ns", "max_ns"].map((key) => column("latency", key)),
] });

export const bySeries = (a, b) => a.name.localeCompare(b.name) || (a.labels ?? "").localeCompare(b.labels ?? "");

export const byCgroupUse = (a, b) => (b.cpu_share ?? -1) - (a.cpu_share ?? -1) || a.path.localeCompare(b.path);

export const byAgentName = (a, b) => a.name.localeCompare(b.name);

export const bySensorType = (a, b) => ORDER.indexOf(a.type) - ORDER.indexOf(b.type);

/* Those that come most often first. */
export const byInterrupts = (a, b) => (b.count_per_s ?? -1) - (a.count_per_s ?? -1) || b.count - a.count;

/* What the shipper labels so, whatever its maker calls it; a socket each. */
const CPU_LABEL = "cpu";

/* The hottest socket's; undefined without. */
export const cpuTemperature = (sensors) => sensors
  .filter((s) => s.type === "temperature" && s.label === CPU_LABEL && s.value !== null)
  .sort((a, b) => b.value - a.value)[0];

const STATES = { R: "running", S: "sleeping", D: "waits for I/O", Z: "zombie", T: "stopped", t: "traced", I: "idle" };

export class ProcessView {
  constructor(box) {
    this.box = box;
    this.by = el("select", {}, el("option", { value: "cpu_share" }, "CPU"), el("option", { value: "rss_bytes" }, "memory"));
    box.append(el("form", { class: "controls" }, el("label", {}, "Sort by ", this.by)));
    this.table = new Table(box, { label: "Processes", id: "process", key: (p) => `${p.pid} ${p.start_ns}`,
      link: (p) => rowLink("process", p.pid, p.start_ns), columns: [
      { title: "Process", text: (p) => p.name },
      { title: "PID", text: (p) => String(p.pid) },
      { title: "User", text: (p) => p.user, left: true },
      column("process", "cpu_share", { part: (p) => p.cpu_share }),
      column("process", "rss_bytes"),
      column("process", "threads"),
      { title: "State", text: (p) => STATES[p.state] ?? p.state, bad: (p) => p.state === "D", left: true },
      column("process", "cpu_ns"),
      { title: "Started", text: (p) => this.started(p) },
      { title: "Control group", text: (p) => p.cgroup, left: true, optional: true },
      { title: "Command", text: (p) => p.command, left: true, optional: true },
    ] });
    this.by.addEventListener("input", () => this.draw());
    box.firstChild.addEventListener("submit", (event) => event.preventDefault());
    this.reset();
  }

  reset() {
    this.list = [];
    this.table.reset();
  }

  /* @facts: when the host booted, which starts are told from. */
  show(list, time, { facts }) {
    this.list = list;
    this.boot = facts?.boot_real_ns;
    this.draw();
  }

  started({ start_ns: ns }) {
    return this.boot && ns ? moment((this.boot + ns) / 1e6) : NONE;
  }

  draw() {
    const key = this.by.value;
    this.table.show([...this.list].sort((a, b) => (b[key] ?? -1) - (a[key] ?? -1) || a.pid - b.pid));
  }
}

export const interruptView = (box) => new TableView(box, { label: "Interrupts", id: "irq", key: (i) => i.irq, link: (i) => rowLink("irq", i.irq), columns: [
  { title: "Interrupt", text: (i) => i.name || i.symbol },
  { title: "Number", text: (i) => i.symbol },
  column("irq", "count_per_s"),
  column("irq", "count"),
] });
