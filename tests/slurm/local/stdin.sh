#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# no input: both give none
cat
echo "end $?"
