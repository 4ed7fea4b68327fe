-- SPDX-License-Identifier: GPL-2.0-or-later
-- Sizes at and beyond every bound that the module has of its own.
local tap = require "tap"
local fake = require "fake_slurm"
fake.install()
local xpm = require "xpm"
xpm.setup { launchers = os.getenv("XPM_LUA_TESTS") .. "/launchers.yaml" }

local function submit(fields)
	fake.quiet()
	local job, state = fake.job(fields)
	local ok, code = pcall(xpm.job_submit, job, fake.all_up(), 1)
	return ok and code or "raised", state
end
local function tags(n, before)
	local t = {}
	for i = 1, n do t[i] = "t" .. i end
	t[#t + 1] = "main"
	return table.concat(t, before or ",")
end

tap.is(submit { env = { "XPM_SPEC=cuda()", "XPM_TAGS=" .. tags(63) } }, 0, "64 tags")
tap.is(submit { env = { "XPM_SPEC=cuda()", "XPM_TAGS=" .. tags(64) } }, -1, "65 tags")
tap.has(fake.heard(), "and why", "64 tags")
tap.is(submit { env = { "XPM_SPEC=cuda()", "XPM_TAGS=main," .. (" "):rep(4091) } }, 0, "4096 bytes of tags")
tap.is(submit { env = { "XPM_SPEC=cuda()", "XPM_TAGS=main," .. (" "):rep(4092) } }, -1, "4097 bytes of tags")
tap.has(fake.heard(), "and why", "4096 bytes")
tap.is(submit { env = { "XPM_SPEC=cuda()", "XPM_TAGS=main\0" } }, -1, "a NUL byte in the tags")
tap.is(submit { env = { "XPM_SPEC=cuda()", "XPM_TAGS=,, ,main , ,," } }, 0, "empty tags between")
local list = {}
for i = 1, 64 do list[i] = "main" end
tap.ok(xpm.find("cuda()", { tags = list }), "find: 64 tags")
list[65] = "main"
tap.is(xpm.find("cuda()", { tags = list }), nil, "find: 65 tags")

-- a large environment
local env = {}
for i = 1, 20000 do env[i] = "V" .. i .. "=" .. ("x"):rep(50) end
env[#env + 1] = "XPM_SPEC=cuda()"
tap.is(submit { env = env }, 0, "20000 entries in the environment")

-- values that do not go into their fields
tap.is(submit { env = { "XPM_SPEC=cpu(cores=8)", "XPM_TAGS=main" }, num_tasks = 4294967290 }, -1, "CPUs beyond 32 bits")
tap.has(fake.heard(), "and why", "more than Slurm can count")

-- what the user typed, at length
local long = ("n%05d,"):rep(20000):gsub("%%05d", "1"):sub(1, -2)
local code, job = submit { env = { "XPM_SPEC=cuda()" }, exc_nodes = long }
tap.ok(code == 0 or code == -1 and job.writes == 0, "a long exclude list")
code, job = submit { env = { "XPM_SPEC=cuda()" }, comment = ("c"):rep(9e6) }
tap.ok(code == -1 and job.writes == 0, "nine megabytes in a field: refused")
tap.is(submit { env = { "XPM_SPEC=cuda()" } }, 0, "and the next job is fine")
code, job = submit { env = { "XPM_SPEC=cuda()" }, features = ("(a&b)|"):rep(5000) .. "c" }
tap.ok(job.written.features == nil, "an endless constraint stays as it is")
code, job = submit { env = { "XPM_SPEC=cuda()" }, gres = ("nvme:1,"):rep(5000) .. "x:1" }
tap.ok(type(code) == "number", "an endless GRES list")

-- noise: nothing is raised, and what is refused is not touched
local seed = 20260
local function random(n)
	seed = (seed * 1103515245 + 12345) % 2147483648
	return math.floor(seed / 65536) % n
end
local words = { "cuda", "gpu", "cpu", "(", ")", "mem=", "24G", "*2", "*", "&", "|", "duration=", "4h", "cores=", "9", "model=", "a100",
	"\"", " ", "\n", "%s", "%", "'", "$", "\127", "\200", "," }
local raised, touched, taken = 0, 0, 0
for _ = 1, tap.quick() and 2000 or 20000 do
	local t = {}
	for i = 1, random(9) do t[i] = words[random(#words) + 1] end
	local c, state = submit { env = { "XPM_SPEC=" .. table.concat(t) } }
	if type(c) ~= "number" then raised = raised + 1 end
	if c ~= 0 and state.writes > 0 then touched = touched + 1 end
	if c == 0 then taken = taken + 1 end
end
tap.is(raised, 0, "noise: nothing raised")
tap.is(touched, 0, "noise: nothing touched that was refused")
tap.ok(taken > 0, "noise: some of it is a spec (" .. taken .. ")")
tap.done()
