-- SPDX-License-Identifier: GPL-2.0-or-later
-- The examples that are installed are code and rules like any other.
local tap = require "tap"
local fake = require "fake_slurm"
fake.install()
local here = os.getenv("XPM_LUA_TESTS")
local etc = here .. "/../../etc/"

local dir = tap.folder()
tap.sh("mkdir " .. dir .. "/xpm && cp " .. here .. "/launchers.yaml " .. dir .. "/xpm/")
local text = tap.read(etc .. "job_submit.lua.example.in"):gsub("@cmoddir@", dir):gsub("@sysconfdir@", dir)
tap.is(text:find("@"), nil, "every placeholder is known")
local chunk = (loadstring or load)(text)
tap.ok(chunk, "it is Lua")
tap.is(chunk(), slurm.SUCCESS, "it loads")
tap.has(fake.logged(), "the rules are read", dir .. "/xpm/launchers.yaml: 4 launchers")

local function submit(fields)
	fake.quiet()
	local job, state = fake.job(fields)
	return slurm_job_submit(job, fake.all_up(), 1000), state
end
local code, state = submit { env = { "XPM_SPEC=cuda(mem=60G)" } }
tap.is(code, 0, "a spec")
tap.is(state.get("partition"), "big", "is obeyed")
tap.is(submit { env = { "XPM_SPEC=cuda(mem=600G)" } }, 2015, "a refusal is passed on")
code, state = submit { partition = "debug" }
tap.same({ code, state.get("time_limit") }, { 0, 30 }, "the site's own rules")
tap.is(slurm_job_modify(), 0, "slurm_job_modify")
tap.cleanup()

local xpm = require "xpm"
local rules = { launchers = etc .. "launchers.yaml.in", kind = "slurm" }
local plan, why = xpm.find("cuda(model=a100, mem=80GB)*8 & duration=3h", rules)
tap.ok(plan, "the example of launchers.yaml is good", why)
tap.is(plan and plan.partition .. "," .. plan.qos, "big,long", "and decides")
tap.ok(xpm.find("cuda(mem=40G)*4", rules), "by features, too")
tap.done()
