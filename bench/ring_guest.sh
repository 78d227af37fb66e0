# SPDX-License-Identifier: GPL-2.0-or-later
# In a guest, as /test/run NAME [awake].
. /test/modules_guest.sh
load && ring "$@"
