# SPDX-License-Identifier: GPL-2.0-or-later
# In a guest, as /test/run NAME.
. /test/modules_guest.sh
load && ring "$1"
