-- SPDX-License-Identifier: GPL-2.0-or-later
-- A million finds (in Lua 5.1, which slurmctld has), and jobs of every end, leave the process as large as it was.
local tap = require "tap"
local fake = require "fake_slurm"
local xpm = require "xpm"
local rules = os.getenv("XPM_LUA_TESTS") .. "/launchers.yaml"
local finds, jobs, loads = 1000000, 30000, 300
-- under a sanitizer, freed memory is kept for a while: a size tells nothing there, the leak check at the end does
local measured = not (os.getenv("LD_PRELOAD") or ""):find("asan") and not os.getenv("XPM_WRAP")
if tap.quick() or not measured then finds, jobs, loads = 20000, 2000, 20
elseif _VERSION ~= "Lua 5.1" then finds, jobs = 100000, 10000 -- a byte lost in each would still show
end

local function resident()
	collectgarbage()
	collectgarbage()
	local f = io.open("/proc/self/statm")
	if not f then return 0 end
	local _, pages = f:read("*n", "*n")
	f:close()
	return pages * 4
end
local function flat(what, n, f)
	for i = 1, math.min(n, 2000) do f(i) end
	local before, start = resident(), os.clock()
	for i = 1, n do f(i) end
	local spent = os.clock() - start
	local grown = resident() - before
	print(("# %s: %d in %.2f s, %.1f us each, %+d KiB"):format(what, n, spent, spent / n * 1e6, grown))
	tap.ok(not measured or grown < 512, what .. ": memory is flat")
end

xpm.setup { launchers = rules }
local specs = { "cuda(mem=24G)*2", "cuda(mem=500G)", "cuda(mem=", "cpu(cores=4, mem=2G) & duration=2h | cuda()", "" }
flat("finds", finds, function(i) return xpm.find(specs[i % #specs + 1]) end)
flat("finds with tags and kind", finds / 10, function(i)
	return xpm.find(specs[i % #specs + 1], { tags = { "main", "spare" }, kind = i % 2 == 0 and "slurm" or "nothing" })
end)
local gpus = xpm.cuda { mem = "24G" }
flat("requirements and launchers", finds, function(i)
	local need = xpm.all(gpus * (i % 4 + 1), i % 3 == 0 and xpm.duration "2h" or xpm.cpu { mem = "1G" })
	if i % 7 == 0 then need = xpm.any(need, "cuda(mem=", xpm.cuda { mem = i }) end
	local launcher = xpm.find_launcher(need, { tags = "main" })
	if launcher and i % 5 == 0 then launcher:config { comment = "run " .. i, gpus_per_node = i % 3 + 1, gres = "tmp:1" } end
	if launcher and i % 101 == 0 then launcher:explain() end
end)
flat("requirements with many alternatives", finds / 20, function(i)
	local need = gpus
	for k = 1, 6 do need = xpm.any(need, xpm.all(need, xpm.cpu { cores = k })) end
	return xpm.find_launcher(need)
end)

fake.install()
local parts = fake.all_up()
flat("jobs", jobs, function(i)
	local job, state = fake.job { env = { "XPM_SPEC=" .. specs[i % 4 + 1] } }
	if i % 5 == 0 then state.fail_read = i % 37 end
	if i % 7 == 0 then state.fail_write = i % 11 end
	xpm.job_submit(job, parts, 1)
	fake.quiet()
end)
flat("loads", loads, function(i)
	xpm.setup { launchers = rules .. (i % 3 == 0 and ".missing" or "") }
	xpm.setup { launchers = 3 }
	fake.quiet()
end)
xpm.setup { launchers = rules }
fake.quiet()
slurm.log_user = function() end
slurm.log_debug = slurm.log_user
local job = setmetatable({}, { __index = { spank_job_env = { [0] = "SLURM_X=1" } } })
flat("jobs without a spec", finds / 10, function() xpm.job_submit(job, parts, 1) end)
tap.done()
