// SPDX-License-Identifier: GPL-2.0-or-later
// The WebSocket to the collector; comes back by itself.

const RETRY_MS = [500, 1000, 2000, 5000];
const SILENT_MS = 6000; // of a fleet that sends; the API is asked then
const SESSION_MS = 1500; // until the collector has said whether a token is good

const sessionEnded = () =>
  fetch("/api/v1/session", { signal: AbortSignal.timeout(SESSION_MS) }).then((r) => r.status === 401, () => false);

/* on: {nodes([node]), node(data), state("connecting" | "live" | "lost" | "ended")} */
export class Live {
  constructor(on) {
    this.on = on;
    this.view = { nodes: "*" };
    this.nodes = new Map();
    this.tries = 0;
    this.watchdog = 0;
    this.connect();
  }

  connect() {
    const url = new URL("/api/v1/live", location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    this.socket = new WebSocket(url, "ktach-live");
    this.socket.onopen = () => this.send();
    this.socket.onmessage = (event) => this.message(JSON.parse(event.data));
    this.socket.onclose = () => this.closed();
    this.watch();
  }

  watch() {
    clearTimeout(this.watchdog);
    this.watchdog = setTimeout(() => this.ask(), SILENT_MS);
  }

  /* Nothing came: there is no news, or the collector hangs. */
  async ask() {
    const socket = this.socket;
    const signal = AbortSignal.timeout(SILENT_MS);
    const alive = socket.readyState === WebSocket.OPEN &&
      await fetch("/api/v1/version", { signal }).then((r) => r.ok, () => false);
    if (this.socket !== socket)
      return;
    if (alive)
      this.watch();
    else
      this.abandon();
  }

  /* A peer that hangs doesn't answer a close either: don't wait for it. */
  abandon() {
    this.socket.onmessage = this.socket.onclose = null;
    this.socket.close();
    this.closed();
  }

  message({ type, data, whole, nodes }) {
    this.tries = 0;
    this.watch();
    this.on.state("live");
    if (type === "node") {
      this.on.node(data);
      return;
    }
    if (whole)
      this.nodes.clear();
    for (const node of nodes)
      this.nodes.set(node.id, node);
    this.on.nodes([...this.nodes.values()]);
  }

  /* Refused, or not there: a WebSocket does not tell. */
  async closed() {
    clearTimeout(this.watchdog);
    if (await sessionEnded()) {
      this.on.state("ended");
      return;
    }
    this.on.state("lost");
    setTimeout(() => this.connect(), RETRY_MS[Math.min(this.tries++, RETRY_MS.length - 1)]);
  }

  /* view: as in the collector's live.h */
  subscribe(view) {
    this.view = view;
    this.send();
  }

  /* What was missed, by asking for all of it. */
  again() {
    this.send();
  }

  send() {
    if (this.socket.readyState === WebSocket.OPEN)
      this.socket.send(JSON.stringify({ subscribe: this.view }));
  }
}
