/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPMATCH_XPMATCH_H
#define XPMATCH_XPMATCH_H

#include <xpmatch/builders.h>
#include <xpmatch/candidates.h>
#include <xpmatch/check.h>
#include <xpmatch/error.h>
#include <xpmatch/explain.h>
#include <xpmatch/hostlist.h>
#include <xpmatch/launcher.h>
#include <xpmatch/launchers.h>
#include <xpmatch/match.h>
#include <xpmatch/report.h>
#include <xpmatch/slurm_options.h>
#include <xpmatch/spec.h>
#include <xpmatch/units.h>

#endif
