#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Usage: dashboards.py [FOLDER]: write the dashboards of this table as Grafana reads them, into dashboards/
beside it, or into FOLDER.

A panel is its title, unit, width (of 24), kind and queries; a query is an expression and what its lines are
called.
"""
import json
import pathlib
import sys

NODE = '{instance="$node"}'
RATE = "[$__rate_interval]"


def of_node(name, labels=""):
    return name + '{instance="$node"' + ("," + labels if labels else "") + "}"


def rate(name, labels=""):
    return f"rate({of_node(name, labels)}{RATE})"


FLEET = [
    ("Nodes", "short", 4, "stat", [("count(ktach_node_fresh)", "")]),
    ("Fresh", "short", 4, "stat", [("sum(ktach_node_fresh)", "")]),
    ("Silent", "short", 4, "stat", [("count(ktach_node_fresh == 0 unless on (instance) ktach_node_left) or vector(0)", "")]),
    ("Alarms that fire", "short", 4, "stat", [("sum(ktach_alert_firing) or vector(0)", "")]),
    ("Least health", "short", 4, "stat", [("min(ktach_node_health_score)", "")]),
    ("Frames lost in an hour", "short", 4, "stat", [("sum(increase(ktach_node_frames_lost_total[1h])) or vector(0)", "")]),
    ("Busiest nodes", "percentunit", 12, "timeseries", [("topk(10, avg by (instance) (ktach_cpu_busy_share))", "{{instance}}")]),
    ("Their busiest CPUs", "percentunit", 12, "timeseries", [("topk(10, max by (instance) (ktach_cpu_busy_share))", "{{instance}}")]),
    ("Memory in use", "percentunit", 12, "timeseries",
     [("topk(10, 1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes)", "{{instance}}")]),
    ("Fullest file systems", "percentunit", 12, "timeseries",
     [("topk(10, max by (instance, mountpoint) (ktach_filesystem_used_share))", "{{instance}} {{mountpoint}}")]),
    ("Bytes received", "Bps", 12, "timeseries",
     [(f"topk(10, sum by (instance) (rate(ktach_network_received_bytes_total{RATE})))", "{{instance}}")]),
    ("Bytes offered", "Bps", 12, "timeseries",
     [(f"topk(10, sum by (instance) (rate(ktach_network_offered_bytes_total{RATE})))", "{{instance}}")]),
    ("Tasks that wait for a CPU", "percentunit", 12, "timeseries",
     [(f"topk(10, rate(node_pressure_cpu_waiting_seconds_total{RATE}))", "{{instance}}")]),
    ("Busiest disks", "percentunit", 12, "timeseries",
     [(f"topk(10, rate(node_disk_io_time_seconds_total{RATE}))", "{{instance}} {{device}}")]),
    ("Clocks less the collector's", "s", 12, "timeseries",
     [("topk(5, ktach_node_clock_offset_seconds)", "{{instance}}"), ("bottomk(5, ktach_node_clock_offset_seconds)", "{{instance}}")]),
    ("Least healthy nodes", "short", 12, "timeseries", [("bottomk(10, ktach_node_health_score)", "{{instance}}")]),
]

HOST = [
    ("Health", "short", 4, "stat", [(of_node("ktach_node_health_score"), "")]),
    ("Age of the newest sample", "s", 4, "stat", [(of_node("ktach_node_age_seconds"), "")]),
    ("Up", "s", 4, "stat", [(f"{of_node('node_time_seconds')} - {of_node('node_boot_time_seconds')}", "")]),
    ("CPUs", "short", 4, "stat", [(f"count({of_node('ktach_cpu_busy_share')})", "")]),
    ("Memory", "bytes", 4, "stat", [(of_node("node_memory_MemTotal_bytes"), "")]),
    ("Alarms that fire", "short", 4, "stat", [(f"sum({of_node('ktach_alert_firing')}) or vector(0)", "")]),
    ("CPU time by mode", "percentunit", 12, "stack",
     [(f"avg by (mode) ({rate('node_cpu_seconds_total', 'mode!=' + chr(34) + 'idle' + chr(34))})", "{{mode}}")]),
    ("Each CPU", "percentunit", 12, "timeseries", [(of_node("ktach_cpu_busy_share"), "CPU {{cpu}}")]),
    ("Load", "short", 12, "timeseries", [(of_node(f"node_load{m}"), f"{m} min") for m in (1, 5, 15)]),
    ("Pressure: tasks that wait", "percentunit", 12, "timeseries",
     [(rate(f"node_pressure_{what}_waiting_seconds_total"), what) for what in ("cpu", "memory", "io")]),
    ("Memory", "bytes", 12, "timeseries",
     [(f"{of_node('node_memory_MemTotal_bytes')} - {of_node('node_memory_MemAvailable_bytes')}", "in use"),
      (of_node("node_memory_Cached_bytes"), "cached"), (of_node("node_memory_MemFree_bytes"), "free")]),
    ("Swap in use", "bytes", 12, "timeseries", [(f"{of_node('node_memory_SwapTotal_bytes')} - {of_node('node_memory_SwapFree_bytes')}", "")]),
    ("Disks: busy", "percentunit", 12, "timeseries", [(rate("node_disk_io_time_seconds_total"), "{{device}}")]),
    ("Disks: bytes", "Bps", 12, "timeseries",
     [(rate("node_disk_read_bytes_total"), "{{device}} read"), (rate("node_disk_written_bytes_total"), "{{device}} written")]),
    ("File systems in use", "percentunit", 12, "timeseries", [(of_node("ktach_filesystem_used_share"), "{{mountpoint}}")]),
    ("Processes by state", "short", 12, "timeseries", [(of_node("ktach_processes"), "{{state}}")]),
    ("Network: bytes", "Bps", 12, "timeseries",
     [(rate("ktach_network_received_bytes_total"), "{{device}} received"), (rate("ktach_network_offered_bytes_total"), "{{device}} offered")]),
    ("Network: errors and drops", "pps", 12, "timeseries",
     [(rate(f"node_network_{way}_{what}_total"), "{{device}} " + f"{way} {what}") for way in ("receive", "transmit") for what in ("errs", "drop")]),
]

BURSTS = [
    ("The largest 1 ms received, as a rate", "Bps", 12, "timeseries", [(f"1000 * {of_node('ktach_network_received_burst_bytes')}", "{{device}}")]),
    ("The largest 1 ms offered, as a rate", "Bps", 12, "timeseries", [(f"1000 * {of_node('ktach_network_offered_burst_bytes')}", "{{device}}")]),
    ("Received: 99 of the worst 100 ms, and the mean", "Bps", 12, "timeseries",
     [(f"1000 * {of_node('ktach_network_received_burst_p99_bytes')}", "{{device}} p99"), (of_node("ktach_network_received_bytes_per_second"), "{{device}} mean")]),
    ("Offered: 99 of the worst 100 ms, and the mean", "Bps", 12, "timeseries",
     [(f"1000 * {of_node('ktach_network_offered_burst_p99_bytes')}", "{{device}} p99"), (of_node("ktach_network_offered_bytes_per_second"), "{{device}} mean")]),
    ("Milliseconds over the threshold", "short", 12, "timeseries",
     [(rate("ktach_network_received_bursts_total"), "{{device}} received"), (rate("ktach_network_offered_bursts_total"), "{{device}} offered")]),
    ("Dropped by queueing disciplines", "pps", 12, "timeseries", [(rate("ktach_network_qdisc_drops_total"), "{{device}}")]),
    ("Waiting in queueing disciplines", "bytes", 12, "timeseries", [(of_node("ktach_network_qdisc_backlog_bytes"), "{{device}}")]),
    ("Packets by protocol", "pps", 12, "stack",
     [(f"sum by (class) ({rate('ktach_network_class_received_packets_total', 'class=~' + chr(34) + 'tcp|udp|other' + chr(34))})", "{{class}}")]),
    ("Softirqs by vector", "ops", 12, "timeseries", [(f"sum by (type) ({rate('node_softirqs_functions_total')})", "{{type}}")]),
    ("NET_RX of each CPU", "ops", 12, "timeseries", [(rate("node_softirqs_functions_total", 'type="NET_RX"'), "CPU {{cpu}}")]),
    ("Time in softirqs of each CPU", "percentunit", 12, "timeseries", [(rate("node_cpu_seconds_total", 'mode="softirq"'), "CPU {{cpu}}")]),
    ("Interrupts and context switches", "ops", 12, "timeseries",
     [(rate("node_intr_total"), "interrupts"), (rate("node_context_switches_total"), "context switches")]),
]

LOSSES = [
    ("Frames", "ops", 12, "timeseries", [(f"rate(ktach_collector_frames_total{RATE})", "")]),
    ("Lost, by node", "ops", 12, "timeseries", [(f"topk(10, rate(ktach_node_frames_lost_total{RATE}))", "{{instance}}")]),
    ("Lost, by cause", "ops", 12, "timeseries", [(f"sum by (cause) (rate(ktach_node_losses_total{RATE}))", "{{cause}}")]),
    ("Frames not taken, by reason", "ops", 12, "timeseries", [(f"rate(ktach_collector_dropped_total{RATE})", "{{reason}}")]),
    ("Connections and requests refused", "ops", 12, "timeseries", [(f"rate(ktach_collector_refused_total{RATE})", "{{door}} {{reason}}")]),
    ("Rows left out", "ops", 12, "timeseries", [(f"topk(10, rate(ktach_node_rows_refused_total{RATE}))", "{{instance}}")]),
    ("Frames that wait for the history", "short", 12, "timeseries", [("ktach_collector_queued_frames", "")]),
    ("Share of time in commits", "percentunit", 12, "timeseries", [(f"rate(ktach_collector_commit_seconds_total{RATE})", "")]),
    ("Frames lost here, unwritten", "ops", 12, "timeseries", [(f"rate(ktach_collector_unwritten_frames_total{RATE})", "")]),
    ("Size of the history", "bytes", 12, "timeseries", [("ktach_collector_history_bytes", "")]),
    ("Shippers: bytes that wait", "bytes", 12, "timeseries",
     [("topk(10, ktach_shipper_queued_bytes + ktach_shipper_spooled_bytes)", "{{instance}}")]),
    ("Shippers: CPU", "percentunit", 12, "timeseries", [(f"topk(10, rate(ktach_shipper_cpu_seconds_total{RATE}))", "{{instance}}")]),
]

DASHBOARDS = {
    "fleet": ("ktach: fleet", FLEET, False),
    "node": ("ktach: node", HOST, True),
    "bursts": ("ktach: bursts and softirqs", BURSTS, True),
    "losses": ("ktach: losses", LOSSES, False),
}

SOURCE = {"type": "prometheus", "uid": "${source}"}
HEIGHTS = {"stat": 4}


def field(unit, kind):
    custom = {"fillOpacity": 10, "showPoints": "never"}
    if kind == "stack":
        custom |= {"stacking": {"mode": "normal"}, "fillOpacity": 60}
    return {"defaults": {"unit": unit, "min": None if kind == "stat" else 0} | ({} if kind == "stat" else {"custom": custom}),
            "overrides": []}


def panels(rows):
    """Side by side, in lines of 24."""
    x = y = height = 0
    for number, (title, unit, width, kind, queries) in enumerate(rows, 1):
        if x + width > 24:
            x, y, height = 0, y + height, 0
        own = HEIGHTS.get(kind, 8)
        # Clocks may be behind.
        fields = field(unit, kind)
        if "less" in title:
            fields["defaults"]["min"] = None
        yield {
            "id": number, "title": title, "type": "stat" if kind == "stat" else "timeseries", "datasource": SOURCE,
            "gridPos": {"x": x, "y": y, "w": width, "h": own}, "fieldConfig": fields,
            "options": {"reduceOptions": {"calcs": ["lastNotNull"]}} if kind == "stat" else {"legend": {"displayMode": "list", "placement": "bottom"}},
            "targets": [{"refId": chr(ord("A") + i), "expr": expr, "datasource": SOURCE} | ({"legendFormat": legend} if legend else {})
                        for i, (expr, legend) in enumerate(queries)],
        }
        x, height = x + width, max(height, own)


def variables(of_one):
    yield {"name": "source", "label": "Prometheus", "type": "datasource", "query": "prometheus"}
    if of_one:
        yield {"name": "node", "label": "Node", "type": "query", "datasource": SOURCE, "refresh": 2, "sort": 1,
               "query": {"query": "label_values(ktach_node_fresh, instance)", "refId": "node"}}


def dashboard(name):
    title, rows, of_one = DASHBOARDS[name]
    return {
        "uid": f"ktach-{name}", "title": title, "tags": ["ktach"], "schemaVersion": 38, "version": 1, "editable": True,
        "time": {"from": "now-1h", "to": "now"}, "refresh": "10s", "templating": {"list": list(variables(of_one))},
        "links": [{"type": "dashboards", "tags": ["ktach"], "title": "ktach", "asDropdown": True, "includeVars": True, "keepTime": True}],
        "panels": list(panels(rows)),
    }


if __name__ == "__main__":
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent / "dashboards")
    for each in DASHBOARDS:
        (folder / f"{each}.json").write_text(json.dumps(dashboard(each), indent=1) + "\n", encoding="utf-8")
