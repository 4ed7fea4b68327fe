-- SPDX-License-Identifier: GPL-2.0-or-later
-- The Lua side of run_trees.py: lines TEXT, STEP, STEP ... in, separated by tabs; out what the steps build, and whether it
-- equals what the text makes. By signs and by functions in turn, where Lua has signs.
local xpm = require "xpm"
io.stdout:setvbuf("line")
local signs = _VERSION >= "Lua 5.3" and { load "return function(a, b) return a & b end"(), load "return function(a, b) return a | b end"() }

local function leaf(name, first, second)
  if name == "duration" then return xpm.duration(first) end
  local fields = { mem = first ~= "" and first or nil }
  if second ~= "" then fields[name == "cpu" and "cores" or "model"] = name == "cpu" and tonumber(second) or second end
  return xpm[name](fields)
end

local count = 0
for line in io.lines() do
  local text, steps = line:match("^([^\t]*)\t(.*)$")
  local stack = {}
  local function pop() return table.remove(stack) end
  for step in steps:gmatch("[^\t]+") do
    local name, first, second = step:match("^([^:]*):?([^:]*):?(.*)$")
    local made
    count = count + 1
    if name == "and" or name == "or" then
      local b, a = pop(), pop()
      local plain, sign = name == "and" and xpm.all or xpm.any, signs and signs[name == "and" and 1 or 2]
      made = (sign and count % 2 == 0 and sign or plain)(a, b)
    elseif name == "times" then made = count % 2 == 0 and pop() * tonumber(first) or tonumber(first) * pop()
    elseif name == "longer" then made = pop():multiply_duration(tonumber(first), tonumber(second))
    else made = leaf(name, first, second) end
    stack[#stack + 1] = made
  end
  local made = stack[1]
  print(#stack == 1 and (made.spec or made.error) or "stack", made == xpm.spec(text) and 1 or 0)
end
