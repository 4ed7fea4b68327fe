#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
echo "cuda [${CUDA_VISIBLE_DEVICES-}]"
