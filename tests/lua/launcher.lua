-- SPDX-License-Identifier: GPL-2.0-or-later
-- Launchers as values, and a site's own choice of a spec in job_submit.
local tap = require "tap"
local xpm = require "xpm"
local here = os.getenv("XPM_LUA_TESTS")
local rules = here .. "/launchers.yaml"
tap.is(xpm.setup { launchers = rules }, true, "setup")

-- the documented finds, as values and as text
local example = { launchers = here .. "/../data/launchers/valid/example/launchers.yaml" }
local long = "duration=4 days & cuda(mem=4G) * 2 & cpu(mem=400M, cores=4)"
local built = xpm.all(xpm.duration "4 days", xpm.cuda { mem = "4G" } * 2, xpm.cpu { mem = "400M", cores = 4 })
for what, pair in pairs {
	["14G twice"] = { xpm.cuda_gpu { mem = "14G" } * 2, "cuda_gpu(mem=\"14G\") * 2" },
	["17G twice"] = { xpm.cuda_gpu { mem = "17G" } * 2, "cuda(mem=17G)*2" },
	["four days"] = { built, long },
} do
	for _, tags in ipairs { false, { "slurm" } } do
		for _, file in ipairs { example.launchers, rules } do
			local options = { launchers = file, tags = tags or nil }
			local a, ours = xpm.find_launcher(pair[1], options)
			local b, theirs = xpm.find_launcher(pair[2], options)
			tap.is(tostring(a) .. tostring(ours), tostring(b) .. tostring(theirs), what .. ": as the text")
			tap.same(xpm.find(pair[1], options), xpm.find(pair[2], options), what .. ": xpm.find takes it, too")
			tap.ok((a == nil) == (type(ours) == "string"), what .. ": a launcher, or why not")
		end
	end
end
tap.is(tostring(xpm.find_launcher("cuda(mem=17G)*2", example)),
	"slurm launcher manual: --partition=biggpus,smallgpus --gres=gpu:2 --constraint=GPU2", "one of them in full")

-- SlurmLauncher(nodes=1), .config(gpus_per_node=1)
local launcher = xpm.slurm_launcher { nodes = 1 }
local gpu = launcher:config { gpus_per_node = 1 }
tap.is(tostring(launcher), "slurm launcher: --nodes=1", "by hand")
tap.is(tostring(gpu), "slurm launcher: --nodes=1 --gpus-per-node=1", "config")
tap.same(gpu.options, { nodes = 1, gpus_per_node = 1 }, "its options")
tap.same(gpu:config { time = 90, mem = "1GiB", mem_per_cpu = nil, account = "a", qos = "q", gpus = 2 }.options,
	{ nodes = 1, gpus_per_node = 1, gpus = 2, time = 90, mem = 2 ^ 30, account = "a", qos = "q" }, "all that is documented")
tap.same(gpu:config { time = "2:00:00" }:argv(), { "--nodes=1", "--gpus-per-node=1", "--time=120" }, "argv")
tap.same({ gpu.id, gpu.kind, gpu.spec, gpu.alternative, gpu.nonsense }, { nil, "slurm" }, "what it is not")
tap.is(tostring(xpm.slurm_launcher()), "slurm launcher", "without options")

-- fields
local found = xpm.find_launcher("rocm() | cuda(mem=24G)*2 & duration=2h", { tags = "main" })
tap.same({ found.kind, found.id, found.weight, found.alternative, found.partition, found.qos, found.gres, found.time, found.spec },
	{ "slurm", "main", 2, 2, "gpu", "long", "gpu:2", 7200, "rocm() | cuda(mem=24G)*2 & duration=2h" }, "fields")
tap.same(found.tags, { "slurm", "main" }, "tags")
tap.same(xpm.find_launcher("cuda()", { kind = "local" }).tokens, { licence = 2 }, "tokens")
local spare = xpm.find_launcher("cpu()", { tags = "spare" })
tap.same({ spare.nodes, spare.ntasks, spare.time, spare.mem, spare.qos }, { 1, 2, 5400, 2 ^ 31, "low" }, "options: of the file")
tap.same({ spare:config { time = "1h", qos = "high" }.time, spare:config { qos = "high" }.qos, spare.time }, { 3600, "high", 5400 },
	"config goes above them, into a new value")
local function refused(what, wanted, ...)
	local value, why = ...
	tap.is(value, nil, what)
	tap.has(why, what .. ": why", (table.unpack or unpack)(type(wanted) == "table" and wanted or { wanted }))
end
refused("what the spec needs stays", { "--gres=gpu:2", "--gpus-per-node=1" }, found:config { gpus_per_node = 1 })
tap.is(tostring(found:config { gpus_per_node = 2, gres = "tmp:1" }),
	"slurm launcher main: --partition=gpu --qos=long --account=proja --gres=gpu:2,tmp:1 --time=120", "unless it is the same")
refused("a typo", "did you mean 'gpus_per_node'", found:config { gpus_per_nod = 1 })
refused("a number for a name", "'qos' may not be a number", found:config { qos = 1 })
refused("a name for a number", "'nodes' is a whole number", found:config { nodes = "2" })
refused("half a node", "'nodes' is a whole number", found:config { nodes = 0.5 })
refused("no node", "'nodes' is a whole number", found:config { nodes = 0 })
refused("too many", "'nodes' is a whole number", found:config { nodes = 2 ^ 32 })
refused("a time without a unit", "time: ", found:config { time = "90" })
refused("a size without a unit", "mem: ", found:config { mem = "90" })
refused("an empty name", "'comment' is empty", found:config { comment = "" })
refused("a name of two lines", "unprintable", found:config { comment = "a\nb" })
refused("no table", "table", found:config())
refused("no colon", "with a colon", found.config { nodes = 1 })
refused("another userdata", "with a colon", found.config(io.stdout, {}))
refused("a requirement for a launcher", "with a colon", found.config(xpm.cuda(), {}))
refused("a wrong option of find", "unknown option 'tag'", xpm.find_launcher("cuda()", { tag = "a" }))
refused("a wrong typed option", "did you mean 'partition'", xpm.find_launcher("cuda()", { options = { partitions = "a" } }))
refused("a launcher for a spec", "not a userdata", xpm.find_launcher(found))
tap.is(getmetatable(found), false, "the metatable is ours")

-- explain
local words = found:explain()
tap.has(words, "explain", "slurm launcher main", "chosen    gpu", "joined    gpu", "rejected", "--gres=gpu:2")
refused("nothing to explain", "by hand", gpu:explain())
tap.is(found:config { comment = "x" }:explain(), words, "a derived one has the same reasons")
local typed = xpm.find_launcher("cuda(mem=24G)", { options = { partition = "big", comment = "c" }, launchers = rules, kind = "slurm" })
tap.same({ typed.partition, typed.comment, typed.qos }, { "big", "c", "long" }, "options that were typed restrict")
tap.has(typed:explain(), "and are explained", "rejected  gpu", "chosen    big")
refused("and contradict", { "--time=02:00:00", "--time=01:00:00" }, xpm.find_launcher("cuda() & duration=2h", { options = { time = "1h" } }))

-- the rules change: a value stays what it was, explain is asked anew
local dir = tap.folder()
tap.write(dir .. "/l.yaml", "slurm: [{id: one, partitions: {p: {nodes: [{hosts: n1}]}}}]\n")
local kept = xpm.find_launcher("cpu()", { launchers = dir .. "/l.yaml" })
tap.write(dir .. "/l.yaml", "slurm: [{id: another, partitions: {q: {nodes: [{hosts: n1}]}}}]\n")
tap.is(tostring(kept), "slurm launcher one: --partition=p --cpus-per-task=1", "a value stays")
tap.has(kept:explain(), "explain is by the rules as they are", "another")
tap.write(dir .. "/l.yaml", "slurm: [{id: another, disabled: true}]\n")
tap.has(kept:explain(), "also when nothing satisfies any more", "no launcher satisfies")
tap.cleanup()

-- a site's own choice in job_submit
local fake = require "fake_slurm"
fake.install()
local parts = fake.all_up()
local function submit(fields, options)
	fake.quiet()
	local job, state = fake.job(fields)
	local before = tap.show(fake.snapshot(state))
	local ok, code = pcall(xpm.job_submit, job, parts, 1000, options)
	return ok and code or "raised", state, tap.show(fake.snapshot(state)) == before
end
local code, state, same = submit({}, { spec = xpm.cuda { mem = "60G" } })
tap.same({ code, state.get("partition") }, { 0, "big" }, "a job without a spec gets the site's")
tap.has(fake.heard(), "and is told", "cuda(mem=60G) -> partition big")
code, state = submit({ env = { "XPM_SPEC=cpu()" } }, { spec = xpm.cuda { mem = "60G" } })
tap.same({ code, state.get("partition") }, { 0, "cpu" }, "its own comes first")
code, state = submit({}, { spec = "cuda()", tags = { "spare" } })
tap.same({ code, state.get("partition") }, { 0, "mixed" }, "with tags, as text")
code, state, same = submit({}, {})
tap.same({ code, same }, { 0, true }, "no spec at all: untouched")
for what, options in pairs { ["an invalid requirement"] = { spec = xpm.cuda { mem = "60" } }, ["a wrong text"] = { spec = "cuda(" },
	["a typo"] = { specs = "cuda()" }, ["no table"] = "cuda()", ["a number"] = { spec = 3 }, ["wrong tags"] = { spec = "cuda()", tags = 3 },
} do
	code, state, same = submit({}, options)
	tap.same({ code, same }, { -1, true }, what .. ": refused, untouched")
	tap.has(fake.heard(), what .. ": the user is told", "xpm: ")
end
tap.is(submit({}, { spec = "cuda(mem=900G)" }), 2015, "nobody has it")

-- the site policy of the manual page: GPUs asked for in a comment
local function policy(job_desc)
	local gpus, mem = (job_desc.comment or ""):match("gpus=(%d+) mem=(%w+)")
	if not gpus then return nil end
	return { spec = xpm.all(xpm.cuda_gpu { mem = mem } * tonumber(gpus), xpm.cpu { cores = 2 }) }
end
local function submitted(comment)
	fake.quiet()
	local job, s = fake.job { comment = comment }
	return xpm.job_submit(job, parts, 1000, policy(job)), s
end
code, state = submitted("please gpus=2 mem=24G")
tap.same({ code, state.get("partition"), state.get("tres_per_node"), state.get("cpus_per_task") }, { 0, "gpu", "gres:gpu:2", 2 },
	"a spec from a comment")
tap.is(submitted("please gpus=2 mem=24"), -1, "a wrong one is refused")
tap.has(fake.heard(), "and its user told", "did you mean '24G'")
code, state = submitted("nothing of the kind")
tap.same({ code, state.writes }, { 0, 0 }, "other comments are no matter")
tap.done()
