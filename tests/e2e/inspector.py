#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Usage: inspector.py KIND <ANSWER
Hold an answer of ktach in JSON or CSV against what ktach(1) documents; one line
a fault, exit status 1 if there is one. KIND: figures[:SECTION,...] (one object
or an object a line), subject:NAME, sources, doctor, bursts, csv."""
import csv
import json
import sys

faults = []


def check(holds, text):
    if not holds:
        faults.append(text)


STATES = {"user", "nice", "system", "idle", "iowait", "irq", "softirq",
          "steal", "guest", "guest_nice"}
VECTORS = {"hi", "timer", "net_tx", "net_rx", "block", "irq_poll", "tasklet",
           "sched", "hrtimer", "rcu"}
SPAN = {"origin": str, "real_ns": int, "mono_ns": int, "interval_ns": int,
        "sample": int, "lost": int, "missed": int}
TRAFFIC = {"bytes": int, "packets": int, "errors": int, "dropped": int,
           "bytes_per_s": int, "packets_per_s": int}
BURSTS = {"bytes_per_s_1s": int, "bytes_per_s_10s": int, "bytes_per_s_60s": int,
          "max_bucket_bytes": int, "p99_bucket_bytes": int}
QUEUE = {"qdisc_" + n: int for n in ("drops", "overlimits", "backlog_bytes", "backlog_packets")}
# Null without a second look at the device.
DEVICE = {"device_bytes_per_s": int, "device_packets_per_s": int}
MEM = {k + "_bytes": int for k in ("total", "free", "available", "buffers",
                                   "cached", "shared", "swap_total", "swap_free", "used", "swap_used")}
MEM["used"] = float
LOAD = {"load_1min": float, "load_5min": float, "load_15min": float, "tasks_running": int,
        "threads": int, "uptime_ns": int}
SOURCE = {"name": str, "device": str, "origin": str, "period_us": int,
          "slots": int, "records": int, "head": int, "missed": int,
          "fill_ns_last": int, "fill_ns_max": int, "backward_events": int}


def counted(names, kind=int):
    """Members of these names, and their growth a second."""
    return {**{n: kind for n in names}, **{n + "_per_s": float for n in names}}


DISK = {"name": str, "device": int, "await_ns": float, "read_await_ns": float, "write_await_ns": float,
        "discard_await_ns": float, "flush_await_ns": float, "queue": float,
        "busy": float, "size_bytes": int, "in_flight": int, "stacked": bool,
        **counted(("reads", "reads_merged", "read_bytes", "writes", "writes_merged",
                   "written_bytes", "discards", "discards_merged", "discarded_bytes", "flushes")),
        **counted(tuple(n + "_ns" for n in ("read", "write", "busy", "queue", "discard", "flush")))}
MOUNT = {"point": str, "device": str, "type": str, "mount": int, "size_bytes": int,
         "used_bytes": int, "available_bytes": int, "used": float, "inodes": int,
         "inodes_free": int, "inodes_used": float, "read_only": bool, "hung": bool,
         "failed": bool, "stacked": bool}
LINK = {"name": str, "ifindex": int, "speed_bits_per_s": int,
        "up": bool, "carrier": bool, "full_duplex": bool, "half_duplex": bool, "mtu_bytes": int, "mac": str, "driver": str,
        "addresses": list, "bytes_per_s": float, "errors_per_s": float, "dropped_per_s": float,
        **QUEUE, "qdisc_drops_per_s": float, "qdisc_overlimits_per_s": float,
        **counted(("rx_bytes", "rx_packets", "tx_bytes", "tx_packets", "carrier_changes", "collisions",
                   "rx_fifo", "rx_frame", "rx_multicast", "rx_compressed", "rx_unhandled", "tx_fifo", "tx_carrier", "tx_compressed")),
        **counted(tuple(side + n for side in ("rx_", "tx_") for n in ("errors", "dropped")))}
SENSOR = {"chip": str, "label": str, "sensor": int, "type": str, "unit": str, "value": float,
          "max": float, "critical": float, "watts": float}
PROCESS = {"pid": int, "user": str, "state": str, "cpu_share": float, "rss_bytes": int,
           "threads": int, "cgroup": str, "name": str, "command": str,
           "parent": int, "start_ns": int, **counted(["cpu_ns"])}
CORE = {"cpu": int, "hz": int, **counted(("packets", "dropped", "squeezed", "steered", "flow_limited"))}
IRQ = {"irq": int, "symbol": str, "name": str, **counted(["count"])}
CGROUP = {"name": str, "path": str, "kind": str, "pod": str, "namespace": str, "cgroup": int, "cpu_share": float,
          "throttled_share": float, "memory_used": float, "cpu_waited": float, "memory_waited": float, "io_waited": float,
          "tasks": int, **{n + "_bytes": int for n in ("memory", "memory_limit", "working_set", "anonymous", "file", "swap")},
          **counted(("periods", "throttled", "at_limit", "ooms", "oom_kills", "read_bytes", "written_bytes", "reads", "writes")),
          **counted(tuple(n + "_ns" for n in ("cpu", "user", "system", "throttled", "cpu_some", "memory_some", "memory_full",
                                              "io_some", "io_full")))}
MEMINFO = (
    "swap_cached_bytes", "active_bytes", "inactive_bytes", "active_anon_bytes", "inactive_anon_bytes",
    "active_file_bytes", "inactive_file_bytes", "unevictable_bytes", "mlocked_bytes", "zswap_bytes",
    "zswapped_bytes", "anonymous_bytes", "mapped_bytes", "kernel_reclaimable_bytes", "slab_unreclaimable_bytes",
    "kernel_stacks_bytes", "page_tables_bytes", "second_page_tables_bytes", "nfs_unstable_bytes", "bounce_bytes",
    "writeback_temporary_bytes", "commit_limit_bytes", "committed_bytes", "vmalloc_total_bytes",
    "vmalloc_used_bytes", "vmalloc_chunk_bytes", "percpu_bytes", "hardware_corrupted_bytes", "anonymous_huge_bytes",
    "shared_huge_bytes", "shared_huge_mapped_bytes", "file_huge_bytes", "file_huge_mapped_bytes", "cma_total_bytes",
    "cma_free_bytes", "unaccepted_bytes", "balloon_bytes", "huge_pages", "huge_pages_free", "huge_pages_reserved",
    "huge_pages_surplus", "huge_page_bytes", "direct_map_4k_bytes", "direct_map_2m_bytes", "direct_map_1g_bytes",
    "page_bytes")
PROTOCOL = (
    "tracked", "tracked_max", "ip_forwarding", "tcp_connections_max", "tcp_established", "sockets", "tcp_sockets",
    "tcp_orphans", "tcp_time_wait", "tcp_allocated", "tcp_memory_bytes", "udp_sockets", "udp_memory_bytes",
    "udplite_sockets", "raw_sockets", "fragments", "fragment_bytes", "tcp6_sockets", "udp6_sockets",
    "udplite6_sockets", "raw6_sockets", "fragments6", "fragment6_bytes")
PROTOCOL_COUNTS = (
    "ip_in_bytes", "ip_out_bytes", "ip6_in_bytes", "ip6_out_bytes", "icmp_in", "icmp_in_errors", "icmp_out",
    "icmp6_in", "icmp6_in_errors", "icmp6_out", "tcp_active_opens", "tcp_passive_opens", "tcp_attempts_failed",
    "tcp_established_resets", "tcp_in_segments", "tcp_out_segments", "tcp_retransmitted", "tcp_in_errors",
    "tcp_out_resets", "tcp_listen_overflows", "tcp_listen_drops", "tcp_syncookies_sent", "tcp_syncookies_received",
    "tcp_syncookies_failed", "tcp_timeouts", "tcp_syn_retransmitted", "tcp_out_of_order", "tcp_receive_drops",
    "udp_in", "udp_no_port", "udp_in_errors", "udp_out", "udp_receive_buffer_errors", "udp_send_buffer_errors",
    "udplite_in_errors", "udp6_in", "udp6_no_port", "udp6_in_errors", "udp6_out", "udp6_receive_buffer_errors",
    "udp6_send_buffer_errors", "udplite6_in_errors")
LIMIT = (
    "files_open", "files_max", "entropy_bits", "entropy_pool_bits", "threads_max", "pids_max")
TIMEX = (
    "synchronised", "offset_ns", "max_error_ns", "error_ns", "frequency", "tick_ns", "constant", "tai_s", "status")
# Member of the answer, array of rows and its members, other members.
SUBJECTS = {
    "disk": ("disk", "disks", DISK, {}),
    "mount": ("mount", "mounts", MOUNT, {}),
    "link": ("link", "links", LINK, {}),
    "sensor": ("sensor", "sensors", SENSOR, {}),
    "process": ("process", "processes", PROCESS, {
        **{n: int for n in ("processes_all", "processes_running", "processes_blocked", "tasks_sleeping", "tasks_stopped",
                            "tasks_zombie")},
        **counted(["exits"])}),
    "memory": ("memory", None, {}, {
        **MEM, **{n + "_bytes": int for n in ("slab", "reclaimable", "dirty", "writeback", "huge_total", "huge_free")},
        **counted(("pages_in_bytes", "pages_out_bytes", "swapped_in_bytes",
                   "swapped_out_bytes", "faults", "major_faults", "oom_kills"))}),
    "pressure": ("pressure", None, {}, {
        w + suffix: int if suffix == "_ns" else float
        for w in ("cpu_some", "memory_some", "memory_full", "io_some", "io_full", "irq_full")
        for suffix in ("_10s", "_60s", "_300s", "_ns", "_ns_per_s", "")}),
    "meminfo": ("meminfo", None, {}, {n: int for n in MEMINFO}),
    "protocol": ("protocol", None, {}, {**{n: int for n in PROTOCOL}, **counted(PROTOCOL_COUNTS)}),
    "limit": ("limit", None, {}, {n: int for n in LIMIT}),
    "timex": ("timex", None, {}, {**{n: int for n in TIMEX}, "ratio": float}),
    "system": ("system", None, {}, {
        **counted(("context_switches", "interrupts", "forks")), "tasks_running": int, "tasks_blocked": int}),
    "core": ("core", "cores", CORE, {}),
    "interrupts": ("interrupts", "interrupts", IRQ, {}),
    "cgroup": ("cgroup", "cgroups", CGROUP, {}),
    "latency": ("latency", "latencies", {"name": str, "wait": str, "latency": int, "waits_per_s": float, "mean_ns": float,
                "p50_ns": int, "p90_ns": int, "p99_ns": int, "max_ns": int, "missed_per_s": float}, {}),
    "part": ("part", "parts", {"name": str, "labels": str, "part": int, "value": float, "per_s": float}, {}),
    "own": ("own", "own", {"name": str, "labels": str, "own": int, "value": float, "per_s": float}, {}),
    "facts": ("facts", None, {}, {
        **{n: str for n in ("host_name", "kernel", "distribution", "architecture",
                            "virtualisation", "cpu_model", "time_zone", "modules_version",
                            "node_id", "boot_id", "version")},
        **{n: int for n in ("sockets", "cores", "threads", "memory_bytes", "boot_real_ns", "uptime_ns")},
        "addresses": list, "stacked": list, "labels": list}),
}


def members(where, found, wanted, more=(), unknown=False):
    """unknown: a value may be null."""
    for name, kind in wanted.items():
        if unknown and name in found and found[name] is None:
            continue
        check(type(found.get(name)) is kind, f"{where}.{name} is no {kind.__name__}")
    extra = set(found) - set(wanted) - set(more)
    check(not extra, f"{where} has members that are not documented: {extra}")


def shares(where, found):
    if found["share"] is None:
        check(found["busy"] is None, f"{where}: busy without shares")
        return
    check(set(found["share"]) == STATES, f"{where}: states")
    check(all(0 <= v <= 1 for v in found["share"].values()), f"{where}: a share")
    check(abs(sum(found["share"].values()) - 1) < 0.00001, f"{where}: shares are {sum(found['share'].values())} together")
    idle = found["share"]["idle"] + found["share"]["iowait"]
    check(abs(found["busy"] - max(0, 1 - idle)) < 0.001, f"{where}: busy is {found['busy']}")


def rates(where, found):
    if found["per_s"] is None:
        return
    check(set(found["per_s"]) == VECTORS, f"{where}: vectors")
    check(all(v >= 0 for v in found["per_s"].values()), f"{where}: a rate below 0")


def cpus(where, found, each, more):
    members(where, found, {**SPAN, "online": int, "cpus": list}, more)
    check(found["online"] >= 1, f"{where}: no CPU is online")
    each(where, found)
    for cpu in found["cpus"]:
        here = f"{where}.cpus[{cpu.get('cpu')}]"
        members(here, cpu, {"cpu": int, "online": bool}, more)
        if cpu["online"]:
            each(here, cpu)


def net(where, found):
    members(where, found, {**SPAN, "interfaces": list})
    for interface in found["interfaces"]:
        here = f"{where}.{interface['name']}"
        traffic = {f"{side}_{n}": kind for side in ("rx", "tx")
                   for n, kind in {**TRAFFIC, **BURSTS, **DEVICE}.items()}
        members(here, interface, {"name": str, "origin": str, "stacked": bool, **traffic, **QUEUE}, unknown=True)
        bursts = [interface[f"{side}_{n}"] for side in ("rx", "tx") for n in BURSTS]
        check(interface["origin"] == "bpf" if None not in bursts else not any(bursts),
              f"{here}: bursts are known from bpf, and only from there")


def figures(answer, sections):
    members("", answer, {"schema": int, "host": str, "kernel": str, "real_ns": int,
                         "notes": list}, sections)
    check(answer["schema"] == 2, "schema is not 2")
    check(all(s in answer for s in sections), f"not all of {sections} are there")
    for name, section in answer.items():
        if name == "cpu":
            cpus(name, section, shares, ("busy", "share", "exact_busy"))
        elif name == "softirq":
            cpus(name, section, rates, ("per_s", "time_share"))
        elif name == "net":
            net(name, section)
        elif name in ("memory", "load"):
            members(name, section, {**SPAN, **(MEM if name == "memory" else LOAD)})


def subject(answer, name):
    member, rows, row, more = SUBJECTS[name]
    members("", answer, {"schema": int, "host": str, "kernel": str, "real_ns": int,
                         "notes": list, member: dict})
    found = answer[member]
    span = {**SPAN, **({rows: list} if rows else {})}
    # What this machine does not have is not there.
    more = {n: k for n, k in more.items() if n in found}
    check(bool(rows or more), f"{name} is empty")
    members(name, found, {**span, **more}, unknown=True)
    for one in found[rows] if rows else []:
        members(f"{name}.{rows}", one, row, unknown=True)


def main():
    kind, _, names = sys.argv[1].partition(":")
    text = sys.stdin.read()
    if kind == "csv":
        rows = list(csv.reader(text.splitlines()))
        check(len(rows) > 1, "no line but the titles")
        check(len({len(row) for row in rows}) == 1, "lines of different length")
        return
    if kind == "figures":
        sections = names.split(",") if names else ["cpu", "softirq", "net", "memory", "load"]
        lines = text.splitlines() if not text.startswith("{\n") else [text]
        check(bool(lines), "no answer")
        for line in lines:
            figures(json.loads(line), sections)
        return
    answer = json.loads(text)
    check(answer["schema"] == 2, "schema is not 2")
    if kind == "subject":
        subject(answer, names)
        return
    if kind == "sources":
        for source in answer["sources"]:
            members("sources", source, SOURCE)
    elif kind == "doctor":
        for one in answer["checks"]:
            members("checks", one, {"name": str, "verdict": str, "text": str, "advice": str})
            check(one["verdict"] in ("ok", "warning", "failed"), "verdict")
            check(one["verdict"] == "ok" or one["advice"], f"{one['name']}: no advice")
        for verdict in "ok", "warning", "failed":
            check(answer[verdict] == sum(c["verdict"] == verdict for c in answer["checks"]),
                  f"the count of {verdict}")
    elif kind == "bursts":
        check(bool(answer["interfaces"]), "no interface")
        for one in answer["interfaces"]:
            members("interfaces", one, {"name": str, "first_ms": int, "frozen": bool,
                                        "rx_bytes": list, "tx_bytes": list})
            check(len(one["rx_bytes"]) == len(one["tx_bytes"]) > 0, "buckets")


main()
for fault in faults:
    print(fault)
sys.exit(bool(faults))
