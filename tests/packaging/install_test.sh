#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What is installed, by 'make install' and by the packages: that nothing is missing,
# and that one part says the same as another. packages_test.sh has it run.
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
B=${B:-build}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# in_make TARGET [VARIABLE=VALUE]...: what is built is not built anew.
in_make() {
	make --no-print-directory B="$B" -o programs DESTDIR="$work/root" "$@"
}
files() { (cd "$work/root" && find . ! -type d | sed 's/^\.//' | sort); }

check "it installs" in_make install PREFIX=/usr
is "$(files | xargs -n 1)" "$(sort <<'END'
/etc/ktach/agentd.conf
/etc/ktach/collector.conf
/etc/ktach/shipper.conf
/etc/systemd/journald@ktach-agents.conf
/usr/bin/ktach
/usr/lib/ktach/ktach-adopt
/usr/lib/ktach/ktach-enroll
/usr/lib/ktach/ktach-every
/usr/lib/systemd/system-generators/ktach-agent-generator
/usr/lib/systemd/system/ktach-agentd.service
/usr/lib/systemd/system/ktach-collector.service
/usr/lib/systemd/system/ktach-shipper.service
/usr/lib/sysusers.d/ktach-collector.conf
/usr/lib/sysusers.d/ktach-shipper.conf
/usr/lib/tmpfiles.d/ktach-collector.conf
/usr/lib/tmpfiles.d/ktach-shipper.conf
/usr/lib/udev/rules.d/60-ktach.rules
/usr/sbin/ktach-agentd
/usr/sbin/ktach-collector
/usr/sbin/ktach-shipper
/usr/share/bash-completion/completions/ktach
/usr/share/bash-completion/completions/ktach-collector
/usr/share/bash-completion/completions/ktach-shipper
/usr/share/man/man1/ktach.1
/usr/share/man/man5/ktach-agent.conf.5
/usr/share/man/man5/ktach.conf.5
/usr/share/man/man8/ktach-agentd.8
/usr/share/man/man8/ktach-collector.8
/usr/share/man/man8/ktach-shipper.8
/usr/share/zsh/site-functions/_ktach
/usr/share/zsh/site-functions/_ktach-collector
/usr/share/zsh/site-functions/_ktach-shipper
END
)" "each file is where it belongs"
is "$(grep -h '^Exec' "$work"/root/usr/lib/systemd/system/*.service | grep -o '/usr/[^ ]*' | sort -u |
	while read -r path; do [ -x "$work/root$path" ] || echo "$path"; done)" "" "what the units start is there"
is "$(sed -n 's/^\(User\|Group\|SupplementaryGroups\)=//p' packaging/systemd/*.service | sort -u |
	while read -r name; do grep -q "^[ug] $name " packaging/systemd/*.sysusers || echo "$name"; done)" "" \
	"their users and groups are made"
for program in collector shipper agentd; do
	check "$program.conf is good" env KTACH_AGENTS="$work/none" "$B/ktach-$program" --check-config --config "$work/root/etc/ktach/$program.conf"
	echo "# mine" >>"$work/root/etc/ktach/$program.conf"
done
check "it installs again" in_make install PREFIX=/usr
is "$(tail -q -n 1 "$work"/root/etc/ktach/*.conf | sort -u)" "# mine" "and leaves configuration as it is"
ours="/etc/ktach/agentd.conf /etc/ktach/collector.conf /etc/ktach/shipper.conf /etc/systemd/journald@ktach-agents.conf"
check "it uninstalls" in_make uninstall PREFIX=/usr
is "$(files | xargs)" "$ours" "all but that"
check "it installs into /usr/local" in_make install
is "$(grep -h '^Exec' "$work"/root/usr/local/lib/systemd/system/*.service | grep -o '/usr/[^ ]*' | sort -u |
	while read -r path; do [ -x "$work/root$path" ] || echo "$path"; done)" "" "where the units find it"
check "and uninstalls from there" in_make uninstall
is "$(files | xargs)" "$ours" "completely"

# --- the packages
needed=$(sed -n '/^Build-Depends:/,/^Standards/s/^\(Build-Depends: \| *\)\(lib[a-z0-9-]*\|zlib1g-dev\|clang\|llvm\|bpftool\),*$/\2/p' packaging/debian/control)
is "$(for package in $needed; do grep -qw -- "$package" scripts/deps.sh || echo "$package"; done)" "" \
	"what a package is built with is what 'make deps' installs"
is "$(sed -n "s/^build='//;/^gcc/,/'$/p" scripts/deps.sh | grep -ow 'lib[a-z0-9-]*-dev' | sort -u |
	while read -r package; do grep -qx "$package" <<<"$needed" || echo "$package"; done)" "libc6-dev" \
	"and the other way round, but for what each compiler has"
is "$(for file in *; do
	case $file in build* | tests | bench | CONTRIBUTING.md | README.md | SECURITY.md) continue ;; esac
	sed -n '/^	cp -r --parents/,/"$tree"/p' packaging/deb.sh | grep -qwF -- "$file" || echo "$file"
done)" "" "the source package has all that the tree has, but tests"
is "$(sed -n '1s/.*(\(.*\)).*/\1/p' packaging/debian/changelog)" "$(cat VERSION)" "the changelog has the version of VERSION"
is "$(sed -n 's/^Package: //p' packaging/debian/control | while read -r package; do
	case $package in *-dkms | *-common) continue ;; esac
	grep -q "^install-$package\|^install-shipper install-collector" packaging/install.mk || echo "$package"
done)" "" "each package has its files from 'make install'"
for script in packaging/debian/*.p*; do
	check "$(basename "$script") is a script of sh" sh -n "$script"
	check "and has debhelper's part" grep -qx '#DEBHELPER#' "$script"
done
check "the completion is a script of bash" bash -n packaging/completion/ktach.bash
check "make repo says what it wants" told 'usage: make repo REPO=folder SIGN=key' packaging/repo.sh
check "and that there is no package" told "no packages in .*'make deb' builds them" env B="$work/none" packaging/repo.sh "$work/repo" nobody
done_testing
