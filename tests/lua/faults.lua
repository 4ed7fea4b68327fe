-- SPDX-License-Identifier: GPL-2.0-or-later
-- Every read, every write and every look-up of slurmctld fails once: the job is refused, or it was not touched.
local tap = require "tap"
local fake = require "fake_slurm"
fake.install()
local xpm = require "xpm"
xpm.setup { launchers = os.getenv("XPM_LUA_TESTS") .. "/launchers.yaml" }
local parts = fake.all_up()
local spec = "XPM_SPEC=cuda(mem=24G)*2 & cpu(cores=4, mem=8GiB) & duration=90min"

local function typed(more)
	local fields = { env = { spec }, exc_nodes = "n3", admin_comment = "site", script = "#!/bin/sh" }
	for k, v in pairs(more or {}) do fields[k] = v end
	return fields
end

local job, whole = fake.job(typed())
tap.is(xpm.job_submit(job, parts, 1), 0, "without a fault it is accepted", fake.heard())
tap.ok(whole.reads > 30 and whole.writes > 8, whole.reads .. " reads and " .. whole.writes .. " writes")

-- run(set): the fault is put into the state by set; job_submit must not raise
local function run(set, more)
	local j, state = fake.job(typed(more))
	local before = tap.show(fake.snapshot(state))
	set(state)
	fake.quiet()
	local ok, code = pcall(xpm.job_submit, j, parts, 1)
	return ok, code, tap.show(fake.snapshot(state)) == before
end

local errors = { text = "boom %s %d\n\27", table = {}, none = false, number = 42 }
for kind, value in pairs(errors) do
	local bad, told = {}, 0
	for n = 1, whole.reads do
		local ok, code, same = run(function(s) s.fail_read, s.fail_with = n, value end)
		if not ok or code == 0 then bad[#bad + 1] = n .. ": " .. tostring(code) end
		if n <= whole.reads_before and not same then bad[#bad + 1] = n .. " changed the job" end
		if fake.heard():find("xpm: ", 1, true) then told = told + 1 end
	end
	tap.same(bad, {}, "each read raises " .. kind .. ": refused, and untouched before the first write")
	tap.is(told, whole.reads, "each read raises " .. kind .. ": the user is told")
	bad = {}
	for n = 1, whole.writes do
		local ok, code = run(function(s) s.fail_write, s.fail_with = n, value end)
		if not ok or code == 0 then bad[#bad + 1] = n .. ": " .. tostring(code) end
	end
	tap.same(bad, {}, "each write raises " .. kind .. ": refused")
end
local bad = {}
for n = 1, whole.writes do
	local ok, code = run(function(s) s.lose_write = n end)
	if not ok or code == 0 then bad[#bad + 1] = n .. ": " .. tostring(code) end
end
tap.same(bad, {}, "each write is lost: refused")
tap.has(fake.logged(), "and logged", "did not take its value")

-- values of other types than they should be
bad = {}
for name in pairs(whole.read) do
	if name ~= "spank_job_env" and name ~= "script" and name ~= "environment" then
		for _, value in ipairs { {}, true, print, "x\0y" } do
			local ok, code, same = run(function() end, { [name == "gres" and "tres_per_node" or name] = value })
			if name:find("^min_mem_per") then ok, code, same = true, -1, true end -- made of another field
			if not ok or code == 0 or not same then bad[#bad + 1] = name .. "=" .. tostring(value) .. ": " .. tostring(code) end
		end
	end
end
table.sort(bad)
tap.same(bad, {}, "a field of a wrong type: refused and untouched")
for _, value in ipairs { -1, 0 / 0, -1e300 } do
	local ok, code = run(function() end, { min_nodes = value })
	tap.ok(ok and code == -1, "a number that is none: refused")
end

-- the module called from within itself
local inner, again
local re = setmetatable({}, { __index = function(_, name)
	if name == "spank_job_env" then return { [0] = spec } end
	if not inner then
		inner = { xpm.find("cuda()") }
		again = xpm.job_submit(fake.job(typed()), parts, 1)
	end
	if name == "pn_min_memory" then return nil end
end })
local ok, code = pcall(xpm.job_submit, re, parts, 1)
tap.ok(ok and code == 0, "a job_desc that calls the module back is served", tostring(code))
tap.is(inner and inner[1], nil, "the inner find has no answer")
tap.is(again, -1, "the inner job is refused")
job = fake.job(typed())
tap.is(xpm.job_submit(job, parts, 1), 0, "afterwards all is well")

-- a metamethod that yields
local yielding = setmetatable({}, { __index = function() coroutine.yield() end })
local co = coroutine.create(function() return xpm.job_submit(yielding, parts, 1) end)
ok, code = coroutine.resume(co)
tap.ok(ok and code == -1, "a job_desc that yields: refused", tostring(code))

-- deep within the stack
local function deep(n)
	if n == 0 then return (xpm.job_submit(fake.job(typed()), parts, 1)) end
	return (deep(n - 1))
end
tap.is(deep(1000), 0, "a thousand calls deep")
local function deepest()
	local fine, c = pcall(xpm.job_submit, fake.job(typed()), parts, 1)
	if fine and c ~= 0 and c ~= -1 then error("code " .. tostring(c)) end
	return (deepest()) + 0
end
ok, code = pcall(deepest)
tap.ok(not ok and (tostring(code):find("stack overflow") or tostring(code):find("error handling")), "at the end of the stack nothing is raised by the module", tostring(code))
tap.is(xpm.job_submit(fake.job(typed()), parts, 1), 0, "and after it all is well")
tap.done()
