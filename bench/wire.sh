#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Bytes a value on the wire: ktach's against collectd's and sFlow's.
exec "${B:-build}/bench/wire"
