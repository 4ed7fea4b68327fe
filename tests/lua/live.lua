-- SPDX-License-Identifier: GPL-2.0-or-later
-- What slurmctld knows now: a partition that is away, down, closed to an account, too short takes no part.
local tap = require "tap"
local fake = require "fake_slurm"
fake.install()
local xpm = require "xpm"
xpm.setup { launchers = os.getenv("XPM_LUA_TESTS") .. "/launchers.yaml" }

local function parts(changes)
	local all = { cpu = {}, gpu = {}, big = {}, mixed = {}, extra = {} }
	for name, change in pairs(changes) do all[name] = change or nil end
	return fake.partitions(all)
end

-- what, part_list, spec, typed: the partition it goes to, or the words of the refusal
local function goes(what, changes, spec, typed, wanted, ...)
	typed.env = { "XPM_SPEC=" .. spec, typed.tags and "XPM_TAGS=" .. typed.tags }
	fake.quiet()
	local job, state = fake.job(typed)
	local code = xpm.job_submit(job, parts(changes), 1000)
	if wanted then
		tap.ok(code == 0 and state.get("partition") == wanted, what, tostring(state.get("partition")) .. "\n" .. fake.heard())
		if ... then tap.is(state.get("qos"), (...), what .. ": with the QoS") end
	else
		tap.is(code, 2015, what)
		tap.is(state.writes, 0, what .. ": nothing written")
		tap.has(fake.heard(), what .. ": why", ...)
	end
end

goes("all is well", {}, "cuda()", {}, "gpu", "short")
goes("not there for this user", { gpu = false }, "cuda()", {}, "big")
goes("down", { gpu = { state_up = 1 } }, "cuda()", {}, "big")
goes("draining", { gpu = { state_up = 2 } }, "cuda()", {}, "big")
goes("inactive", { gpu = { state_up = 0 } }, "cuda()", {}, "big")
goes("MaxTime too short", { gpu = { max_time = 60 } }, "cuda() & duration=2h", {}, "big")
goes("MaxTime just long enough", { gpu = { max_time = 120 } }, "cuda() & duration=2h", {}, "gpu")
goes("MaxTime against --time", { gpu = { max_time = 60 } }, "cuda()", { time_limit = 61 }, "big")
goes("MaxTime without a duration", { gpu = { max_time = 60 } }, "cuda()", {}, "gpu")
goes("MaxNodes", { gpu = { max_nodes = 1 } }, "cuda()", { min_nodes = 2 }, "big")
goes("AllowAccounts", { gpu = { allow_accounts = "x,projb" } }, "cuda()", {}, "big")
goes("AllowAccounts, ours", { gpu = { allow_accounts = "x,PROJA" } }, "cuda()", {}, "gpu")
goes("AllowAccounts=ALL", { gpu = { allow_accounts = "ALL" } }, "cuda()", {}, "gpu")
goes("a name within a name", { gpu = { allow_accounts = "aproja,projab,proj" } }, "cuda()", {}, "big")
goes("DenyAccounts", { gpu = { deny_accounts = "proja" } }, "cuda()", {}, "big")
goes("AllowQos: the next QoS", { gpu = { allow_qos = "long" } }, "cuda()", {}, "gpu", "long")
goes("DenyQos: the next QoS", { gpu = { deny_qos = "short" } }, "cuda()", {}, "gpu", "long")
goes("no QoS left", { gpu = { deny_qos = "short,long" } }, "cuda()", {}, "big")
local staff = { default_account = "staff", default_qos = "slow", tags = "plain" }
local function with(more)
	local copy = {}
	for k, v in pairs(staff) do copy[k] = v end
	for k, v in pairs(more) do copy[k] = v end
	return copy
end
goes("the default account", { extra = { allow_accounts = "staff" } }, "cpu()", with {}, "extra")
goes("the default account, denied", { extra = { deny_accounts = "staff" } }, "cpu()", with {}, nil, "staff", "extra")
goes("the typed account before the default", { extra = { deny_accounts = "staff" } }, "cpu()", with { account = "other" }, "extra")
goes("the default QoS", { extra = { allow_qos = "slow" } }, "cpu()", with {}, "extra")
goes("the default QoS, denied", { extra = { deny_qos = "slow" } }, "cpu()", with {}, nil, "slow")
goes("the typed QoS before the default", { extra = { deny_qos = "slow" } }, "cpu()", with { qos = "fast" }, "extra")
goes("nobody known by name", { extra = { allow_qos = "low", allow_accounts = "a" } }, "cpu()", { tags = "plain" }, "extra")
goes("a launcher's own QoS before the default", { mixed = { allow_qos = "low" } }, "cuda()", with { tags = "spare" }, "mixed", "low")
goes("a launcher's own QoS, denied", { mixed = { deny_qos = "low" } }, "cuda()", with { tags = "spare" }, nil, "low")
goes("nothing left", { gpu = { state_up = 1 }, big = false, mixed = { max_time = 1 } }, "cuda() & duration=2min", {}, nil,
	"xpm explain")
goes("the first launcher is away, the next is used", { gpu = false, big = false }, "cuda()", {}, "mixed")
goes("back again", {}, "cuda()", {}, "gpu")

-- each partition is looked up at most once
local reads = {}
local list = setmetatable({}, { __index = function(_, name)
	reads[name] = (reads[name] or 0) + 1
	return fake.all_up()[name]
end })
local job = fake.job { env = { "XPM_SPEC=cuda()" } }
tap.is(xpm.job_submit(job, list, 1), 0, "a part_list that counts")
for name, n in pairs(reads) do tap.is(n, 1, "partition " .. name .. " is looked up once") end
tap.is(reads.cpu, nil, "one that cannot serve is not")

-- a look-up that raises is not an answer
for what, broken in pairs {
	["part_list"] = setmetatable({}, { __index = function() error("list fails", 0) end }),
	["an entry"] = parts { gpu = { raises = true } },
	["a wrong type"] = parts { gpu = { allow_accounts = {} } },
} do
	fake.quiet()
	local j, state = fake.job { env = { "XPM_SPEC=cuda()" } }
	tap.is(xpm.job_submit(j, broken, 1), -1, what .. " raises: refused")
	tap.is(state.writes, 0, what .. " raises: nothing written")
	tap.is(xpm.job_submit(j, fake.all_up(), 1), 0, what .. " raises: the next job is fine")
end
tap.done()
