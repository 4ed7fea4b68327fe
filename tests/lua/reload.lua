-- SPDX-License-Identifier: GPL-2.0-or-later
-- launchers.yaml changes under the module: the next job sees it, and what is not good changes nothing.
local tap = require "tap"
local fake = require "fake_slurm"
fake.install()
local xpm = require "xpm"
local dir = tap.folder()
local file = dir .. "/launchers.yaml"
local parts = setmetatable({}, { __index = function(_, name) return { name = name, state_up = 3 } end })

local function rules(partition)
	return "slurm:\n  - id: main\n    partitions:\n      " .. partition .. ":\n        nodes: [ { hosts: [n1] } ]\n"
end
-- the partition a job goes to, or false
local function goes()
	local job, state = fake.job { env = { "XPM_SPEC=cpu()" } }
	local code = xpm.job_submit(job, parts, 1)
	return code == 0 and state.get("partition")
end
local function untouched(what)
	local job, state = fake.job { env = { "A=b" } }
	tap.ok(xpm.job_submit(job, parts, 1) == 0 and state.writes == 0, what .. ": a job without a spec is not touched")
end
-- what the next jobs do, and how many lines the log has afterwards
local function step(what, partition, lines, ...)
	fake.quiet()
	local got = {}
	for i = 1, 4 do got[i] = goes() end
	tap.same(got, { partition, partition, partition, partition }, what)
	tap.is(#fake.log, lines, what .. ": lines in the log")
	if ... then tap.has(fake.logged(), what .. ": the log", ...) end
	if not partition then tap.has(fake.heard(), what .. ": the user is told", "xpm: ", ...) end
	untouched(what)
end
local function replace(text)
	tap.write(file .. ".new", text)
	assert(os.rename(file .. ".new", file))
end

tap.is(xpm.setup { launchers = file }, nil, "setup without a file")
tap.has(fake.logged(), "is in the log", file, "No such file", "jobs with a spec are refused")
fake.quiet()
step("missing from the start", false, 0)
tap.has(fake.heard(), "the reason is the user's, too", "No such file")
replace("slurm: [ {{{")
step("garbage from the start", false, 1, "launchers.yaml:1:", "error")
replace(rules "one")
step("there it is", "one", 1, "1 launchers")
replace(rules "two")
step("replaced", "two", 1)
tap.write(file, rules "three")
step("written in place", "three", 1)
tap.write(file, rules "seven")
step("written in place, same size", "seven", 1)
replace("slurm:\n  - id: main\n    partition:\n      x: {}\n")
step("an unknown key", "seven", 1, "launchers.yaml:3:5", "error", "'partition'", "stay in force")
replace(("\0\255"):rep(1000))
step("binary", "seven", 1, "stay in force")
replace("a: &a [x,x,x,x]\nb: &b [*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d]\nf: [*e,*e,*e,*e]\n")
step("an alias bomb", "seven", 1, "stay in force")
tap.write(file, "")
step("empty", "seven", 1, "empty")
tap.write(file, rules "one")
step("good again", "one", 1)
os.remove(file)
step("deleted", "one", 1, "No such file", "stay in force")
replace(rules "one")
step("there again", "one", 1)

-- who may write it
for _, mode in ipairs { "664", "646", "666", "0777" } do
	replace(rules "evil")
	tap.sh("chmod " .. mode .. " " .. file)
	step("mode " .. mode, "one", 1, "others than its owner may write", "stay in force")
end
tap.sh("chmod 644 " .. file)
step("mode 644 again, the same file", "evil", 1)
replace(rules "two")
tap.sh("chmod 444 " .. file)
step("mode 444", "two", 1)

-- kinds of files
os.remove(file)
tap.sh("mkdir " .. file)
step("a directory", "two", 1, "not a regular file")
tap.sh("rmdir " .. file .. " && mkfifo " .. file)
step("a FIFO", "two", 1, "not a regular file")
tap.sh("rm " .. file .. " && ln -s /dev/zero " .. file)
step("an endless device", "two", 1, "not a regular file")
tap.sh("rm " .. file .. " && ln -s launchers.yaml " .. file)
step("a link to itself", "two", 1)
tap.sh("rm " .. file .. " && head -c 20000000 /dev/zero | tr '\\0' '#' >" .. file)
step("20 MB", "two", 1, "16 MiB")
tap.write(dir .. "/a.yaml", rules "aaa")
tap.write(dir .. "/b.yaml", rules "bbb")
tap.sh("ln -sfn a.yaml " .. file)
step("a link", "aaa", 1)
tap.sh("ln -sfn b.yaml " .. file)
step("the link turned", "bbb", 1)
tap.write(dir .. "/b.yaml", rules "ccc")
step("the file behind it written", "ccc", 1)

-- a user who may not read it (root may)
local id = io.popen("unset LD_PRELOAD; id -u"):read("*l")
if id ~= "0" then
	replace(rules "two")
	tap.sh("chmod 000 " .. file)
	step("unreadable", "one", 1, "Permission denied")
	tap.sh("chmod 644 " .. file)
	step("readable again", "two", 1)
end

-- setup again, as a re-read job_submit.lua does in a new state
replace(rules "one")
tap.is(xpm.setup { launchers = file }, true, "setup again")
replace("garbage: [")
tap.is(xpm.setup { launchers = file }, nil, "setup with the file broken says so")
tap.is(goes(), "one", "and the same state goes on")
tap.is(xpm.setup { launchers = dir .. "/b.yaml" }, true, "setup with another file")
tap.is(goes(), "ccc", "uses that")
tap.is(xpm.setup { lunchers = file }, nil, "a setup that is wrong")
tap.is(goes(), false, "refuses rather than guesses")
tap.has(fake.heard(), "and says why", "unknown key 'lunchers'")
tap.is(xpm.setup { launchers = dir .. "/b.yaml" }, true, "a right one")
tap.is(goes(), "ccc", "mends it")

-- replaced all the time
xpm.setup { launchers = file }
local wrong = 0
for i = 1, 300 do
	local name = "p" .. (i % 3 == 0 and i - 1 or i)
	replace(i % 3 == 0 and "slurm: [" or rules(name))
	if goes() ~= name then wrong = wrong + 1 end
end
tap.is(wrong, 0, "replaced 300 times, each third broken")

-- two writes within one tick of the clock may look the same: a file that is fresh is read once more when it has come to rest
for i = 1, 200 do
	tap.write(file, rules(i % 2 == 0 and "even" or "oddd"))
	goes()
	tap.write(file, rules(i % 2 == 0 and "oddd" or "even"))
end
if not tap.quick() then
	tap.sh("sleep 3")
	tap.is(goes(), "oddd", "written twice within a tick")
end
tap.cleanup()
tap.done()
