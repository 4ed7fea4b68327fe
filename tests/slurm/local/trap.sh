#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
trap 'echo leaving' EXIT
( exit 6 )
