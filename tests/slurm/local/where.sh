#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
[ "$PWD" = "$SLURM_SUBMIT_DIR" ] && echo here
#SBATCH -D /
