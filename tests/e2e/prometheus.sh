# SPDX-License-Identifier: GPL-2.0-or-later
# For tests with a real Prometheus: source this after tests/tap.sh. It is Debian's
# package, unpacked in the cache, not installed; sets $promtool.
# shellcheck shell=bash
prometheus_cache=${XDG_CACHE_HOME:-$HOME/.cache}/ktach/prometheus
promtool=$prometheus_cache/usr/bin/promtool
if [ ! -x "$prometheus_cache/usr/bin/prometheus" ]; then
	mkdir -p "$prometheus_cache"
	(
		flock 9
		[ -x "$prometheus_cache/usr/bin/prometheus" ] || { cd "$prometheus_cache" && apt-get download -q prometheus &&
			dpkg -x prometheus_*.deb . && rm prometheus_*.deb; }
	) 9>"$prometheus_cache/lock" >"$prometheus_cache/log" 2>&1 ||
		skip_all "the package prometheus cannot be had: $(tail -n 1 "$prometheus_cache/log")"
fi

# prometheus_start FILE [OPTION...]: with that configuration; sets its port, $prometheus.
prometheus_start() {
	prometheus=$((20000 + $$ % 20000))
	background prometheus.log "$prometheus_cache/usr/bin/prometheus" --config.file="$1" \
		--storage.tsdb.path="$work/tsdb" --web.listen-address=127.0.0.1:$prometheus "${@:2}"
}
# prometheus_ask EXPRESSION: its answer.
prometheus_ask() {
	curl -fs -G "http://127.0.0.1:$prometheus/api/v1/query" --data-urlencode "query=$1"
}
