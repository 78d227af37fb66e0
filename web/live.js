// SPDX-License-Identifier: GPL-2.0-or-later
// The WebSocket to the collector; comes back by itself.

const RETRY_MS = [500, 1000, 2000, 5000];
const SILENT_MS = 5000; // it speaks once a second

/* on: {nodes(data), node(data), state("connecting" | "live" | "lost")} */
export class Live {
  constructor(on) {
    this.on = on;
    this.name = null;
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
    this.watchdog = setTimeout(() => this.abandon(), SILENT_MS);
  }

  /* A peer that hangs doesn't answer a close either: don't wait for it. */
  abandon() {
    this.socket.onmessage = this.socket.onclose = null;
    this.socket.close();
    this.closed();
  }

  message({ type, data }) {
    this.tries = 0;
    this.watch();
    this.on.state("live");
    if (type === "nodes")
      this.on.nodes(data);
    else if (type === "node")
      this.on.node(data);
  }

  closed() {
    clearTimeout(this.watchdog);
    this.on.state("lost");
    setTimeout(() => this.connect(), RETRY_MS[Math.min(this.tries++, RETRY_MS.length - 1)]);
  }

  subscribe(name) {
    this.name = name;
    this.send();
  }

  send() {
    if (this.socket.readyState === WebSocket.OPEN)
      this.socket.send(JSON.stringify({ subscribe: this.name }));
  }
}
