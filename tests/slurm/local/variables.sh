#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#SBATCH --export=ALL,ADDED=1 -n 1
echo "$LETTER $ADDED $SLURM_NTASKS $SLURM_NNODES $SLURM_PROCID $SLURM_LOCALID ${SLURM_JOB_ID:+id}"
[ "$SLURM_JOB_ID" = "$SLURM_JOBID" ] && [ -n "$SLURM_JOB_NODELIST" ] && echo same
