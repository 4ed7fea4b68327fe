-- SPDX-License-Identifier: GPL-2.0-or-later
-- xpm.job_submit: what a job carries, what it becomes, what its user is told.
local tap = require "tap"
local fake = require "fake_slurm"
fake.install()
local xpm = require "xpm"
local rules = os.getenv("XPM_LUA_TESTS") .. "/launchers.yaml"
local parts = fake.all_up()

local function submit(fields, part_list)
	fake.quiet()
	local job, state = fake.job(fields)
	local ok, code = pcall(xpm.job_submit, job, part_list or parts, 1000)
	return ok and code or "raised " .. tostring(code), state
end
local function spec(text, fields)
	fields = fields or {}
	fields.env = { "OTHER=1", "XPM_SPEC=" .. text }
	return submit(fields)
end

tap.is(xpm.setup { launchers = rules }, true, "setup")
tap.has(fake.logged(), "says so in the log", "4 launchers")

-- no spec: nothing is looked at but the environment of SPANK
for what, env in pairs { ["no environment"] = false, ["an empty one"] = {}, ["others'"] = { "A=b", "XPM_SPECS=cuda()", "XPM_SPEC" },
	["an empty spec"] = { "XPM_SPEC=" }, ["tags alone"] = { "XPM_TAGS=a" } } do
	local code, state = submit { env = env or nil }
	tap.is(code, 0, what .. ": accepted")
	tap.is(state.reads, 1, what .. ": one field is read")
	tap.is(state.read.spank_job_env, 1, what .. ": that one")
	tap.is(state.writes, 0, what .. ": nothing is written")
	tap.is(fake.heard() .. fake.logged(), "", what .. ": nothing is said")
end

-- everything at once
local code, job = spec("cuda(mem=24G)*2 & cpu(cores=4, mem=8GiB) & duration=90min")
tap.is(code, 0, "accepted", fake.heard())
tap.same(job.written, {
	partition = "gpu", qos = "long", account = "proja", gres = "gpu:2", cpus_per_task = 4, min_cpus = 4,
	min_mem_per_node = 8192, time_limit = 90,
	admin_comment = "xpm: launcher=main alternative=1 candidate=gpu/long/proja/n3",
}, "every field of the plan")
tap.is(job.get("tres_per_node"), "gres:gpu:2", "GRES as Slurm wants it")
tap.is(fake.heard(), "xpm: cuda(mem=24G)*2 & cpu(cores=4, mem=8GiB) & duration=90m -> partition gpu, gres gpu:2, qos long, " ..
	"account proja, cpus-per-task 4, mem 8192M, time 90m", "one line")
tap.is(fake.logged(), "", "and none in the log")

code, job = spec("cuda(mem=60G) | cuda()")
tap.is(code, 0, "two alternatives")
tap.is(job.get("partition"), "big", "the first is used")
tap.has(job.get("admin_comment"), "and named", "alternative=1", "big/long/projb/n5")
code, job = spec("cuda(mem=600G) | cuda(model=a100)*4")
tap.is(job.get("partition"), "gpu", "the second is used")
tap.is(job.get("features"), "a100", "with a constraint")
tap.has(job.get("admin_comment"), "and named", "alternative=2")
tap.has(fake.heard(), "and told", "xpm: cuda(model=a100)*4 -> ", "constraint a100")

code, job = spec("cpu(cores=2)", { num_tasks = 3 })
tap.is(job.get("min_cpus"), 6, "min_cpus holds all tasks")
code, job = spec("cpu(cores=2)", { ntasks_per_node = 4, min_nodes = 2 })
tap.is(job.get("min_cpus"), 16, "tasks per node, too")
code, job = spec("cpu(cores=2)", { min_nodes = 2 })
tap.is(job.get("min_cpus"), 4, "one per node otherwise")
code, job = spec("cpu()", { admin_comment = "of the site", comment = "xpm: cuda()" })
tap.has(job.get("admin_comment"), "an admin_comment is kept", "of the site; xpm: launcher=main")

-- sbatch sets this only when --cpus-per-task was typed
code, job = spec("cpu(cores=2)", { script = "#!/bin/sh" })
tap.is(job.env and job.env.SLURM_CPUS_PER_TASK, "2", "the script learns how many cores it has")
code, job = spec("cpu(cores=2)")
tap.same({ code, job.env }, { 0 }, "there is no environment without a script")
code, job = spec("cuda()", { script = "#!/bin/sh" })
tap.is(job.env, nil, "nothing to learn")

-- 23.11 and later
fake.prefix = "gres/"
code, job = spec("cuda()*2")
tap.is(code, 0, "the other prefix")
tap.is(job.get("tres_per_node"), "gres/gpu:2", "is Slurm's matter")
code, job = spec("cuda()*2", { gres = "gpu:2" })
tap.is(code, 0, "the other prefix, typed")
tap.is(job.written.gres, nil, "equal: not written")
fake.prefix = "gres:"

-- tags
code, job = submit { env = { "XPM_SPEC=cuda()", "XPM_TAGS=spare" } }
tap.is(code, 0, "a tag")
tap.same({ job.get("partition"), job.get("min_nodes"), job.get("max_nodes"), job.get("num_tasks"), job.get("time_limit"),
	job.get("min_mem_per_node"), job.get("reservation"), job.get("licenses"), job.get("qos") },
	{ "mixed", 1, 1, 2, 90, 2048, "res1", "matlab:1", "low" }, "and the launcher's own options")
code, job = submit { env = { "XPM_SPEC=cuda() & cpu(mem=4GiB) & duration=10min", "XPM_TAGS=spare" }, min_nodes = 2, num_tasks = 5,
	reservation = "mine", licenses = "l", qos = "other" }
tap.is(code, 0, "typed beside a launcher's options", fake.heard())
tap.same({ job.written.min_nodes, job.written.max_nodes, job.written.num_tasks, job.get("time_limit"),
	job.get("min_mem_per_node"), job.written.reservation, job.written.licenses, job.written.qos },
	{ nil, nil, nil, 10, 4096 }, "the user's and the spec's win")
code, job = submit { env = { "XPM_SPEC=cuda()", "XPM_TAGS=nobody" } }
tap.ok(code ~= 0, "a tag that nobody has")
code, job = submit { env = { "XPM_SPEC=cuda()", "XPM_TAGS=" } }
tap.is(code, 0, "empty tags are none")

-- refusals
local function refused(what, wanted, code, job, ...)
	tap.ok(type(code) == "number" and code ~= 0, what .. ": refused", code)
	if wanted then tap.is(code, wanted, what .. ": code") end
	tap.is(job.writes, 0, what .. ": nothing written")
	tap.has(fake.heard(), what .. ": why", "xpm: ", ...)
	local _, lines = fake.heard():gsub("[^\n]+", "")
	tap.ok(lines <= 5, what .. ": at most five lines", fake.heard())
end
local function spec_refused(what, wanted, text, ...)
	local c, j = spec(text)
	refused(what, wanted, c, j, ...)
end
spec_refused("nobody satisfies", 2015, "cuda(mem=500G)*2", "closest", "500G", "xpm explain 'cuda(mem=500G)*2'")
code, job = submit { env = { "XPM_SPEC=cuda(mem=500G)", "XPM_TAGS=spare" }, partition = "gpu", qos = "long", features = "a|b",
	cpus_per_task = 3, comment = "mine" }
refused("what was typed comes back", 2015, code, job,
	"xpm explain --tag=spare --partition=gpu --qos=long --cpus-per-task=3 '--constraint=a|b' 'cuda(mem=500G)'")
spec_refused("only a local one does", 2015, "cuda(model=rtx)", "xpm explain")
spec_refused("a quote in the spec", 2015, "cuda(model=\"it's\")", [[xpm explain 'cuda(model="it'\''s")']])
spec_refused("syntax", -1, "cuda(mem=24)", "spec:1:10: error:", "cuda(mem=24)\n", "\n         ^")
spec_refused("% in it", -1, "cuda(model=%s%d%n%5000000d)%%", "%s%d%n%5000000d)%%")
spec_refused("control characters", -1, "cuda(\27[31mmem=1)\n\7", "?[31m")
spec_refused("a NUL byte", -1, "cuda()\0", "NUL")
spec_refused("4097 bytes", -1, ("cuda() | "):rep(455) .. "xx", "4096")
spec_refused("a million bytes", -1, ("x"):rep(1e6), "4096")
code, job = spec("cuda()" .. (" "):rep(4090))
tap.is(code, 0, "4096 bytes")

-- the tables that come with a job
local good = fake.job { env = { "XPM_SPEC=cuda()" } }
for what, args in pairs { ["no part_list"] = { good }, ["part_list is no table"] = { good, 5 }, ["nothing"] = {},
	["job_desc is no table"] = { "x", parts }, ["job_desc without functions"] = { { spank_job_env = { "XPM_SPEC=cuda()" } }, 1 } } do
	fake.quiet()
	local ok, c = pcall(xpm.job_submit, args[1], args[2], 1)
	tap.ok(ok and c == -1, what .. ": refused", tostring(c))
end
for what, env in pairs { ["numbers and tables"] = { [0] = 5, {}, true, "XPM_SPEC=cuda()" }, ["names for keys"] = { x = "XPM_SPEC=cuda()" } } do
	fake.quiet()
	local j, state = fake.job {}
	state.values.spank_job_env = env
	tap.is(xpm.job_submit(j, parts, 1), 0, "a strange environment: " .. what)
	tap.is(state.get("partition"), "gpu", "a strange environment: " .. what .. ", spec found")
end

-- the other carrier
code, job = submit { comment = "xpm: cuda(mem=60G)" }
tap.is(code, 0, "a comment is not looked at")
tap.is(job.reads, 1, "not even read")
tap.is(xpm.setup { launchers = rules, comment = true }, true, "unless it is switched on")
code, job = submit { comment = "xpm: cuda(mem=60G)" }
tap.is(job.get("partition"), "big", "then it is a spec")
tap.is(job.get("comment"), "xpm: cuda(mem=60G)", "and stays")
code, job = submit { comment = "see xpm: cuda()" }
tap.is(job.writes, 0, "only at the start of a comment")
code, job = submit { comment = "xpm:" }
tap.is(code, 0, "an empty one is none")
code, job = submit { comment = "xpm:cuda(" }
refused("a bad spec in a comment", -1, code, job, "error:")
code, job = submit { comment = "xpm: cuda(mem=60G)", env = { "XPM_SPEC=cpu()" } }
tap.is(job.get("partition"), "cpu", "the option beats the comment")
tap.is(xpm.setup { launchers = rules }, true, "switched off again")

-- explain
code, job = submit { env = { "XPM_SPEC=cuda()*2", "XPM_EXPLAIN=1" } }
tap.ok(code ~= 0, "XPM_EXPLAIN: refused")
tap.is(job.writes, 0, "XPM_EXPLAIN: nothing written")
tap.has(fake.heard(), "XPM_EXPLAIN: the plan is shown", "gpu:2", "not submitted")
tap.ok(submit { env = { "XPM_EXPLAIN=1" } } ~= 0, "XPM_EXPLAIN without a spec: refused, too")
for _, value in ipairs { "", "0" } do
	code, job = submit { env = { "XPM_SPEC=cuda()*2", "XPM_EXPLAIN=" .. value } }
	tap.is(code, 0, "XPM_EXPLAIN=" .. value .. " is none")
end

-- a site that has its own way of talking
slurm.log_user = function() error("no ears") end
code, job = spec("cuda()")
tap.is(code, 0, "log_user raises: accepted all the same")
code, job = spec("cuda(")
tap.is(code, -1, "log_user raises: refused all the same")
slurm.log_user = nil
code, job = spec("cuda()")
tap.is(code, 0, "no log_user: accepted all the same")
tap.done()
