// SPDX-License-Identifier: GPL-2.0-or-later
// The page: what comes in goes to the views; the address says which is shown.

import { Alarms } from "./alarms.js";
import { address, changed, go, leads } from "./address.js";
import { byId, notice, setAttribute, setCurrent, setText } from "./dom.js";
import { count, duration, originText, plural } from "./format.js";
import { LIVE_MARKS, MARKS_MAX, pace, POINTS } from "./history.js";
import { Live } from "./live.js";
import { LastHour, showFacts, showHost } from "./node-facts.js";
import { Operate } from "./operate.js";
import { ask, askRange, setStacked } from "./past.js";
import { listenKeys, Sections } from "./sections.js";
import { rangeOf, TimeBar } from "./time.js";
import { ChangedView } from "./view-changed.js";
import { CpuView } from "./view-cpu.js";
import { ExploreView } from "./view-explore.js";
import { FleetView } from "./view-fleet.js";
import { IncidentsView } from "./view-incidents.js";
import { LoadView } from "./view-load.js";
import { MemoryView, PressureView } from "./view-memory.js";
import { NetView } from "./view-net.js";
import { RowView } from "./view-row.js";
import { SoftirqView } from "./view-softirq.js";
import { agentView, byAgentName, byCgroupUse, byInterrupts, bySensorType, bySeries, cgroupView, DiskView, interruptView, latencyView, linkView, mountView, ownView, partView, ProcessView, sensorView } from "./view-things.js";
import { TopView } from "./view-top.js";
import { marksOf, TrendsView } from "./view-trends.js";

const LINKS = { connecting: "connecting", live: "connected", lost: "connection lost", ended: "logged out" };
const ORDERS = { sensor: bySensorType, irq: byInterrupts, agent: byAgentName, cgroup: byCgroupUse, own: bySeries, part: bySeries };
const REFRESH_MS = [2000, 60000]; // at most, and at least so often
const GAP_S = 5; // without a sample, at least
const HOUR_MS = 60000; // between two looks at how much was lost
const HEALTH_MS = 10000; // between two looks at how the collector does
const CATCH_UP_MS = 3000; // until what was held up is in the history

const state = { view: "fleet", chosen: null, shown: null, node: null, link: "connecting", paused: false, nodes: null, lost: null, reasons: "" };
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
  ["cgroup", cgroupView(byId("cgroup")), "cgroups"],
  ["own", ownView(byId("own")), "own"],
  ["part", partView(byId("part")), "parts"],
  ["latency", latencyView(byId("latency")), "latencies"],
];
const alarms = new Alarms(byId("node-alarms"));
const fleetAlarms = new Alarms(byId("fleet-alarms"));
const operate = new Operate(byId("operate"));
const load = new LoadView(byId("load"));
const memory = new MemoryView(byId("memory"));
const pressure = new PressureView(byId("pressure"));
const views = [...parts.map(([, view]) => view), ...more.map(([, view]) => view), load, memory, pressure];
const fleet = new FleetView({ box: byId("nodes"), sumsBox: byId("fleet-sums"), search: byId("search"),
  sort: byId("sort"), only: byId("only"), size: byId("size"), colour: byId("colour"), shown: byId("shown") }, (id) => go(`#node=${encodeURIComponent(id)}`));
const bar = new TimeBar();
const hour = new LastHour();
const rowView = new RowView(byId("node-row"), byId("node-notice"));
const changes = new ChangedView(byId("node-changes"));
const explore = new ExploreView();
const incidents = new IncidentsView();
const top = new TopView();
const trends = new TrendsView(byId("node-trends"), byId("node-notice"));

/* "#fleet", "#top&metric=NAME", "#node=ID&range=7 d", "#node=ID&from=S&to=S&row=disk.KEY". */
function route() {
  const parameters = address();
  const node = parameters.get("node");
  const view = node ? "node" : ["top", "explore", "incidents"].find((name) => parameters.has(name)) ?? "fleet";
  state.view = view;
  if (node && node !== state.chosen) {
    state.chosen = node;
    state.shown = null;
    hour.reset();
    setText(byId("node-title"), node);
    for (const id of ["node-host", "node-facts"])
      byId(id).replaceChildren();
    live.subscribe({ nodes: "*", detail: node });
  }
  for (const name of ["fleet", "top", "explore", "incidents", "node"])
    byId(`view-${name}`).hidden = name !== view;
  for (const link of document.querySelectorAll("nav a"))
    setCurrent(link, link.dataset.view === view);
  if (view === "incidents")
    incidents.open(parameters);
  else
    incidents.close();
  if (view === "top")
    top.open(parameters);
  else
    top.close();
  bar.show(view === "node" || view === "explore");
  showRange();
  showNav();
  if (view === "fleet") {
    lookAtFleet();
    fleet.read();
  }
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

/* Of a node: what comes in, a time of the history, a row, or what changed. */
function partShown() {
  const parameters = address();
  return parameters.get("row") ? "row" : parameters.has("changed") ? "changes" : rangeOf().live ? "data" : "trends";
}

function showRange() {
  const part = partShown();
  for (const name of ["data", "trends", "row", "changes"])
    byId(`node-${name}`).hidden = name !== part || (part === "data" && !state.shown);
  setAttribute(byId("node-incidents"), "href", `#incidents&of=${encodeURIComponent(state.chosen ?? "")}`);
  leads(byId("node-changed"), { changed: "1", row: null, start: null, ...(rangeOf().live ? { range: "1 h" } : {}) });
  clearTimeout(state.timer);
  for (const [name, view] of [["row", rowView], ["changes", changes]])
    if (part !== name || state.view !== "node")
      view.close();
  if (state.view === "explore") {
    follow(() => explore.show());
    return;
  }
  explore.close();
  if (state.view !== "node" || part === "data") {
    notice(byId("node-notice"), state.shown ? "" : "Waiting for the node\u00a0…");
    return;
  }
  const [node, period_s] = [state.chosen, (state.node?.period_ns ?? 1e9) / 1e9];
  notice(byId("node-notice"), "");
  if (part === "changes")
    changes.show(node);
  else
    follow(() => (part === "row" ? rowView.show(node, address().get("row"), Number(address().get("start")), period_s) :
      trends.show(node, rangeOf(), period_s)), period_s);
}

/* Again, as long as the time goes on: as often as it moves by a pixel or two. */
async function follow(show, period_s = 1) {
  const { span, follows } = rangeOf();
  const started = Date.now();
  await show();
  clearTimeout(state.timer);
  if (!follows)
    return;
  const pause = Math.max(span / 600 * 1000, period_s * 1000, REFRESH_MS[0], 4 * (Date.now() - started));
  state.timer = setTimeout(() => (state.paused ? null : showRange()), Math.min(pause, REFRESH_MS[1]));
}

function showPart([key, view, rows], node) {
  const data = node[key];
  const origin = byId(`${key}-origin`);
  view.box.parentElement.hidden = !data?.[rows].length;
  if (view.box.parentElement.hidden)
    return;
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
    LIVE_MARKS.push([at / 1e9, at / 1e9]);
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
  const [losses, [answers]] = await Promise.all([ask(`losses/${node.id}`, { from }),
    askRange(node.id, views.flatMap((view) => view.asks ?? []), { from, step: `${step}s` })]);
  if (state.shown !== node.id)
    return;
  LIVE_MARKS.unshift(...marksOf(losses));
  views.forEach((view) => view.fill?.(answers));
  showNode(state.node);
}

function showStale(node) {
  const silent = node.state !== "fresh";
  if (partShown() === "data")
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
  byId("node-data").hidden = partShown() !== "data";
  setText(byId("node-title"), node.name);
  setAttribute(byId("node-title"), "title", node.id);
  setText(byId("node-state"), node.state === "fresh" ? "live" : node.state);
  setAttribute(byId("node-state"), "data-state", node.state);
  if (state.view === "node")
    document.title = `${node.name} – ktach`;
  alarms.show(node);
  markLosses(node);
  showHost(node);
  showFacts(node, hour);
  parts.forEach((part) => showPart(part, node));
  showWhole(load, node.gauges.load_1min === undefined ? null : node, node);
  showWhole(memory, node.memory, node);
  showWhole(pressure, node.pressure, node);
  more.forEach((part) => showMore(part, node));
  operate.show(node);
  showStale(node);
  if (first) {
    fill(node);
    lookBack(node);
  }
}

/* How much went astray in the last hour. */
async function lookBack({ id }) {
  const { steps } = await ask(`losses/${encodeURIComponent(id)}`, { from: "-1h" });
  if (steps && state.node?.id === id)
    hour.set(steps, state.node.loss);
}

function showNotice() {
  notice(byId("notice"), state.link === "lost" ?
    "No connection to the collector; trying again. These figures are old." : state.reasons);
}

/* Alarms about all nodes together. */
async function lookAtFleet() {
  const { firing } = await ask("alerts", { node: "fleet" });
  if (firing && !state.paused)
    fleetAlarms.show({ alarms: firing, now_ns: Date.now() * 1e6 });
}

/* What is not as it should be at the collector itself. */
async function lookAtHealth() {
  const { reasons } = await ask("health", {});
  if (state.view === "fleet")
    lookAtFleet();
  state.reasons = (reasons ?? []).map((text) => `The collector: ${text}.`).join(" ");
  showNotice();
}

function pause() {
  state.paused = !state.paused;
  top.paused = state.paused;
  setAttribute(byId("pause"), "aria-pressed", state.paused);
  setText(byId("pause"), state.paused ? "Go on" : "Pause");
  document.body.classList.toggle("paused", state.paused);
  if (state.paused)
    return;
  refill();
  showRange();
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
    explore.suggest(nodes);
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
  fleetAlarms.admit(session);
  operate.admit(session);
  incidents.admit(session);
});
byId("pause").addEventListener("click", pause);
new Sections(byId("node-data"), byId("index"));
listenKeys({
  p: pause, f: () => go("#fleet"), t: () => go("#top"),
  l: () => state.view === "node" && go(changed({ range: null, from: null, to: null })),
});
addEventListener("hashchange", route);
setInterval(() => state.view === "node" && state.node && lookBack(state.node), HOUR_MS);
setInterval(lookAtHealth, HEALTH_MS);
lookAtHealth();
route();
