-- SPDX-License-Identifier: GPL-2.0-or-later
-- The driver of run_lua.py: lines FILE, KIND, TAGS, SPEC in, a plan's fields as NAME=VALUE out, all separated by tabs.
local xpm = require "xpm"
io.stdout:setvbuf("line")
local fields = { "alternative", "launcher", "kind", "partition", "qos", "account", "gres", "constraint", "exclude", "cpus_per_task",
  "mem_mib", "time_s" }

for line in io.lines() do
  local file, kind, tags, spec = line:match("^([^\t]*)\t([^\t]*)\t([^\t]*)\t(.*)$")
  local plan, why = xpm.find(spec, { launchers = file, kind = kind, tags = tags ~= "" and tags or nil })
  local out = {}
  if plan then
    for _, name in ipairs(fields) do
      if plan[name] ~= nil then
        out[#out + 1] = name .. "=" .. (type(plan[name]) == "number" and string.format("%d", plan[name]) or tostring(plan[name]))
      end
    end
  else
    out[1] = "none=" .. tostring(why):gsub("[\t\n]", " ")
  end
  print(table.concat(out, "\t"))
end
