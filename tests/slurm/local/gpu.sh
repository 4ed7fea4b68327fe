#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#SBATCH -p gpu --gres=gpu:2
echo "cuda $CUDA_VISIBLE_DEVICES"
