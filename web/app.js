// SPDX-License-Identifier: GPL-2.0-or-later
// The page: what comes in goes to the views; the address says which is shown.

import { Alarms } from "./alarms.js";
import { LIVE_MARKS, MARKS_MAX, pace, POINTS } from "./chart.js";
import { byId, el, notice, setAttribute, setCurrent, setText } from "./dom.js";
import { bytes, count, duration, moment, originText, perS, plural, si } from "./format.js";
import { Live } from "./live.js";
import { ask, askAll, setStacked } from "./past.js";
import { CpuView } from "./view-cpu.js";
import { FleetView } from "./view-fleet.js";
import { LoadView } from "./view-load.js";
import { MemoryView, PressureView } from "./view-memory.js";
import { NetView } from "./view-net.js";
import { SoftirqView } from "./view-softirq.js";
import { agentView, byAgentName, byInterrupts, bySensorType, cpuTemperature, DiskView, interruptView, linkView, mountView, ProcessView, sensorView } from "./view-things.js";
import { TopView } from "./view-top.js";
import { RANGES, TrendsView } from "./view-trends.js";

const LINKS = { connecting: "connecting", live: "connected", lost: "connection lost", ended: "logged out" };
const LIVE = "live";
const ORDERS = { sensor: bySensorType, irq: byInterrupts, agent: byAgentName };
const TREND_EVERY_MS = 60000;
const GAP_S = 5; // without a sample, at least
const HEALTH_MS = 10000; // between two looks at how the collector does
const CATCH_UP_MS = 3000; // until what was held up is in the history
const ADDRESSES_SHOWN = 8;

const state = { view: "fleet", chosen: null, range: LIVE, shown: null, node: null, link: "connecting", paused: false, nodes: null, lost: null, reasons: "" };
const parts = [
  ["cpu", new CpuView(byId("cpu")), "cpus"],
  ["net", new NetView(byId("net")), "interfaces"],
  ["softirq", new SoftirqView(byId("softirq")), "cpus"],
];
/* What only some nodes send: a card that has nothing to show is not there. */
const more = [
  ["disk", new DiskView(byId("disk")), "disks"],
  ["mount", mountView(byId("mount")), "mounts"],
  ["link", linkView(byId("links")), "links"],
  ["process", new ProcessView(byId("process")), "processes"],
  ["sensor", sensorView(byId("sensor")), "sensors"],
  ["irq", interruptView(byId("irq")), "interrupts"],
  ["agent", agentView(byId("agent")), "agents"],
];
const alarms = new Alarms(byId("node-alarms"));
const load = new LoadView(byId("load"));
const memory = new MemoryView(byId("memory"));
const pressure = new PressureView(byId("pressure"));
const views = [...parts.map(([, view]) => view), ...more.map(([, view]) => view), load, memory, pressure];
const fleet = new FleetView({ box: byId("nodes"), sumsBox: byId("fleet-sums"), search: byId("search"),
  sort: byId("sort"), only: byId("only"), size: byId("size"), shown: byId("shown") }, (id) => go(`node=${encodeURIComponent(id)}`));
const top = new TopView();
const trends = new TrendsView(byId("node-trends"), byId("node-notice"));

function go(hash) {
  location.hash = hash;
}

/* "#fleet", "#top&metric=NAME", "#node=ID", "#node=ID&range=7 d": a reload sees the same. */
function route() {
  const parameters = new URLSearchParams(location.hash.slice(1));
  const node = parameters.get("node");
  const view = node ? "node" : parameters.has("top") ? "top" : "fleet";
  const range = parameters.get("range");
  state.view = view;
  state.range = range in RANGES ? range : LIVE;
  if (node && node !== state.chosen) {
    state.chosen = node;
    state.shown = null;
    setText(byId("node-title"), node);
    for (const id of ["node-host", "node-facts"])
      byId(id).replaceChildren();
    live.subscribe({ nodes: "*", detail: node });
  }
  for (const name of ["fleet", "top", "node"])
    byId(`view-${name}`).hidden = name !== view;
  for (const link of document.querySelectorAll("nav a"))
    setCurrent(link, link.dataset.view === view);
  if (view === "top")
    top.open(parameters);
  else
    top.close();
  showRange();
  showNav();
  if (view === "fleet" && state.nodes)
    fleet.show(state.nodes);
  if (view !== "node")
    document.title = "ktach";
}

function showNav() {
  const link = byId("nav-node");
  const node = state.nodes?.find((n) => n.id === state.chosen || n.name === state.chosen);
  link.hidden = !state.chosen;
  if (!state.chosen)
    return;
  setText(link, node?.name ?? state.chosen);
  setAttribute(link, "href", `#node=${encodeURIComponent(state.chosen)}`);
}

function showRange() {
  const base = `#node=${encodeURIComponent(state.chosen ?? "")}`;
  byId("ranges").replaceChildren(...[LIVE, ...Object.keys(RANGES)].map((range) => {
    const link = el("a", { href: range === LIVE ? base : `${base}&range=${encodeURIComponent(range)}` }, range);
    setCurrent(link, range === state.range);
    return link;
  }));
  const trending = state.range !== LIVE;
  byId("node-data").hidden = trending || !state.shown;
  byId("node-trends").hidden = !trending;
  notice(byId("node-notice"), state.shown ? "" : "Waiting for the node\u00a0…");
  if (state.view === "node" && trending)
    trends.show(state.chosen, state.range, (state.node?.period_ns ?? 1e9) / 1e9);
}

function fact(name, value, bad = false) {
  return el("div", {}, el("dt", {}, name), el("dd", { "data-bad": bad }, value));
}

function lostText(loss) {
  const all = loss.received + loss.lost;
  const share = all ? ` (${(loss.lost / all * 100).toFixed(2)}\u202f%)` : "";
  return `${count(loss.lost)} of ${count(all)}${share}`;
}

const known = (facts) => facts.filter(([, value]) => value).map(([name, value, bad]) => fact(name, value, bad));

function cpuFact(facts) {
  const numbers = ["sockets", "cores", "threads"].filter((key) => facts[key] !== undefined)
    .map((key) => (facts[key] === 1 ? `1 ${key.slice(0, -1)}` : `${facts[key]} ${key}`));
  return [facts.cpu_model, numbers.join(", ")].filter(Boolean).join(" – ");
}

/* The slowest and the fastest core. */
function clockFact(core) {
  const hz = core?.cores.map((c) => c.hz).filter((v) => v !== null) ?? [];
  const [low, high] = [Math.min(...hz), Math.max(...hz)];
  return !hz.length ? "" : high - low < 5e7 ? si(high, "Hz") : `${si(low, "Hz")} to ${si(high, "Hz")}`;
}

function addressFact(addresses) {
  const left = addresses.length - ADDRESSES_SHOWN;
  return addresses.slice(0, ADDRESSES_SHOWN).join(" ") + (left > 0 ? ` and ${left} more` : "");
}

function showHost(node) {
  const facts = node.facts ?? { addresses: [] };
  const hot = cpuTemperature(node.sensor?.sensors ?? []);
  const [dropped, squeezed] = ["dropped_per_s", "squeezed_per_s"]
    .map((key) => node.core?.cores.reduce((sum, c) => sum + (c[key] ?? 0), 0) ?? 0);
  byId("node-host").replaceChildren(...known([
    ["CPU", cpuFact(facts)],
    ["clock", clockFact(node.core)],
    ["CPU temperature", hot && `${hot.value.toFixed(0)}\u202f°C`, hot?.critical && hot.value > 0.9 * hot.critical],
    ["memory", node.memory ? bytes(node.memory.total_bytes) : facts.memory_bytes && bytes(Number(facts.memory_bytes))],
    ["kernel", [facts.kernel, facts.architecture].filter(Boolean).join(" ")],
    ["distribution", facts.distribution],
    ["virtualisation", facts.virtualisation],
    ["booted", facts.boot_real_ns && moment(facts.boot_real_ns / 1e6)],
    ["boot id", facts.boot_id],
    ["up", facts.uptime_ns && duration(facts.uptime_ns)],
    ["time zone", facts.time_zone],
    ["addresses", addressFact(facts.addresses)],
    ["packets dropped by CPUs", dropped ? `${perS(dropped)}/s` : "", true],
    ["CPUs out of packet budget", squeezed ? `${perS(squeezed)}/s` : ""],
    ["kernel modules", facts.modules_version],
  ]));
}

function showFacts(node) {
  const { loss, gauges } = node;
  const facts = [
    fact("every", node.period_ns ? duration(node.period_ns) : "?"),
    fact("frames lost", lostText(loss), loss.lost > 0),
  ];
  if (gauges.load_1min !== undefined)
    facts.push(fact("load", ["1min", "5min", "15min"].map((t) => gauges[`load_${t}`]?.toFixed(2) ?? "–").join(" ")));
  if (node.clones)
    facts.push(fact("refused clones", node.senders.filter((s) => !s.taken).map((s) => `${s.name} at ${s.address}`).join(", "), true));
  if (Math.abs(node.clock_offset_ns) >= 1e9)
    facts.push(fact("clock", clockText(node.clock_offset_ns) + (node.redated ? "; stored by the collector's time" : ""), true));
  if (node.shared)
    facts.push(fact("began at another collector", `before frame ${count(node.shared.from_sequence)}; some may be in both histories`));
  if (loss.duplicate + loss.late + loss.straggler)
    facts.push(fact("came twice or late", count(loss.duplicate + loss.late + loss.straggler)));
  const refused = loss.table + loss.value + loss.full + loss.budget;
  if (refused)
    facts.push(fact("not taken", count(refused), true));
  const shed = loss.send_failed + loss.queue + loss.spool + loss.key;
  if (shed)
    facts.push(fact("not sent", count(shed), true));
  if (node.version)
    facts.push(fact("shipper", node.version));
  byId("node-facts").replaceChildren(...facts);
}

function showPart([key, view, rows], node) {
  const data = node[key];
  const origin = byId(`${key}-origin`);
  view.box.hidden = !data?.[rows].length;
  if (view.box.hidden) {
    setText(origin, "not sent by this node");
    return;
  }
  const lost = data.lost ? `, ${plural(data.lost, "sample", "samples")} lost at the source` : "";
  const sample = data.sample ? `, sample ${count(data.sample)}` : "";
  setText(origin, `from ${originText(data)}${sample}${lost}`);
  setAttribute(origin, "data-origin", data.origin);
  view.show(data, node);
}

function showMore([key, view, rows], node) {
  const card = view.box.parentElement;
  const list = node[key]?.[rows] ?? [];
  card.hidden = !list.length;
  if (card.hidden) {
    view.reset();
    return;
  }
  setText(byId(`${view.box.id}-origin`), `from ${originText(node[key])}`);
  view.show(key in ORDERS ? [...list].sort(ORDERS[key]) : list, node[key].real_ns / 1e9, node);
}

/* Their values come with several tables: their time is the newest frame's. */
function showWhole(view, data, node) {
  view.box.parentElement.hidden = !data;
  if (data)
    view.show(data, node.last_seen_ns / 1e9);
}

/* Something was lost since the last time: a mark and a gap in all charts. */
function markLosses({ loss, last_seen_ns: at }) {
  const all = loss.lost + loss.send_failed + loss.queue + loss.spool + loss.key + Object.values(loss.samples).reduce((a, b) => a + b, 0);
  pace.lost = state.lost !== null && all > state.lost;
  if (pace.lost)
    LIVE_MARKS.push(at / 1e9);
  LIVE_MARKS.splice(0, LIVE_MARKS.length - MARKS_MAX);
  state.lost = all;
}

/* The minutes before it was looked at. Hosts of many CPUs: in longer steps. */
async function fill(node) {
  const period = Math.max(1, Math.ceil(node.period_ns / 1e9));
  const step = Math.max(period, Math.ceil(node.cpus / 32));
  pace.period = node.period_ns / 1e9;
  pace.gap = Math.max(GAP_S, 3 * period, 2 * step);
  const from = `-${POINTS * period}s`;
  const [losses, answers] = await Promise.all([ask(`losses/${node.id}`, { from }),
    askAll(node.id, views.flatMap((view) => view.asks ?? []), { from, step: `${step}s` })]);
  if (state.shown !== node.id)
    return;
  LIVE_MARKS.unshift(...(losses.steps ?? []).map(({ time_ns: time }) => (time + losses.step_ns / 2) / 1e9));
  views.forEach((view) => view.fill?.(answers));
  showNode(state.node);
}

function showStale(node) {
  const silent = node.state !== "fresh";
  if (state.range === LIVE)
    notice(byId("node-notice"), silent ? `No frame for ${duration(node.age_ns)}: these are its last figures.` : "");
  byId("node-data").classList.toggle("stale", silent || state.link === "lost");
}

function reset() {
  views.forEach((view) => view.reset());
  LIVE_MARKS.length = 0;
  state.lost = null;
}

/* Charts are drawn by the collector's clock, as the history is asked. */
function shiftTimes(node) {
  if (node.shifted || !node.clock_offset_ns || node.redated)
    return;
  node.shifted = true;
  for (const part of Object.values(node))
    if (part?.real_ns)
      part.real_ns -= node.clock_offset_ns;
}

function clockText(ns) {
  return `${duration(Math.abs(ns))} ${ns > 0 ? "ahead" : "behind"}`;
}

function showNode(node) {
  if (node.error) {
    setText(byId("node-title"), state.chosen ?? "");
    setText(byId("node-state"), "unknown");
    setAttribute(byId("node-state"), "data-state", "unknown");
    notice(byId("node-notice"), node.error);
    byId("node-data").hidden = true;
    return;
  }
  shiftTimes(node);
  const first = state.shown !== node.id;
  if (first)
    reset();
  state.shown = node.id;
  state.node = node;
  setStacked(node);
  byId("node-data").hidden = state.range !== LIVE;
  setText(byId("node-title"), node.name);
  setAttribute(byId("node-title"), "title", node.id);
  setText(byId("node-state"), node.state === "fresh" ? "live" : node.state);
  setAttribute(byId("node-state"), "data-state", node.state);
  if (state.view === "node")
    document.title = `${node.name} – ktach`;
  alarms.show(node);
  markLosses(node);
  showHost(node);
  showFacts(node);
  parts.forEach((part) => showPart(part, node));
  showWhole(load, node.gauges.load_1min === undefined ? null : node, node);
  showWhole(memory, node.memory, node);
  showWhole(pressure, node.pressure, node);
  more.forEach((part) => showMore(part, node));
  showStale(node);
  if (first)
    fill(node);
}

function showNotice() {
  notice(byId("notice"), state.link === "lost" ?
    "No connection to the collector; trying again. These figures are old." : state.reasons);
}

/* What is not as it should be at the collector itself. */
async function lookAtHealth() {
  const { reasons } = await ask("health", {});
  state.reasons = (reasons ?? []).map((text) => `The collector: ${text}.`).join(" ");
  showNotice();
}

function pause() {
  state.paused = !state.paused;
  top.paused = state.paused;
  setAttribute(byId("pause"), "aria-pressed", state.paused);
  setText(byId("pause"), state.paused ? "Go on" : "Pause");
  document.body.classList.toggle("paused", state.paused);
  if (!state.paused)
    refill();
}

/* What was missed meanwhile is in the history. */
function refill() {
  state.shown = null;
  live.again();
}

const live = new Live({
  nodes(nodes) {
    if (state.paused)
      return;
    state.nodes = nodes;
    setText(byId("totals"), plural(nodes.length, "node", "nodes"));
    showNav();
    if (state.view === "fleet")
      fleet.show(nodes);
  },
  node(node) {
    if (!state.paused)
      showNode(node);
  },
  state(link) {
    if (state.link === link)
      return;
    if (link === "ended")
      location.reload();
    if (link === "live" && state.link === "lost")
      setTimeout(() => {
        state.shown = null;
      }, CATCH_UP_MS);
    state.link = link;
    document.body.classList.toggle("lost", link === "lost");
    setText(byId("link"), LINKS[link]);
    setAttribute(byId("link"), "data-state", link);
    byId("node-data").classList.toggle("stale", link === "lost");
    byId("nodes").classList.toggle("stale", link === "lost");
    showNotice();
  },
});

/* Where a token is asked for, there is something to log out of. */
ask("session").then((session) => {
  byId("logout").hidden = !session.login;
  alarms.admit(session);
});
byId("pause").addEventListener("click", pause);
addEventListener("hashchange", route);
setInterval(() => !state.paused && state.view === "node" && state.range !== LIVE && showRange(), TREND_EVERY_MS);
setInterval(lookAtHealth, HEALTH_MS);
lookAtHealth();
route();
