#!/bin/bash -e
# SPDX-License-Identifier: GPL-2.0-or-later
echo one
false
echo two
