#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The packages in a clean Debian under a real systemd: from a signed repository,
# installed, booted again, upgraded, removed, purged; and over the files that were
# copied before there were packages. SUITES= chooses; deb_test.sh is about the
# modules.
# Time limit: 1800 s
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
B=${B:-build}
copied=99693d0 # the last version whose programs were installed by copying
[ "$(id -u)" -eq 0 ] || skip_all "only root can start a container"
for tool in mmdebstrap systemd-nspawn gpg dpkg-deb; do
	command -v $tool >/dev/null || skip_all "$tool is not installed"
done
work=$(mktemp -d)
export GNUPGHOME=$work/gpg
trap 'gpgconf --kill gpg-agent; rm -rf "$work"' EXIT
mkdir -m 700 "$GNUPGHOME"
gpg -q --batch --passphrase '' --quick-gen-key "ktach's packages" ed25519 sign never 2>/dev/null

# Of this very tree; they stay for the next time.
build_packages() {
	local stamp=$B/deb/$1/.tree tree
	tree=$(git ls-files -s -- ':!tests' ':!bench' | cat - <(git diff HEAD -- ':!tests') | sha256sum)
	[ "$(cat "$stamp" 2>/dev/null)" = "$tree" ] && return
	make B="$B" SUITE="$1" deb >&2 || return
	echo "$tree" >"$stamp"
}

# later_packages FROM TO: the same, of a version that follows.
later_packages() {
	local deb
	mkdir -p "$2"
	for deb in "$1"/ktach*.deb; do
		case $deb in *-dbgsym* | *-dkms*) continue ;; esac
		dpkg-deb -R "$deb" "$work/deb"
		sed -i -E 's/^(Version: .*)/\1.1/; s/(ktach-common \(= [^)]*)/\1.1/' "$work/deb/DEBIAN/control"
		dpkg-deb --root-owner-group -b "$work/deb" "$2" >/dev/null
		rm -rf "$work/deb"
	done
}

# A repository as an admin makes it, with both versions, and one that somebody else
# signed.
make_repos() {
	local suite=$1 build=$work/$1
	mkdir -p "$build/deb/$suite"
	cp "$B/deb/$suite"/ktach*.deb "$build/deb/$suite/"
	rm -f "$build/deb/$suite"/*-dbgsym*
	B=$build packaging/repo.sh "$build/first" "ktach's packages" >"$work/said" || return
	later_packages "$build/deb/$suite" "$build/later/deb/$suite"
	cp -r "$build/first" "$build/second"
	B=$build/later packaging/repo.sh "$build/second" "ktach's packages" >/dev/null || return
	cp -r "$build/first" "$build/forged"
	sed -i 's/^Depends: .*/Depends: dash/' "$build/forged/$suite/Packages"
	gzip -9kfn "$build/forged/$suite/Packages"
}

# unpack SUITE ROOT: with the repositories, and what is to happen at each boot.
unpack() {
	local tar unit
	tar=$(packaging/root.sh -f "$(depends "$1")" "$1" systemd-sysv udev dbus procps iproute2 bash-completion zsh man-db ca-certificates) || return
	mkdir -p "$2"
	tar -xf "$tar" -C "$2"
	mkdir -p "$2/tests" "$2/results" "$2/repo" "$2/etc/systemd/system/multi-user.target.wants"
	cp tests/tap.sh tests/packaging/packages.sh tests/packaging/complete.zsh "$2/tests/"
	[ ! -d "$work/$1" ] || cp -r "$work/$1/first" "$work/$1/second" "$work/$1/forged" "$2/repo/"
	sed 's|/tests/packaging/services.sh|/tests/packages.sh|' tests/packaging/services.service >"$2/etc/systemd/system/packages.service"
	ln -s ../packages.service "$2/etc/systemd/system/multi-user.target.wants/"
	for unit in systemd-udevd systemd-sysctl systemd-networkd systemd-resolved apt-daily.timer apt-daily-upgrade.timer man-db.timer; do
		case $unit in *.timer) ;; *) unit=$unit.service ;; esac
		ln -sf /dev/null "$2/etc/systemd/system/$unit"
	done
	echo host-of-packages >"$2/etc/hostname"
	echo '127.0.0.1 localhost host-of-packages' >"$2/etc/hosts"
}

# depends SUITE: packages of Debian that ours need, with commas between them.
depends() {
	local deb
	for deb in "$B/deb/$1"/*.deb; do dpkg-deb -f "$deb" Depends; done | tr ',' '\n' |
		sed 's/^ *//; s/ .*//' | grep -v '^ktach\|^dkms$' | { cat; [ "$1" != bookworm ] || old_libraries; } | sort -u | paste -sd ,
}
# What the copied collector needs beside that.
old_libraries() {
	printf '%s\n' libwebsockets17 libssl3 libbpf1
}

# boot ROOT PHASE: and take over what it has to say.
boot() {
	echo "$2" >"$1/results/phase"
	rm -f "$1/results/tap"
	timeout 300 systemd-nspawn -q --register=no --keep-unit --private-network --link-journal=no \
		--capability=CAP_BPF,CAP_PERFMON,CAP_NET_ADMIN --console=pipe -D "$1" -b \
		systemd.unit=multi-user.target >"$work/console" 2>&1 </dev/null
	[ -s "$1/results/tap" ] || tail -n 30 "$work/console" >&2
	relay "$1/results/tap" "$3: "
	is "$plans $planned" "1 $points" "$3: phase $2 has said all that it had to say"
}

# The programs of before, made in a clean Debian; they stay in the cache.
old_programs() {
	local kept=${XDG_CACHE_HOME:-$HOME/.cache}/ktach/copied/$copied tar root=$work/old
	if [ ! -d "$kept" ]; then
		# shellcheck disable=SC2046
		tar=$(packaging/root.sh bookworm build-essential bpftool clang llvm pkg-config nodejs \
			libwebsockets-dev libssl-dev $(sed -n 's/^ *\(lib.*-dev\|zlib1g-dev\),*$/\1/p' packaging/debian/control)) || return
		mkdir -p "$root" && tar -xf "$tar" -C "$root"
		mkdir "$root/ktach"
		git archive $copied | tar -x -C "$root/ktach"
		# The page's files come from where ours are.
		mkdir -p "$root/ktach/build/web"
		cp -rL "$B/web/node_modules" "$root/ktach/build/web/"
		printf '#!/bin/sh\nexit 0\n' >"$root/usr/bin/npm" && chmod +x "$root/usr/bin/npm"
		unshare --mount --pid --net --fork sh -c 'mount --rbind /dev "$1/dev" && mount -t proc proc "$1/proc" &&
			exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot "$1" make -C /ktach programs' - "$root" >"$work/old.log" 2>&1 ||
			{ tail "$work/old.log" >&2; return 1; }
		mkdir -p "$kept.new"
		cp "$root/ktach/build/ktach-shipper" "$root/ktach/build/ktach-collector" "$root/ktach/build/bin/ktach" "$kept.new/"
		cp "$root"/ktach/packaging/systemd/* "$kept.new/"
		mv "$kept.new" "$kept"
		rm -rf "$root"
	fi
	cp -r "$kept" "$1"
}

for suite in ${SUITES:-bookworm trixie}; do
	check "$suite: the packages build in a clean Debian without a network, and lintian has nothing to say" build_packages "$suite"
	is "$(cd "$B/deb/$suite" && ls ./*.deb | sed 's|^./||; s/_.*//' | grep -v dbgsym | sort | xargs)" \
		"ktach ktach-agentd ktach-collector ktach-common ktach-dkms ktach-shipper" "$suite: these are there"
	check "$suite: a repository of them is signed" make_repos "$suite"
	check "$suite: a clean root" unpack "$suite" "$work/root"
	for phase in install again purge; do boot "$work/root" $phase "$suite"; done
	rm -rf "$work/root"
done

if [[ " ${SUITES:-bookworm} " == *" bookworm "* ]] && git cat-file -e $copied 2>/dev/null; then
	check "the programs of $copied are made" old_programs "$work/copied"
	check "a clean root for them" unpack bookworm "$work/root"
	cp -r "$work/copied" "$work/root/copied"
	boot "$work/root" copied "over copied files"
else
	skip "over copied files" "$copied, or bookworm, is not here"
fi
done_testing
