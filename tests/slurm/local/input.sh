#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#SBATCH --input=input.txt
while read -r line; do echo "[$line]"; done
