-- SPDX-License-Identifier: GPL-2.0-or-later
-- What slurmctld puts before a job_submit.lua, as far as the module can tell the difference: the global `slurm`, a job_desc
-- whose fields are functions, a part_list.
local fake = {}

local NO_VAL16, NO_VAL, NO_VAL64 = 65534, 4294967294, 18446744073709551614.0
local widths = {
	cpus_per_task = 16, ntasks_per_node = 16, ntasks_per_tres = 16, pn_min_cpus = 16, shared = 16,
	min_nodes = 32, max_nodes = 32, num_tasks = 32, min_cpus = 32, max_cpus = 32, time_limit = 32, time_min = 32,
	pn_min_memory = 64,
}
local strings = {}
for name in ([[account admin_comment comment exc_nodes features licenses partition qos req_nodes reservation
		tres_per_job tres_per_node tres_per_socket tres_per_task cpus_per_tres mem_per_tres]]):gmatch("%S+") do
	strings[name] = true
end
local read_only = { default_account = true, default_qos = true, spank_job_env = true, user_id = true }

function fake.install()
	local said, log = {}, {}
	local function speaker(to)
		return function(...) to[#to + 1] = string.format(...) end
	end
	slurm = {
		ERROR = -1, SUCCESS = 0,
		log_user = speaker(said), log_error = speaker(log), log_info = speaker(log), log_debug = speaker(log),
	}
	fake.said, fake.log = said, log
	function fake.quiet()
		for i = #said, 1, -1 do said[i] = nil end
		for i = #log, 1, -1 do log[i] = nil end
	end
	function fake.heard() return table.concat(said, "\n") end
	function fake.logged() return table.concat(log, "\n") end
end

-- what Slurm 22.05 and 23.11 put before a GRES
fake.prefix = "gres:"

local function number_check(v)
	if type(v) ~= "number" and not tonumber(v) then
		error("bad argument #3 to '?' (number expected, got " .. type(v) .. ")", 0)
	end
	return tonumber(v)
end

-- job{fields..., env = {"XPM_SPEC=..."}}. job.count tells reads and writes; job.fail_read, job.fail_write = n: the n-th raises
function fake.job(fields)
	local values, state = {}, { reads = 0, writes = 0, read = {}, written = {} }
	for name, width in pairs(widths) do
		values[name] = width == 16 and NO_VAL16 or width == 32 and NO_VAL or NO_VAL64
	end
	values.min_cpus = 1
	for name, value in pairs(fields) do values[name] = value end
	values.env = nil
	if fields.env then
		values.spank_job_env = {}
		for i, entry in ipairs(fields.env) do values.spank_job_env[i - 1] = entry end
	end
	if fields.gres then values.tres_per_node, values.gres = fake.prefix .. fields.gres, nil end

	local function get(name)
		local mem = values.pn_min_memory
		if name == "environment" then return state.environment end
		if name == "gres" then return values.tres_per_node end
		if name == "min_mem_per_node" then return mem ~= NO_VAL64 and not values.per_cpu and mem or nil end
		if name == "min_mem_per_cpu" then return mem ~= NO_VAL64 and values.per_cpu and mem or nil end
		return values[name]
	end
	local function set(name, v)
		if name == "gres" then
			if type(v) ~= "string" then error("bad argument #3 to '?' (string expected, got " .. type(v) .. ")", 0) end
			values.tres_per_node = v ~= "" and fake.prefix .. v:gsub(",", "," .. fake.prefix) or nil
		elseif name == "min_mem_per_node" then
			values.pn_min_memory, values.per_cpu = number_check(v), nil
		elseif name == "min_mem_per_cpu" then
			values.pn_min_memory, values.per_cpu = number_check(v), true
		elseif strings[name] then
			if type(v) ~= "string" then error("bad argument #3 to '?' (string expected, got " .. type(v) .. ")", 0) end
			values[name] = v ~= "" and v or nil
		elseif widths[name] then
			values[name] = math.floor(number_check(v))
		else
			slurm.log_error("_set_job_field: unrecognized field: %s", name)
		end
	end
	-- of srun and salloc, whose environment slurmctld does not have, not even the name may be asked for
	state.environment = setmetatable({}, { __newindex = function(_, name, v)
		if not values.script then error("environment of a job without a script", 0) end
		if type(v) ~= "string" then error("bad argument #3 to '?' (string expected, got " .. type(v) .. ")", 0) end
		state.env = state.env or {}
		state.env[name] = v
	end })
	local job = setmetatable({}, {
		__index = function(_, name)
			state.reads = state.reads + 1
			state.read[name] = (state.read[name] or 0) + 1
			if state.reads == state.fail_read then error(state.fail_with or "read fails", 0) end
			return get(name)
		end,
		__newindex = function(_, name, v)
			state.writes = state.writes + 1
			state.reads_before = state.reads_before or state.reads
			if state.writes == state.fail_write then error(state.fail_with or "write fails", 0) end
			if state.writes == state.lose_write then return end
			state.written[name] = v
			if not read_only[name] then set(name, v) end
		end,
	})
	state.get, state.values = get, values
	return job, state
end

function fake.snapshot(state)
	local copy = {}
	for k, v in pairs(state.values) do copy[k] = v end
	return copy
end

-- part_list: name -> entry; what is not said is as Slurm's defaults
function fake.partitions(list)
	local part_list = {}
	for name, more in pairs(list) do
		local entry = {
			name = name, state_up = 3, max_time = 4294967295, max_nodes = 4294967295, flag_default = 0,
		}
		for k, v in pairs(more) do entry[k] = v end
		part_list[name] = setmetatable({}, { __index = function(_, k)
			if list[name].raises then error("partition fails", 0) end
			return entry[k]
		end })
	end
	return part_list
end

function fake.all_up()
	return fake.partitions { cpu = {}, gpu = {}, big = {}, mixed = {}, extra = {} }
end

return fake
