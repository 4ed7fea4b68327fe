-- Beside slurm.conf, which says JobSubmitPlugins=lua. See xpm-lua(3).
local xpm = require "xpm"
xpm.setup { launchers = "/etc/xpm/launchers.yaml" }

function slurm_job_submit(job_desc, part_list, submit_uid)
	local code = xpm.job_submit(job_desc, part_list, submit_uid)
	if code ~= slurm.SUCCESS then
		return code
	end
	-- the site's own rules go here
	return slurm.SUCCESS
end

function slurm_job_modify(job_desc, job_rec, part_list, modify_uid)
	return slurm.SUCCESS
end

return slurm.SUCCESS
