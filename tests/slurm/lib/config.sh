# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The cluster's own files. Uses: $D, $PORT, $DBD (1: with slurmdbd), $XPM_CLUSTER_USER.
# Ports: +0 slurmctld, +1 slurmdbd, +2 mariadbd, +4..+9 slurmd of n1..n6.

# shellcheck disable=SC2034 # read by cluster.sh
XPM_NODES="n1 n2 n3 n4 n5 n6"

# put NAME < CONTENT : replace DIR/etc/NAME in one step; a daemon never sees half of it. slurmctld reads job_submit.lua anew
# only when its time, in whole seconds, is after that of the last reading: it gets one that certainly is.
put() {
	local tmp now old
	tmp=$(mktemp "$D/etc/.$1.XXXXXX")
	cat >"$tmp"
	chmod 644 "$tmp"
	if [ "$1" = job_submit.lua ]; then
		now=$(date +%s)
		old=$(stat -c %Y "$D/etc/$1" 2>/dev/null || echo 0)
		touch -d "@$(((old > now ? old : now) + 1))" "$tmp"
	fi
	mv -f "$tmp" "$D/etc/$1"
}

accounting_conf() {
	if [ "$DBD" = 0 ]; then
		echo "AccountingStorageType=accounting_storage/none"
		return
	fi
	cat <<-E
		AccountingStorageType=accounting_storage/slurmdbd
		AccountingStorageHost=127.0.0.1
		AccountingStoragePort=$((PORT + 1))
		AccountingStoragePass=$D/run/munge.sock
		AccountingStorageEnforce=associations,limits,qos
		AccountingStorageTRES=gres/gpu
	E
}

slurm_conf() {
	local host i=4 n
	host=$(hostname -s 2>/dev/null || uname -n)
	cat <<-E
		ClusterName=xpm
		SlurmctldHost=$host(127.0.0.1)
		SlurmctldPort=$PORT
		SlurmUser=root
		SlurmdUser=root
		AuthType=auth/munge
		AuthInfo=socket=$D/run/munge.sock
		CredType=cred/munge
		CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
		MessageTimeout=30
		SlurmdTimeout=60
		StateSaveLocation=$D/state
		SlurmdSpoolDir=$D/spool/%n
		SlurmctldPidFile=$D/run/slurmctld.pid
		SlurmdPidFile=$D/run/slurmd-%n.pid
		SlurmctldLogFile=$D/log/slurmctld.log
		SlurmdLogFile=$D/log/slurmd-%n.log
		SlurmctldDebug=${XPM_DEBUG:-info}
		SlurmdDebug=${XPM_DEBUG:-info}
		SlurmdParameters=config_overrides
		ProctrackType=proctrack/linuxproc
		TaskPlugin=task/none
		JobAcctGatherType=jobacct_gather/none
		SwitchType=switch/none
		MpiDefault=none
		MailProg=/bin/true
		ReturnToService=2
		SelectType=select/cons_tres
		SelectTypeParameters=CR_Core_Memory
		SchedulerType=sched/backfill
		SchedulerParameters=batch_sched_delay=0,sched_interval=1,bf_interval=1
		PriorityType=priority/multifactor
		KillWait=2
		DefMemPerCPU=500
		MaxArraySize=1001
		GresTypes=gpu
		JobSubmitPlugins=lua
		PlugStackConfig=$D/etc/plugstack.conf
		$(accounting_conf)
		NodeName=DEFAULT Sockets=1 CoresPerSocket=8 ThreadsPerCore=1 CPUs=8 RealMemory=16000 State=UNKNOWN
	E
	for n in "n1 Feature=intel,avx2" "n2 Feature=amd,avx2" \
		"n3 CoresPerSocket=16 CPUs=16 RealMemory=32000 Feature=v100,GPU4,GPUM32G Gres=gpu:v100:4" \
		"n4 CoresPerSocket=16 CPUs=16 RealMemory=32000 Feature=a100,GPU4,GPUM40G Gres=gpu:a100:4" \
		"n5 CoresPerSocket=16 CPUs=16 RealMemory=32000 Feature=a100,GPU2,GPUM80G Gres=gpu:a100_80:2" \
		"n6 CoresPerSocket=16 CPUs=16 RealMemory=32000 Feature=rtx,GPU2,GPUM24G Gres=gpu:rtx3090:2"; do
		echo "NodeName=${n%% *} NodeHostname=$host NodeAddr=127.0.0.1 Port=$((PORT + i)) ${n#* }"
		i=$((i + 1))
	done
	cat <<-E
		PartitionName=cpu Nodes=n1,n2 Default=YES MaxTime=1-0 DefaultTime=10 State=UP
		PartitionName=gpu Nodes=n3,n4,n6 MaxTime=4-0 DefaultTime=10 State=UP
		PartitionName=big Nodes=n5 MaxTime=4-0 DefaultTime=10 State=UP
		PartitionName=mixed Nodes=n[1-6] MaxTime=2:00:00 DefaultTime=5 State=UP
	E
}

gres_conf() {
	cat <<-E
		AutoDetect=off
		NodeName=n3 Name=gpu Type=v100 File=$D/dev/gpu[0-3]
		NodeName=n4 Name=gpu Type=a100 File=$D/dev/gpu[0-3]
		NodeName=n5 Name=gpu Type=a100_80 File=$D/dev/gpu[0-1]
		NodeName=n6 Name=gpu Type=rtx3090 File=$D/dev/gpu[0-1]
	E
}

slurmdbd_conf() {
	cat <<-E
		AuthType=auth/munge
		AuthInfo=socket=$D/run/munge.sock
		DbdHost=localhost
		DbdAddr=127.0.0.1
		DbdPort=$((PORT + 1))
		CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
		SlurmUser=root
		DebugLevel=info
		LogFile=$D/log/slurmdbd.log
		PidFile=$D/run/slurmdbd.pid
		StorageType=accounting_storage/mysql
		StorageHost=127.0.0.1
		StoragePort=$((PORT + 2))
		StorageUser=slurm
		StoragePass=slurm
		StorageLoc=slurm_acct
	E
}

write_config() {
	local i
	slurm_conf | put slurm.conf
	gres_conf | put gres.conf
	echo CgroupAutomount=no | put cgroup.conf
	# slurmd hands out CUDA_VISIBLE_DEVICES for device files only; these are further /dev/null
	for i in 0 1 2 3; do [ -c "$D/dev/gpu$i" ] || mknod -m 666 "$D/dev/gpu$i" c 1 3; done
	[ "$DBD" = 1 ] || return 0
	slurmdbd_conf | put slurmdbd.conf
	chmod 600 "$D/etc/slurmdbd.conf"
}

# sacctmgr mostly waits (40 ms per message), so what does not depend on each other runs side by side.
make_accounts() {
	local extra=${XPM_CLUSTER_USER:-daemon} pid pids=()
	acct add cluster xpm & pids+=($!)
	acct add qos short MaxWall=1:00:00 Priority=100 Flags=DenyOnLimit & pids+=($!)
	acct add qos long MaxWall=4-00:00:00 Flags=DenyOnLimit & pids+=($!)
	acct add qos gpuq Priority=50 & pids+=($!)
	for pid in "${pids[@]}"; do wait "$pid"; done
	acct add account proja,projb Cluster=xpm Description=test Organization=test QOS=normal,short,long,gpuq
	acct add user "root,nobody,games,$extra" Account=proja,projb Cluster=xpm DefaultAccount=proja
	[ "$extra" = daemon ] || acct modify user "$extra" set AdminLevel=Admin
}
acct() { timeout 60 sacctmgr -i "$@" >>"$D/log/sacctmgr.log" 2>&1; }

# The TRES gres/gpu exists only once slurmctld has registered it.
gpu_tres_known() { timeout 5 sacctmgr -nP show tres | grep -q '^gres|gpu'; }
limit_gpuq() {
	retry 15 gpu_tres_known &&
		acct modify qos gpuq set MinTRESPerJob=gres/gpu=1 Flags=DenyOnLimit
}
