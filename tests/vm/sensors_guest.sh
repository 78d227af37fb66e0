# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# In a guest: the kernel's own drivers, of chips that are memory, by ktach and by
# sensors(1).
. /test/tap.sh
cp /test/sensors3.conf /etc/
insmod /modules/i2c-stub.ko chip_addr=0x18,0x48,0x4c 2>/dev/null
bus=$(grep -l 'SMBus stub' /sys/bus/i2c/devices/*/name | sed 's#.*/i2c-\([0-9]*\)/.*#\1#')
# What a register of a chip holds: a word has its low byte first.
byte() { i2cset -f -y "$bus" "$1" "$2" "$3"; }
word() { i2cset -f -y "$bus" "$1" "$2" "$3" w; }

word 0x48 0 0x8019 # lm75: 25.5, at most 80
word 0x48 3 0x0050
word 0x18 5 0xa001 # jc42: 26.0, at most 80, damage at 95
word 0x18 2 0x0005
word 0x18 4 0xf005
byte 0x4c 0 30 # adm1021: its own, and that of a diode
byte 0x4c 1 40
byte 0x4c 5 85
byte 0x4c 7 100
for chip in "lm75 0x48" "jc42 0x18" "adm1021 0x4c"; do
	echo "$chip" >"/sys/bus/i2c/devices/i2c-$bus/new_device"
done

ours() { ktach show sensor --json --interval 200ms | jq -c "[.sensor.sensors[] | select(.type == \"temperature\") | .$1 | values] | sort"; }
theirs() { sensors -j 2>/dev/null | jq -c --arg what "$1" '[.. | objects | to_entries[] | select(.key | test("^temp[0-9]+_" + $what + "$")) | .value] | sort'; }
is "$(theirs input)" "[25.5,26,30,40]" "the drivers read what the chips hold"
is "$(ours value)" "$(theirs input)" "temperatures are those of sensors(1)"
is "$(ours max)" "$(theirs max)" "so are their limits"
is "$(ours critical)" "$(theirs crit)" "and where damage is near"
word 0x48 0 0x80f5 # -10.5
byte 0x4c 1 99
sleep 2 # the drivers keep a reading that long
is "$(ours value)" "[-10.5,26,30,99]" "they change"
is "$(ours value)" "$(theirs input)" "as those of sensors(1) do, below 0, too"
is "$(ktach show sensor --json --interval 200ms | jq '[.sensor.sensors[] | .chip + .label] | length - (unique | length)')" 0 "each has a name of its own"

# Chips are looked for once a minute; one that goes in between is not shown any more.
ktach show sensor --json --interval 10s >/tmp/shown &
shows=$!
opened() { ls -l "/proc/$shows/fd" | grep -q temp1_input; }
check "chips are being read" wait_for 60 opened
for chip in 0x48 0x18 0x4c; do
	echo "$chip" >"/sys/bus/i2c/devices/i2c-$bus/delete_device"
done
wait "$shows"
is "$(jq '[.sensor.sensors[]? | select(.chip | test("lm75|jc42|adm1021"))] | length' /tmp/shown)" 0 "chips that have gone meanwhile are not shown"
done_testing
