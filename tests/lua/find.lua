-- SPDX-License-Identifier: GPL-2.0-or-later
-- xpm.find and xpm.setup in a plain Lua, where there is no `slurm`.
local tap = require "tap"
local rules = os.getenv("XPM_LUA_TESTS") .. "/launchers.yaml"
local xpm = require "xpm"

tap.is(type(xpm.VERSION), "string", "VERSION")
tap.is(rawget(_G, "slurm"), nil, "no global is made")
tap.is(rawget(_G, "xpm"), nil, "not even xpm")

-- before setup: the default file, which is not there
local plan, why = xpm.find("cuda()")
tap.is(plan, nil, "no rules: nil")
tap.has(why, "no rules: why", "/xpm/launchers.yaml", "No such file")

tap.is(xpm.setup { launchers = rules }, true, "setup")

plan = xpm.find("cuda(mem=24G)*2 & cpu(cores=4, mem=8GiB) & duration=90min")
tap.same(plan, {
	launcher = "main", kind = "slurm", weight = 2, alternative = 1, partition = "gpu", partitions = { "gpu" }, qos = "long",
	account = "proja", gres = "gpu:2", gpus = 2, cpus_per_task = 4, mem_mib = 8192, time_s = 5400, tokens = {},
}, "a plan")

plan = xpm.find("cuda(mem=500G) | cpu()")
tap.is(plan and plan.alternative, 2, "alternatives count from 1")
tap.is(plan and plan.partition, "cpu", "and the second is used")

plan = xpm.find("cuda()", { kind = "local" })
tap.same(plan, {
	launcher = "desk", kind = "local", weight = 0, alternative = 1, partitions = {}, gpus = 1, gres = "gpu:1",
	tokens = { licence = 2 },
}, "a local launcher")
plan = xpm.find("cuda()", { tags = "spare" })
tap.is(plan and plan.launcher, "spare", "a tag")
plan = xpm.find("cuda()", { tags = { "nobody", "spare" }, kind = "slurm" })
tap.is(plan and plan.launcher, "spare", "one of two tags")
plan = xpm.find("cuda()", { tags = " nobody ,spare," })
tap.is(plan and plan.launcher, "spare", "tags in a string")
tap.is(xpm.find("cuda()", { tags = "main", kind = "local" }), nil, "tag and kind that exclude each other")
plan = xpm.find("cuda(mem=60G)", { launchers = rules })
tap.is(plan and plan.partition, "big", "another file")

local function fails(what, wanted, ...)
	local got, message = xpm.find(...)
	tap.is(got, nil, what)
	tap.has(message, what .. ": why", wanted)
end
fails("nobody satisfies", "", "cuda(mem=500G)")
fails("a bad spec has a caret", "spec:1:10: error:", "cuda(mem=24)")
fails("no spec", "string", nil)
fails("a number", "string", 12)
fails("an empty spec", "spec", "")
fails("a NUL byte", "NUL", "cuda()\0*2")
fails("a wrong kind", "kind", "cuda()", { kind = "cloud" })
fails("an unknown option", "tag", "cuda()", { tag = "a" })
fails("options that are no table", "table", "cuda()", "slurm")
fails("a tag that is no string", "string", "cuda()", { tags = { 1 } })
fails("tags of another type", "string", "cuda()", { tags = 7 })
fails("launchers that is no string", "launchers", "cuda()", { launchers = true })
fails("another file that is not there", "No such file", "cuda()", { launchers = "/nonexistent/x.yaml" })
fails("% in a spec", "%d%s%n", "cuda(model=%d%s%n)%")

-- a wrong setup holds until a right one
local function setup_fails(what, wanted, arg)
	local ok, got, message = pcall(xpm.setup, arg)
	tap.ok(ok, what .. ": is not raised")
	tap.is(got, nil, what)
	tap.has(message, what .. ": why", wanted)
end
setup_fails("setup with a typo", "unknown key 'launcher'", { launcher = rules })
fails("after it nothing is found", "unknown key 'launcher'", "cuda()")
setup_fails("setup with a path alone", "table", rules)
setup_fails("setup with a number", "launchers", { launchers = 3 })
setup_fails("setup with an empty path", "empty", { launchers = "" })
setup_fails("setup with a wrong comment", "comment", { launchers = rules, comment = "yes" })
setup_fails("setup with a missing file", "No such file", { launchers = "/nonexistent/x.yaml" })
setup_fails("setup with no argument", "/xpm/launchers.yaml", nil)
tap.is(xpm.setup { launchers = rules, comment = true }, true, "setup again")
tap.ok(xpm.find("cuda()"), "and all is well")

-- more files than are kept
local dir = tap.folder()
for i = 1, 20 do
	tap.write(dir .. "/" .. i .. ".yaml", "local:\n  - { id: host" .. i .. ", cpu: { cores: 2 } }\n")
end
local right = 0
for round = 1, 3 do
	for i = 1, 20 do
		local p = xpm.find("cpu()", { launchers = dir .. "/" .. i .. ".yaml" })
		if p and p.launcher == "host" .. i then right = right + 1 end
	end
end
tap.is(right, 60, "twenty files in turn")
plan = xpm.find("cuda(mem=60G)")
tap.is(plan and plan.partition, "big", "the one of setup is still there")
tap.cleanup()

-- find within find: from a string's metatable, say
local inner
local t = setmetatable({}, { __index = function() inner = { xpm.find("cuda()") } end })
tap.is(xpm.find(t), nil, "a table is no spec")

-- in a coroutine
local co = coroutine.wrap(function() return xpm.find("cuda()") end)
tap.ok(co(), "in a coroutine")

tap.same({ xpm.job_modify() }, { 0 }, "job_modify says yes")
package.loaded.xpm = nil
local again = require "xpm"
tap.ok(again ~= xpm and again.find, "required twice")
tap.done()
