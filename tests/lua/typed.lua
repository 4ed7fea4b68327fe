-- SPDX-License-Identifier: GPL-2.0-or-later
-- What the user typed beside a spec: fine when equal, a restriction where it can be one, else refused with both values.
local tap = require "tap"
local fake = require "fake_slurm"
fake.install()
local xpm = require "xpm"
xpm.setup { launchers = os.getenv("XPM_LUA_TESTS") .. "/launchers.yaml" }

local NO_LIMIT = 4294967295

-- spec, what was typed, and: what the job has then, or the words of the refusal
local rows = {
	{ "equal to the plan", "cuda(mem=24G)*2 & duration=90min", { partition = "gpu", qos = "long", account = "proja", gres = "gpu:2",
		time_limit = 90 }, { partition = "gpu", tres_per_node = "gres:gpu:2" } },
	{ "a partition", "cpu()", { partition = "mixed" }, { partition = "mixed" } },
	{ "a partition list", "cuda()", { partition = "mixed,big" }, { partition = "big" } },
	{ "a partition that does not do", "cuda(mem=60G)", { partition = "gpu" }, "gpu" },
	{ "a QoS", "cuda()", { qos = "long" }, { qos = "long" } },
	{ "a QoS that is too short", "cuda() & duration=3h", { qos = "short" }, "short" },
	{ "an account", "cuda()", { account = "projb" }, { account = "projb", partition = "big" } },
	{ "a constraint", "cuda()", { features = "a100" }, { features = "a100" } },
	{ "a constraint that nobody meets", "cuda(mem=60G)", { features = "v100" }, "v100" },
	{ "excluded hosts", "cuda()*4", { exc_nodes = "n3" }, { partition = "gpu" } },
	{ "all hosts excluded", "cuda(mem=60G)", { exc_nodes = "n5" }, "n5" },
	{ "--gres equal", "cuda()*2", { gres = "gpu:2" }, { tres_per_node = "gres:gpu:2" } },
	{ "--gres less", "cuda()*2", { gres = "gpu:1" }, "gpu:2", "1 GPU" },
	{ "--gres beside a spec without GPUs", "cpu()", { gres = "gpu:1" }, "gpu" },
	{ "another GRES is kept", "cuda()*2", { gres = "nvme:1" }, { tres_per_node = "gres:gpu:2,gres:nvme:1" } },
	{ "another GRES alone", "cpu()", { gres = "nvme:1" }, { tres_per_node = "gres:nvme:1" } },
	{ "--gpus equal", "cuda()*2", { tres_per_job = "gres:gpu:2" }, { tres_per_node = "gres:gpu:2", tres_per_job = "gres:gpu:2" } },
	{ "--gpus over two nodes", "cuda()*2", { tres_per_job = "gres/gpu:4", min_nodes = 2 }, { tres_per_node = "gres:gpu:2" } },
	{ "--gpus more", "cuda()*2", { tres_per_job = "gres:gpu:3" }, "gpu:2", "3" },
	{ "--gpus as 26.x writes it", "cuda()*2", { tres_per_job = "gres/gpu=2" }, { tres_per_node = "gres:gpu:2" } },
	{ "--gpus with a type", "cuda()*2", { tres_per_job = "gres:gpu:a100:2" }, "gpu:a100:2", "--gres" },
	{ "--gpus with a type, one node", "cuda()*2", { tres_per_job = "gres:gpu:a100:2", min_nodes = 1, max_nodes = 1 },
		{ partition = "gpu", tres_per_job = "gres:gpu:a100:2" } },
	{ "--gpus with a type, one node or more", "cuda()*2", { tres_per_job = "gres:gpu:a100:2", min_nodes = 1 }, "gpu:a100:2", "--gres" },
	{ "other TRES per job", "cuda()", { tres_per_job = "gres:gpu:1,gres:nvme:1" }, "nvme", "--gres" },
	{ "--gpus-per-task", "cuda()", { tres_per_task = "gres:gpu:1" }, "gpu:1", "--gpus-per-task" },
	{ "--cpus-per-task as 23.11 carries it", "cuda() & cpu(cores=4)", { tres_per_task = "cpu:4", cpus_per_task = 4 },
		{ cpus_per_task = 4, min_cpus = 4 } },
	{ "--cpus-per-task as 26.x carries it", "cuda()", { tres_per_task = "cpu=4", cpus_per_task = 4 }, { cpus_per_task = 4 } },
	{ "both per task", "cuda()", { tres_per_task = "cpu:4,gres:gpu:1", cpus_per_task = 4 }, "--gpus-per-task" },
	{ "--gpus-per-socket", "cuda()", { tres_per_socket = "gres:gpu:1" }, "--gpus-per-socket" },
	{ "--cpus-per-gpu", "cuda()", { cpus_per_tres = "gres:gpu:4" }, "--cpus-per-gpu", "cores" },
	{ "--mem-per-gpu", "cuda()", { mem_per_tres = "gres:gpu:4000" }, "--mem-per-gpu", "mem" },
	{ "--ntasks-per-gpu", "cuda()", { ntasks_per_tres = 2 }, "--ntasks-per-gpu" },
	{ "--mem equal", "cpu(mem=4GiB)", { pn_min_memory = 4096 }, { pn_min_memory = 4096 } },
	{ "--mem other", "cpu(mem=4GiB)", { pn_min_memory = 4000 }, "4096M", "4000M" },
	{ "--mem beside a spec without", "cuda()", { pn_min_memory = 4000 }, { pn_min_memory = 4000 } },
	{ "--mem=0", "cpu(mem=4GiB)", { pn_min_memory = 0 }, "--mem=0", "4096M" },
	{ "--mem=0 beside a spec without", "cuda()", { pn_min_memory = 0 }, { pn_min_memory = 0 } },
	{ "--mem-per-cpu that adds up", "cpu(mem=4GiB, cores=4)", { pn_min_memory = 1024, per_cpu = true }, { min_mem_per_cpu = 1024, cpus_per_task = 4 } },
	{ "--mem-per-cpu that does not", "cpu(mem=4GiB, cores=4)", { pn_min_memory = 1000, per_cpu = true }, "4096M", "1000M" },
	{ "--cpus-per-task equal", "cpu(cores=4)", { cpus_per_task = 4, min_cpus = 4 }, { cpus_per_task = 4, min_cpus = 4 } },
	{ "--cpus-per-task other", "cpu(cores=4)", { cpus_per_task = 2 }, "4", "2" },
	{ "--cpus-per-task beside a spec without", "cuda()", { cpus_per_task = 2, min_cpus = 2 }, { cpus_per_task = 2, min_cpus = 2 } },
	{ "--time counts as the duration", "cuda()", { time_limit = 180 }, { time_limit = 180, qos = "long" } },
	{ "--time equal", "cuda() & duration=3h", { time_limit = 180 }, { time_limit = 180, qos = "long" } },
	{ "--time other", "cuda() & duration=3h", { time_limit = 60 }, "180", "60" },
	{ "--time beyond every limit", "cuda()", { time_limit = 30 * 24 * 60 }, "duration" },
	{ "--time=UNLIMITED where there are limits", "cuda(mem=60G)", { time_limit = NO_LIMIT }, "duration" },
	{ "--time=UNLIMITED where there are none", "cuda()", { time_limit = NO_LIMIT, partition = "mixed" }, { time_limit = NO_LIMIT } },
	{ "--time=UNLIMITED and a duration", "cuda() & duration=3h", { time_limit = NO_LIMIT }, "UNLIMITED" },
	{ "--time-min below the duration", "cuda() & duration=3h", { time_min = 60 }, "--time-min", "1h", "3h" },
	{ "--time-min that does no harm", "cuda()", { time_min = 60 }, { time_min = 60 } },
	{ "--exclusive, --nodes", "cuda()", { shared = 0, min_nodes = 3, max_nodes = 4 }, { shared = 0, min_nodes = 3, max_nodes = 4 } },
	{ "an unknown constraint form", "cuda()", { features = "[rack1|rack2]" }, { features = "[rack1|rack2]" } },
}

for _, row in ipairs(rows) do
	local what, spec, typed, wanted = row[1], row[2], row[3], row[4]
	-- the launcher "spare" takes whatever the other leaves
	typed.env = { "XPM_SPEC=" .. spec, typed.partition and "A=b" or "XPM_TAGS=main" }
	fake.quiet()
	local job, state = fake.job(typed)
	local before = tap.show(fake.snapshot(state))
	local ok, code = pcall(xpm.job_submit, job, fake.all_up(), 1000)
	if type(wanted) == "table" then
		if tap.ok(ok and code == 0, what .. ": accepted", tostring(code) .. "\n" .. fake.heard()) then
			local got = {}
			for name in pairs(wanted) do got[name] = state.get(name) end
			tap.same(got, wanted, what .. ": what it becomes")
			for name in pairs(typed) do
				if state.written[name] ~= nil and state.written[name] == typed[name] then
					tap.ok(false, what .. ": " .. name .. " is written though it was right")
				end
			end
		end
	else
		tap.ok(ok and code ~= 0, what .. ": refused", tostring(code) .. "\n" .. fake.heard())
		tap.is(tap.show(fake.snapshot(state)), before, what .. ": as it was")
		tap.has(fake.heard(), what .. ": both values", select(4, unpack and unpack(row) or table.unpack(row)))
	end
end
tap.done()
