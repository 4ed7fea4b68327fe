-- SPDX-License-Identifier: GPL-2.0-or-later
-- Requirements as values: what builds them, what they print, and that nothing is ever raised.
local tap = require "tap"
local xpm = require "xpm"
local signs = _VERSION >= "Lua 5.3"
local load = loadstring or load

-- an expression with & and |, where Lua has them; else the functions say the same
local function both(text, plain)
	if not signs then return plain end
	return assert(load("local xpm = ... return " .. text))(xpm)
end
local function is(value, spec, what)
	tap.is(tostring(value), spec, what or spec)
	tap.is(value, xpm.spec(spec), "and is what the text makes: " .. spec)
	tap.is(value.spec, spec, "its spec")
	tap.is(value.error, nil, "no error")
end

is(xpm.cuda_gpu { mem = "14G" } * 2, "cuda(mem=14G)*2")
is(2 * xpm.cuda { mem = "14G" }, "cuda(mem=14G)*2")
is(xpm.cuda_gpu(), "cuda()")
is(xpm.rocm { model = "MI250X" }, "rocm(model=MI250X)")
is(xpm.mps { model = "M2 Ultra", mem = "64GiB" } * 1, 'mps(mem=64GiB, model="M2 Ultra")')
is(xpm.gpu {} * 3 * 2, "gpu()*6")
is(xpm.cpu { mem = "7G", cores = 4 }, "cpu(cores=4, mem=7G)")
is(xpm.cpu(), "cpu(cores=1)")
is(xpm.duration("4 days"), "duration=4d")
is(xpm.duration("1.5h"):multiply_duration(2), "duration=3h")
is(xpm.spec("cuda() | duration=10s & cpu()"):multiply_duration(5, 4), "cuda() | cpu(cores=1) & duration=13s")
is(xpm.all(xpm.cuda()), "cuda()")
is(xpm.all(xpm.duration "4 days", xpm.cuda { mem = "4G" } * 2, xpm.cpu { mem = "400M", cores = 4 }),
	"cuda(mem=4G)*2 & cpu(cores=4, mem=400M) & duration=4d")
is(both('xpm.duration("4 days") & xpm.cuda{mem="4G"} * 2 & xpm.cpu{mem="400M", cores=4}',
	xpm.spec "duration=4 days & cuda(mem=4G) * 2 & cpu(mem=400M, cores=4)"), "cuda(mem=4G)*2 & cpu(cores=4, mem=400M) & duration=4d",
	"with signs")
is(both('xpm.cuda() | "cpu()" & xpm.rocm()', xpm.any(xpm.cuda(), xpm.all("cpu()", xpm.rocm()))), "cuda() | rocm() & cpu(cores=1)",
	"signs bind as in a spec, and texts do as operands")
is(both('"cpu()" & xpm.rocm()', xpm.all("cpu()", xpm.rocm())), "rocm() & cpu(cores=1)", "a text on the left")
is(xpm.any("cuda()", "rocm()", "mps()"), "cuda() | rocm() | mps()")
is(xpm.all(xpm.any("cuda()", "rocm()"), xpm.any("cpu(cores=2)", "duration=1h")),
	"cuda() & cpu(cores=2) | cuda() & duration=1h | rocm() & cpu(cores=2) | rocm() & duration=1h")

tap.ok(xpm.cuda() ~= xpm.rocm(), "different ones are not equal")
tap.ok(xpm.cuda { mem = "1000M" } == xpm.cuda { mem = "1G" }, "equal ones are")
tap.ok(xpm.cuda() ~= "cuda()", "a text is no requirement")
tap.is(getmetatable(xpm.cuda()), false, "the metatable is ours")

-- what makes no sense is a value that says so, to the end
local function invalid(what, wanted, f)
	local ok, value = pcall(f)
	tap.ok(ok, what .. ": is not raised", value)
	if not ok or not value then return tap.ok(false, what .. ": a value") end
	tap.is(value.spec, nil, what .. ": has no spec")
	tap.has(value.error, what .. ": why", wanted)
	tap.has(tostring(value), what .. ": says so", "invalid requirement: ", wanted)
	for _, made in ipairs { value * 2, 2 * value, xpm.all("cuda()", value), xpm.any(value, {}), xpm.spec(value),
		value:multiply_duration(2) } do
		tap.is(made.error, value.error, what .. ": is passed on")
	end
	local plan, why = xpm.find(value)
	tap.is(plan, nil, what .. ": finds nothing")
	tap.has(why, what .. ": and says why", wanted)
	plan, why = xpm.find_launcher(value)
	tap.is(plan, nil, what .. ": no launcher")
	tap.has(why, what .. ": and says why", wanted)
	tap.ok(value ~= xpm.cuda(), what .. ": equals none")
end
invalid("a size without a unit", "did you mean '14G'", function() return xpm.cuda_gpu { mem = "14" } end)
invalid("a size that is a number", "as \"14G\"", function() return xpm.cuda_gpu { mem = 14 } end)
invalid("a size that is none", "mem", function() return xpm.cpu { mem = "x" } end)
invalid("a size beyond the limit", "mem", function() return xpm.cuda { mem = "99999999T" } end)
invalid("an unknown field", "unknown field 'memory'", function() return xpm.cuda { memory = "14G" } end)
invalid("cores of a GPU", "unknown field 'cores'", function() return xpm.cuda { cores = 1 } end)
invalid("a model of a CPU", "unknown field 'model'", function() return xpm.cpu { model = "x" } end)
invalid("a key that is no name", "unknown field", function() return xpm.cuda { "14G" } end)
invalid("a text for a table", "table", function() return xpm.cuda "14G" end)
invalid("half a core", "whole number", function() return xpm.cpu { cores = 1.5 } end)
invalid("cores as a text", "whole number", function() return xpm.cpu { cores = "4" } end)
invalid("too many cores", "cores", function() return xpm.cpu { cores = 2 ^ 31 } end)
invalid("beyond 32 bits", "whole number", function() return xpm.cpu { cores = 2 ^ 40 } end)
invalid("a model that is no name", "model", function() return xpm.cuda { model = true } end)
invalid("a model with a NUL", "model", function() return xpm.cuda { model = "a\0b" } end)
invalid("an empty model", "model", function() return xpm.cuda { model = "" } end)
invalid("a duration without a unit", "unit", function() return xpm.duration("4") end)
invalid("a duration that is a number", "unit", function() return xpm.duration(4) end)
invalid("no duration", "unit", function() return xpm.duration() end)
invalid("a duration of Slurm", "duration", function() return xpm.duration("1-00:00:00") end)
invalid("no time at all", "at least", function() return xpm.duration("0s") end)
invalid("a wrong text", "spec:1:6", function() return xpm.spec("cuda(x)") end)
invalid("a text with a NUL", "NUL", function() return xpm.all("cuda()\0") end)
invalid("nothing", "at least one", function() return xpm.all() end)
invalid("no requirement", "not a nil", function() return xpm.any(xpm.cuda(), nil) end)
invalid("a number for one", "not a number", function() return xpm.all(xpm.cuda(), 3) end)
invalid("another userdata", "not a userdata", function() return xpm.all(io.stdout) end)
invalid("no GPU", "multiplied", function() return xpm.cpu() * 2 end)
invalid("none of them", "at least 1", function() return xpm.cuda() * 0 end)
invalid("half of them", "whole number", function() return xpm.cuda() * 1.5 end)
invalid("fewer than none", "whole number", function() return xpm.cuda() * -1 end)
invalid("not a number", "whole number", function() return xpm.cuda() * (0 / 0) end)
invalid("two requirements multiplied", "whole number", function() return xpm.cuda() * xpm.cuda() end)
invalid("more than there may be", "1024", function() return xpm.cuda() * 1000 * 2 end)
invalid("no factor", "numerator", function() return xpm.duration("1h"):multiply_duration() end)
invalid("a factor of a half", "numerator", function() return xpm.duration("1h"):multiply_duration(0.5) end)
invalid("divided by nothing", "multiplied", function() return xpm.duration("1h"):multiply_duration(1, 0) end)
invalid("a method without its value", "string", function() return xpm.cuda().multiply_duration(nil, 2) end)
invalid("too many alternatives", "64", function()
	local r = xpm.cuda()
	for _ = 1, 7 do r = xpm.any(r, r) end
	return r
end)
invalid("a text beyond the bound", "4096", function()
	local r = xpm.cuda { model = ("m"):rep(1000) }
	for i = 1, 5 do r = xpm.all(r, xpm.cuda { model = i .. ("m"):rep(1000) }) end
	return r
end)
local many = {}
for i = 1, 200 do many[i] = "cuda()" end
is(xpm.all((table.unpack or unpack)(many)), "cuda()*200", "200 arguments")
for i = 1, 7000 do many[i] = "cpu()" end
is(xpm.all((table.unpack or unpack)(many)), "cpu(cores=1)", "7000 arguments")
tap.done()
