# SPDX-License-Identifier: GPL-2.0-or-later
# In a guest, as /test/run ROUNDS: CPUs go and come.
. /test/tap.sh
. /test/modules_guest.sh
load slots=4096
ok $? "the modules load"
# Two at once: one of them comes back while the other one is at work.
ring_return "$1" 1 2
unload
ok $? "the modules unload"
done_testing
