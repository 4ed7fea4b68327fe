#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#SBATCH -n 1
srun echo "in the step"
srun --ntasks=1 bash -c 'echo "$SLURM_PROCID of $SLURM_NTASKS: $0 $1"' zero one
# srun tells of it on stderr, with the node's name; the stand-in has become the command by then
srun sh -c 'exit 7' 2>/dev/null
echo "status $?"
