# SPDX-License-Identifier: GPL-2.0-or-later
# Chromium's driver for tests, from npm: source this; $modules is where it is.
modules=${B:-build}/tests/e2e
browser_install() {
	mkdir -p "$modules"
	cmp -s tests/e2e/package-lock.json "$modules/.installed" && return
	cp tests/e2e/package.json tests/e2e/package-lock.json tests/e2e/.npmrc "$modules/"
	(cd "$modules" && npm ci --ignore-scripts --silent >&2 && cp package-lock.json .installed)
}
