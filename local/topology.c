// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tells xpm-local of the cores and the memory of this machine, in a process of its own: xpm-local remembers the answer, and need
 * not load hwloc and what that needs for each job.
 *
 *     MEMORY BINDABLE       bytes; 0 when it is told of another machine (HWLOC_XMLFILE and the like)
 *     0,4                   the hardware threads of a core, a line per core
 *     end
 */
#include <errno.h>
#include <hwloc.h>
#include <stdio.h>
#include <string.h>

#include "cpus.h"

static int fail(const char *what)
{
	fprintf(stderr, "xpm-local: hwloc %s: %s\n", what, strerror(errno));
	return 1;
}

int main(void)
{
	hwloc_topology_t topology;
	hwloc_obj_t core = NULL;
	int type = HWLOC_OBJ_CORE;

	if (hwloc_topology_init(&topology))
		return fail("does not start");
	hwloc_topology_set_flags(topology, HWLOC_TOPOLOGY_FLAG_INCLUDE_DISALLOWED);
	hwloc_topology_set_all_types_filter(topology, HWLOC_TYPE_FILTER_KEEP_NONE);
	hwloc_topology_set_type_filter(topology, HWLOC_OBJ_CORE, HWLOC_TYPE_FILTER_KEEP_ALL);
	if (hwloc_topology_load(topology))
		return fail("cannot read the topology of this machine");
	if (hwloc_get_nbobjs_by_type(topology, HWLOC_OBJ_CORE) <= 0)
		type = HWLOC_OBJ_PU; /* some virtual machines tell of no cores */
	printf("%llu %d\n", (unsigned long long)hwloc_get_root_obj(topology)->total_memory,
	       hwloc_topology_is_thissystem(topology));
	while ((core = hwloc_get_next_obj_by_type(topology, (hwloc_obj_type_t)type, core))) {
		struct xpm_cpus cpus = { { 0 } };
		char text[1024];
		unsigned cpu;

		hwloc_bitmap_foreach_begin(cpu, core->cpuset)
			xpm_cpus_add(&cpus, cpu);
		hwloc_bitmap_foreach_end();
		xpm_cpus_print(&cpus, text, sizeof(text));
		puts(text);
	}
	hwloc_topology_destroy(topology);
	puts("end");
	return fflush(stdout) ? fail("has nobody to tell") : 0;
}
