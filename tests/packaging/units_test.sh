#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Both services under a real systemd, in a guest with Debian's kernel and our
# modules: sealed frames by TCP, the sandbox, reload, watchdog, stop.
# Time limit: 1200 s
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
B=${B:-build}
. tests/packaging/chroot.sh
eval "$(tests/vm/kernel.sh)" && [ "${KVER:-}" = "$kver" ] || skip_all "there is no image of $kver"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root
mkdir "$root"
tar -xf "$tar" -C "$root"

# --- the system: programs with their libraries, modules, units, configuration
flock "$B" make --no-print-directory B="$B" KDIR="$HEADERS_DIR" modules >&2
mkdir -p "$root/lib/modules/$kver/updates" "$root/etc/ktach" "$root/var/lib/ktach/collector"
cp "$B/kmod/$KVER"/ktach_*.ko "$root/lib/modules/$kver/updates/"
cp packaging/modules-load.conf "$root/usr/lib/modules-load.d/ktach.conf"
cp packaging/debian/ktach-dkms.udev "$root/lib/udev/rules.d/60-ktach.rules"
for service in ktach-collector ktach-shipper; do
	cp packaging/systemd/$service.sysusers "$root/usr/lib/sysusers.d/$service.conf"
	cp packaging/systemd/$service.tmpfiles "$root/usr/lib/tmpfiles.d/$service.conf"
done
cp packaging/systemd/ktach-*.service "$root/lib/systemd/system/"
for program in ktach-shipper ktach-collector; do
	cp "$B/$program" "$root/usr/sbin/"
	ldd "$B/$program" | grep -o '/[^ ]*' | while read -r library; do
		mkdir -p "$root$(dirname "$library")"
		cp -nL "$library" "$root$library"
	done
	# So that a test does not last as long as a disk may take.
	mkdir -p "$root/etc/systemd/system/$program.service.d"
	printf '[Service]\nWatchdogSec=8s\n' >"$root/etc/systemd/system/$program.service.d/test.conf"
done
node=12345678-1234-4234-8234-123456789abc
echo $node >"$root/var/lib/ktach/node-id"
"$B/ktach-collector" key --out "$root/etc/ktach/fleet.key" 2>/dev/null
"$B/ktach-collector" key --fleet "$root/etc/ktach/fleet.key" --node $node --out "$root/etc/ktach/node.key" 2>/dev/null
cat >"$root/etc/ktach/shipper.conf" <<'END'
[shipper]
collector = localhost
transport = tcp
key = /etc/ktach/node.key
spool = /var/lib/ktach/spool
name = before
ship = 1s
lo = yes
END
printf '[collector]\nkeys = /etc/ktach/fleet.key\n' >"$root/etc/ktach/collector.conf"
echo '127.0.0.1 localhost' >"$root/etc/hosts"
# SQLite maps its shared memory, which 9p can't.
echo 'state /var/lib/ktach/collector tmpfs mode=0750 0 0' >>"$root/etc/fstab"
chroot "$root" systemd-sysusers >/dev/null 2>&1
chroot "$root" systemd-tmpfiles --create ktach-collector.conf ktach-shipper.conf >/dev/null 2>&1
chroot "$root" chown ktach-collector: /etc/ktach/fleet.key
chroot "$root" chown ktach-shipper: /etc/ktach/node.key /var/lib/ktach/node-id
depmod -b "$root" "$kver"
cp tests/packaging/units.sh "$B/tests/vm/vmexit" "$root/"
cp tests/packaging/units.service "$root/etc/systemd/system/"
ln -sf ../units.service "$root/etc/systemd/system/multi-user.target.wants/"

tests/vm/initrd.sh "$work/initrd" -m "$MODULES_DIR" "$KVER" virtio_pci,9pnet_virtio,9p,sch_ingress,cls_bpf \
	-p "$B/tests/vm/vmexit" -f tests/packaging/init
tests/vm/run.sh -c 2 -t 540 -r "$root" "$KERNEL_IMAGE" "$work/initrd" | tr -d '\r' >"$work/console"
is "${PIPESTATUS[0]}" 0 "a guest boots both services with systemd"
results=$root/results

# holds FILE JQ TEXT: one point about a document of the API.
holds() {
	check "$3" jq -e "$2" "$results/$1"
	jq -e "$2" "$results/$1" >/dev/null 2>&1 || echo "# $(head -c 300 "$results/$1")"
}
# shown UNIT WHEN: what systemctl show said, in one line.
shown() {
	sort "$results/$1.$2" | xargs
}
for unit in ktach-collector ktach-shipper; do
	is "$(shown $unit started)" "ActiveState=active ExecMainStatus=0 NRestarts=0 Result=success" "$unit runs"
done
holds node.json '.cpu.origin == "ring" and .softirq.origin == "ring"' "its sandbox lets the shipper map the rings"
holds node.json '.net.origin == "bpf" and any(.net.interfaces[]; .name == "lo")' "and count packets by BPF"
holds node.json '.loss.lost == 0 and .state == "fresh"' "sealed frames arrive, none is lost"
holds reloaded.json '.name == "after" and .sessions == 1' "reload: the shipper takes over its file, in the same session"
is "$(grep -c 'configuration read' "$results/ktach-collector.log")" 1 "so does the collector"
for unit in ktach-collector ktach-shipper; do
	is "$(shown $unit watched | grep -o 'ActiveState=[a-z]*\|NRestarts=[0-9]*' | xargs)" "ActiveState=active NRestarts=1" \
		"watchdog: $unit, when it hangs, is started again"
	check "by the watchdog" grep -q 'Watchdog timeout' "$results/$unit.log"
done
holds watched.json ".state == \"fresh\" and .session_ns > $(jq .session_ns "$results/reloaded.json")" "frames of a new session arrive"
holds last.json 'def fine($p): any(.mount.mounts[]; .point == $p and .read_only == false and .used != null);
	fine("/") and fine("/run")' "mounts are the host's, not as the sandbox has them"
holds last.json 'any(.process.processes[]; .user == "root")' "others' processes are seen"
for unit in ktach-collector ktach-shipper; do
	is "$(shown $unit stopped)" "ActiveState=inactive ExecMainStatus=0 NRestarts=1 Result=success" "$unit stops cleanly"
done
check "the shipper in a bounded time" test $(($(cat "$results/stopped") - $(cat "$results/stopping"))) -le 30
stored=$(awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "real_ns") c = i; next } $c > m { m = $c }
	END { printf "%d", m / 1e9 }' "$results/cpu.csv")
check "and what it had not shipped yet is in the history" test "${stored:-0}" -ge $(($(cat "$results/stopping") - 2))
is "$(cat "$results/check.status")" 0 "the history is whole"
is "$(grep -hi 'permi\|no right\|not allowed\|audit\|seccomp' "$results"/ktach-*.log)" "" "nothing that they need is refused to them"
for unit in ktach-collector ktach-shipper; do
	echo "# $unit: exposure $(cat "$results/$unit.exposure")"
	check "$unit: the exposure that systemd finds is at most 2.1" \
		test "$(sed 's/^\([0-9]*\)\.\([0-9]*\).*/\1\2/' "$results/$unit.exposure")" -le 21
done
[ "$tap_failed" -eq 0 ] || tail -n 40 "$work/console" "$results"/ktach-*.log >&2
done_testing
