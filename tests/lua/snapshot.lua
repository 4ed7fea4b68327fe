-- SPDX-License-Identifier: GPL-2.0-or-later
-- The snapshot of the cluster: who may use what, query_slurm, and what happens when it is missing, bad, old or replaced.
local tap = require "tap"
local fake = require "fake_slurm"
fake.install()
local xpm = require "xpm"
local dir = tap.folder()
local rules, snapshot = dir .. "/launchers.yaml", dir .. "/snapshot.yaml"
local parts = setmetatable({}, { __index = function(_, name) return { name = name, state_up = 3 } end })

local function shell(command)
	assert(os.execute("unset LD_PRELOAD; " .. command))
end
local function replace(file, text)
	tap.write(file .. ".new", text)
	assert(os.rename(file .. ".new", file))
end
-- ann may use both accounts, bob only the second one and its short QoS, and the file does not know dan
local function cluster(options)
	options = options or {}
	return "xpm_snapshot: 1\ntime: " .. string.format("%d", options.time or os.time()) .. "\n" ..
		"cluster: {name: c, enforce: " .. (options.enforce or 3) .. ", all_partitions: 1}\n" ..
		"nodes:\n- {count: 2, hosts: 'n[1-2]', partitions: " .. (options.partition or "found") .. ", cpus: 8, memory: 16000000000, features: 'fast'}\n" ..
		"partitions:\n- {name: " .. (options.partition or "found") .. ", state: UP, nodes: 'n[1-2]', max_time: 3600}\n" ..
		"users:\n- {account: 'first', users: 'ann:1001'}\n- {account: 'second', users: 'bob:1002 nouid'}\n" ..
		"access:\n- {account: 'first', qos: 'short long', default_qos: short, users: 'ann'}\n" ..
		"- {account: 'second', qos: '" .. (options.qos or "short") .. "', default_qos: short, users: 'ann bob nouid'}\n" ..
		"complete: true\n"
end
local function submit(uid, text, fields)
	fields = fields or {}
	fields.env = { "XPM_SPEC=" .. (text or "cpu()") }
	fake.quiet()
	local job, state = fake.job(fields)
	return xpm.job_submit(job, parts, uid), state
end
local function account(uid, fields)
	local code, state = submit(uid, nil, fields)
	return code == 0 and state.get("account")
end
local function partition(uid)
	local code, state = submit(uid)
	return code == 0 and state.get("partition")
end

-- accounts and QoS: the first of these that this user may use
replace(rules, "slurm:\n- id: main\n  partitions:\n    p: {accounts: [first, second], nodes: [{hosts: n1}]}\n")
tap.is(xpm.setup { launchers = rules }, true, "setup")
tap.is(fake.logged():find("snapshot"), nil, "no snapshot, and nobody asked for one: no word")
tap.is(account(1002), "first", "no snapshot: the first")
replace(snapshot, cluster())
tap.is(account(1001), "first", "ann may use the first")
tap.is(account(1002), "second", "bob only the second")
tap.is(account(0, { user_id = 1002 }), "second", "the job's user counts, not the submitter")
tap.is(account(1002, { user_id = 1001 }), "first", "the other way round")
tap.is(account(4711), "first", "one whom the snapshot does not know is left to Slurm")
tap.is(account(-1), "first", "no uid at all")
local code = submit(1002, nil, { account = "first" })
tap.is(code, 2015, "bob asks for the first: refused")
tap.has(fake.heard(), "with the reason", "user bob may not use account first", "xpm explain --account=first")
replace(snapshot, cluster { enforce = 0 })
tap.is(account(1002), "first", "a cluster that does not enforce accounts")
replace(rules, "slurm:\n- id: main\n  partitions:\n    p: {accounts: [second], qos: [long, short], nodes: [{hosts: n1}]}\n")
replace(snapshot, cluster())
code, state = submit(1002)
tap.is(code == 0 and state.get("qos"), "short", "bob may not use the long QoS there")
replace(snapshot, cluster { qos = "long short" })
code, state = submit(1002)
tap.is(code == 0 and state.get("qos"), "long", "now he may")
fake.quiet()

-- query_slurm
replace(rules, "slurm:\n- id: main\n  query_slurm: true\n")
tap.is(partition(1001), "found", "partitions from the snapshot")
tap.has(fake.logged(), "the log", "1 launchers, 1 candidates")
replace(snapshot, cluster { partition = "other" })
tap.is(partition(1001), "other", "a new snapshot")
replace(rules, "slurm:\n- id: main\n  query_slurm: true\n  partitions: {other: {priority: 2}}\n")
tap.is(partition(1001), "other", "new rules with the snapshot that is there")

-- what is not good leaves the one before in force, and is said once
for what, text in pairs { ["half of it"] = cluster():sub(1, 150), ["garbage"] = "[[[{", ["nothing"] = "",
	["zeros"] = ("\0"):rep(5000), ["of another version"] = "xpm_snapshot: 9\ncluster: {}\ncomplete: true\n",
	["an alias bomb"] = "a: &a [x,x,x,x]\nb: &b [*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b]\nd: [*c,*c,*c,*c]\n" } do
	replace(snapshot, text)
	tap.is(partition(1001), "other", what .. ": the last good one stays")
	tap.has(fake.logged(), what .. ": in the log", "the snapshot before it stays in force")
	tap.is(partition(1001), "other", what .. ": again")
	tap.is(fake.logged(), "", what .. ": said once")
end
shell("rm " .. snapshot .. " && mkfifo " .. snapshot)
tap.is(partition(1001), "other", "a FIFO: nobody waits for it")
shell("rm " .. snapshot .. " && truncate -s 300M " .. snapshot)
tap.is(partition(1001), "other", "300 MB")
tap.has(fake.logged(), "its size", "larger than 64 MiB")
shell("rm " .. snapshot)
tap.is(partition(1001), "other", "removed")
replace(snapshot, cluster())
shell("chmod g+w " .. snapshot)
tap.is(partition(1001), "other", "its group may write it: refused")
tap.has(fake.logged(), "says what to do", "chmod go-w")
shell("chmod g-w " .. snapshot)
tap.is(partition(1001), "found", "mended")

-- age
replace(snapshot, cluster { time = os.time() - 100000 })
tap.is(partition(1001), "found", "an old snapshot is used")
tap.has(fake.logged(), "and said to be old", "the snapshot of the cluster is", "old, more than")
tap.is(partition(1001), "found", "the next job")
tap.is(fake.logged(), "", "once")
code = submit(1001, "cuda(mem=500G)")
tap.is(code, 2015, "a refusal")
tap.has(fake.heard(), "tells the user, too", "xpm: note: the snapshot of the cluster is")
local _, lines = fake.heard():gsub("[^\n]+", "")
tap.ok(lines <= 5, "in five lines", fake.heard())
replace(rules, "slurm:\n- id: main\n  query_slurm: true\n  snapshot_max_age: 30 days\n")
tap.is(partition(1001), "found", "snapshot_max_age")
tap.is(fake.logged():find("old"), nil, "not too old for this file")

-- from the start without one
local empty = dir .. "/empty/launchers.yaml"
shell("mkdir " .. dir .. "/empty")
replace(empty, "slurm:\n- id: main\n  query_slurm: true\n")
fake.quiet()
tap.is(xpm.setup { launchers = empty }, true, "query_slurm without a snapshot")
tap.has(fake.logged(), "is in the log", "no snapshot of the cluster", "only what launchers.yaml itself says counts")
code = submit(1001)
tap.is(code, 2015, "there is nothing to choose")
tap.has(fake.heard(), "and the user hears why", "no snapshot of the cluster")

-- setup
tap.is(xpm.setup { launchers = rules, snapshot = snapshot }, true, "a named snapshot")
tap.is(partition(1001), "found", "is used")
fake.quiet()
tap.is(xpm.setup { launchers = rules, snapshot = dir .. "/not-there.yaml" }, true, "a named one that is not there")
tap.has(fake.logged(), "is in the log", "not-there.yaml")
tap.is(xpm.setup { launchers = rules, snapshot = false }, true, "none")
code = submit(1001)
tap.is(code, 2015, "none is none")
for what, value in pairs { ["a number"] = 3, ["true"] = true, ["a table"] = {}, ["an empty text"] = "" } do
	tap.is(xpm.setup { launchers = rules, snapshot = value }, nil, "snapshot as " .. what)
end
tap.is(xpm.setup { launchers = rules }, true, "mended")

-- both files replaced all the time: every job is decided by one good state or another
local wrong = 0
for i = 1, tap.quick() and 50 or 500 do
	if i % 3 == 0 then replace(snapshot, i % 2 == 0 and cluster() or cluster():sub(1, 200)) end
	if i % 5 == 0 then replace(rules, "slurm:\n- id: main" .. i .. "\n  query_slurm: true\n") end
	if partition(1001) ~= "found" then wrong = wrong + 1 end
end
tap.is(wrong, 0, "no job was decided wrongly")
tap.done()
