#!/usr/bin/env python3
#SBATCH -J snake
import os, sys
print(os.environ["SLURM_JOB_NAME"], sys.argv[1:])
sys.exit(3)
