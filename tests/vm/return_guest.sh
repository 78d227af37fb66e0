# SPDX-License-Identifier: GPL-2.0-or-later
# In a guest, as /test/run ROUNDS: CPUs go and come.
. /test/tap.sh
. /test/modules_guest.sh
check "the modules load" load slots=4096
# Two at once: one of them comes back while the other one is at work.
ring_return "$1" 1 2
check "the modules unload" unload
done_testing
