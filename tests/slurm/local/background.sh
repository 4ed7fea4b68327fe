#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
for i in 1 2 3; do (sleep 0.$i; echo "child $i") & done
wait
echo all
