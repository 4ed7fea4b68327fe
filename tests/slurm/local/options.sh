#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#SBATCH --job-name="a job" # -J no
#SBATCH -c 2 --time=5
# a comment

#SBATCH --comment='it is "here"'
echo "$SLURM_JOB_NAME|$SLURM_CPUS_PER_TASK"
#SBATCH --job-name=late
