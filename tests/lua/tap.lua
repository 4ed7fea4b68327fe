-- SPDX-License-Identifier: GPL-2.0-or-later
-- Checks that print TAP; done() says that the file came to its end.
local tap = { failed = 0 }

local function show(v)
	if type(v) == "string" then return string.format("%q", v) end
	if type(v) == "number" then return ("%.14g"):format(v) end
	if type(v) ~= "table" then return tostring(v) end
	local parts = {}
	for k, x in pairs(v) do parts[#parts + 1] = tostring(k) .. "=" .. show(x) end
	table.sort(parts)
	return "{" .. table.concat(parts, ", ") .. "}"
end
tap.show = show

local function diag(text)
	for line in tostring(text):gmatch("[^\n]+") do print("# " .. line) end
end

function tap.ok(good, what, more)
	print((good and "ok - " or "not ok - ") .. what)
	if not good then
		tap.failed = tap.failed + 1
		if more then diag(more) end
	end
	return good
end

function tap.is(got, wanted, what)
	return tap.ok(got == wanted, what, "got    " .. show(got) .. "\nwanted " .. show(wanted))
end

-- text holds every one of the plain strings
function tap.has(text, what, ...)
	for _, part in ipairs { ... } do
		if type(text) ~= "string" or not text:find(part, 1, true) then
			return tap.ok(false, what, "no " .. show(part) .. " in\n" .. tostring(text))
		end
	end
	return tap.ok(true, what)
end

-- tables with the same content
function tap.same(got, wanted, what)
	return tap.is(show(got), show(wanted), what)
end

function tap.done()
	print("# end")
	os.exit(tap.failed == 0 and 0 or 1, true)
end

function tap.quick() return os.getenv("XPM_QUICK") == "1" end

-- files of a test: a folder of its own
local folder
function tap.folder()
	if not folder then
		local p = assert(io.popen("unset LD_PRELOAD; mktemp -d"))
		folder = p:read("*l")
		p:close()
		tap.cleanup = function() os.execute("unset LD_PRELOAD; rm -rf '" .. folder .. "'") end
	end
	return folder
end

function tap.write(path, text)
	local f = assert(io.open(path, "w"))
	f:write(text)
	f:close()
end

function tap.read(path)
	local f = assert(io.open(path))
	local text = f:read("*a")
	f:close()
	return text
end

function tap.sh(command)
	local r = os.execute("unset LD_PRELOAD; " .. command)
	assert(r == true or r == 0, command)
end

return tap
