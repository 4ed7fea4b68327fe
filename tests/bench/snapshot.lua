-- SPDX-License-Identifier: GPL-2.0-or-later
-- What a snapshot with 10,000 associations costs a job in the filter: with it against without it, in one run.
--
--     LUA_PATH="tests/lua/?.lua" LUA_CPATH="FOLDER OF xpm.so/?.so" lua5.1 tests/bench/snapshot.lua
--
-- Prints one line: microseconds per job without and with, their ratio, and milliseconds to take up a new snapshot.
local fake = require "fake_slurm"
fake.install()
local tap = require "tap"
local xpm = require "xpm"
local dir = tap.folder()
local parts = setmetatable({}, { __index = function(_, name) return { name = name, state_up = 3 } end })
local users, jobs = 10000, 3000

tap.write(dir .. "/launchers.yaml", [[
slurm:
- id: main
  partitions:
    p: {accounts: [a1, a2, a3], qos: [short, long], nodes: [{hosts: n1, configuration: {cpu: {cores: 8}}}]}
    q: {accounts: [a1, a2, a3], qos: [short, long], nodes: [{hosts: n2, configuration: {gpu: {count: 4, memory: 40G}}}]}
]])
local function snapshot()
	local lines = { "xpm_snapshot: 1\ntime: " .. string.format("%d", os.time()) .. "\ncluster: {name: c, enforce: 3}\nusers:" }
	for a = 1, 3 do
		local names = {}
		for u = a, users, 3 do names[#names + 1] = "user" .. u .. ":" .. 1000 + u end
		lines[#lines + 1] = "- {account: a" .. a .. ", users: '" .. table.concat(names, " ") .. "'}"
	end
	lines[#lines + 1] = "access:"
	for a = 1, 3 do
		local names = {}
		for u = a, users, 3 do names[#names + 1] = "user" .. u end
		lines[#lines + 1] = "- {account: a" .. a .. ", qos: 'short long', default_qos: short, users: '" .. table.concat(names, " ") .. "'}"
	end
	lines[#lines + 1] = "complete: true\n"
	tap.write(dir .. "/snapshot.yaml", table.concat(lines, "\n"))
end
local function per_job()
	local begin = os.clock()
	for i = 1, jobs do
		local job = fake.job { env = { "XPM_SPEC=cuda(mem=24G)" } }
		assert(xpm.job_submit(job, parts, 1001 + i % users) == 0)
		fake.quiet()
	end
	return (os.clock() - begin) * 1e6 / jobs
end

assert(xpm.setup { launchers = dir .. "/launchers.yaml", snapshot = false })
per_job()
local without = per_job()
snapshot()
assert(xpm.setup { launchers = dir .. "/launchers.yaml" })
local with = per_job()
local rounds, begin = 20, os.clock()
local writing = 0
for i = 1, rounds do
	local from = os.clock()
	snapshot()
	os.execute("touch -d @" .. 1700000000 + i .. " " .. dir .. "/snapshot.yaml")
	writing = writing + os.clock() - from
	local job = fake.job { env = { "XPM_SPEC=cuda(mem=24G)" } }
	assert(xpm.job_submit(job, parts, 1001) == 0)
end
local load = (os.clock() - begin - writing) * 1e3 / rounds
print(('{"without_us": %.1f, "with_us": %.1f, "ratio": %.2f, "new_snapshot_ms": %.2f}'):format(without, with, with / without, load))
tap.cleanup()
