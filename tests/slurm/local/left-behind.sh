#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# a child that nobody waits for does not keep the job
(setsid sleep 300; echo never) &
echo done
exit 4
