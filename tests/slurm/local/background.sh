#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
folder=$(mktemp -d)
for i in 1 2 3; do (sleep 0.$((4 - i)); echo "child $i" >"$folder/$i") & done
wait
cat "$folder"/?
rm -r "$folder"
