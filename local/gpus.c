// SPDX-License-Identifier: GPL-2.0-or-later
/* GPUs, from what the vendors' tools say. */
#include <ctype.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "devices.h"
#include "say.h"
#include "tool.h"

static struct xpm_gpu *add_gpu(struct xpm_machine *machine, enum xpm_accel_kind kind, unsigned index)
{
	struct xpm_gpu *gpu;

	machine->gpus = xpm_realloc(machine->gpus, machine->gpus_len + 1, sizeof(*machine->gpus));
	gpu = &machine->gpus[machine->gpus_len++];
	memset(gpu, 0, sizeof(*gpu));
	gpu->kind = kind;
	gpu->index = index;
	return gpu;
}

/* "00000000:3B:00.0" as the tools write it is 0000:3b:00.0 in sysfs. */
static void find_near(struct xpm_gpu *gpu, const char *bus)
{
	char path[128], list[1024] = "";
	FILE *file;

	if (strlen(bus) > 32 || strspn(bus, "0123456789abcdefABCDEF:.") != strlen(bus))
		return;
	if (strchr(bus, ':') == bus + 8)
		bus += 4;
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/local_cpulist", bus);
	for (char *p = path; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	file = fopen(path, "re");
	if (!file)
		return;
	if (!fgets(list, sizeof(list), file) || xpm_cpus_parse(list, &gpu->near))
		memset(&gpu->near, 0, sizeof(gpu->near));
	fclose(file);
}

static char *trim(char *text)
{
	char *end = text + strlen(text);

	while (end > text && isspace((unsigned char)end[-1]))
		*--end = '\0';
	return text + strspn(text, " \t");
}

/* index, uuid, name, memory.total [MiB], pci.bus_id */
int xpm_gpus_parse_nvidia(const char *text, struct xpm_machine *machine)
{
	char *copy = xpm_strdup(text), *lines = copy, *line;
	int bad = 0;

	while (!bad && (line = strsep(&lines, "\n"))) {
		char *field[5];
		uint64_t index, memory;
		struct xpm_gpu *gpu;
		int n = 0;

		if (!*trim(line))
			continue;
		while (n < 5 && line)
			field[n++] = trim(strsep(&line, ","));
		bad = n != 5 || xpm_number(field[0], XPM_ORDER_GPUS, &index);
		if (bad)
			break;
		gpu = add_gpu(machine, XPM_ACCEL_CUDA, (unsigned)index);
		xpm_text_copy(gpu->uuid, sizeof(gpu->uuid), field[1]);
		xpm_text_copy(gpu->name, sizeof(gpu->name), field[2]);
		/* "[N/A]" on machines that share memory with the GPU */
		gpu->memory = xpm_number(field[3], UINT64_C(1) << 40, &memory) ? 0 : memory << 20;
		find_near(gpu, field[4]);
	}
	free(copy);
	return bad ? -1 : 0;
}

static const char *rocm_text(json_t *card, const char *key)
{
	const char *name, *found = "";
	json_t *value;

	/* releases differ in capitals: "Card series", "Card Series" */
	json_object_foreach(card, name, value)
		if (!strcasecmp(name, key) && json_is_string(value))
			found = json_string_value(value);
	return found;
}

/* {"card0": {"Unique ID": "0x...", "VRAM Total Memory (B)": "...", "Card series": "...", "PCI Bus": "0000:03:00.0"}, ...} */
int xpm_gpus_parse_rocm(const char *text, struct xpm_machine *machine)
{
	json_t *all = json_loads(text, 0, NULL), *card;
	const char *name;

	if (!json_is_object(all)) {
		json_decref(all);
		return -1;
	}
	json_object_foreach(all, name, card) {
		uint64_t index;
		struct xpm_gpu *gpu;

		if (strncmp(name, "card", 4) || xpm_number(name + 4, XPM_ORDER_GPUS, &index))
			continue;
		gpu = add_gpu(machine, XPM_ACCEL_ROCM, (unsigned)index);
		xpm_text_copy(gpu->uuid, sizeof(gpu->uuid), rocm_text(card, "Unique ID"));
		xpm_text_copy(gpu->name, sizeof(gpu->name), rocm_text(card, "Card series"));
		if (xpm_number(rocm_text(card, "VRAM Total Memory (B)"), UINT64_MAX, &gpu->memory))
			gpu->memory = 0;
		find_near(gpu, rocm_text(card, "PCI Bus"));
	}
	json_decref(all);
	return 0;
}

static void ask(struct xpm_machine *machine, enum xpm_accel_kind kind, char *const argv[],
		int (*parse)(const char *, struct xpm_machine *))
{
	size_t before = machine->gpus_len;
	int status = 0;
	char *text = xpm_tool_run(argv, &status);

	if (!text)
		return;
	if (status || parse(text, machine)) {
		xpm_say("warning: %s does not answer as expected; taking launchers.yaml's word for the GPUs", argv[0]);
		machine->gpus_len = before;
	} else {
		machine->known[kind] = 1;
	}
	free(text);
}

void xpm_machine_look_for_gpus(struct xpm_machine *machine)
{
	static char smi[] = "nvidia-smi", query[] = "--query-gpu=index,uuid,name,memory.total,pci.bus_id",
		    format[] = "--format=csv,noheader,nounits";
	static char rocm[] = "rocm-smi", id[] = "--showuniqueid", memory[] = "--showmeminfo", vram[] = "vram",
		    product[] = "--showproductname", bus[] = "--showbus", json[] = "--json";
	char *const nvidia_argv[] = { smi, query, format, NULL };
	char *const rocm_argv[] = { rocm, id, memory, vram, product, bus, json, NULL };

	if (machine->looked)
		return;
	machine->looked = 1;
	ask(machine, XPM_ACCEL_CUDA, nvidia_argv, xpm_gpus_parse_nvidia);
	ask(machine, XPM_ACCEL_ROCM, rocm_argv, xpm_gpus_parse_rocm);
}
