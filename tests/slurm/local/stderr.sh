#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
echo one; echo two >&2; echo three
